"""Oja 1982: a linear unit that learns by Hebb's rule with a decay finds the principal component of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.experiments import principal_components as pca
from spikeloom.experiments import spiking_inputs as spiking
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative, Tolerance
from spikeloom.plasticity import Oja

WINDOWS: Final = {"balanced window": 1.0, "growth only": 0.0}
"""The windows of the spiking form, by their parameter ``a_minus``."""


@final
class OjaConfig(Model):
    """How long is learned."""

    samples: float = parameter(default=40_000, minimum=1000, doc="samples, one in each step of 1 ms")
    eta: float = parameter(default=0.01, positive=True, doc="learning rate at the beginning, in each ms")
    settle: float = parameter(default=2000 * ms, unit="ms", positive=True, doc="time after which it has halved")
    batch_eta: float = parameter(default=0.1, positive=True, doc="learning rate of updates by a whole batch")
    updates: float = parameter(default=150, minimum=1, doc="updates by a whole batch")
    duration: float = parameter(
        default=10_000 * second, unit="ms", minimum=100_000, doc="model time of the spiking form"
    )


@final
class Oja1982(Experiment[OjaConfig]):
    r"""Oja's rule, by sample, by batch and in spikes.

    .. math:: \Delta w = \eta\, y\, (x - y\, w), \qquad y = w \cdot x

    The weights turn to the principal eigenvector of the covariance, of length 1 (Oja 1982, doi:10.1007/BF00275687).
    Samples are Gaussian in five dimensions, with eigenvalues 5, 3, 1.5, 0.7 and 0.2 and axes turned at random; the
    learning rate falls as 0.01 / (1 + t / 2000). By batch the ten points that have exactly these second moments teach
    together, and nothing is left to chance. In spikes (STDP with a decay by the squared rate; Gerstner & Kistler 2002,
    chapter 11, doi:10.1017/CBO9780511815706) two groups of ten Poisson inputs of 20 Hz share half and a fifth of their
    spikes; direction and output rate have a closed form, see :class:`~spikeloom.plasticity.SpikingPCA`.
    """

    name = "oja-1982"
    title = "Oja's rule finds the principal component"
    citation = "E. Oja (1982). J. Math. Biol. 15, 267-273. doi:10.1007/BF00275687"
    config = OjaConfig()

    def claims(self, config: OjaConfig) -> list[Claim]:
        theorem, book = "Oja 1982, the theorem", "Oja 1982; Gerstner & Kistler 2002, section 11.1: closed form"

        def claim(quantity: str, published: float, source: str, tolerance: Tolerance) -> Claim:
            return Claim(quantity=quantity, published=published, source=source, tolerance=tolerance)

        found = [
            claim("|cos| with the principal component, sample by sample", 1.0, theorem, Inequality(">", 0.98)),
            claim("length of the weights, sample by sample", 1.0, theorem, Absolute(0.02)),
        ]
        for how in ("expected updates", "ten points in turn"):
            found.append(claim(f"|cos| with the principal component, {how}", 1.0, theorem, Absolute(1e-6)))
            found.append(claim(f"length of the weights, {how}", 1.0, theorem, Absolute(1e-6)))
        for name, a_minus in WINDOWS.items():
            rate = spiking.principal(a_minus)[1]
            found.append(claim(f"|cos| with the principal component, spikes, {name}", 1.0, book, Inequality(">", 0.98)))
            found.append(claim(f"rate of the output, spikes, {name} [Hz]", rate, book, Relative(0.05)))
        return found

    def run(self, config: OjaConfig, seed: int, progress: Progress) -> Result:
        first, start, batch = pca.axes(seed)[:, 0], pca.begin(seed, 1), pca.points(seed)
        progress(0.0, "sample by sample")
        by = {
            "sample by sample": pca.learn(
                Oja(eta=config.eta), start, pca.samples(seed, round(config.samples), config.settle)
            )
        }
        progress(0.2, "by batch")
        by["expected updates"] = pca.expected(
            Oja(eta=config.batch_eta / len(batch)), start, batch, round(config.updates)
        )
        turns = np.tile(batch, (round(config.updates), 1))[:, None]
        by["ten points in turn"] = pca.learn(Oja(eta=config.batch_eta / len(batch)), start, turns)
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for how, weight in by.items():
            measured[f"|cos| with the principal component, {how}"] = pca.alignment(weight[:, 0], first)
            measured[f"length of the weights, {how}"] = np.linalg.norm(weight)
            data[how] = (weight[:, 0] * np.sign(weight[:, 0] @ first), first)
        for k, (name, a_minus) in enumerate(WINDOWS.items()):
            tell = part(progress, 0.4 + 0.3 * k, 0.7 + 0.3 * k, f"spikes, {name}")
            weight, rate = spiking.learn(seed, a_minus, config.duration, tell)
            direction = spiking.principal(a_minus)[0]
            measured[f"|cos| with the principal component, spikes, {name}"] = pca.alignment(weight, direction)
            measured[f"rate of the output, spikes, {name} [Hz]"] = rate
            data[f"spikes, {name}"] = (weight / np.linalg.norm(weight), direction)
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        return {"components": pca.bars(dict(result.data))}
