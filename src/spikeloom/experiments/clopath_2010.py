"""Voltage-based plasticity: how pairs of spikes act at every frequency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

from spikeloom.core.parameters import Model
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.clopath_2010_protocols import (
    RATES,
    on_authors_cell,
    on_hodgkin_huxley,
    on_nest_cell,
    on_own_filters,
)
from spikeloom.experiments.tolerance import Absolute
from spikeloom.plasticity import Clopath

CURVES: Final = {10: (100.0, 102.9, 115.7, 146.3, 165.0), -10: (71.7, 59.6, 60.5, 117.8, 173.6)}
"""Weight after / before [%] at the ``RATES``, for the source 10 ms before the target and after it."""

AUTHORS: Final = "Clopath et al. 2010, Fig. 2b, by the authors' program (ModelDB 144566), evaluated"
AEIF: Final = (57.82638722, 72.16730112, 149.43359357, 103.30408341, 124.03640668, 157.02882555)
HH: Final = (70.14343863, 99.49206222, 178.1028757, 119.63314118, 167.37750688, 178.83111685)
NEST: Final = "NEST 3.10, testsuite/pytests/synapses/test_clopath_synapse.py"
PROTOCOLS: Final = (
    "post-pre 10 Hz",
    "post-pre 30 Hz",
    "post-pre 50 Hz",
    "pre-post 10 Hz",
    "pre-post 30 Hz",
    "pre-post 50 Hz",
)
OWN, AEIF_RULE, HH_RULE = (
    "as NEST's aeif_psc_delta_clopath, u low-passed by the cell",
    "as NEST's aeif_psc_delta_clopath",
    "as NEST's hh_psc_alpha_clopath",
)
NEST_SETS: Final = {OWN: (AEIF, 0.01), AEIF_RULE: (AEIF, 1.0), HH_RULE: (HH, 1.0)}
"""What NEST found, and how close the same must come [percentage points]: see the experiment."""


@final
class ClopathConfig(Model):
    """Nothing is left to choose: protocols, cells and steps are those of the published programs."""


@final
class VoltagePlasticity(Experiment[ClopathConfig]):
    r"""Potentiation and depression by the voltage rule, against the authors' program and against NEST.

    The authors' cell is stepped as they did (Euler, 1 ms; the filters read three of their steps late, the spike held
    for 2 ms, a sixth spike of the target in bursts in which it is first); the rule is the library's ``Clopath``,
    unchanged.

    NEST's cells integrate the two low-passed potentials themselves. Where a cell here does the same, what is left are
    the errors of two integrators, NEST's of 1e-6 per step: 0.01 percentage points are allowed. The rule's own filters
    take the potential after each step for the whole step, so they run half a step of 0.1 ms ahead; that is dt / 2 tau,
    0.7 % of a change of up to 80 percentage points: 1 is allowed.
    """

    name = "clopath-2010"
    title = "Voltage-based plasticity: pairs of spikes from 0.1 to 50 Hz"
    citation = (
        "C. Clopath, L. Busing, E. Vasilaki & W. Gerstner (2010). Connectivity reflects coding: a model of "
        "voltage-based STDP with homeostasis. Nature Neuroscience 13, 344-352. doi:10.1038/nn.2479"
    )
    config = ClopathConfig()

    def claims(self, config: ClopathConfig) -> list[Claim]:
        found = [
            Claim(quantity=pair(lag, rate), published=value, source=AUTHORS, tolerance=Absolute(0.5))
            for lag, values in CURVES.items()
            for rate, value in zip(RATES, values, strict=True)
        ]
        found += [
            Claim(quantity=what, published=True, source="Clopath et al. 2010, Fig. 2b", tolerance=Absolute(0))
            for what in signs({lag: dict.fromkeys(RATES, 0.0) for lag in CURVES})
        ]
        for what, (values, width) in NEST_SETS.items():
            found += [
                Claim(quantity=f"{what}, {p} [%]", published=value, source=NEST, tolerance=Absolute(width))
                for p, value in zip(PROTOCOLS, values, strict=True)
            ]
        return found

    def run(self, config: ClopathConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        curves: dict[int, dict[float, float]] = {}
        for k, lag in enumerate(CURVES):
            progress(0.4 * k, f"the authors' cell, {lag:+d} ms")
            curves[lag] = dict(zip(RATES, on_authors_cell(lag), strict=True))
            measured |= {pair(lag, rate): value for rate, value in curves[lag].items()}
        measured |= signs(curves)
        progress(0.8, "NEST's cells")
        sets = {OWN: on_own_filters(), AEIF_RULE: on_nest_cell(Clopath), HH_RULE: on_hodgkin_huxley()}
        for what, values in sets.items():
            measured |= {f"{what}, {p} [%]": value for p, value in zip(PROTOCOLS, values, strict=True)}
        return Result(measured=measured, data={"curves": curves, "nest": sets})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.6, 3.0)
            left, right = drawing.subplots(1, 2)
            for i, (lag, values) in enumerate(result.data["curves"].items()):
                left.plot(list(values), list(values.values()), "o-", color=colour(i), markersize=3.5,
                          label=f"{lag:+d} ms")  # fmt: skip
                left.plot(RATES, CURVES[lag], "x", color="black", markersize=6)
            left.plot([], [], "x", color="black", label="authors' program")
            left.axhline(100, color="grey", linewidth=0.6)
            left.set(xlabel="pairs per second [Hz]", ylabel="weight after / before [%]")
            left.legend()
            for i, (what, values) in enumerate(result.data["nest"].items()):
                right.plot(NEST_SETS[what][0], values, "o^s"[i], color=colour(i), markersize=3.5, label=what)
            right.plot([50, 185], [50, 185], color="grey", linewidth=0.6)
            right.set(xlabel="NEST, weight after / before [%]", ylabel="here [%]")
            right.legend(fontsize=6.5)
        return {"frequency": drawing}


def pair(lag: int, rate: float) -> str:
    """How the claims call a protocol on the authors' cell."""
    return f"weight after / before, {'source' if lag > 0 else 'target'} first by 10 ms, {rate:g} Hz [%]"


def signs(curves: Mapping[int, Mapping[float, float]]) -> dict[str, bool]:
    """What must hold of the curves with any integrator."""
    first = {f"depression with the target first, {r:g} Hz": curves[-10][r] < 100 for r in (0.1, 10, 20)}
    return first | {f"potentiation at 50 Hz, {lag:+d} ms": curves[lag][50] > 100 for lag in curves}
