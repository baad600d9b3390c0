"""The covariance rule, for rates and in spikes: a weight drifts with the covariance of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import OneToOne
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import run
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative
from spikeloom.network import Network
from spikeloom.neurons import Linear, PoissonNeuron
from spikeloom.plasticity import CorrelationSTDP, Covariance, CovarianceSTDP, Plasticity
from spikeloom.sources import Recorded

Array = NDArray[np.float64]
DT: Final = 1 * ms
ETA: Final = 1e-9
"""So small that weights stay where they are while their drift is measured."""
MEAN: Final = np.array([1.0, -2.0, 0.5])
COVARIANCE: Final = np.array([[1.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 2.25]])
INPUTS: Final = ("the input that drives the target", "a correlated input", "an independent input")
RATE, SHIFT, BLOCK = 20 * Hz, 10 * Hz, 1 * second
TAU, TAU_MEAN = 20 * ms, 20 * second
SPIKING: Final[dict[str, Plasticity]] = {
    "Covariance of rates of spikes": Covariance(eta=ETA, tau=TAU, tau_mean=TAU_MEAN, bounds="none"),
    "CovarianceSTDP": CovarianceSTDP(eta=ETA, tau=TAU, tau_mean=TAU_MEAN, bounds="none"),
    "CorrelationSTDP": CorrelationSTDP(eta=ETA, tau=TAU, bounds="none"),
}


@final
class CovarianceConfig(Model):
    """How much is measured."""

    samples: float = parameter(default=200_000, minimum=1000, doc="samples of analog inputs, one in each step")
    tau_mean: float = parameter(
        default=1 * second, unit="ms", positive=True, doc="of the running means of analog inputs"
    )
    pairs: float = parameter(default=100, minimum=10, doc="pairs of spiking neurons of each kind")
    duration: float = parameter(default=1000 * second, unit="ms", minimum=10_000, doc="model time of spiking neurons")


@final
class CovarianceRule(Experiment[CovarianceConfig]):
    r"""The drift of a weight under the covariance rule.

    .. math:: \Delta w = \eta\,(x - \langle x \rangle)(y - \langle y \rangle), \qquad
              \langle \dot w \rangle = \eta\, \mathrm{cov}(x, y)

    (Sejnowski 1977, doi:10.1007/BF00275079.) First with Gaussian inputs of given covariance onto a linear unit, which
    follows one of them. Then with pairs of Poisson neurons of 20 Hz whose rates go up and down by 10 Hz together, for
    1 s at a time: the drift is eta times the variance of the rate, 100 Hz^2, less what the finite time constants of the
    rule leave out, which has a closed form, the sum over all lags of window and correlation (Kempter, Gerstner & van
    Hemmen 1999, doi:10.1103/PhysRevE.59.4498). Pairs of constant rates do not drift; under
    :class:`~spikeloom.plasticity.CorrelationSTDP` they do, by the product of the rates. Three standard errors decide.
    """

    name = "covariance-rule"
    title = "A weight drifts with the covariance of both sides"
    citation = "T. J. Sejnowski (1977). J. Math. Biol. 4, 303-321. doi:10.1007/BF00275079"
    config = CovarianceConfig()

    def claims(self, config: CovarianceConfig) -> list[Claim]:
        found = []
        variance = np.diag(COVARIANCE)
        for name, expected, own in zip(INPUTS, analog_drift(config), variance, strict=True):
            error = np.sqrt((own * variance[0] + expected**2) / config.samples)  # of a mean of products of Gaussians
            source, tolerance = "Sejnowski 1977: eta cov(x, y)", Absolute(float(3 * error))
            found.append(Claim(quantity=f"drift of {name}", published=expected, source=source, tolerance=tolerance))
        for name in SPIKING:
            source = "Kempter et al. 1999: eta times the integral of W(s) C(s)"
            together = spiking_drift(name, SHIFT)
            quantity = f"drift of rates that change together, {name} [Hz^2]"
            found.append(Claim(quantity=quantity, published=together, source=source, tolerance=Relative(0.05)))
            for kind in ("that change together", "that are constant"):
                quantity = f"drift of rates {kind}, {name}, less the closed form [standard errors]"
                found.append(Claim(quantity=quantity, published=0.0, source=source, tolerance=Absolute(3.0)))
        quantity, below = "largest standard error, part of the drift", Inequality("<", 0.05)
        found.append(
            Claim(quantity=quantity, published=0.0, source="so that the above says something", tolerance=below)
        )
        return found

    def run(self, config: CovarianceConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "analog inputs")
        measured: dict[str, Any] = {
            f"drift of {name}": value for name, value in zip(INPUTS, analog(config, seed), strict=True)
        }
        drifts = spiking(config, seed, part(progress, 0.1, 1.0, "pairs of spiking neurons"))
        errors, data = [], {}
        for name, (together, constant) in drifts.items():
            for kind, values, shift in (("change together", together, SHIFT), ("are constant", constant, 0.0)):
                error, closed = values.std(ddof=1) / np.sqrt(len(values)), spiking_drift(name, shift)
                quantity = f"drift of rates that {kind}, {name}, less the closed form [standard errors]"
                measured[quantity] = (values.mean() - closed) / error
                data[f"{name}, {kind}"] = (values, closed)
            measured[f"drift of rates that change together, {name} [Hz^2]"] = together.mean()
            errors.append(together.std(ddof=1) / np.sqrt(len(together)) / together.mean())
        measured["largest standard error, part of the drift"] = max(errors)
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(5.6, 2.8)
            axes = drawing.add_subplot()
            for k, (values, closed) in enumerate(result.data.values()):
                axes.plot(k + np.linspace(-0.25, 0.25, len(values)), values, ".", color=colour(k % 2), markersize=3)
                axes.plot([k - 0.35, k + 0.35], [closed, closed], color="black", linewidth=1.0)
            names = [name.replace(", ", ",\n").replace(" of rates of spikes", "") for name in result.data]
            axes.set_xticks(range(len(names)), names)
            axes.tick_params(axis="x", labelsize=5.5)
            axes.set(ylabel="drift / eta [Hz^2]", title="pairs (dots) and closed form (lines)")
        return {"drifts": drawing}


def analog_drift(config: CovarianceConfig) -> list[float]:
    """The covariance of each input with the target, with what running means add: see the rule."""
    k = -np.expm1(-DT / config.tau_mean)
    return (COVARIANCE[0] * 2 / (2 - k)).tolist()


def analog(config: CovarianceConfig, seed: int) -> Array:
    """The drift of each weight, in units of eta, once the running means have settled."""
    settle, samples = round(20 * config.tau_mean / DT), round(config.samples)
    drawn = stream(seed, "analog").normal(size=(settle + samples, 3)) @ np.linalg.cholesky(COVARIANCE).T + MEAN
    net = Network(dt=DT, dtype=torch.float64)
    rule = Covariance(eta=ETA / DT, tau_mean=config.tau_mean, bounds="none")
    net.connect(net.input("x", 3), net.population("y", Linear(), 1), weight=np.array([[1.0], [0], [0]]), rule=rule)
    before = run(net, drawn[:settle, None], progress=False)
    after = run(net, drawn[settle:, None], before.state, progress=False)
    moved = after.state["x->y"]["weight"] - before.state["x->y"]["weight"]
    return moved[:, 0].numpy() / ETA / samples


def spiking(config: CovarianceConfig, seed: int, tell: Any) -> dict[str, tuple[Array, Array]]:
    """For each rule the drifts [Hz^2] of all pairs of rates that change together, and of those that are constant."""
    pairs, settle = round(config.pairs), 10 * TAU_MEAN
    blocks = int(np.ceil((config.duration + settle) / BLOCK))
    sign = np.where(stream(seed, "modulation").random((blocks, 2 * pairs)) < 0.5, -1.0, 1.0)
    sign[:, pairs:] = 0.0
    common = (
        -np.log1p(-(RATE + SHIFT * sign) * DT) / DT
    )  # so that a neuron fires in a step with exactly that probability
    net = Network(dt=DT, seed=seed, dtype=torch.float64)
    for name in ("pre", "post"):
        net.population(name, PoissonNeuron(rate=0 * Hz, gain=1.0), 2 * pairs)
        net.drive(name, Recorded(values_=common, interval=BLOCK))
    for name, rule in SPIKING.items():
        net.connect("pre", "post", OneToOne(), weight=0.0, rule=rule, name=name)
    before = run(net, duration=settle, progress=False).state
    after = run(net, None, before, duration=config.duration, progress=tell).state
    found = {}
    for name in SPIKING:
        drift = (after[name]["weight"] - before[name]["weight"]).numpy() / ETA / config.duration / Hz**2
        found[name] = drift[:pairs], drift[pairs:]
    return found


def spiking_drift(name: str, shift: float) -> float:
    """The closed form [Hz^2] on the grid of steps, for rates that go up and down by ``shift`` together.

    The mean of the rule's window, over all lags, with the correlation of the two trains: it falls linearly to the
    square of the mean rate over the length of a block.
    """
    last = round(20 * TAU_MEAN / DT)
    lag = np.arange(-last, last + 1) * DT
    correlation = RATE**2 + shift**2 * np.maximum(0.0, 1 - np.abs(lag) / BLOCK)
    rise = np.exp(-np.abs(lag) / TAU) / (2 * TAU)
    if name == "CorrelationSTDP":
        window = rise
    elif name == "CovarianceSTDP":
        window = rise - np.exp(-np.abs(lag) / TAU_MEAN) / (2 * TAU_MEAN)
    else:
        window = rate_window(last)
    return float(window @ correlation * DT / Hz**2)


def rate_window(last: int) -> Array:
    """The window of the covariance rule on rates of spikes: how much a spike on either side adds, over all later steps.

    A spike leaves a trace, less the running mean of that trace; two of them meet in the sum of their products.
    """
    from scipy.signal import fftconvolve, lfilter

    after = np.exp(-np.arange(last + 1) * DT / TAU) / TAU
    keep = np.exp(-DT / TAU_MEAN)
    left = after - lfilter([0.0, 1 - keep], [1.0, -keep], after)
    return fftconvolve(left, left[::-1]) * DT
