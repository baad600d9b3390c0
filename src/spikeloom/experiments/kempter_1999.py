"""The drift of weights under a learning window: what spikes do in the engine, against the integral that predicts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.analysis import cross_correlogram, drift, separate
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import Hz, ms, second
from spikeloom.experiments import kempter_1999_pairs as pairs
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative
from spikeloom.learning.windows import measured_window
from spikeloom.plots import drift as draw_drift
from spikeloom.plots import window as draw_window

CASES: Final = (
    pairs.Case("chance, 20 and 10 Hz", rates=(20, 10)),
    pairs.Case("a tenth copied after 5 ms", rates=(10, 10), copied=0.1, lag=5 * ms),
    pairs.Case("a tenth copied 5 ms before", rates=(10, 10), copied=0.1, lag=-5 * ms),
    pairs.Case("a fifth copied after 20 ms", rates=(5, 10), copied=0.2, lag=20 * ms),
    pairs.Case("chance at 40 Hz, balanced window", rates=(40, 40), a_minus=0.01),
    pairs.Case("copies at 10 Hz, balanced window", rates=(10, 10), copied=0.1, lag=5 * ms, a_minus=0.01),
)
FIRST, SECOND = CASES[:2]
CROWD, COPIES = CASES[4:]
LAGS: Final = tuple(sign * lag for lag in (0.5, 5.0, 10.0, 20.0, 40.0, 80.0) for sign in (-1, 1))
ERRORS: Final = 3
"""Standard errors by which a simulated drift may miss its prediction."""
EQUATION: Final = "Kempter, Gerstner & van Hemmen 1999, eq. 6"
NAMES: Final = {
    "first": "closed form, chance, 20 and 10 Hz [1/s]",
    "second": "closed form, what the copies add [1/s]",
    "parts": "correlation's part of the drift, a tenth copied after 5 ms [1/s]",
    "measured": "drift from the correlogram that was measured, simulated drift = 1",
    "shape": "window measured by pairs of spikes: largest distance from its formula",
    "more": "pairs within 20 ms by chance at 40 Hz, those of the correlated trains = 1",
}


@final
class KempterConfig(Model):
    """How many pairs of neurons are watched, and for how long."""

    neurons: float = parameter(default=1000, minimum=10, doc="pairs of neurons in each case")
    duration: float = parameter(default=100 * second, unit="ms", minimum=1000, doc="model time")


@final
class Kempter(Experiment[KempterConfig]):
    r"""Pairs of Poisson trains, by chance or with spikes copied from one to the other, drive a weight up or down.

    .. math:: \langle\dot w\rangle = \int W(s)\, C(s)\, ds = \nu_1 \nu_2 (A_+ \tau_+ - A_- \tau_-) + c\,\nu_1 W(d)

    where a part c of the spikes of the first train comes again in the second, d later. The weights are those of
    ``PairSTDP`` without bounds in the step-by-step engine. A window of integral 0 tells correlation from coincidence:
    trains of 40 Hz meet much more often than trains of 10 Hz that share a tenth of their spikes, and only these drift.
    """

    name = "kempter-1999"
    title = "The drift of a weight is the integral of the learning window with the correlation"
    citation = (
        "R. Kempter, W. Gerstner & J. L. van Hemmen (1999). Hebbian learning and spiking neurons. Phys Rev E 59, "
        "4498-4514. doi:10.1103/PhysRevE.59.4498"
    )
    config = KempterConfig()
    full = KempterConfig(neurons=100, duration=2000 * second)

    def claims(self, config: KempterConfig) -> list[Claim]:
        exact = {"source": f"{EQUATION}, exponential window", "tolerance": Relative(1e-6)}
        found = [
            Claim(quantity=NAMES["first"], published=-0.0020, **exact),
            Claim(quantity=NAMES["second"], published=0.1 * 10 * 0.01 * float(np.exp(-5 / 20)), **exact),
        ]
        for case in CASES:
            found.append(
                Claim(
                    quantity=f"simulated drift less {case.predicted:+.6f}/s, in standard errors: {case.name}",
                    published=0.0,
                    source=EQUATION,
                    tolerance=Absolute(ERRORS),
                )
            )
        for case in (FIRST, SECOND):
            found.append(
                Claim(
                    quantity=f"standard error of the drift, the drift = 1: {case.name}",
                    published=0.0,
                    source="demanded of the simulation",
                    tolerance=Inequality("<", 0.05),
                )
            )
        source = f"{EQUATION}: the term of the correlation alone"
        return [
            *found,
            Claim(quantity=NAMES["parts"], published=0.0077880, source=source, tolerance=Relative(1e-4)),
            Claim(quantity=NAMES["measured"], published=1.0, source=EQUATION, tolerance=Relative(0.005)),
            Claim(quantity=NAMES["shape"], published=0.0, source="section II C", tolerance=Absolute(1e-12)),
            Claim(
                quantity=NAMES["more"],
                published=">",
                source="section V: coincidences of high rates",
                tolerance=Inequality(">", 5.0),
            ),
        ]

    def run(self, config: KempterConfig, seed: int, progress: Progress) -> Result:
        predicted, simulated, errors, coincidences = {}, {}, {}, {}
        measured: dict[str, Any] = {}
        for k, case in enumerate(CASES):
            tell = part(progress, k / len(CASES), (k + 1) / len(CASES), case.name)
            one = pairs.simulate(case, int(config.neurons), config.duration, seed, tell)
            predicted[case.name], simulated[case.name], errors[case.name] = case.predicted, one.drift, one.error
            away = (one.drift - case.predicted) / one.error
            measured[f"simulated drift less {case.predicted:+.6f}/s, in standard errors: {case.name}"] = away
            coincidences[case.name] = one.coincidences
            if case in (FIRST, SECOND):
                quantity = f"standard error of the drift, the drift = 1: {case.name}"
                measured[quantity] = one.error / abs(case.predicted)
            if case is SECOND:
                measured[NAMES["measured"]] = self._from_correlogram(case, one)
        window = measured_window(FIRST.rule(), LAGS)
        shape = float(np.abs(window[1] - FIRST.window(window[0])).max())
        split = separate(SECOND.window, rates=SECOND.rates, peaks=SECOND.peaks)
        measured |= {
            NAMES["first"]: drift(FIRST.window, rates=FIRST.rates),
            NAMES["second"]: split.correlation,
            NAMES["parts"]: split.total - drift(SECOND.window, rates=SECOND.rates),
            NAMES["shape"]: shape,
            NAMES["more"]: coincidences[CROWD.name] / coincidences[COPIES.name],
        }
        data = {"predicted": predicted, "simulated": simulated, "error": errors, "window": window}
        return Result(measured=measured, data=data)

    def _from_correlogram(self, case: pairs.Case, one: pairs.Simulated) -> float:
        """The drift that the trains' own correlogram predicts, that of their weights being 1; of some neurons."""
        few = range(min(10, one.weights.size))
        found = []
        for i in few:
            lags, rate = cross_correlogram(one.pre, one.post, pairs.DT, 400 * ms, neurons=(i, i))
            rates = tuple(len(np.flatnonzero(s.neuron == i)) / (s.shape[0] * s.dt) / Hz for s in (one.pre, one.post))
            found.append(drift(case.at_synapse, (lags, rate), rates=rates, grid=True, support=(-400 * ms, 400 * ms)))
        return float(np.mean(found) / (one.weights[list(few)].mean() / (one.pre.shape[0] * one.pre.dt / second)))

    def figures(self, result: Result) -> Mapping[str, Any]:
        groups = {
            "by chance": [case.name for case in CASES if not case.copied],
            "with copies": [case.name for case in CASES if case.copied],
        }
        keys = ("predicted", "simulated", "error")
        points = [{g: [result.data[key][n] for n in names] for g, names in groups.items()} for key in keys]
        return {
            "drift": draw_drift(points[0], points[1], error=points[2]),
            "window": draw_window({"measured by pairs": result.data["window"], "formula": FIRST.window}),
        }
