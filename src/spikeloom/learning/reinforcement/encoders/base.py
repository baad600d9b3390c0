"""What an observation encoder is: an observation in, rates or spikes out, and nothing remembered in between."""

from __future__ import annotations

import abc
import copy
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model
from spikeloom.core.registry import find
from spikeloom.core.spikes import Spikes
from spikeloom.learning.reinforcement.spaces import check_kind

Active = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Channels that fire, ascending, and their rates [Hz]."""

HINT = "Flatten it with gymnasium.wrappers.FlattenObservation, or choose an encoder for it (spikeloom list encoders)"


class ObservationEncoder(Model, abc.ABC):
    """Base of the observation encoders. An encoder is one final subclass in a file of its own.

    A subclass defines :meth:`prepare`, which is asked once for each space, :meth:`channels` and :meth:`lit`; an encoder
    of spikes that are not drawn at random defines :meth:`spikes`.
    """

    per_neuron: ClassVar[bool] = True
    """A parameter may be one number, or one for each coordinate of the observation."""

    spaces: ClassVar[tuple[str, ...]] = ("Box",)
    """The kinds of observation space that it supports."""

    # ----------------------------------------------------------------------------------------------- for an encoder
    @abc.abstractmethod
    def prepare(self, space: Any) -> Any:
        """What does not depend on the observation: centres, bounds ... of a space of a kind that is supported."""

    @abc.abstractmethod
    def channels(self, prepared: Any) -> int:
        """How many channels there are."""

    @abc.abstractmethod
    def lit(self, observation: Any, prepared: Any) -> Active:
        """The channels that fire at ``observation``, ascending, and their rates [Hz]."""

    def examples(self, space: Any, count: int) -> list[Any]:
        """``count`` observations, always the same ones, by which an agent is scaled: random elements of ``space``.

        An encoder for observations that fill their space unevenly, as events do, gives others.
        """
        own = copy.deepcopy(space)
        own.seed(0)
        return [own.sample() for _ in range(count)]

    # ------------------------------------------------------------------------------------------------- for an agent
    def size(self, space: Any) -> int:
        """The number of channels for observations of ``space``.

        Raises:
            UnsupportedError: a space of another kind; the message lists the supported.
            InvalidValueError: a space without bounds, or parameters that do not fit it.
        """
        return self.channels(self.prepared(space))

    def active(self, observation: Any, space: Any) -> Active:
        """The channels that fire at ``observation``, ascending, and their rates [Hz]; all others are silent.

        Raises:
            InvalidValueError: an observation that is not finite, or not of this space's shape.
        """
        return self.lit(observation, self.prepared(space))

    def rates(self, observation: Any, space: Any) -> NDArray[np.float64]:
        """The rate of every channel at ``observation``: (size,), Hz."""
        channels, rates = self.active(observation, space)
        found = np.zeros(self.size(space))
        found[channels] = rates
        return found

    def spikes(self, observation: Any, space: Any, steps: int, dt: float, key: int, begin: int) -> Spikes:
        r"""What the channels fire while ``observation`` is seen: Poisson trains of at most one spike in a step.

        .. math:: P(\text{spike in a step}) = r\, \Delta t

        Args:
            observation: an element of ``space``.
            space: the observation space.
            steps: how long it is seen.
            dt: length of a step, ms.
            key: the stream of random numbers (:func:`spikeloom.core.random.key`).
            begin: the number of the first step in the life of the agent: the same step draws the same numbers, whatever
                was drawn before.

        Returns:
            ``Spikes`` of shape (steps, 1, size).

        Raises:
            InvalidValueError: a bad observation, or a rate of more than one spike in a step.
        """
        channels, rates = self.active(observation, space)
        return poisson(channels, rates, (steps, 1, self.size(space)), dt, key, begin, type(self).__name__)

    def prepared(self, space: Any) -> Any:
        """:meth:`prepare`, kept for the space that was asked for last."""
        kept = self.__dict__.get("_kept")
        if kept is not None and kept[0] is space:
            return kept[1]
        check_kind(self, space, "observation", self.spaces, HINT)
        made = self.prepare(space)
        object.__setattr__(self, "_kept", (space, made))  # a cache: it changes no answer
        return made


def poisson(
    channels: NDArray[np.int64], rates: NDArray[np.float64], shape: tuple[int, int, int], dt: float, key: int,
    begin: int, name: str,
) -> Spikes:  # fmt: skip
    """Poisson trains of at most one spike in a step, by the uniform number at (step, channel) of stream ``key``."""
    from spikeloom.core.philox import fill_uniform

    chance = rates * (dt / 1e3)
    if chance.size and chance.max() > 1:
        raise InvalidValueError(
            f"{name} would fire {chance.max():g} times in a step of {dt:g} ms; choose a rate of at most {1e3 / dt:g} Hz"
        )
    steps, count = shape[0], channels.size
    numbers = np.empty(steps * count)
    step = np.repeat(np.arange(begin, begin + steps, dtype=np.uint64), count)
    fill_uniform(np.uint64(key), step, np.tile(channels.astype(np.uint64), steps), numbers)
    fires = numbers.reshape(steps, count) < chance
    offsets = np.zeros(steps + 1, np.int64)
    np.cumsum(fires.sum(1), out=offsets[1:])
    return Spikes(offsets, channels[np.nonzero(fires)[1]].astype(np.int32), shape, dt=dt, check=False)


def encoder_from_description(description: Mapping[str, Any]) -> ObservationEncoder:
    """The encoder that :meth:`ObservationEncoder.describe` described.

    Raises:
        UnknownNameError: there is no encoder of that name.
    """
    kind = find("spikeloom.learning.reinforcement.encoders", ObservationEncoder, description["class"])
    return kind.from_values(description)
