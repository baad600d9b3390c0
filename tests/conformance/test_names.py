"""A model may call its variables and constants what it likes, and may be made where no source text is kept."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch

from spikeloom.core.language import spike, where
from spikeloom.core.parameters import parameter, trainable
from spikeloom.network import Network
from spikeloom.neurons import LeakyIntegrator, Neuron
from tests.conformance.cases import CHANNELS, DT, assert_engines_agree, drawn, poisson

# Its variables and constants have the names that a kernel might have for things of its own: the argument of the spike
# (u), the surrogate's derivative there (h) and its parameters (width, height), the spike (s), gradients (g_u, g_x).
PROMPT = """
class Named(Neuron):
    state = {"u": "mV", "h": "mV", "base": "1", "g_x": "mV"}
    rate: object = parameter(default=0.9, doc="decay of u")

    def constants(self, dt):
        trained = {"width": self.rate, "s": self.rate / 3, "g_u": self.rate / 5, "weight_0": self.rate / 20}
        return {**trained, "height": 1.0, "real": 0.9, "τ": 0.8}

    @staticmethod
    def step(x, u, h, base, g_x, width, s, g_u, weight_0, height, real, τ):
        h = s * h + 0.1 * u
        g_x = real * g_x + g_u * u * h
        u = width * u + x + g_u * h * h - weight_0 * g_x
        fired = spike(u - height - 0.1 * base)
        return fired, where(fired > 0, u - height, u), h + s * fired * u, τ * base + fired, g_x
"""


def test_names_and_a_class_without_a_file() -> None:
    scope: dict[str, Any] = {"Neuron": Neuron, "parameter": parameter, "spike": spike, "where": where}
    exec(PROMPT, scope)
    kind = scope["Named"]
    with pytest.raises((OSError, TypeError)):
        inspect.getsource(kind.step)

    net = Network(dt=DT, dtype=torch.float64)
    net.input("input", CHANNELS)
    net.population("cells", kind(rate=trainable(0.9)), 17)
    net.population("readout", LeakyIntegrator(), 3)
    net.connect("input", "cells", weight=1.5 * (0.1 + drawn(CHANNELS, 17, 1)))
    net.connect("cells", "cells", weight=0.1 * drawn(17, 17, 2))
    net.connect("cells", "readout", weight=drawn(17, 3, 3))
    answer = assert_engines_agree(net, poisson(30, 4))
    assert len(answer.record["cells.spikes"]) > 100
    assert all(g.norm() > 0 for g in answer.gradients.values())


@pytest.mark.parametrize("name", ["spike", "count", "a__b"])
def test_names_that_would_be_mistaken_for_others_are_refused(name: str) -> None:
    scope: dict[str, Any] = {"Neuron": Neuron}
    text = (
        f"class Wrong(Neuron):\n    state = {{{name!r}: 'mV'}}\n"
        f"    @staticmethod\n    def step(x, {name}):\n        return {name} >= 0, {name}"
    )
    with pytest.raises(TypeError, match=f"Wrong.step: '{name}' is a name that engines use themselves"):
        exec(text, scope)


class Conductance(Neuron):
    state = {"v": "mV"}
    spiking = False

    def constants(self, dt: float) -> dict[str, Any]:
        return {"dt": dt}

    @staticmethod
    def step(current: Any, v: Any, dt: Any) -> Any:
        middle = v + 0.5 * dt * current(v, 0.0)
        return (v + dt * current(middle, 0.5),)


def test_an_input_that_depends_on_the_potential() -> None:
    # v' = 2 (1 - v) by the midpoint scheme; and the same text with a plain number.
    assert Conductance.step(lambda v, s: 2.0 * (1.0 - v), 0.0, 0.1) == (pytest.approx(0.18),)
    assert Conductance.plain_step()(3.0, 1.0, dt=0.1) == (pytest.approx(1.3),)
    assert Conductance.plain_step().__qualname__ == "Conductance.step"
    assert LeakyIntegrator.plain_step() is LeakyIntegrator.step


def test_a_step_begins_with_its_input_and_its_state() -> None:
    for first in ("v, x", "given, v", "current, w"):
        text = f"class Wrong(Neuron):\n    state = {{'v': 'mV'}}\n    @staticmethod\n    def step({first}): return v"
        with pytest.raises(TypeError, match=r"must begin with \(x, v, ...\), or with `current` instead of `x`"):
            exec(text, {"Neuron": Neuron})


def test_x_is_the_input_and_no_state() -> None:
    text = "class Wrong(Neuron):\n    state = {'x': ''}\n    @staticmethod\n    def step(current, x): return x >= 0, x"
    with pytest.raises(TypeError, match=r"Wrong\.step: 'x' is a name that engines use themselves"):
        exec(text, {"Neuron": Neuron})
