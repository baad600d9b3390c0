"""Sanger 1989: several linear units find the principal components of their inputs, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms
from spikeloom.experiments import principal_components as pca
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality
from spikeloom.plasticity import Sanger

UNITS = 3


@final
class SangerConfig(Model):
    """How long is learned."""

    samples: float = parameter(default=40_000, minimum=1000, doc="samples, one in each step of 1 ms")
    eta: float = parameter(default=0.01, positive=True, doc="learning rate at the beginning, in each ms")
    settle: float = parameter(default=2000 * ms, unit="ms", positive=True, doc="time after which it has halved")
    batch_eta: float = parameter(default=0.1, positive=True, doc="learning rate of updates by a whole batch")
    updates: float = parameter(default=150, minimum=1, doc="updates by a whole batch")


@final
class Sanger1989(Experiment[SangerConfig]):
    r"""The generalised Hebbian algorithm, by sample and by batch.

    .. math:: \Delta w_i = \eta\, y_i \Big(x - \sum_{j \le i} y_j w_j\Big), \qquad y_i = w_i \cdot x

    The weights of unit i turn to the i-th eigenvector of the covariance, of length 1 (Sanger 1989,
    doi:10.1016/0893-6080(89)90044-0). Samples, learning rate and batch are those of ``oja-1982``.
    """

    name = "sanger-1989"
    title = "Sanger's rule finds the principal components in order"
    citation = "T. D. Sanger (1989). Neural Networks 2, 459-473. doi:10.1016/0893-6080(89)90044-0"
    config = SangerConfig()

    def claims(self, config: SangerConfig) -> list[Claim]:
        source = "Sanger 1989, the theorem"
        found = []
        for how, direction, length in (
            ("sample by sample", Inequality(">", 0.98), Absolute(0.02)),
            ("expected updates", Absolute(1e-6), Absolute(1e-6)),
        ):
            for unit in range(1, UNITS + 1):
                quantity = f"|cos| of unit {unit} with component {unit}, {how}"
                found.append(Claim(quantity=quantity, published=1.0, source=source, tolerance=direction))
                quantity = f"length of the weights of unit {unit}, {how}"
                found.append(Claim(quantity=quantity, published=1.0, source=source, tolerance=length))
        return found

    def run(self, config: SangerConfig, seed: int, progress: Progress) -> Result:
        axes, start, batch = pca.axes(seed), pca.begin(seed, UNITS), pca.points(seed)
        progress(0.0, "sample by sample")
        values = pca.samples(seed, round(config.samples), config.settle)
        by = {"sample by sample": pca.learn(Sanger(eta=config.eta), start, values)}
        progress(0.2, "by batch")
        by["expected updates"] = pca.expected(
            Sanger(eta=config.batch_eta / len(batch)), start, batch, round(config.updates)
        )
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for how, weight in by.items():
            for unit in range(1, UNITS + 1):
                mine, direction = weight[:, unit - 1], axes[:, unit - 1]
                measured[f"|cos| of unit {unit} with component {unit}, {how}"] = pca.alignment(mine, direction)
                measured[f"length of the weights of unit {unit}, {how}"] = np.linalg.norm(mine)
                if how == "sample by sample":
                    data[f"unit {unit}"] = (mine * np.sign(mine @ direction), direction)
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        return {"components": pca.bars(dict(result.data))}
