"""What is refused of rules and of the weights that they are given, and what the message says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikeloom as sl
from spikeloom.connections import Sparse
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.engines.steps.checks import enough_memory
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.plasticity import Modulated, PairSTDP, Plasticity
from spikeloom.synapses import TsodyksMarkram


def net(rule: Plasticity, weight: Any = 0.5, **options: Any) -> Network:
    made = Network(dt=1.0, seed=1)
    made.input("in", 5)
    made.population("out", LIF(theta=0.5), 3)
    made.connect("in", "out", Sparse(probability=1.0), weight=weight, rule=rule, **options)
    return made


def spikes(steps: int = 60) -> sl.Spikes:
    return sl.Spikes.from_dense(np.ones((steps, 1, 5)), dt=1.0)


def test_weights_outside_the_bounds() -> None:
    with pytest.raises(InvalidValueError, match=r"15 of 15 weights lie outside the bounds.*1\.5.*w_max=1"):
        sl.run(net(PairSTDP(), weight=1.5), spikes())
    with pytest.raises(InvalidValueError, match="outside the bounds"):
        sl.run(net(PairSTDP(), weight=-0.1), spikes())
    assert sl.run(net(PairSTDP(bounds="none"), weight=1.5), spikes()).state["in->out"]["weight"].shape == (15,)


def test_bounds_that_leave_nothing() -> None:
    with pytest.raises(InvalidValueError, match="leaves no weight"):
        PairSTDP(w_min=1.0, w_max=1.0)
    with pytest.raises(InvalidValueError, match="w_max < w_min <= 0"):
        PairSTDP(w_min=0.5, w_max=-1.0)


@pytest.mark.parametrize("name", ["tau_plus", "tau_minus"])
@pytest.mark.parametrize("value", [0.0, -5.0, float("nan")])
def test_time_constants_that_cannot_be(name: str, value: float) -> None:
    with pytest.raises(InvalidValueError, match=rf"PairSTDP\({name}="):
        PairSTDP(**{name: value})  # pyright: ignore[reportArgumentType]


def test_numbers_that_overflow() -> None:
    rule = PairSTDP(bounds="none", a_plus=1e307, a_minus=-1e307)
    with pytest.raises(InvalidValueError, match="weight of PairSTDP is inf at"):
        sl.run(net(rule), spikes(600))


def test_what_is_no_rule() -> None:
    with pytest.raises(InvalidValueError, match="give a rule of plasticity"):
        net("stdp")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UnsupportedError, match="cannot tire"):
        net(PairSTDP(), short_term=TsodyksMarkram())


def test_a_rule_for_spikes_behind_analog_values() -> None:
    with pytest.raises(UnsupportedError, match=r"PairSTDP follows spikes.*Oja"):
        sl.run(net(PairSTDP()), np.ones((60, 1, 5)), engine="steps")


def test_engines_of_layers_leave_it_to_the_other() -> None:
    made = net(PairSTDP())
    with pytest.raises(UnsupportedError, match=r"learns as it runs.*engine='steps' can"):
        sl.run(made, spikes(), engine="cpu")
    assert sl.run(made, spikes()).engine == "steps"


def test_a_text_that_asks_for_what_there_is_not() -> None:
    class Asking(Plasticity):
        """A rule with a mistake."""

        @staticmethod
        def on_pre(w, nothing):
            return w + nothing

    with pytest.raises(InvalidValueError, match=r"Asking.on_pre asks for 'nothing'; there are .*high, low"):
        sl.run(net(Asking()), spikes())
    with pytest.raises(TypeError, match=r"on_post must begin with \(w"):

        class Wrong(Plasticity):  # pyright: ignore[reportUnusedClass]
            """A rule with another mistake."""

            @staticmethod
            def on_post(x, w):
                return w

    with pytest.raises(TypeError, match=r"on_step\(..., carry\) goes from target to target"):

        class Both(Plasticity):  # pyright: ignore[reportUnusedClass]
            """A rule that picks targets, and hands on from one to the next."""

            @staticmethod
            def on_step(w, carry):
                return w, carry

            @staticmethod
            def gate(v):
                return v


def test_plastic_synapses_count_with_all_that_they_remember() -> None:
    made = net(PairSTDP())
    count = sum(made.synapses(p) for p in made.projections.values() if p.rule)
    enough_memory(made, available=2 * 20 * count)
    with pytest.raises(InvalidValueError, match="synapses need about"):
        enough_memory(made, available=2 * 20 * count - 1)
    modulated = net(Modulated(rule=PairSTDP(), by="reward"))
    with pytest.raises(InvalidValueError, match="synapses need about"):  # eligibility, first trace, time
        enough_memory(modulated, available=2 * (20 + 24) * count - 1)


def test_a_state_of_other_synapses() -> None:
    made = net(PairSTDP())
    state = sl.run(made, spikes()).state
    state["in->out"] = {**state["in->out"], "weight": state["in->out"]["weight"][:4]}
    with pytest.raises(InvalidValueError, match="has 4 synapses; this network has 15"):
        sl.run(made, spikes(), state)
