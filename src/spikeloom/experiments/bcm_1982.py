"""Bienenstock, Cooper & Munro 1982: a threshold that slides makes a unit answer to one pattern only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.units import ms, second
from spikeloom.engines import Trace, run
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute
from spikeloom.network import Network
from spikeloom.neurons import Linear
from spikeloom.plasticity import BCM

Array = NDArray[np.float64]


def turned(angle: float) -> Array:
    """Two patterns of length 1 with ``angle`` degrees between them, one in each row."""
    at = np.radians([25.0, 25.0 + angle])
    return np.stack([np.cos(at), np.sin(at)], axis=1)


PATTERNS: Final = {
    "two orthogonal patterns": turned(90.0),
    "two patterns 60 degrees apart": turned(60.0),
    "four orthogonal patterns": np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2,
}
"""Environments: one pattern in each row, all of the same probability."""


@final
class BCMConfig(Model):
    """How fast is learned, and for how long."""

    tau_theta: float = parameter(default=10 * second, unit="ms", positive=True, doc="time constant of the threshold")
    part: float = parameter(
        default=0.2, positive=True, maximum=0.5, doc="eta times tau_theta: below 1, or it oscillates"
    )
    duration: float = parameter(
        default=2000 * second, unit="ms", minimum=1000, doc="model time, one pattern in each ms"
    )


@final
class BCM1982(Experiment[BCMConfig]):
    r"""The rule of Bienenstock, Cooper & Munro at its fixed points.

    .. math:: \Delta w = \eta\, x\, y\, (y - \theta), \qquad \theta = E[y^2], \qquad y = w \cdot x

    With patterns of probability p the stable fixed points are selective: y = 1 / p for one pattern and 0 for the
    others, whichever it is, if the patterns are linearly independent (Bienenstock, Cooper & Munro 1982,
    doi:10.1523/JNEUROSCI.02-01-00032.1982; with this threshold Intrator & Cooper 1992,
    doi:10.1016/S0893-6080(05)80003-6). Patterns come in turn, one in each step; the running mean theta then moves by
    about 1 / tau_theta within a cycle, less than the tolerance.
    """

    name = "bcm-1982"
    title = "A sliding threshold makes a unit selective"
    citation = (
        "E. L. Bienenstock, L. N. Cooper & P. W. Munro (1982). J. Neurosci. 2, 32-48. "
        "doi:10.1523/JNEUROSCI.02-01-00032.1982"
    )
    config = BCMConfig()

    def claims(self, config: BCMConfig) -> list[Claim]:
        found = []
        for name, patterns in PATTERNS.items():
            for what, published in (("chosen pattern", float(len(patterns))), ("other patterns, the largest", 0.0)):
                quantity, source = f"answer to the {what}, {name}", "Intrator & Cooper 1992: y = 1 / p, and 0"
                found.append(Claim(quantity=quantity, published=published, source=source, tolerance=Absolute(1e-3)))
        return found

    def run(self, config: BCMConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for k, (name, patterns) in enumerate(PATTERNS.items()):
            tell = part(progress, k / len(PATTERNS), (k + 1) / len(PATTERNS), name)
            course = answers(seed, patterns, config, tell)
            size = np.sort(np.abs(course[-1]))
            measured[f"answer to the chosen pattern, {name}"] = course[-1].max()
            measured[f"answer to the other patterns, the largest, {name}"] = size[-2]
            data[name] = course
        return Result(measured=measured, data=data)

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.8, 2.4)
            for k, (name, course) in enumerate(result.data.items()):
                axes = drawing.add_subplot(1, len(result.data), k + 1)
                for i, line in enumerate(course.T):
                    axes.plot(np.linspace(0, 1, len(line)), line, color=colour(i))
                axes.axhline(len(course.T), color="grey", linewidth=0.5)
                axes.set(title=name, xlabel="part of the run", ylabel="answer y")
        return {"answers": drawing}


def answers(seed: int, patterns: Array, config: BCMConfig, tell: Any) -> Array:
    """What the unit answers to each pattern over time: (times, patterns)."""
    net = Network(dt=1 * ms, dtype=torch.float64)
    rule = BCM(eta=config.part / config.tau_theta, tau_theta=config.tau_theta)
    begin = patterns.T @ stream(seed, f"answers to {len(patterns)}").uniform(0.5, 1.0, (len(patterns), 1))
    net.connect(net.input("x", len(begin)), net.population("y", Linear(), 1), weight=begin, rule=rule)
    steps = round(config.duration)
    shown = np.tile(patterns, (-(-steps // len(patterns)), 1))[:steps, None]
    watch = Trace("x->y.weight", every=max(1, steps // 200))
    return run(net, shown, record=[watch], progress=tell)["x->y.weight"][:, :, 0].numpy() @ patterns.T
