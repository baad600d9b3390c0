"""What Sjostrom et al. measured, and the pairings of spikes that Pfister & Gerstner fitted their rule to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import OneToOne
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import Plasticity

Array = NDArray[np.float64]

FREQUENCIES: Final = (0.1 * Hz, 10 * Hz, 20 * Hz, 40 * Hz, 50 * Hz)
LAGS: Final = (+10 * ms, -10 * ms)
ORDERS: Final = {+10 * ms: "source first", -10 * ms: "target first"}
DATA: Final = {
    +10 * ms: np.array([(-0.04, 0.05), (0.14, 0.10), (0.29, 0.14), (0.53, 0.11), (0.56, 0.26)]),
    -10 * ms: np.array([(-0.29, 0.08), (-0.41, 0.11), (-0.34, 0.10), (0.56, 0.32), (0.75, 0.19)]),
}
"""Relative change and its standard error at each of ``FREQUENCIES``, by t_post - t_pre: Sjostrom, Turrigiano & Nelson
2001, Neuron 32, 1149-1164, doi:10.1016/S0896-6273(01)00542-6, as transcribed in ``sjostrom_freq_stdp.m`` of
VH-Lab/vhlab-toolbox-matlab."""

MEAN: Final = np.array([DATA[lag][:, 0] for lag in LAGS])
ERROR: Final = np.array([DATA[lag][:, 1] for lag in LAGS])
TAUS: Final = np.geomspace(2 * ms, 200 * ms, 41)
LATER: Final = 1 * second
"""What is forgotten: the simulation goes on for so long after the last spike."""


def chi_squared(change: Array) -> float:
    """The mean over the ten points of ((change - data) / standard error)^2."""
    return float((((change - MEAN) / ERROR) ** 2).mean())


def times(lag: float, rate: float, pairs: int) -> tuple[Array, Array]:
    """When source and target fire [ms]: ``pairs`` times, ``lag`` apart, at ``rate`` [1/ms]; the first spike is at 0."""
    begin = np.arange(pairs) / rate
    return begin + max(-lag, 0.0), begin + max(lag, 0.0)


def simulate(rules: Mapping[str, Plasticity], pairs: int, dt: float) -> dict[str, Array]:
    """The change of a weight of 1 by each rule: (lags, frequencies), each with a source and a target of its own."""
    conditions = [(lag, rate) for lag in LAGS for rate in FREQUENCIES]
    trains = [times(lag, rate, pairs) for lag, rate in conditions]
    steps = round((max(t.max() for both in trains for t in both) + LATER) / dt)
    inputs = {name: _spikes([both[k] for both in trains], steps, dt) for k, name in enumerate(("pre", "kick"))}
    net = Network(dt=dt)
    cells = net.population("cells", LIF(theta=1e9), len(conditions))  # only kicks make them fire
    net.connect(net.input("kick", len(conditions)), cells, OneToOne(), weight=2e9)
    source = net.input("pre", len(conditions))
    for name, rule in rules.items():
        net.connect(source, cells, OneToOne(), weight=1.0, rule=rule, name=name)
    record = run(net, inputs, record=["cells.count"], progress=False)
    assert (record["cells.count"] == pairs).all()
    shape = len(LAGS), len(FREQUENCIES)
    return {name: record.state[name]["weight"].numpy().reshape(shape) - 1.0 for name in rules}


def _spikes(trains: list[Array], steps: int, dt: float) -> Spikes:
    time, neuron = np.concatenate(trains), np.repeat(np.arange(len(trains)), [t.size for t in trains])
    order = np.lexsort((neuron, time))
    return Spikes.from_times(time[order], neuron[order], shape=(steps, 1, len(trains)), dt=dt)


def best_pairs(pairs: int) -> dict[str, Any]:
    """Amplitudes and time constants of pair STDP (all pairs) with the smallest error.

    The change is linear in the amplitudes, so they are solved for, at least 0, at each pair of time constants.
    """
    from scipy.optimize import nnls

    grown = {float(tau): _sums(tau, pairs, +1) for tau in TAUS}
    shrunk = {float(tau): _sums(tau, pairs, -1) for tau in TAUS}
    weights, wanted = 1 / ERROR.reshape(-1), (MEAN / ERROR).reshape(-1)
    best: tuple[float, dict[str, Any]] = (np.inf, {})
    for tau_plus, plus in grown.items():
        for tau_minus, minus in shrunk.items():
            (a_plus, a_minus), error = nnls(np.stack([plus, -minus], 1) * weights[:, None], wanted)
            if error < best[0]:
                found = {"a_plus": a_plus, "a_minus": a_minus, "tau_plus": tau_plus, "tau_minus": tau_minus}
                best = float(error), found
    return best[1]


def _sums(tau: float, pairs: int, order: int) -> Array:
    """The sum of exp(-|s| / tau) over all pairs of spikes with s = t_post - t_pre of the sign ``order``."""
    found = []
    for lag in LAGS:
        for rate in FREQUENCIES:
            pre, post = times(lag, rate, pairs)
            s = order * (post[:, None] - pre[None])
            found.append(np.exp(-s[s > 0] / tau).sum())
    return np.array(found)
