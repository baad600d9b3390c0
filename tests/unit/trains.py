"""Spike trains whose statistics are known in closed form, and dense arrays of counts for slow, plain checks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spikeloom.core.spikes import Spikes
from spikeloom.core.units import second

DT = 0.1  # ms


def renewal(order: float, *, rate: float, neurons: int, duration: float, seed: int) -> Spikes:
    """Gamma processes of this order (1: Poisson) at ``rate`` Hz for ``duration`` ms, running since long ago."""
    random = np.random.default_rng(seed)
    number = int(2 * rate * duration / second) + 50
    mean = second / rate
    interval = random.gamma(order, mean / order, (neurons, number))
    time = interval.cumsum(axis=1) - random.uniform(5 * mean, 10 * mean, (neurons, 1))
    neuron, which = np.nonzero((time >= 0) & (time < duration))
    shape = (round(duration / DT), 1, neurons)
    return Spikes.from_times(time[neuron, which], neuron, shape=shape, dt=DT, sort=True)


def clocks(period: int, *, neurons: int, steps: int, dt: float = 1.0) -> Spikes:
    """Neurons that fire every ``period`` steps, neuron i for the first time at step i modulo the period."""
    step, neuron = np.nonzero((np.arange(steps)[:, None] - np.arange(neurons)) % period == 0)
    return Spikes.from_events(step, neuron, shape=(steps, 1, neurons), dt=dt)


def nothing(steps: int = 40, neurons: int = 3) -> Spikes:
    """A recording without a spike."""
    return Spikes.from_events([], [], shape=(steps, 1, neurons), dt=1.0)


def single(steps: int = 40, neurons: int = 3) -> Spikes:
    """A recording of one spike, of neuron 1."""
    return Spikes.from_events([7], [1], shape=(steps, 1, neurons), dt=1.0)


@st.composite
def dense(draw: st.DrawFn, least: int = 1) -> np.ndarray:
    """(T, B, N) counts of at least ``least`` steps, mostly zero, some above one."""
    shape = draw(st.tuples(st.integers(least, 24), st.integers(1, 3), st.integers(1, 5)))
    return draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 3), fill=st.just(0)))


@st.composite
def cut(draw: st.DrawFn, least: int = 1) -> tuple[np.ndarray, int, int, int]:
    """Counts, a sample of them, and a window of at least ``least`` steps: the first step and the one after the last."""
    counts = draw(dense(least))
    sample = draw(st.integers(0, counts.shape[1] - 1))
    start = draw(st.integers(0, counts.shape[0] - least))
    return counts, sample, start, draw(st.integers(start + least, counts.shape[0]))
