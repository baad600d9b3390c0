"""Noise on the weights, for the length of an episode."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from spikeloom.core.arrays import to_numpy
from spikeloom.core.random import stream
from spikeloom.learning.reinforcement.exploration.base import Exploration, like


@final
class WeightPerturbation(Exploration):
    r"""Every weight is moved by a random number that stays for the whole episode.

    .. math:: \tilde w = w + a(\text{episode})\, \xi, \qquad \xi \sim N(0, 1)

    So an agent does the same thing throughout an episode, but not quite what it would have done; what a rule learns in
    the meantime is kept, and the perturbation itself taken off again (:meth:`restored`). It can also be learned from
    directly (:meth:`learned`), without any rule at the synapses:

    .. math:: \Delta w = \eta\, (R - \bar R)\, \xi / a, \qquad
              \langle \Delta w \rangle = \eta\, \nabla_w \langle R(\tilde w) \rangle

    Source: Jabri & Flower 1992, doi:10.1109/72.105429 (weight perturbation); Sehnke et al. 2010,
    doi:10.1016/j.neunet.2009.12.004 (the gradient with noise that stays for an episode).
    """

    def noise(self, name: str, shape: tuple[int, ...], seed: int, episode: int) -> np.ndarray:
        """The normal numbers xi for the weights of projection ``name`` in ``episode``."""
        return stream(seed, f"weight perturbation/{name}", episode).standard_normal(shape)

    def perturbed(self, name: str, weight: Any, seed: int, episode: int) -> Any:
        return self._moved(name, weight, seed, episode, self.at(episode))

    def restored(self, name: str, weight: Any, seed: int, episode: int) -> Any:
        return self._moved(name, weight, seed, episode, -self.at(episode))

    def learned(self, name: str, weight: Any, seed: int, episode: int, *, eta: float, surprise: float) -> Any:
        """``weight`` (without perturbation) after an episode that brought ``surprise`` = R - mean R more than usual."""
        amount = self.at(episode)
        return weight if amount == 0 else self._moved(name, weight, seed, episode, eta * surprise / amount)

    def _moved(self, name: str, weight: Any, seed: int, episode: int, by: float) -> Any:
        values = to_numpy(weight, f"weights of {name!r}")
        return like(weight, values + by * self.noise(name, values.shape, seed, episode))
