"""Reward-modulated STDP: who learns under which reward, against the double integral that predicts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.experiments import legenstein_2008_network as network
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality

PREDICTED: Final = {
    "chosen": network.FIRING.rewarded("alpha"),
    "exponential": network.FIRING.rewarded("exponential"),
    "others": 0.0,
    "unrelated": 0.0,
    "raw": network.FIRING.biased(network.MEAN),
    "centred": 0.0,
}
"""The drift of each case [1/s], for a learning rate of 1/ms."""
CHANCE: Final = network.FIRING.rewarded("alpha", causal=False)
"""The same for the first, if the inputs did not drive the neuron."""
THEORY: Final = "Legenstein, Pecevski & Maass 2008, eq. 9"
BIAS: Final = "Fremaux, Sprekeler & Gerstner 2010, eq. 4 to 6"
WORDS: Final = {
    "chosen": ("onto the neuron whose spikes are rewarded, alpha-shaped trace", THEORY),
    "exponential": ("onto the same neuron, exponential trace", THEORY),
    "others": ("onto other neurons", THEORY),
    "unrelated": ("onto the neuron, with the spikes of a stranger rewarded, less their mean", THEORY),
    "raw": ("with rewards of mean 1 that know nothing of the spikes", BIAS),
    "centred": ("with the same rewards less their running mean", BIAS),
}
PRECISION: Final = {
    "chosen": ("chosen", 0.10),
    "others": ("chosen", 0.10),
    "raw": ("raw", 0.05),
    "centred": ("raw", 0.05),
}
"""Which drift the standard error is to be how much smaller than."""
POWER: Final = {
    "chance": "standard errors between the drift onto the rewarded neuron and that of inputs that do not drive it",
    "shape": "standard errors between the drift with an alpha-shaped trace and the prediction for an exponential one",
    "kept": "what the running mean takes away, in standard errors from the predicted bias",
    "rises": "rate of the rewarded neuron at the end, at the beginning = 1",
    "stays": "rate of the others at the end, at the beginning = 1",
}


@final
class LegensteinConfig(Model):
    """How long drifts are measured, and how long the neuron learns to fire."""

    duration: float = parameter(default=8000 * second, unit="ms", minimum=100 * second, doc="of the measured drifts")
    training: float = parameter(default=1000 * second, unit="ms", minimum=100 * second, doc="of the biofeedback")


@final
class Legenstein(Experiment[LegensteinConfig]):
    r"""Twenty inputs drive a neuron that fires by chance, and each of its spikes is a reward; others have no such luck.

    .. math:: \langle\dot w\rangle = \int\!\!\int f_c(s)\, W(r)\, \langle D(s, r)\, \nu(s, r)\rangle\, ds\, dr

    The integral is computed without any approximation (:mod:`~spikeloom.experiments.legenstein_2008_theory`), and the
    drift is measured with a learning rate so small that nothing else changes. Then the rate is raised, and the neuron
    learns to fire: biofeedback, as of a monkey in Fetz 1969 (doi:10.1126/science.163.3870.955). Rewards with a mean
    drive every synapse by what it would do without reward, times the mean (Fremaux, Sprekeler & Gerstner 2010,
    doi:10.1523/JNEUROSCI.6249-09.2010); reward less its running mean does not.
    """

    name = "legenstein-2008"
    title = "The drift of reward-modulated STDP: only what is rewarded learns, unless the reward has a mean"
    citation = (
        "R. Legenstein, D. Pecevski & W. Maass (2008). A learning theory for reward-modulated spike-timing-dependent "
        "plasticity with application to biofeedback. PLoS Comput Biol 4, e1000180. doi:10.1371/journal.pcbi.1000180"
    )
    config = LegensteinConfig()
    full = LegensteinConfig(duration=40_000 * second, training=4000 * second)

    def claims(self, config: LegensteinConfig) -> list[Claim]:
        found = [
            Claim(quantity=away(case), published=0.0, source=source, tolerance=Absolute(3))
            for case, (_, source) in WORDS.items()
        ]
        found += [
            Claim(
                quantity=precise(case),
                published=0.0,
                source="demanded of the simulation",
                tolerance=Inequality("<", share),
            )
            for case, (_, share) in PRECISION.items()
        ]
        judged = {
            "chance": (">", THEORY, Inequality(">", 3)),
            "shape": (">", THEORY, Inequality(">", 3)),
            "kept": (0.0, BIAS, Absolute(3)),
            "rises": (">", "Fetz 1969; Legenstein 2008, Fig. 3", Inequality(">", 1.3)),
            "stays": (1.0, "Legenstein 2008, Fig. 3", Absolute(0.2)),
        }
        return found + [
            Claim(quantity=POWER[k], published=value, source=source, tolerance=tolerance)
            for k, (value, source, tolerance) in judged.items()
        ]

    def run(self, config: LegensteinConfig, seed: int, progress: Progress) -> Result:
        share = config.duration / (config.duration + config.training)
        found = network.measure(seed, config.duration, part(progress, 0.0, share, "drifts"))
        tell = part(progress, share, 1.0, "biofeedback")
        rates = network.biofeedback(seed, config.training, tell, 1000 * second / config.training)
        mean = {k: float(v.mean()) for k, v in found.items()}
        error = {k: standard_error(v) for k, v in found.items()}
        taken = found["raw"] - found["centred"]
        ends = {k: float(v[-(len(v) // 5) :].mean() / network.FIRING.rates[1]) for k, v in rates.items()}
        measured = {away(k): (mean[k] - PREDICTED[k]) / error[k] for k in WORDS}
        measured |= {precise(k): error[k] / abs(PREDICTED[other]) for k, (other, _) in PRECISION.items()}
        measured |= {
            POWER["chance"]: abs(mean["chosen"] - CHANCE) / error["chosen"],
            POWER["shape"]: abs(mean["chosen"] - PREDICTED["exponential"]) / error["chosen"],
            POWER["kept"]: (float(taken.mean()) - PREDICTED["raw"]) / standard_error(taken),
            POWER["rises"]: ends["chosen"],
            POWER["stays"]: ends["others"],
        }
        return Result(measured=measured, data={"mean": mean, "error": error, "rates": rates})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        names = {"chosen": "rewarded,\nalpha", "exponential": "rewarded,\nexponential", "others": "others"}
        names |= {"unrelated": "stranger\nrewarded", "raw": "reward\nwith mean", "centred": "less running\nmean"}
        with styled():
            drawing = figure(7.8, 2.8)
            axes = drawing.add_subplot(1, 2, 1)
            for k, case in enumerate(names):
                axes.bar(k, PREDICTED[case], color=colour(0), alpha=0.3, label="predicted" if k == 0 else None)
                point = (result.data["mean"][case], 3 * result.data["error"][case])
                axes.errorbar(
                    k, *point, fmt="o", ms=3, color=colour(1), capsize=3, label="simulated, 3 SE" if k == 0 else None
                )
            axes.set_xticks(range(len(names)), list(names.values()), fontsize=6)
            axes.set(ylabel="drift [1/s] at 1/ms")
            axes.legend()
            axes = drawing.add_subplot(1, 2, 2)
            for k, (name, rate) in enumerate(result.data["rates"].items()):
                time = (np.arange(rate.size) + 0.5) * network.BLOCK / second
                axes.plot(time, rate, color=colour(k), label={"chosen": "rewarded neuron"}.get(name, "others"))
            axes.set(xlabel="time [s]", ylabel="rate [Hz]", ylim=(0, None))
            axes.legend()
        return {"drift": drawing}


def away(case: str) -> str:
    """What the distance of a drift from its prediction is called."""
    return f"drift less {PREDICTED[case]:.4g}/s, in standard errors: {WORDS[case][0]}"


def precise(case: str) -> str:
    """What the standard error of a drift is called."""
    other = "the bias" if PRECISION[case][0] == "raw" else "the drift onto the rewarded neuron"
    return f"standard error, as a part of {other}: {WORDS[case][0]}"


def standard_error(blocks: Any) -> float:
    """Of the mean of independent blocks."""
    return float(blocks.std(ddof=1) / np.sqrt(blocks.size))
