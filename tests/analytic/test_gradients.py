"""Gradients against finite differences: exact where no spike comes or goes, and altogether for a smooth spike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from spikeloom.core import language
from spikeloom.core.parameters import trainable
from spikeloom.engines import CpuEngine, Engine, ReferenceEngine
from spikeloom.network import Network
from spikeloom.neurons import ALIF, LIF, CubaLIF, LeakyIntegrator, Neuron
from spikeloom.surrogates import SigmoidDerivative, Triangle
from tests.conformance.cases import CHANNELS, DT, GUISES, PLAIN, Guise, drawn, layer, lively, poisson

Loss = Callable[[], torch.Tensor]


def assert_finite_differences(loss: Loss, parameters: dict[str, torch.nn.Parameter], step: float, near: float) -> None:
    """Along a few random directions of each parameter the loss changes as its gradient says."""
    gradients = torch.autograd.grad(loss(), list(parameters.values()), allow_unused=True)
    random = torch.Generator().manual_seed(0)
    for (name, p), gradient in zip(parameters.items(), gradients, strict=True):
        for _ in range(3):
            direction = torch.randn(p.shape, generator=random, dtype=p.dtype)
            expected = 0.0 if gradient is None else float((gradient * direction).sum())
            ends = []
            for sign in (1, -1):
                with torch.no_grad():
                    p += sign * step * direction
                    ends.append(float(loss()))
                    p -= sign * step * direction
            found = (ends[0] - ends[1]) / (2 * step)
            scale = 1.0 if gradient is None else float(gradient.norm() * direction.norm())
            assert abs(found - expected) <= near * scale + 1e-7, f"{name}: {found} instead of {expected}"


# ------------------------------------------------------------------------------------------- between two spike patterns
@pytest.mark.parametrize("guise", [g for g in GUISES if g.trains and g.kind in PLAIN], ids=str)
@pytest.mark.parametrize("engine", [CpuEngine(), ReferenceEngine()], ids=lambda e: e.name)
def test_with_the_spikes_as_they_are(guise: Guise, engine: Engine) -> None:
    """Weights, constants and the state at the beginning, as long as a small change moves no spike.

    A surrogate so narrow that it is zero at every spike leaves the derivative with the spikes held where they are.
    """
    spikes = poisson(25, 3)
    net = lively(lambda gain: layer(guise, 12, gain=gain), spikes)
    narrow = Triangle(width=1e-12)
    weights = [torch.randn(25, 3, n, generator=torch.Generator().manual_seed(n), dtype=torch.float64) for n in (12, 3)]
    patterns: list[Any] = []

    def loss() -> torch.Tensor:
        keys = ["cells.v", *(["cells.spikes"] if guise.kind.spiking else [])]
        record = engine.run(net, spikes, record=keys, surrogate=narrow)
        patterns.extend(v for k, v in record.items() if k == "cells.spikes")
        return (weights[0] * record["cells.v"]).sum()

    parameters = dict(net.named_parameters())
    with torch.no_grad():
        assert torch.isfinite(loss())
    assert_finite_differences(loss, parameters, 1e-7, 1e-5)
    assert all(p == patterns[0] for p in patterns)
    assert not patterns or len(patterns[0]) > 20


# ------------------------------------------------------------------------------------------------------- a smooth spike
@pytest.mark.parametrize(
    "neuron",
    [
        ALIF(tau_m=trainable(5.0), tau_a=trainable(20.0), beta=trainable(0.3), theta=trainable([0.8, 1.0, 1.2, 1.1])),
        LIF(tau_m=trainable(5.0), theta=trainable([0.8, 1.0, 1.2, 1.1]), reset="subtract"),
        CubaLIF(tau_m=trainable(5.0), tau_s=trainable(5.0), theta=trainable(1.0), reset="subtract"),
        LIF(tau_m=trainable(5.0), theta=trainable(1.0), v_rest=trainable(-0.2), i_e=trainable(0.3)),
    ],
    ids=lambda n: type(n).__name__ + "-" + n.reset,
)
def test_with_a_smooth_spike(neuron: Neuron, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sigmoid in the place of the step, and its own derivative as the surrogate: nothing is approximate then.

    (The reset asks whether there is a spike, and a sigmoid is never zero: here the neurons are reset at every step.)
    """
    k = 3.0

    def forward(ctx: Any, u: torch.Tensor, derivative: Any) -> torch.Tensor:
        ctx.save_for_backward(u)
        ctx.derivative = derivative
        return torch.sigmoid(k * u)

    monkeypatch.setattr(language._Spike, "forward", staticmethod(forward))
    net = Network(dt=DT, dtype=torch.float64)
    net.input("input", CHANNELS)
    net.population("cells", neuron, 4)
    net.population("readout", LeakyIntegrator(), 2)
    net.connect("input", "cells", weight=0.3 + drawn(CHANNELS, 4, 1))
    net.connect("cells", "cells", weight=drawn(4, 4, 2))
    net.connect("cells", "readout", weight=drawn(4, 2, 3))

    def loss() -> torch.Tensor:
        keys = ["readout.v", "cells.count", "cells.v"]
        with torch.enable_grad():
            record = ReferenceEngine().run(
                net, poisson(12, 2), record=keys, surrogate=SigmoidDerivative(slope=k, height=k / 4)
            )
        return record["readout.v"].square().sum() + record["cells.count"].pow(3).sum() + record["cells.v"].sin().sum()

    assert_finite_differences(loss, dict(net.named_parameters()), 1e-6, 1e-7)
