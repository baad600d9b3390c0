"""The states of Brunel's sparse network of excitatory and inhibitory cells: what was published of each, and how it is
measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from spikeloom.analysis.irregularity import mean_cv
from spikeloom.analysis.mean_field import BrunelNetwork, interval_cv, siegert_rate
from spikeloom.analysis.rate import rates
from spikeloom.analysis.spectrum import peak_frequency
from spikeloom.analysis.variability import population_fano
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, mV
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Interval, Relative, Tolerance

N_E, N_I, C_E, C_I = 10_000, 2_500, 1_000, 250
J, DELAY, DT = 0.1 * mV, 1.5 * ms, 0.1 * ms
TAU_M, THETA, V_RESET, T_REF = 20 * ms, 20 * mV, 10 * mV, 2 * ms
"""The network of figure 8. The reset is the paper's; with one to 0, as in other simulators' examples, rates differ."""
CELL: Final[dict[str, Any]] = {"tau_m": TAU_M, "theta": THETA, "v_reset": V_RESET, "t_ref": T_REF}

PAPER: Final = "Brunel 2000"
AGAIN: Final = "window around two runs of an independent program at full size"
BIN: Final = 1 * ms
SEGMENT: Final = 250 * ms


@final
@dataclass(frozen=True, kw_only=True)
class State:
    """One state of the network, with what was published of it and how close a run has to come.

    Attributes:
        key: A to D, as in the paper's figure 8.
        name: what it looks like.
        g, eta: inhibition by excitation, and external rate by that which reaches the threshold.
        theory: rate of the mean-field theory [Hz].
        rate: rate in the paper's simulation [Hz] and the window, if it is held to one.
        rhythm: frequency of the population in the paper's simulation [Hz], the band looked at and the window.
        cv: the coefficient of variation that is expected, and its window.
    """

    key: str
    name: str
    g: float
    eta: float
    theory: float
    rate: tuple[float, Tolerance] | None
    rhythm: tuple[float, tuple[float, float], Tolerance] | None
    cv: tuple[float, Tolerance]

    def network(self) -> BrunelNetwork:
        """The mean-field theory of this state."""
        return BrunelNetwork(g=self.g, eta=self.eta, j=J, c_e=C_E, gamma=C_I / C_E, **CELL)

    def called(self, what: str) -> str:
        """The name of a claim about this state."""
        return f"{what}, state {self.key} ({self.name})"


STATES: Final = {
    state.key: state
    for state in (
        State(
            key="A", name="synchronous regular", g=3, eta=2, theory=327.008, rate=None, rhythm=None,
            cv=(0.0, Inequality("<", 0.15)),
        ),
        State(
            key="B", name="fast oscillation", g=6, eta=4, theory=55.841, rate=(60.7, Interval(56.0, 61.0)),
            rhythm=(180.0, (80.0, 400.0), Interval(170, 200)), cv=(0.76, Interval(0.68, 0.85)),
        ),
        State(
            key="C", name="asynchronous irregular", g=5, eta=2, theory=37.950, rate=(37.7, Interval(35.9, 38.9)),
            rhythm=None, cv=(0.42, Interval(0.36, 0.50)),
        ),
        State(
            key="D", name="slow oscillation", g=4.5, eta=0.9, theory=6.517, rate=(5.5, Interval(4.9, 6.8)),
            rhythm=(22.0, (8.0, 80.0), Interval(15, 28)), cv=(0.60, Interval(0.5, 0.7)),
        ),
    )
}  # fmt: skip
"""The four states of figure 8. The network's CV is not that of the theory, whose input is white noise: the input of a
network is not, and it oscillates. The windows are those of runs of one second, which cuts off long intervals in state D
(three seconds give a CV of 0.67), whose rate varies from second to second: 5.2 to 6.7 Hz in twelve of them, by another
independent program, and 5.6 to 6.0 Hz in two by NEST."""


def theory_claims() -> list[Claim]:
    """What the mean-field equations must give, before anything is simulated."""
    source = f"{PAPER}, eq. 21, solved by an independent program"
    found = [
        Claim(
            quantity=state.called("mean-field rate") + " [Hz]",
            published=state.theory,
            source=source,
            tolerance=Relative(1e-3),
        )
        for state in STATES.values()
    ]
    cell = "of one cell in white noise, mu = 21.025 mV, sigma = 7.683 mV"
    source = f"{PAPER}, eq. 21 and appendix A, by an independent program"
    return [
        *found,
        Claim(quantity=f"rate {cell} [Hz]", published=37.95, source=source, tolerance=Relative(1e-3)),
        Claim(quantity=f"CV {cell}", published=0.675, source=source, tolerance=Absolute(0.001)),
    ]


def theory() -> dict[str, float]:
    """The quantities of :func:`theory_claims`: the highest self-consistent rate of each state, and the cell alone."""
    found = {s.called("mean-field rate") + " [Hz]": s.network().fixed_points()[-1].rate for s in STATES.values()}
    cell = "of one cell in white noise, mu = 21.025 mV, sigma = 7.683 mV"
    return found | {
        f"rate {cell} [Hz]": siegert_rate(21.025, 7.683, **CELL),
        f"CV {cell}": interval_cv(21.025, 7.683, **CELL),
    }


def network_claims() -> list[Claim]:
    """What runs of the network at full size must give."""
    found = []
    for state in STATES.values():
        figure = f"{PAPER}, Fig. 8{state.key}"
        if state.rate is not None:
            rate, tolerance = state.rate
            source = f"{figure}, simulation; {AGAIN}"
            found.append(
                Claim(quantity=state.called("rate") + " [Hz]", published=rate, source=source, tolerance=tolerance)
            )
        if state.rhythm is not None:
            rhythm, _, tolerance = state.rhythm
            quantity = state.called("peak of the population's spectrum") + " [Hz]"
            found.append(Claim(quantity=quantity, published=rhythm, source=figure, tolerance=tolerance))
        cv, tolerance = state.cv
        source = f"{figure}: regular or irregular; {AGAIN}"
        found.append(
            Claim(quantity=state.called("CV of the intervals"), published=cv, source=source, tolerance=tolerance)
        )
    for key in ("A", "B", "D"):
        quantity = f"population Fano factor (1 ms bins), state {key} by state C"
        source = f"{PAPER}, Fig. 8: {key} is synchronous, C asynchronous"
        found.append(Claim(quantity=quantity, published="> 1", source=source, tolerance=Inequality(">", 1.0)))
    return found


def measures(runs: Mapping[str, Spikes], start: float) -> dict[str, Any]:
    """The quantities of :func:`network_claims`, from the spikes of each state; what comes before ``start`` [ms] is left
    out.
    """
    found: dict[str, Any] = {}
    for key, state in STATES.items():
        spikes = runs[key]
        if state.rate is not None:
            found[state.called("rate") + " [Hz]"] = rates(spikes, start=start).mean()
        if state.rhythm is not None:
            peak = peak_frequency(spikes, BIN, state.rhythm[1], segment=SEGMENT, start=start)
            found[state.called("peak of the population's spectrum") + " [Hz]"] = peak
        found[state.called("CV of the intervals")] = mean_cv(spikes, start=start)
    together = {key: population_fano(spikes, BIN, start=start) for key, spikes in runs.items()}
    for key in ("A", "B", "D"):
        found[f"population Fano factor (1 ms bins), state {key} by state C"] = together[key] / together["C"]
    return found
