"""Triplets of spikes explain how plasticity depends on frequency; pairs do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import Hz, ms
from spikeloom.experiments import pfister_gerstner_2006_pairings as protocol
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.pfister_gerstner_2006_pairings import DATA, FREQUENCIES, LAGS, ORDERS
from spikeloom.experiments.tolerance import Absolute, Inequality
from spikeloom.plasticity import PairSTDP, TripletSTDP

FULL: Final = "all spikes, all terms"
SETS: Final = {
    FULL: (("all", False), 0.34),
    "all spikes, minimal": (("all", True), 0.36),
    "nearest spikes, all terms": (("nearest", False), 0.23),
    "nearest spikes, minimal": (("nearest", True), 0.35),
}
"""Pairing, whether minimal, and chi^2 of the paper's parameters, recomputed by an independent program. The paper's own
errors, which are recalled, are 0.33, 0.34, 0.22 and 0.34."""

PREDICTED: Final = {
    +10 * ms: (0.000, 0.132, 0.247, 0.534, 0.741),
    -10 * ms: (-0.312, -0.334, -0.352, 0.155, 0.727),
}
"""The changes that the model with all spikes and all terms predicts at ``FREQUENCIES``, by the same program."""

PAIRS: Final = "pairs, best fit"
ONLY_PAIRS: Final = {
    "chi^2 of the best fit of pair STDP, by that of triplets": 3.0,
    "best fit of pair STDP at -10 ms, 50 Hz": 0.75 - 2 * 0.19,
}
"""Markedly worse means: three times the error, and two standard errors below the data where pairs in either order make
synapses grow."""


@final
class PfisterGerstnerConfig(Model):
    """The protocol that the paper fits its parameters to."""

    pairs: int = parameter(default=60, minimum=2, smooth=False, doc="how many pairs of spikes, at one frequency")
    dt: float = parameter(default=5 * ms, unit="ms", positive=True, maximum=5, doc="step; all spikes lie on it")


@final
class PfisterGerstner(Experiment[PfisterGerstnerConfig]):
    """60 pairs of spikes, 10 ms apart in either order, at 0.1 to 50 Hz, change synapses of visual cortex.

    At high frequencies they grow whatever the order (Sjostrom, Turrigiano & Nelson 2001). Triplet STDP with the paper's
    four sets of parameters says so; pair STDP does not, even where its amplitudes and its time constants are fitted to
    these very data.
    """

    name = "pfister-gerstner-2006"
    title = "Triplets of spikes: plasticity and the frequency of pairing"
    citation = (
        "J.-P. Pfister & W. Gerstner (2006). Triplets of spikes in a model of spike timing-dependent plasticity. "
        "J Neurosci 26, 9673-9682. doi:10.1523/JNEUROSCI.1425-06.2006"
    )
    config = PfisterGerstnerConfig()

    def claims(self, config: PfisterGerstnerConfig) -> list[Claim]:
        again = "Pfister & Gerstner 2006, table 3; recomputed by an independent program"
        stated = [
            Claim(quantity=_at(lag, rate), published=value, source=again, tolerance=Absolute(2e-3))
            for lag in LAGS
            for rate, value in zip(FREQUENCIES, PREDICTED[lag], strict=True)
        ]
        stated += [
            Claim(quantity=_error(name), published=error, source=again, tolerance=Absolute(0.02))
            for name, (_, error) in SETS.items()
        ]
        relations = zip(ONLY_PAIRS.items(), (">", "<"), ("much more", 0.75), strict=True)
        for (quantity, bound), relation, published in relations:
            source = "Pfister & Gerstner 2006, Fig. 2" if relation == ">" else "Sjostrom et al. 2001"
            stated.append(
                Claim(quantity=quantity, published=published, source=source, tolerance=Inequality(relation, bound))
            )
        return stated

    def run(self, config: PfisterGerstnerConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "fitting pair STDP")
        rules: dict[str, Any] = {
            name: TripletSTDP.visual_cortex(pairing, minimal=minimal, bounds="none")
            for name, ((pairing, minimal), _) in SETS.items()
        }
        rules[PAIRS] = PairSTDP(bounds="none", **protocol.best_pairs(int(config.pairs)))
        progress(0.1, f"{config.pairs} pairs at {len(FREQUENCIES)} frequencies")
        changes = protocol.simulate(rules, int(config.pairs), config.dt)
        errors = {name: protocol.chi_squared(change) for name, change in changes.items()}
        measured: dict[str, Any] = {
            _at(lag, rate): changes[FULL][k, i] for k, lag in enumerate(LAGS) for i, rate in enumerate(FREQUENCIES)
        }
        measured |= {_error(name): errors[name] for name in SETS}
        best = max(errors[name] for name in SETS)
        worse = (errors[PAIRS] / best, changes[PAIRS][LAGS.index(-10 * ms), FREQUENCIES.index(50 * Hz)])
        measured |= dict(zip(ONLY_PAIRS, worse, strict=True))
        return Result(measured=measured, data=changes)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        rates = np.array(FREQUENCIES) / Hz
        with styled():
            drawing = figure(6.4, 2.8)
            panels = drawing.subplots(1, 2, sharey=True)
            for panel, shown in zip(panels, (FULL, PAIRS), strict=True):
                for k, lag in enumerate(LAGS):
                    change: NDArray[np.float64] = result.data[shown]
                    mean, error = DATA[lag].T
                    panel.errorbar(rates, mean, error, color=colour(k), marker="o", markersize=3.5, linestyle="none")
                    panel.plot(rates, change[k], color=colour(k), label=f"{lag:+g} ms, {ORDERS[lag]}")
                panel.axhline(0, linewidth=0.7, color="0.6", zorder=0)
                panel.set_title(shown)
                panel.set_xlabel("frequency of pairs [Hz]")
            panels[0].set_ylabel("change of the weight [part of w]")
            panels[1].legend(loc="lower right", frameon=False)
        return {"frequency": drawing}


def _at(lag: float, rate: float) -> str:
    return f"{FULL}: change at {lag:+g} ms, {rate / Hz:g} Hz"


def _error(name: str) -> str:
    return f"{name}: chi^2"
