"""Chance in the choice."""

from __future__ import annotations

from typing import Any, final

from spikeloom.core.errors import UnsupportedError
from spikeloom.core.parameters import declarations
from spikeloom.learning.reinforcement.exploration.base import Exploration


@final
class Temperature(Exploration):
    """The decoder draws its action at this temperature [spikes]; the neurons stay what they are.

    For a decoder that has one, such as :class:`~spikeloom.learning.reinforcement.decoders.Softmax`. An amount below
    1e-9 counts as that.

    >>> from spikeloom.learning.reinforcement.decoders import Softmax
    >>> from spikeloom.learning.reinforcement.exploration import Linear
    >>> Temperature(amount=Linear(begin=4.0, end=1.0, episodes=2)).decoder(Softmax(), episode=1).temperature
    2.5
    """

    def decoder(self, decoder: Any, episode: int) -> Any:
        if "temperature" not in declarations(type(decoder)):
            raise UnsupportedError(
                f"{type(decoder).__name__} has no temperature; use Softmax(), or explore by MembraneNoise"
            )
        return decoder.replace(temperature=max(self.at(episode), 1e-9))
