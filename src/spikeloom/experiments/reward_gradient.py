"""The expected three-factor update is the gradient of the expected reward, counted over all that a network can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.experiments import reward_gradient_exact as exact
from spikeloom.experiments import reward_gradient_network as network
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality

ERRORS: Final = 3
"""Standard errors by which a mean may miss its expectation."""
CHECKED: Final = 1000
"""Episodes whose update is compared with the gradient one by one."""
SOURCE: Final = "Williams 1992, theorem 1; Pfister et al. 2006, eq. 2.12"
NAMES: Final = {
    "counted": "probability of all patterns together",
    "each": "update of an episode less reward times the gradient of its log-probability, the largest",
    "reward": "mean reward less its expectation, in standard errors",
    "update": "mean update less the gradient of the expected reward, in standard errors, the largest of all weights",
    "centred": "the same with the reward less its expectation",
    "precise": "largest standard error, with the reward less its expectation, the largest gradient = 1",
    "variance": "variance of the update with the reward less its expectation, without that = 1",
    "hebb": "Hebbian, without the expected spikes: largest distance from the gradient, in standard errors",
    "hebb centred": "Hebbian, with the reward less its expectation: largest distance, in standard errors",
}


@final
class GradientConfig(Model):
    """How many episodes."""

    copies: float = parameter(default=50_000, minimum=CHECKED, doc="networks side by side")
    rounds: float = parameter(default=4, minimum=1, doc="runs of all of them, each with other random numbers")


@final
class RewardGradient(Experiment[GradientConfig]):
    r"""Three inputs, two stochastic neurons that know of each other, and a third that they drive, for five steps.

    .. math:: \Big\langle R \sum_t \frac{\partial \log P(t)}{\partial w} \Big\rangle =
              \frac{\partial \langle R \rangle}{\partial w}, \qquad
              \frac{\partial \log P(t)}{\partial w} \approx \frac{S(t) - \rho(t)\, dt}{\Delta_u}\, \epsilon(t)

    The three neurons can do 32,768 different things. Each has a probability that depends on the ten weights, and a
    reward; their sum is the expected reward, and its derivative is exact. The engine runs the network many times with
    ``Modulated(rule=ScoreFunction(), by="success")``, and the reward comes at the end. A baseline changes nothing of
    the mean and takes most of the variance. Without the expectation rho, which is what Hebbian learning times reward
    would be, the mean is another, also with a baseline (Fremaux, Sprekeler & Gerstner 2010,
    doi:10.1523/JNEUROSCI.6249-09.2010).
    """

    name = "reward-gradient"
    title = "The expected three-factor update equals the gradient of the expected reward"
    citation = (
        "R. J. Williams (1992). Simple statistical gradient-following algorithms for connectionist reinforcement "
        "learning. Mach Learn 8, 229-256. doi:10.1007/BF00992696. J.-P. Pfister, T. Toyoizumi, D. Barber & W. Gerstner "
        "(2006). Optimal spike-timing-dependent plasticity for precise action potential firing in supervised learning. "
        "Neural Comput 18, 1318-1348. doi:10.1162/neco.2006.18.6.1318"
    )
    config = GradientConfig()
    full = GradientConfig(rounds=40)

    def claims(self, config: GradientConfig) -> list[Claim]:
        judged = {
            "counted": (1.0, Absolute(1e-9)),
            "each": (0.0, Absolute(1e-9)),
            "reward": (0.0, Absolute(ERRORS)),
            "update": (0.0, Absolute(ERRORS)),
            "centred": (0.0, Absolute(ERRORS)),
            "precise": (0.0, Inequality("<", 0.05)),
            "variance": ("below 1", Inequality("<", 0.5)),
            "hebb": ("far", Inequality(">", 10)),
            "hebb centred": ("far", Inequality(">", 5)),
        }
        return [
            Claim(quantity=NAMES[k], published=value, source=SOURCE, tolerance=tolerance)
            for k, (value, tolerance) in judged.items()
        ]

    def run(self, config: GradientConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "all patterns")
        expected = exact.enumerated()
        copies, rounds = int(config.copies), int(config.rounds)
        sums = {k: Moments() for k in ("reward", "change", "centred", "hebb", "hebb centred")}
        largest = 0.0
        for k in range(rounds):
            progress((k + 0.1) / rounds, f"round {k + 1} of {rounds}")
            one = network.episodes(copies, seed * rounds + k, network.SCORE, expected.reward)
            other = network.episodes(copies, seed * rounds + k, network.HEBB, expected.reward)
            found = {"reward": one.reward[:, None], "change": one.change, "centred": one.centred}
            found |= {"hebb": other.change, "hebb centred": other.centred}
            for name, values in found.items():
                sums[name].add(values)
            slope = exact.scores(one.hidden[:CHECKED], one.out[:CHECKED])
            wanted = one.reward[:CHECKED, None] * slope
            largest = max(largest, float(np.abs(one.change[:CHECKED] - wanted).max()))
        away = {k: (s.mean - expected.gradient) / s.error for k, s in sums.items() if k != "reward"}
        worst = {k: float(z[np.argmax(np.abs(z))]) for k, z in away.items()}
        measured = {
            NAMES["counted"]: expected.probability,
            NAMES["each"]: largest,
            NAMES["reward"]: float((sums["reward"].mean[0] - expected.reward) / sums["reward"].error[0]),
            NAMES["update"]: worst["change"],
            NAMES["centred"]: worst["centred"],
            NAMES["precise"]: float(sums["centred"].error.max() / np.abs(expected.gradient).max()),
            NAMES["variance"]: float((sums["centred"].error ** 2).sum() / (sums["change"].error ** 2).sum()),
            NAMES["hebb"]: abs(worst["hebb"]),
            NAMES["hebb centred"]: abs(worst["hebb centred"]),
        }
        means = {k: (s.mean, s.error) for k, s in sums.items()}
        return Result(measured=measured, data={"gradient": expected.gradient, "means": means})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        gradient, means = result.data["gradient"], result.data["means"]
        ends = [(*name.split("->"), *pair) for name, pairs in exact.PAIRS.items() for pair in pairs]
        names = [f"{source} {i} →\n{target} {j}" for source, target, i, j in ends]
        shown = {
            "centred": "reward less its mean",
            "change": "reward as it is",
            "hebb centred": "less its mean, Hebbian",
        }
        with styled():
            drawing = figure(7.8, 2.8)
            axes = drawing.add_subplot(1, 1, 1)
            axes.bar(np.arange(gradient.size), gradient, color="grey", alpha=0.3, label="gradient, by enumeration")
            for k, (case, label) in enumerate(shown.items()):
                mean, error = means[case]
                place = np.arange(gradient.size) + 0.2 * (k - 1)
                axes.errorbar(place, mean, 3 * error, fmt="o", ms=3, capsize=2, color=colour(k), label=f"{label}, 3 SE")
            axes.set_xticks(range(gradient.size), names, fontsize=6)
            axes.set(ylabel="reward per weight [1/mV]")
            axes.legend()
        return {"gradient": drawing}


@final
class Moments:
    """Mean and standard error of rows that come in parts."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = []

    def add(self, rows: NDArray[np.float64]) -> None:
        """More rows."""
        self.parts.append((len(rows), rows.sum(0), (rows**2).sum(0)))

    @property
    def mean(self) -> NDArray[np.float64]:
        """Of all rows."""
        return sum(s for _, s, _ in self.parts) / self._many  # pyright: ignore[reportReturnType]

    @property
    def error(self) -> NDArray[np.float64]:
        """The standard error of the mean."""
        squares = sum(q for _, _, q in self.parts) / self._many
        return np.sqrt((squares - self.mean**2) / (self._many - 1))

    @property
    def _many(self) -> int:
        return sum(n for n, _, _ in self.parts)
