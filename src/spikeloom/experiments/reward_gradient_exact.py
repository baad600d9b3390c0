"""A network so small that all it can do is counted: the probability of each pattern of spikes, and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.units import Hz, ms
from spikeloom.neurons import EscapeRate

DT: Final = 1 * ms
INPUT: Final = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1], [0, 1, 0]], bool)
"""Spikes of the three inputs, step by step."""
STEPS, INPUTS = INPUT.shape
HIDDEN: Final = 2
CELL: Final = EscapeRate(tau_m=5 * ms, theta=1.0, softness=0.5, rate_theta=600 * Hz, tau_a=3 * ms, drop=0.5)
PAIRS: Final[Mapping[str, NDArray[np.int64]]] = {
    "in->hidden": np.array([[i, j] for i in range(INPUTS) for j in range(HIDDEN)]),
    "hidden->hidden": np.array([[0, 1], [1, 0]]),
    "hidden->out": np.array([[0, 0], [1, 0]]),
}
"""Who reaches whom in one network, projection by projection."""
WEIGHTS: Final[Mapping[str, NDArray[np.float64]]] = {
    "in->hidden": np.array([0.5, 0.3, 0.2, 0.6, 0.4, 0.1]),
    "hidden->hidden": np.array([0.3, -0.4]),
    "hidden->out": np.array([0.6, 0.5]),
}


def reward(hidden: Any, out: Any) -> NDArray[np.float64]:
    """Of patterns (..., steps, neurons): 1, and 1 more if the last neuron fires once, and that late, and half less if
    those before it fire more than three times. The last step is that of the reward, and does not count.
    """
    before, last = hidden[..., : STEPS - 1, :], out[..., : STEPS - 1, 0]
    once = (last.sum(-1) == 1) & (last[..., STEPS // 2 :].sum(-1) == 1)
    return 1.0 + once - 0.5 * (before.sum((-1, -2)) > 3)


def patterns() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """All that the neurons can do: hidden (patterns, steps, 2) and out (patterns, steps, 1)."""
    bits = STEPS * (HIDDEN + 1)
    all_ = (np.arange(2**bits)[:, None] >> np.arange(bits) & 1).astype(bool).reshape(-1, STEPS, HIDDEN + 1)
    return all_[..., :HIDDEN], all_[..., HIDDEN:]


def log_probability(hidden: Any, out: Any, weights: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """The logarithm of the probability of patterns (patterns, steps, neurons), step by step as the neuron says.

    Weights may be complex: a derivative is then the imaginary part after a step into that direction.
    """
    spikes = np.concatenate([hidden, out], -1)
    count, neurons = len(spikes), HIDDEN + 1
    given, own = np.zeros((INPUTS, neurons), complex), np.zeros((HIDDEN, neurons), complex)
    for name, matrix, first in (("in->hidden", given, 0), ("hidden->hidden", own, 0), ("hidden->out", own, HIDDEN)):
        source, target = PAIRS[name].T
        matrix[source, target + first] = weights[name]
    c = {k: float(v) for k, v in CELL.constants(DT).items()}
    v, after = np.zeros((count, neurons), complex), np.zeros((count, neurons))
    before, total = np.zeros((count, neurons)), np.zeros(count, complex)
    for t in range(STEPS):
        arrived = INPUT[t] @ given + sum(before[:, i, None] * own[i] for i in range(HIDDEN))
        v, after = c["decay"] * v + arrived, c["forget"] * after
        expected = c["hazard"] * np.exp(c["sharp"] * (v + after - c["theta"]))
        total += np.where(spikes[:, t], np.log(-np.expm1(-expected)), -expected).sum(-1)
        before = spikes[:, t].astype(np.float64)
        after = after - c["drop"] * before
    return total


def gradient(function: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values (...) of a function of the weights, and its derivatives (..., weights); exact, by complex steps."""
    tiny, found = 1e-30, []
    for name, values in WEIGHTS.items():
        for k in range(values.size):
            moved = {n: v.astype(complex) for n, v in WEIGHTS.items()}
            moved[name][k] += 1j * tiny
            found.append(function(moved))
    return np.real(found[0]), np.stack([np.imag(f) / tiny for f in found], -1)


def scores(hidden: Any, out: Any) -> NDArray[np.float64]:
    """The gradient of the logarithm of the probability of each pattern: (patterns, weights)."""
    return gradient(lambda weights: log_probability(hidden, out, weights))[1]


@final
@dataclass(frozen=True)
class Enumerated:
    """What all patterns together give: their probability, which is 1, the expected reward and its gradient."""

    patterns: int
    probability: float
    reward: float
    gradient: NDArray[np.float64]


def enumerated() -> Enumerated:
    """The sum over all patterns."""
    hidden, out = patterns()
    given = np.stack([np.ones(len(hidden)), reward(hidden, out)], -1)
    value, slope = gradient(lambda weights: np.exp(log_probability(hidden, out, weights)) @ given)
    return Enumerated(len(hidden), float(value[0]), float(value[1]), slope[1])
