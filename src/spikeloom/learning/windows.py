"""The window of a rule of plasticity, measured by simulating pairs of spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import OneToOne
from spikeloom.core.arrays import finite, positive, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from spikeloom.engines import run
from spikeloom.network import Network
from spikeloom.neurons import LIF, Neuron
from spikeloom.plasticity import Plasticity

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def measured_window(
    rule: Plasticity,
    lags: Any,
    *,
    weight: float | None = None,
    pairs: int = 1,
    every: float = 1 * second,
    dt: float = 0.1 * ms,
    singles: bool = True,
    neuron: Neuron | None = None,
    kick: float | None = None,
) -> Curve:
    """How much ``rule`` changes a weight with a pair of spikes, by the time between them: simulated, for any rule.

    Each lag has a synapse of its own, without delay, whose target is made to fire by a kick; all run at once, step by
    step. What comes back can be drawn by :func:`spikeloom.plots.window`, and set beside the rule's formula.

    Args:
        rule: the rule; what it does at random is drawn for each synapse, so that equal lags are repetitions.
        lags: t_post - t_pre (ms), whole steps of ``dt``.
        weight: with which each synapse begins; in the middle of the rule's bounds if not given.
        pairs: how many pairs each synapse gets.
        every: time from one pair to the next (ms), and after the last.
        dt: length of a step, ms.
        singles: whether what a spike does without a partner counts, too; if not, the changes at a synapse with the
            spikes of the source alone, and at one with those of the target alone, are taken off.
        neuron: the target, for rules that look at it; a leaky integrate-and-fire neuron that only kicks can move, if
            not given.
        kick: what makes that neuron fire at once, as a weight.

    Returns:
        The lags, and the change of the weight at each, by all pairs together.

    Raises:
        InvalidValueError: lags that are no whole steps or reach beyond half of ``every``, a kick that does not make
            the neuron fire, or makes it fire more than once.

    >>> from spikeloom.plasticity import PairSTDP
    >>> stdp = PairSTDP(a_plus=0.01, a_minus=0.0105, tau_plus=20 * ms, tau_minus=20 * ms)
    >>> measured_window(stdp, [-20 * ms, 20 * ms])[1].round(9)
    array([-0.00386273,  0.00367879])
    """
    lag, step = _steps(lags, dt, every)
    number, between = whole(pairs, "pairs", minimum=1), round(every / dt)
    begin = int(np.abs(step).max(initial=0)) + 1
    shift = np.maximum(step, 0) - step  # the spike that comes first is at the beginning of its pair
    pre = [begin + shift, [begin], []]
    post = [begin + shift + step, [], [begin]]
    cells = lag.size + 2  # the last two have spikes on one side only
    inputs = {name: _trains(times, cells, number, between, begin, dt) for name, times in (("pre", pre), ("kick", post))}
    if neuron is None:
        neuron, kick = LIF(theta=1e9), 2e9
    elif kick is None:
        raise InvalidValueError(f"measured_window(neuron={type(neuron).__name__}(...)): say which kick makes it fire")
    middle = (rule.w_min + rule.w_max) / 2 if weight is None else float(weight)
    net = Network(dt=dt)
    target = net.population("target", neuron, cells)
    net.connect(net.input("pre", cells), target, OneToOne(), weight=middle, rule=rule, name="measured")
    net.connect(net.input("kick", cells), target, OneToOne(), weight=kick)
    record = run(net, inputs, record=["target.spikes"], engine="steps", progress=False)
    _check(record["target.spikes"], inputs["kick"])
    change = record.state["measured"]["weight"].numpy() - middle
    return lag, change[:-2] - (0.0 if singles else change[-2] + change[-1])


def _steps(lags: Any, dt: float, every: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    lag = np.atleast_1d(to_numpy(lags, "lags")).astype(np.float64)
    positive(dt, "dt", "dt=0.1 * ms")
    positive(every, "every", "every=1 * second")
    if lag.ndim != 1:
        raise InvalidValueError(f"lags must be one number or a list; given shape {lag.shape}")
    finite(lag, "lags", ("lag",))
    step = np.rint(lag / dt).astype(np.int64)
    off = np.abs(step * dt - lag) > 1e-6 * dt
    if off.any():
        raise InvalidValueError(f"lags: {lag[off][0]:g} ms is no whole number of steps of {dt:g} ms; give another dt")
    if (np.abs(lag) > every / 2).any():
        raise InvalidValueError(
            f"lags up to {np.abs(lag).max():g} ms do not fit into pairs every {every:g} ms; give "
            f"every={4 * np.abs(lag).max():g}"
        )
    return lag, step


def _trains(times: Any, cells: int, pairs: int, between: int, begin: int, dt: float) -> Spikes:
    """The spikes of one side: those of one pair, again and again."""
    first = [(int(t), i) for i, t in enumerate(times[0])]
    first += [(int(t), cells - 2 + k) for k in (0, 1) for t in times[1 + k]]
    found = sorted((t + p * between, i) for t, i in first for p in range(pairs))
    step, neuron = (np.array(column, np.int64) for column in zip(*found, strict=True))
    return Spikes.from_events(step, neuron, shape=(2 * begin + pairs * between, 1, cells), dt=dt)


def _check(spikes: Spikes, kicks: Spikes) -> None:
    fired, wanted = (np.bincount(s.neuron, minlength=s.shape[2]) for s in (spikes, kicks))
    if not np.array_equal(fired, wanted):
        odd = int(np.flatnonzero(fired != wanted)[0])
        raise InvalidValueError(
            f"measured_window: a target fired {fired[odd]} times for {wanted[odd]} kicks; give another kick, or a "
            "smaller weight"
        )
