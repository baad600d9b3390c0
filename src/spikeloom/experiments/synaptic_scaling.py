"""Homeostasis: synaptic scaling and its kin, and what becomes of Hebb's rule with each and without any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.analysis import dip_test
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import Hz, ms, second
from spikeloom.experiments import synaptic_scaling_networks as networks
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Interval, Relative, Tolerance

TURRIGIANO: Final = "Turrigiano et al. 1998, Figs. 2 and 3: multiplicative"
LOOP: Final = "closed loop of dw/dt = beta w (nu* - nu) / tau with nu = w nu_in"
VAN_ROSSUM: Final = "van Rossum, Bi & Turrigiano 2000, Fig. 3"
ZENKE: Final = "Zenke, Hennequin & Gerstner 2013: a rate detector of seconds, not longer"
RUN_AWAY, SILENT, HELD = 100.0, 0.5, (5.0, 40.0)
"""Rates (Hz) above which cells have run away, below which they are silent, and between which they are held."""


@final
class ScalingConfig(Model):
    """How long each part is simulated."""

    loop: float = parameter(default=300 * second, unit="ms", minimum=100_000, doc="closed loop of spiking neurons")
    apart: float = parameter(default=60 * second, unit="ms", minimum=10_000, doc="synapses of independent neurons")
    cell: float = parameter(default=200 * second, unit="ms", minimum=20_000, doc="synapses of one cell that they drive")
    hebb: float = parameter(default=200 * second, unit="ms", minimum=100_000, doc="cells with Hebb's rule")


@final
class SynapticScaling(Experiment[ScalingConfig]):
    r"""What keeps neurons that learn from running away and from falling silent.

    .. math:: \tau \dot w = \beta\, w\, (\nu^* - \bar\nu) \;\Rightarrow\; \nu \to \nu^*, \text{ near it at the rate }
              \beta \nu^* / \tau

    Scaling is multiplicative, and takes a neuron to its target rate. Depression in proportion to the weight (van Rossum
    et al. 2000) gives weights with one hump, where additive rules give two (``song-2000``). Hebb's rule with a
    threshold has no rate at which it rests: above the threshold cells run away, below it they fall silent. Scaling,
    normalisation, heterosynaptic decay and an adaptive threshold hold them, each on its own; scaling with a detector of
    the rate that is too slow does not.
    """

    name = "synaptic-scaling"
    title = "Synaptic scaling and other homeostasis, and Hebb's rule without it"
    citation = (
        "G. G. Turrigiano, K. R. Leslie, N. S. Desai, L. C. Rutherford & S. B. Nelson (1998). Activity-dependent "
        "scaling of quantal amplitude in neocortical neurons. Nature 391, 892-896. doi:10.1038/36103; "
        "M. C. W. van Rossum, G. Q. Bi & G. G. Turrigiano (2000). Stable Hebbian learning from spike timing-dependent "
        "plasticity. J Neurosci 20, 8812-8821. doi:10.1523/JNEUROSCI.20-23-08812.2000; "
        "F. Zenke, G. Hennequin & W. Gerstner (2013). Synaptic plasticity in neural networks needs homeostasis with a "
        "fast rate detector. PLoS Comput Biol 9, e1003330. doi:10.1371/journal.pcbi.1003330"
    )
    config = ScalingConfig()
    full = ScalingConfig(apart=200 * second, cell=600 * second, hebb=600 * second)

    def claims(self, config: ScalingConfig) -> list[Claim]:
        def claim(quantity: str, published: Any, source: str, tolerance: Tolerance) -> Claim:
            return Claim(quantity=quantity, published=published, source=source, tolerance=tolerance)

        found = []
        for name, growth in (("input blocked", ">"), ("driven", "<")):
            found += [
                claim(
                    f"{name}: scaling factor", f"{growth} 1", TURRIGIANO, Inequality(">" if growth == ">" else "<", 1)
                ),
                claim(f"{name}: largest change of a ratio of weights", 0.0, TURRIGIANO, Absolute(1e-12)),
                claim(f"{name}: R^2 of weights after on weights before", 1.0, TURRIGIANO, Inequality(">", 0.999)),
                claim(f"{name}: where that line meets the axis", 0.0, TURRIGIANO, Absolute(1e-9)),
            ]
        unimodal = Inequality(">", 0.05)
        exact = networks.equilibrium(networks.VAN_ROSSUM)
        held = Interval(*HELD)
        found += [
            claim("linear neuron: rate reached, target = 1", 1.0, LOOP, Relative(1e-9)),
            claim("linear neuron: rate of approach, beta nu*/tau = 1", 1.0, LOOP, Relative(0.01)),
            claim("linear neuron: largest distance from the logistic curve", 0.0, LOOP, Absolute(0.01)),
            claim("spiking neurons: rate less target, in standard errors", 0.0, LOOP, Absolute(3)),
            claim("independent spikes: mean weight, c_p tau+ / (c_d tau-)", exact, "mean field", Relative(0.05)),
            claim("independent spikes: dip test of one hump, p", "one hump", VAN_ROSSUM, unimodal),
            claim("synapses of a cell: dip test of one hump, p", "one hump", VAN_ROSSUM, unimodal),
            claim("synapses of a cell: mean weight, mean field = 1", "> 1", "each input helps", Inequality(">", 1)),
            claim("Hebb alone, from above: rate [Hz]", "runs away", ZENKE, Inequality(">", RUN_AWAY)),
            claim("Hebb alone, from below: rate [Hz]", "falls silent", ZENKE, Inequality("<", SILENT)),
            claim("detector of 1000 s, from above: highest rate [Hz]", "runs away", ZENKE, Inequality(">", RUN_AWAY)),
            claim("detector of 1 s, from above: highest rate [Hz]", "held", ZENKE, Inequality("<", HELD[1])),
        ]
        found += [
            claim(f"{cure}, from {start}: rate [Hz]", "held", "what homeostasis is for", held)
            for cure in networks.CURES
            for start in networks.STARTS
        ]
        return found

    def run(self, config: ScalingConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "scaling alone")
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {"scaled": {}, "courses": {}}
        for name, condition in (("input blocked", "blocked"), ("driven", "driven")):
            before, after = data["scaled"][name] = networks.scaled_weights(condition, 20 * second, seed)
            measured |= _invariants(name, before, after)
        measured |= self._loops(config, seed)
        weights = networks.apart(config.apart, seed, part(progress, 0.1, 0.35, "independent spikes"))
        cell = networks.in_loop(config.cell, seed, part(progress, 0.35, 0.6, "synapses of a cell"))
        measured |= {
            "independent spikes: mean weight, c_p tau+ / (c_d tau-)": weights.mean(),
            "independent spikes: dip test of one hump, p": dip_test(weights, seed=seed).p,
            "synapses of a cell: dip test of one hump, p": dip_test(cell, seed=seed).p,
            "synapses of a cell: mean weight, mean field = 1": cell.mean() / networks.IN_LOOP,
        }
        data["weights"] = {"independent": weights / weights.mean(), "of a cell": cell / cell.mean()}
        measured |= self._hebb(config, seed, progress, data["courses"])
        return Result(measured=measured, data=data)

    def _loops(self, config: ScalingConfig, seed: int) -> dict[str, Any]:
        rule = networks.SCALING
        rate = rule.beta * 5 * Hz / rule.tau
        times, weight = networks.linear_loop(1 * Hz, 40 / rate, 20 * ms)
        off = np.abs(weight / (5 * Hz) - 1)
        near = (off < 1e-3) & (off > 1e-6)
        logistic = 1 / (1 + 4 * np.exp(-rate * times))
        rates = networks.spiking_loop(config.loop, config.loop / 2, seed)
        error = rates.std(ddof=1) / np.sqrt(rates.size)
        return {
            "linear neuron: rate reached, target = 1": weight[-1] / (5 * Hz),
            "linear neuron: rate of approach, beta nu*/tau = 1": -np.polyfit(times[near], np.log(off[near]), 1)[0]
            / rate,
            "linear neuron: largest distance from the logistic curve": np.abs(weight / (5 * Hz) - logistic).max(),
            "spiking neurons: rate less target, in standard errors": (rates.mean() - networks.TARGET / Hz) / error,
        }

    def _hebb(self, config: ScalingConfig, seed: int, progress: Progress, courses: dict[str, Any]) -> dict[str, Any]:
        measured: dict[str, Any] = {}
        cases = {"Hebb alone": (networks.HEBB, networks.PLAIN), **networks.CURES}
        scaling, cell = cases["scaling"]
        slow = {"detector of 1000 s": (scaling.replace(tau_rate=1000 * second), cell)}
        for k, (name, (rule, neuron)) in enumerate((cases | slow).items()):
            progress(0.6 + 0.4 * k / (len(cases) + 1), name)
            for start, weight in networks.STARTS.items():
                if name in slow and start == "below":
                    continue
                spikes = networks.cells_with(rule, neuron, weight, config.hebb, seed)
                times, rates = courses[f"{name}, from {start}"] = networks.course(spikes, 5 * second)
                late = rates[times > config.hebb - 40 * second].mean()
                if name in slow:
                    measured["detector of 1000 s, from above: highest rate [Hz]"] = rates.max()
                    continue
                measured[f"{name}, from {start}: rate [Hz]"] = late
                if name == "scaling" and start == "above":
                    measured["detector of 1 s, from above: highest rate [Hz]"] = rates.max()
        return measured

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.experiments.synaptic_scaling_pictures import courses, scaled

        return {"scaling": scaled(result.data), "courses": courses(result.data["courses"])}


def _invariants(name: str, before: Any, after: Any) -> dict[str, Any]:
    """How far scaling was from multiplication by one factor for each cell: the worst of the cells."""
    factor = after / before
    fits = [np.polyfit(b, a, 1) for b, a in zip(before.T, after.T, strict=True)]
    left = [a - np.polyval(fit, b) for fit, b, a in zip(fits, before.T, after.T, strict=True)]
    unlike = [(r**2).sum() / ((a - a.mean()) ** 2).sum() for r, a in zip(left, after.T, strict=True)]
    return {
        f"{name}: scaling factor": factor.mean(),
        f"{name}: largest change of a ratio of weights": (np.ptp(factor, axis=0) / factor.mean(0)).max(),
        f"{name}: R^2 of weights after on weights before": 1 - max(unlike),
        f"{name}: where that line meets the axis": max(abs(fit[1]) for fit in fits),
    }
