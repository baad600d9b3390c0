"""Closed forms of the membrane below threshold, and the values that NEST's own tests hold its exact neurons to."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from spikeloom.core.units import ms, mV, pA, pF

SOURCE: Final = "Rotter & Diesmann 1999; NEST, {}"

ALPHA_UNDER_CURRENT: Final = {0.1: -69.602, 0.2: -69.2079, 0.5: -68.0492, 4.3: -56.0204, 4.7: -55.0001}
"""Potential [mV] of NEST's iaf_psc_alpha at its defaults under 1000 pA, by time [ms]; it fires at 4.8 ms. Correct to
the digits that are printed: 5e-5 mV. (test_iaf_psc_alpha.py)"""

ALPHA_AFTER_SPIKE: Final = {3.1: -69.9974, 3.2: -69.9899, 4.0: -69.8108, 5.0: -69.4681, 5.7: -69.2383}
"""The same cell after one spike of 100 pA at 2 ms with a delay of 1 ms, for any step of 0.1, 0.2, 0.5 or 1 ms.
(test_iaf_psc_alpha_1to2.py)"""

ALPHA_CELL: Final = {
    "e_l": -70 * mV, "v_reset": -70 * mV, "theta": -55 * mV, "c_m": 250 * pF, "tau_m": 10 * ms, "t_ref": 2 * ms,
    "tau_s": 2 * ms, "current": 1000 * pA, "first_spike": 4.8 * ms,
}  # fmt: skip


def constant_current(t: Any, *, current: float, tau_m: float, c_m: float) -> Any:
    r"""Potential above rest [mV] at time ``t`` [ms] after a constant current [pA] was switched on.

    .. math:: V(t) = \frac{I \tau_m}{C} (1 - e^{-t / \tau_m})

    >>> round(constant_current(5.0, current=1000.0, tau_m=10.0, c_m=250.0), 6)
    15.738774
    """
    return _as_given(-current * tau_m / c_m * np.expm1(-np.asarray(t, np.float64) / tau_m))


def first_spike(*, current: float, theta: float, tau_m: float, c_m: float) -> float:
    r"""Time [ms] at which a constant current [pA] brings the membrane from rest to ``theta`` above it [mV]; infinite if
    it never does.

    .. math:: t = -\tau_m \ln\left(1 - \frac{C\,\theta}{\tau_m I}\right)
    """
    part = c_m * theta / (tau_m * current)
    return -tau_m * math.log1p(-part) if part < 1 else math.inf


def after_alpha(t: Any, *, weight: float, tau_m: float, tau_s: float, c_m: float) -> Any:
    r"""Potential above rest [mV], ``t`` ms after an alpha current that peaks at ``weight`` [pA] began.

    .. math:: V(t) = \frac{w\,e}{\tau_s C} \left(\frac{e^{-t/\tau_m} - e^{-t/\tau_s}}{a^2} -
              \frac{t\,e^{-t/\tau_s}}{a}\right), \qquad a = \frac{1}{\tau_s} - \frac{1}{\tau_m}

    With equal time constants it is w e t^2 exp(-t / tau) / (2 tau C), which this reaches by series.
    """
    t = np.maximum(np.asarray(t, np.float64), 0.0)
    x = t * (1 / tau_s - 1 / tau_m)
    near = np.abs(x) < 0.01  # the difference loses its digits there
    apart = np.where(near, 1.0, x)
    shape = np.where(near, 0.5 + x / 6 + x**2 / 24 + x**3 / 120 + x**4 / 720, (np.expm1(apart) - apart) / apart**2)
    return _as_given(weight * math.e / (tau_s * c_m) * t**2 * np.exp(-t / tau_s) * shape)


def after_exponential(t: Any, *, weight: float, tau_m: float, tau_s: float, c_m: float) -> Any:
    r"""Potential above rest [mV], ``t`` ms after an exponential current jumped to ``weight`` [pA].

    .. math:: V(t) = \frac{w}{C} \frac{e^{-t/\tau_m} - e^{-t/\tau_s}}{1/\tau_s - 1/\tau_m}

    With equal time constants it is w t exp(-t / tau) / C, which this reaches without a loss of digits. Its charge is
    w tau_s.
    """
    t = np.maximum(np.asarray(t, np.float64), 0.0)
    x = t * (1 / tau_s - 1 / tau_m)
    same = x == 0
    ratio = np.where(same, 1.0, np.expm1(x) / np.where(same, 1.0, x))
    return _as_given(weight / c_m * t * np.exp(-t / tau_s) * ratio)


def _as_given(value: Any) -> Any:
    return value if np.ndim(value) else float(value)
