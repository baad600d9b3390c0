"""Noise on the weights, for the length of an episode."""

from __future__ import annotations

import math
from typing import Any, Final, final

import numpy as np
import torch

from spikeloom.core.arrays import to_numpy
from spikeloom.core.random import stream
from spikeloom.learning.reinforcement.exploration.base import Exploration
from spikeloom.network import Network

WEIGHTS: Final = ("weight", "weight before")
"""The entries of a projection's state that move together: now, and at the last event of each synapse."""

PERTURBED: Final = "perturbed "
"""Before the name of a projection: the entry of a life's numbers that says how its weights were moved."""


@final
class WeightPerturbation(Exploration):
    r"""Every weight is moved by a random number that stays for the whole episode.

    .. math:: \tilde w = w + a(\text{episode})\, \xi, \qquad \xi \sim N(0, 1)

    So an agent does the same thing throughout an episode, but not quite what it would have done; what a rule learns in
    the meantime is kept, and the perturbation itself taken off again. The weights of projections that learn are moved,
    within the bounds of their rule; the first episode of a life, in which they are still those of the network, goes
    without. It can also be learned from directly (:meth:`learned`), without any rule at the synapses:

    .. math:: \Delta w = \eta\, (R - \bar R)\, \xi / a, \qquad
              \langle \Delta w \rangle = \eta\, \nabla_w \langle R(\tilde w) \rangle

    Source: Jabri & Flower 1992, doi:10.1109/72.105429 (weight perturbation); Sehnke et al. 2010,
    doi:10.1016/j.neunet.2009.12.004 (the gradient with noise that stays for an episode).
    """

    def noise(self, name: str, shape: tuple[int, ...], seed: int, episode: int) -> np.ndarray:
        """The normal numbers xi for the weights of projection ``name`` in ``episode``."""
        return stream(seed, f"weight perturbation/{name}", episode).standard_normal(shape)

    def perturbed(self, name: str, weight: Any, seed: int, episode: int) -> Any:
        """The weights of projection ``name`` to use in ``episode``, without a look at their bounds."""
        return self._moved(name, weight, seed, episode, self.at(episode))

    def entered(self, net: Network, state: dict[str, Any], seed: int) -> dict[str, Any]:
        """The weights are moved, as far as the bounds of their rule allow; ``numbers`` keeps by how much."""
        episode, added = int(state["episodes"]), {}
        network = dict(state["network"] or {})
        for name, part in network.items():
            if "weight" not in part:
                continue
            low, high = _bounds(net, name)
            both = torch.stack([part[k] for k in WEIGHTS if k in part])
            wanted = self.perturbed(name, torch.zeros_like(part["weight"]), seed, episode)
            by = torch.minimum(torch.maximum(wanted, low - both.amin(0)), high - both.amax(0))
            added[PERTURBED + name] = by
            network[name] = part | {k: part[k] + by for k in WEIGHTS if k in part}
        return {**state, "network": network, "numbers": {**state["numbers"], **added}}

    def left(self, net: Network, state: dict[str, Any]) -> dict[str, Any]:
        numbers, network = dict(state["numbers"]), dict(state["network"] or {})
        for key in [k for k in numbers if k.startswith(PERTURBED)]:
            name, by = key.removeprefix(PERTURBED), numbers.pop(key)
            low, high = _bounds(net, name)
            part = network[name]
            network[name] = part | {k: (part[k] - by).clamp(low, high) for k in WEIGHTS if k in part}
        return {**state, "network": network, "numbers": numbers}

    def learned(self, name: str, weight: Any, seed: int, episode: int, *, eta: float, surprise: float) -> Any:
        """``weight`` (without perturbation) after an episode that brought ``surprise`` = R - mean R more than usual."""
        amount = self.at(episode)
        return weight if amount == 0 else self._moved(name, weight, seed, episode, eta * surprise / amount)

    def _moved(self, name: str, weight: Any, seed: int, episode: int, by: float) -> Any:
        values = to_numpy(weight, f"weights of {name!r}")
        moved = values + by * self.noise(name, values.shape, seed, episode)
        return torch.as_tensor(moved, dtype=weight.dtype) if isinstance(weight, torch.Tensor) else moved


def _bounds(net: Network, name: str) -> tuple[float, float]:
    rule = net.projections[name].rule
    return (-math.inf, math.inf) if rule is None else rule.allowed
