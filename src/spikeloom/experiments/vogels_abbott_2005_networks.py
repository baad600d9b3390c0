"""The two self-sustained networks of Vogels & Abbott as benchmarks: what they are, and what a run of them must show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from spikeloom.analysis.irregularity import mean_cv
from spikeloom.analysis.rate import rates
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, mV, nS, pF, second
from spikeloom.experiments.claim import Claim, Value
from spikeloom.experiments.tolerance import Absolute, Interval, Tolerance

N_E, N_I, PROBABILITY, DT = 3200, 800, 0.02, 0.1 * ms
TAU_M, THETA, V_RESET, T_REF = 20 * ms, -50 * mV, -60 * mV, 5 * ms
TAU_E, TAU_I = 5 * ms, 10 * ms
"""Both networks: synapses that decay within TAU_E and TAU_I, and delays of one step."""

CUBA: Final[dict[str, Any]] = {
    "rest": -49 * mV,
    "weight_e": 1.62 * mV,
    "weight_i": -9 * mV,
    "start": (-60 * mV, -50 * mV),
}
"""tau_m dv/dt = rest - v + g_e + g_i, where a spike adds its weight [mV] to g; v starts evenly distributed."""

COBA: Final[dict[str, Any]] = {
    "c_m": 200 * pF, "g_l": 10 * nS, "e_l": -60 * mV, "e_e": 0 * mV, "e_i": -80 * mV, "weight_e": 6 * nS,
    "weight_i": 67 * nS,
    "v": (-65 * mV, 5 * mV), "g_e": (40 * nS, 15 * nS), "g_i": (200 * nS, 120 * nS),
}  # fmt: skip
"""c_m dv/dt = g_l (e_l - v) + g_e (e_e - v) + g_i (e_i - v); ``v``, ``g_e`` and ``g_i`` start normally distributed with
this mean and deviation, conductances at least 0."""

AGAIN: Final = "Brette et al. 2007, benchmark {}; window around three runs of an independent program"


@final
@dataclass(frozen=True, kw_only=True)
class Window:
    """What a network must show: the rate of its cells [Hz], the irregularity, and how long it is watched."""

    benchmark: str
    duration: float
    rate: tuple[float, Tolerance]
    cv: tuple[float, Tolerance]


WINDOWS: Final = {
    "COBA": Window(
        benchmark="1 (COBA)", duration=2 * second, rate=(19.5, Interval(16, 23)), cv=(1.74, Interval(1.5, 2.0))
    ),
    "CUBA": Window(
        benchmark="2 (CUBA)", duration=5 * second, rate=(5.7, Interval(4.8, 6.6)), cv=(0.69, Interval(0.6, 0.8))
    ),
}


def claims(name: str) -> list[Claim]:
    """What a run of the network called ``name`` (COBA or CUBA) must give."""
    window = WINDOWS[name]
    source = AGAIN.format(window.benchmark)
    lasts = f"Vogels & Abbott 2005: activity sustains itself; watched for {window.duration / second:g} s"
    stated: list[tuple[str, Value, str, Tolerance]] = [
        (f"{name}: rate of excitatory cells [Hz]", window.rate[0], source, window.rate[1]),
        (f"{name}: rate of inhibitory cells [Hz]", window.rate[0], source, window.rate[1]),
        (f"{name}: mean CV of the intervals", window.cv[0], source, window.cv[1]),
        (f"{name}: still active at the end", True, lasts, Absolute(0)),
    ]
    return [Claim(quantity=q, published=p, source=s, tolerance=t) for q, p, s, t in stated]


def measures(name: str, excitatory: Spikes, inhibitory: Spikes, start: float) -> dict[str, Any]:
    """The quantities of :func:`claims` from the spikes of both populations; what comes before ``start`` [ms] is left
    out. Active at the end means: spikes within the last 100 ms.
    """
    both = [excitatory, inhibitory]
    irregular = [mean_cv(spikes, start=start) for spikes in both]
    cells = [spikes.shape[2] for spikes in both]
    end = excitatory.shape[0] * excitatory.dt
    return {
        f"{name}: rate of excitatory cells [Hz]": rates(excitatory, start=start).mean(),
        f"{name}: rate of inhibitory cells [Hz]": rates(inhibitory, start=start).mean(),
        f"{name}: mean CV of the intervals": np.average(irregular, weights=cells),
        f"{name}: still active at the end": any(rates(s, start=max(end - 100 * ms, 0)).any() for s in both),
    }
