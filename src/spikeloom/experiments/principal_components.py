"""What experiments about principal components share: samples, their expectation, and units that learn from them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.random import stream
from spikeloom.core.units import ms
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import Linear
from spikeloom.plasticity import Plasticity

EIGENVALUES: Final = (5.0, 3.0, 1.5, 0.7, 0.2)
"""Of the covariance of the samples."""

Array = NDArray[np.float64]


def axes(seed: int) -> Array:
    """The eigenvectors, one in each column: a rotation drawn at random."""
    size = len(EIGENVALUES)
    return np.linalg.qr(stream(seed, "rotation").normal(size=(size, size)))[0]


def samples(seed: int, count: int, settle: float) -> Array:
    r"""Gaussian samples (count, 1, N), one in each step, times the root of 1 / (1 + t / settle).

    Of Oja's rule and of Sanger's that is the same as a learning rate that falls so: both are of second order in the
    samples.
    """
    raw = stream(seed, "samples").normal(size=(count, len(EIGENVALUES))) * np.sqrt(EIGENVALUES)
    return (raw @ axes(seed).T / np.sqrt(1 + np.arange(count) / settle)[:, None])[:, None]


def points(seed: int) -> Array:
    """Ten points whose mean and second moments are exactly those of the samples, (10, N): two on each axis."""
    arms = axes(seed).T * np.sqrt(len(EIGENVALUES) * np.array(EIGENVALUES))[:, None]
    return np.concatenate([arms, -arms])


def begin(seed: int, targets: int) -> Array:
    """Weights (N, targets) to begin with."""
    size = len(EIGENVALUES)
    return stream(seed, "weights").normal(size=(size, targets)) / np.sqrt(size)


def network(rule: Plasticity, weight: Array) -> Network:
    """Linear units that learn from an analog input."""
    net = Network(dt=1 * ms, dtype=torch.float64)
    net.connect(net.input("x", len(weight)), net.population("y", Linear(), weight.shape[1]), weight=weight, rule=rule)
    return net


def learn(rule: Plasticity, weight: Array, values: Array) -> Array:
    """The weights after a run: of ``values`` (T, 1, N) one is shown in each step."""
    return run(network(rule, weight), values, progress=False).state["x->y"]["weight"].numpy()


def expected(rule: Plasticity, weight: Array, batch: Array, updates: int) -> Array:
    """The weights after some updates by a whole ``batch`` (B, N): what its samples teach adds up in each of them."""
    net, state = network(rule, weight), None
    for _ in range(updates):
        state = run(net, batch[None], state, progress=False).state
    assert state is not None
    return state["x->y"]["weight"].numpy()


def alignment(weight: Array, direction: Array) -> float:
    r"""\|cos\| of the angle between two vectors.

    >>> alignment(np.array([0.0, -2.0]), np.array([0.0, 1.0]))
    1.0
    """
    return float(abs(weight @ direction) / (np.linalg.norm(weight) * np.linalg.norm(direction)))


def bars(measured: dict[str, tuple[Any, Any]]) -> Any:
    """A picture: for each name the components of a vector that was learned (dots) and of what it should be (lines)."""
    from spikeloom.plots.style import colour, figure, styled

    with styled():
        drawing = figure(2.6 * len(measured), 2.4)
        for k, (name, (learned, theory)) in enumerate(measured.items()):
            panel = drawing.add_subplot(1, len(measured), k + 1)
            at = np.arange(len(theory))
            panel.axhline(0.0, color="grey", linewidth=0.5)
            panel.step(at, theory, where="mid", color=colour(0))
            panel.plot(at, learned, "o", color=colour(1), markersize=3.5)
            panel.set(title=name, xlabel="input", ylabel="" if k else "weight (dots), eigenvector (line)")
    return drawing
