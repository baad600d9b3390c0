"""What was published of the cortical microcircuit: its parameters, its rates, and what a run is held to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np

from spikeloom.analysis.irregularity import mean_cv
from spikeloom.analysis.rate import rates
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Interval

# Numbers only, from github.com/INM-6/microcircuit-PD14-model, PyNEST/src/microcircuit/network_params.py and
# stimulus_params.py at fd40046ec53c6799dd385f96294db27893aadf0a.
DESCRIPTION: Final[dict[str, Any]] = {
    "populations": ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"],
    "N": [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948],
    "full_mean_rates_hz": [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829],
    "conn_prob_target_by_source": [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ],
    "K_ext": [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100],
    "bg_rate_hz": 8.0,
    "psp_exc_mean_mV": 0.15,
    "psp_L4E_to_L23E_factor": 2.0,
    "weight_rel_std": 0.1,
    "g": -4.0,
    "delay_exc_mean_ms": 1.5,
    "delay_inh_mean_ms": 0.75,
    "delay_rel_std": 0.5,
    "neuron": {
        "model": "iaf_psc_exp", "E_L_mV": -65.0, "V_th_mV": -50.0, "V_reset_mV": -65.0, "C_m_pF": 250.0,
        "tau_m_ms": 10.0, "tau_syn_ms": 0.5, "t_ref_ms": 2.0,
    },
    "V0_optimized": {
        "mean_mV": [-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43],
        "std_mV": [5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48],
    },
    "dt_ms": 0.1,
}  # fmt: skip
"""The same as the file ``potjans_diesmann_2014.json`` says of a run with Poisson background."""

NAMES: Final = tuple(DESCRIPTION["populations"])
FULL_RATES: Final = (0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523)
"""Rates [Hz] at full size with Poisson background, as the model's repository reports them."""

SCALED_RATES: Final = {
    0.1: (0.484, 2.124, 3.996, 5.019, 6.622, 7.787, 0.824, 6.998),
    0.3: (0.673, 2.616, 4.362, 5.638, 6.900, 8.375, 1.058, 7.562),
}
"""Rates [Hz] of the circuit made smaller, by an independent program (two seeds, and one)."""

ORDER: Final = (("L5I", "L6I", "L5E"), ("L4I",), ("L4E",), ("L23I",), ("L6E", "L23E"))
"""From the fastest to the slowest. Within the first group the order depends on the background, and within the last one
on chance: at full size the published rates are 0.991 and 0.971 Hz."""

RANKED: Final = "order of the rates: " + " > ".join("{" + ", ".join(group) + "}" for group in ORDER)

MODEL: Final = "Potjans & Diesmann 2014, Table 6; INM-6 microcircuit-PD14-model, Poisson background"


def rate_window(name: str, scale: float) -> tuple[float, Interval]:
    """The published rate [Hz] of a population at this scale, and the window that a run must hit.

    At full size 15 % or 0.3 Hz, whichever is more; at 0.3, 8 %; at 0.1, 12 %, and 0.08 Hz where cells fire once in two
    seconds.

    Raises:
        InvalidValueError: a scale that nothing is known of.
    """
    at = NAMES.index(name)
    if scale == 1:
        rate = FULL_RATES[at]
        width = max(0.15 * rate, 0.3)
    elif scale in SCALED_RATES:
        rate = SCALED_RATES[scale][at]
        width = 0.08 * rate if scale == 0.3 else 0.08 if name in ("L23E", "L6E") else 0.12 * rate
    else:
        raise InvalidValueError(f"scale={scale}: rates are known at 0.1, 0.3 and 1; run one of these")
    return rate, Interval(round(rate - width, 4), round(rate + width, 4))


def claims(scale: float) -> list[Claim]:
    """What a run at this scale must give: the rate and the CV of each population, and the order of the rates."""
    source = MODEL if scale == 1 else f"{MODEL}; at scale {scale:g} by an independent program"
    found = []
    for name in NAMES:
        rate, tolerance = rate_window(name, scale)
        found.append(Claim(quantity=f"rate of {name} [Hz]", published=rate, source=source, tolerance=tolerance))
    irregular = "Potjans & Diesmann 2014, Fig. 6: irregular"
    found += [
        Claim(quantity=f"CV of {name}", published="irregular", source=irregular, tolerance=Interval(0.5, 1.5))
        for name in NAMES
    ]
    return [*found, Claim(quantity=RANKED, published=True, source=MODEL, tolerance=Absolute(0))]


def measures(runs: Mapping[str, Spikes], start: float) -> dict[str, Any]:
    """The quantities of :func:`claims` from the spikes of each population; what comes before ``start`` [ms] is left
    out.
    """
    found: dict[str, Any] = {f"rate of {name} [Hz]": rates(runs[name], start=start).mean() for name in NAMES}
    ranked = all(
        min(found[f"rate of {fast} [Hz]"] for fast in above) > max(found[f"rate of {slow} [Hz]"] for slow in below)
        for above, below in pairwise(ORDER)
    )
    found |= {f"CV of {name}": mean_cv(runs[name], start=start) for name in NAMES}
    return found | {RANKED: ranked}


def approaches(small: Mapping[str, float], middle: Mapping[str, float], full: Mapping[str, float]) -> bool:
    """Whether the rates [Hz] at scales 0.1, 0.3 and 1 come ever closer to the published ones, on the whole.

    Judged by the mean distance over the populations: of two that are already close, chance decides.
    """
    distances = [
        np.mean([abs(found[name] - rate) for name, rate in zip(NAMES, FULL_RATES, strict=True)])
        for found in (small, middle, full)
    ]
    return bool(distances[0] > distances[1] > distances[2])
