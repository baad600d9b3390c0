"""The experiments on conditioning: plain models whole, spiking ones smaller; and what would break them is found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.analysis.conditioning import RescorlaWagner, TemporalDifference
from spikeloom.connections import OneToOne
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.engines import run
from spikeloom.experiments import dopamine_transfer, maia_2010_avoidance, rescorla_wagner_1972, td_random_walk
from spikeloom.experiments.dopamine_transfer import DopamineConfig
from spikeloom.experiments.maia_2010_avoidance import AvoidanceConfig, Course
from spikeloom.experiments.maia_2010_avoidance_network import Actor, Animal
from spikeloom.experiments.rescorla_wagner_1972 import RescorlaWagnerConfig
from spikeloom.experiments.spiking_critic import Critic
from spikeloom.network import Network
from spikeloom.neurons import PoissonNeuron
from spikeloom.plasticity import Homosynaptic, Modulated


def failed(outcome: Any) -> list[str]:
    return [claim.claim.quantity for claim in outcome.claims if not claim.holds]


def drawn(outcome: Any) -> dict[str, Any]:
    """The figures, each with something at both axes."""
    drawings = dict(outcome.experiment.figures(outcome.result))
    for drawing in drawings.values():
        assert all(axes.get_ylabel() or axes.get_xlabel() or axes.lines for axes in drawing.axes)
        assert any(axes.get_xlabel() for axes in drawing.axes)
        assert any(axes.get_ylabel() for axes in drawing.axes)
    return drawings


# ------------------------------------------------------------------------------------------------------ Rescorla-Wagner
@pytest.mark.parametrize("config", [None, RescorlaWagnerConfig(rate=0.2, us=2.0, trials=25, few=6, late=4)], ids=str)
def test_rescorla_wagner(config: RescorlaWagnerConfig | None) -> None:
    outcome = experiments.reproduce("rescorla-wagner-1972", config=config)
    assert failed(outcome) == []
    assert len(outcome.claims) == 18
    assert set(drawn(outcome)) == {"curves", "models"}


def test_an_error_of_each_cue_alone_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before Rescorla and Wagner: every cue learns by its own error. Nothing is blocked."""

    def alone(self: Any, state: Any, present: Any, reinforced: bool) -> Any:
        return {"V": state["V"] + self.rate * ((self.us if reinforced else 0.0) - state["V"]) * present}

    monkeypatch.setattr(RescorlaWagner, "learn", alone)
    quantities = failed(experiments.reproduce("rescorla-wagner-1972"))
    assert "V_B blocked, part of the control" in quantities
    assert "overexpectation: V_A" in quantities
    assert "acquisition: V_A" not in quantities


# ---------------------------------------------------------------------------------------------------------- random walk
def test_the_random_walk() -> None:
    outcome = experiments.reproduce("td-random-walk")
    assert failed(outcome) == []
    assert len(outcome.claims) == 13
    assert set(drawn(outcome)) == {"walk"}
    np.testing.assert_allclose(td_random_walk.true_values() * 6, [1, 2, 3, 4, 5], atol=1e-12)


def test_a_walk_that_leans_to_the_right_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Leaning:
        def __init__(self, seed: int, name: str) -> None:
            self.true = stream(seed, name)

        def random(self, size: int) -> Any:
            return self.true.random(size) ** 0.8  # below a half in 42 % of steps

    monkeypatch.setattr(td_random_walk, "stream", Leaning)
    assert len(failed(experiments.reproduce("td-random-walk"))) >= 3


# ------------------------------------------------------------------------------------------------------------- dopamine
SMALL = DopamineConfig(trials=80, probes=4, animals=1, table=200)


def test_dopamine_moves_to_the_cue() -> None:
    outcome = experiments.reproduce("dopamine-transfer", config=SMALL)
    assert failed(outcome) == []
    assert len(outcome.claims) == 14
    assert set(drawn(outcome)) == {"model", "cells", "learning"}
    assert DopamineConfig.from_values(SMALL.describe()).describe() == SMALL.describe()


