"""The analytic result of Graupner & Brunel 2012: what a protocol of pairs does to a synapse with calcium."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Final, final

from spikeloom.core.units import ms, second
from spikeloom.plasticity import GraupnerBrunel
from spikeloom.plasticity.calcium import time_above

PUBLISHED: Final = "the authors' analytic program, evaluated"


@final
@dataclasses.dataclass(frozen=True)
class Fit:
    """One set of parameters: the rule, and what the paper adds to read a change of strength from transitions.

    Attributes:
        rule: everything that a synapse has.
        delay: D as it was fitted; the rule's is the nearest multiple of 0.1 ms.
        beta: the part of the synapses that begin DOWN.
        b: the strength of an UP synapse over that of a DOWN one.
    """

    rule: GraupnerBrunel
    delay: float
    beta: float = 0.5
    b: float = 5.0


def fit(d: float, *, beta: float = 0.5, b: float = 5.0, **changed: Any) -> Fit:
    """A set of parameters, by how it differs from DP."""
    return Fit(GraupnerBrunel(d=round(d, 1) * ms, **changed), d, beta, b)


FIG_2: Final = {
    "DP": fit(13.7),
    "DPD": fit(4.6, c_pre=0.9, c_post=0.9, gamma_d=250, gamma_p=550),
    "DPD'": fit(2.2, theta_p=2.5, gamma_d=50, gamma_p=600),
    "P": fit(0, c_pre=2, c_post=2, gamma_d=160, gamma_p=257.447),
    "D": fit(0, c_pre=0.6, c_post=0.6, gamma_d=500, gamma_p=550, sigma=5.6568),
    "D'": fit(0, theta_p=3.5, gamma_d=60, gamma_p=600),
}
"""The six kinds of window (table S1)."""

CORTEX: Final = fit(
    4.6098, b=5.40988, tau_ca=22.6936, c_pre=0.5617539, c_post=1.23964, gamma_d=331.909, gamma_p=725.085, sigma=3.3501,
    tau=346.3615 * second,
)  # fmt: skip
"""Fitted to the slices of visual cortex of Sjostrom et al. 2001 (table S2)."""

WINDOWS: Final = {
    "DP": {
        -50: 0.9052, -30: 0.7753, -20: 0.7643, -10: 0.8818, 0: 1.0079, 5: 1.2405, 10: 1.2214, 20: 1.1722, 30: 1.1247,
        50: 1.0552,
    },
    "P": {-20: 1.0983, -10: 1.2299, -5: 1.2560, 0: 1.2376, 5: 1.2560, 10: 1.2299, 20: 1.0983},
    "DPD": {-10: 0.8592, -5: 0.8461, 0: 0.9966, 5: 1.1933, 10: 0.9607, 20: 0.8675},
    "DPD'": {-20: 0.8107, -10: 0.7714, 0: 1.0412, 5: 1.1389, 20: 0.9003},
    "D": {0: 0.6371},
    "D'": {-20: 0.7349, -10: 0.7192, 0: 0.7837},
}  # fmt: skip
"""Figure 2: the change of strength after 60 pairs at 1 Hz, by the time from the source's spike to the target's [ms]."""

FREQUENCIES: Final = (1, 10, 20, 30, 40, 50)
FREQUENCY: Final = {
    -10: (0.6908, 0.6214, 0.6349, 1.1863, 1.5851, 1.6368),
    10: (1.0613, 1.0830, 1.2530, 1.1917, 1.5526, 1.6368),
}
"""Figure 4B: the change of strength after 75 pairs at these frequencies [Hz], by the same time."""


def parts_above(found: Fit, lag: float, period: float) -> tuple[float, float]:
    """The parts of the time that calcium spends above both thresholds, once pairs every ``period`` ms are a habit."""
    rule = found.rule
    after = (lag - found.delay) % period  # from the source's calcium to the target's
    forget = 1 - math.exp(-period / rule.tau_ca)
    of_source = (rule.c_pre + rule.c_post * math.exp(-(period - after) / rule.tau_ca)) / forget
    of_target = (rule.c_post + rule.c_pre * math.exp(-after / rule.tau_ca)) / forget
    d, p = (
        (time_above(of_source, theta, rule.tau_ca, after) + time_above(of_target, theta, rule.tau_ca, period - after))
        / period
        for theta in (rule.theta_d, rule.theta_p)
    )
    return d, p


def transition(found: Fit, lag: float, period: float, pairs: int) -> tuple[float, float]:
    """The probabilities with which a DOWN synapse goes up, and an UP one down (equations 4 to 7)."""
    rule = found.rule
    above_d, above_p = parts_above(found, lag, period)
    depress, potentiate = rule.gamma_d * above_d, rule.gamma_p * above_p
    if depress + potentiate == 0:
        return 0.0, 0.0
    aim = potentiate / (depress + potentiate)
    spread = rule.sigma**2 * (above_d + above_p) / (depress + potentiate)
    left = math.exp(-pairs * period * (depress + potentiate) / rule.tau)
    width = math.sqrt(spread * (1 - left * left))

    def below(rho_0: float) -> float:
        return (1 + math.erf((0.5 - aim + (aim - rho_0) * left) / width)) / 2

    return 1 - below(0.0), below(1.0)


def change(found: Fit, up: float, down: float) -> float:
    """The strength after over that before, from the two transition probabilities (equation 8)."""
    beta, b = found.beta, found.b
    weak, strong = (1 - up) * beta + down * (1 - beta), up * beta + (1 - down) * (1 - beta)
    return (weak + b * strong) / (beta + (1 - beta) * b)