def test_without_the_inhibition_that_comes_later_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Value cells that only excite make no difference of two times, so that nothing is left out of the dip."""
    whole = Critic.build

    def half(self: Critic, seed: int) -> Any:
        net = whole(self, seed)
        del net.projections["value before"]
        return net

    monkeypatch.setattr(Critic, "build", half)
    quantities = failed(experiments.reproduce("dopamine-transfer", config=SMALL.replace(trials=40)))
    assert "cells: rate where the US is left out, part of that at rest" in quantities


def test_a_wrong_discount_of_the_model_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    true = dopamine_transfer.serial_value
    monkeypatch.setattr(
        dopamine_transfer, "serial_value", lambda back, n, **how: true(back, n, **{**how, "gamma": 0.97})
    )
    found, _ = dopamine_transfer.table(SMALL)
    assert found["model: error at the cue, largest distance"] > 1e-3
    assert found["model: error at the US, largest distance"] < 1e-9
    weak = SMALL.replace(model=TemporalDifference(gamma=0.8))
    assert dopamine_transfer.table(weak)[0]["model: error at the cue after learning"] < 0.75


def test_the_circuit_is_at_rest_at_its_base_rate() -> None:
    """The signal is 0 on the average, within four standard errors, and nothing is learned without inputs."""
    critic = Critic(elements=2, channels=3)
    steps = 60_000
    none = {"cue": critic.spikes([], steps, critic.inputs), "us": critic.spikes([], steps, 3)}
    record = run(critic.build(1), none, record=["signal.level", "error.spikes"], progress=False)
    level = np.asarray(record["signal.level"]).reshape(-1, 500).mean(axis=1)
    assert abs(level.mean()) < 4 * level.std() / np.sqrt(level.size)
    rate = len(record["error.spikes"]) / (50 * 60)
    assert rate == pytest.approx(5, rel=0.05)
    assert not np.asarray(record.state["cue->value"]["weight"]).any()


def test_steps_of_a_trial_are_whole() -> None:
    with pytest.raises(InvalidValueError, match=r"whole number of dt, such as 100 ms"):
        Critic(step=100.3)


def test_an_input_is_credited_with_the_error_of_the_next_step() -> None:
    """The part that two exponentials have in common, for a critic without the delays of synapses."""
    critic = Critic(tau=1e-3, after=100.0, tau_e=50.0)
    late = np.arange(100.0)  # a spike so many ms into its step is read 100 ms later; the error lasts to 200
    exact = np.mean(50 * (1 - np.exp(-(100 - late) / 50)))
    assert critic.credit() == pytest.approx(exact, rel=0.02)


# ------------------------------------------------------------------------------------------------------------ avoidance
def test_tables_avoid_for_ever_unless_they_are_exposed() -> None:
    config = AvoidanceConfig(animals=50)
    courses = {
        "table": maia_2010_avoidance.table(config, config.model, 0),
        "two factors": maia_2010_avoidance.table(config, config.model.replace(motive="fear"), 0),
    }
    found = maia_2010_avoidance.judged(config, courses, [courses["table"]])
    claims = maia_2010_avoidance.Avoidance().claims(config)
    assert [c.quantity for c in claims if not c.tolerance.holds(found[c.quantity], c.published)] == []
    assert set(found) == {c.quantity for c in claims}


def test_without_the_effort_avoidance_stays_a_habit() -> None:
    """Nothing speaks against a response that costs nothing: fear is gone, and the habit is not."""
    config = AvoidanceConfig(animals=50)
    course = maia_2010_avoidance.table(config, config.model.replace(cost=0.0), 0)
    assert course.fear("exposure") > -0.1
    assert maia_2010_avoidance.last(course, "after exposure", 50) > 0.9


def test_an_animal_of_spiking_cells_in_small() -> None:
    """Fear, avoidance and exposure; a twin goes on as the animal itself would."""
    animal = Animal.new(Actor(), 0, "small")
    assert not animal.trials(12, shock=True, prevented=True).any()
    assert animal.value().min() < -0.5
    twin = animal.twin()
    avoided = animal.trials(8, shock=True)
    assert avoided.mean() > 0.8
    twin.trials(2, shock=True)
    other = twin.twin()
    np.testing.assert_array_equal(twin.trials(6, shock=True), avoided[2:])
    np.testing.assert_array_equal(other.trials(6, shock=True), avoided[2:])
    np.testing.assert_array_equal(twin.value(), animal.value())
    animal.trials(50, shock=False, prevented=True)
    assert animal.value().min() > -0.1


def test_what_animals_do_is_drawn() -> None:
    course = Course()
    for phase, trials in (("fear", 20), ("training", 50), ("safe", 200), ("exposure", 50), ("after exposure", 200)):
        course.add(phase, np.ones(trials, bool), np.linspace(-0.2, -1, 5))
    outcome = maia_2010_avoidance.Result(
        measured={}, data={"courses": {"table": course, "two factors": course}, "animals": [course, course]}
    )
    for drawing in maia_2010_avoidance.Avoidance().figures(outcome).values():
        left, right = drawing.axes
        assert "trial" in left.get_xlabel()
        assert "V (shocks)" in right.get_ylabel()


# -------------------------------------------------------------------------------------------- a rule that hears it late
@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 40.0])
def test_a_tag_is_set_so_long_after_the_spike(after: float) -> None:
    """A spike at 10 ms, and a signal of one step at 30 or 80 ms: before the tag is set it changes nothing."""
    found = []
    for time in (30, 80):
        net = Network(dt=1.0)
        net.input("in", 1)
        net.population("out", PoissonNeuron(rate=0.0), 1)
        net.modulator("signal")
        rule = Modulated(rule=Homosynaptic(a=1.0, after=after, bounds="none"), by="signal", tau_e=50.0)
        net.connect("in", "out", OneToOne(), weight=0.0, rule=rule)
        amounts = np.zeros(200)
        amounts[time] = 1.0
        spike = Spikes.from_times([10.0], [0], shape=(200, 1, 1), dt=1.0)
        record = run(net, spike, released={"signal": amounts}, progress=False)
        found.append(float(record.state["in->out"]["weight"][0]))
    kept = 50 * (1 - np.exp(-1 / 50))  # the integral over the step of the signal
    tagged = [kept * np.exp(-(time - 10 - after) / 50) if time >= 10 + after else 0.0 for time in (30, 80)]
    assert found == pytest.approx(tagged, rel=1e-3, abs=1e-12)


def test_the_courses_of_both_worlds_agree_in_what_they_claim() -> None:
    """The claims on spiking cells are those on tables, word for word."""
    quantities = [c.quantity for c in maia_2010_avoidance.Avoidance().claims(AvoidanceConfig())]
    of = {who: [q.split(": ")[1] for q in quantities if q.startswith(f"{who}: ")] for who in ("table", "cells")}
    assert set(of["cells"]) < set(of["table"])
    assert rescorla_wagner_1972.PLAIN[0] == "acquisition"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["dopamine-transfer", "maia-2010-avoidance"])
def test_every_claim_holds(name: str) -> None:
    outcome = experiments.reproduce(name)
    assert failed(outcome) == []
    drawn(outcome)
