"""Habituation, Aplysia and observational learning: small runs, and questions that get a no where they should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from spikeloom import experiments
from spikeloom.core.units import second
from spikeloom.experiments import aplysia, aplysia_sessions, habituation, habituation_dual_process
from spikeloom.experiments import observational_learning as observation
from spikeloom.experiments.aplysia_circuit import Animal, Event
from spikeloom.experiments.aplysia_pictures import draw
from spikeloom.experiments.base import Result
from spikeloom.experiments.habituation_circuit import TERMINAL, Circuit, Stimulus
from spikeloom.experiments.habituation_hallmarks import HALLMARKS, MANY, after, repeated, series
from spikeloom.experiments.tolerance import Inequality, Interval
from spikeloom.plasticity import Habituating

Respond = Callable[[Sequence[Stimulus]], Any]


def resources(*of: tuple[float, float]) -> Respond:
    """A response that is the product of resources (use, time constant), without any neuron; shocks do nothing."""

    def respond(stimuli: Sequence[Stimulus]) -> Any:
        left, last, found = [1.0] * len(of), 0.0, []
        for one in (s for s in sorted(stimuli) if s.place == "A"):
            left = [1 - (1 - x) * np.exp(-(one.time - last) / tau) for x, (_, tau) in zip(left, of, strict=True)]
            found.append(np.prod(left))
            left, last = [x * (1 - use) for x, (use, _) in zip(left, of, strict=True)], one.time
        return np.array(found)

    return respond


FAST, SLOW = (0.35, 20 * second), (0.01, 1200 * second)


# ---------------------------------------------------------------------------------------------------------- habituation
def test_two_resources_show_potentiation_and_one_does_not() -> None:
    ask = HALLMARKS["3 potentiation over series"]
    assert ask(resources(FAST, SLOW))
    for tau in np.geomspace(20, 1200, 9) * second:
        for use in (0.05, 0.1, 0.2, 0.4):
            assert not ask(resources((use, tau)))


def test_a_response_that_never_changes_has_no_hallmark() -> None:
    def respond(stimuli: Sequence[Stimulus]) -> Any:
        return np.ones(sum(s.place != "tail" for s in stimuli))

    assert not any(ask(respond) for ask in HALLMARKS.values())
    assert not any(ask(lambda s: 0 * respond(s)) for ask in HALLMARKS.values())


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("1 decrement", [(0.02, 20 * second)]),  # too little
        ("2 spontaneous recovery", [(0.35, 2000 * second)]),  # too slow
        ("10 long-term habituation", [FAST]),
    ],
)
def test_what_a_single_resource_cannot_do(name: str, of: Any) -> None:
    assert not HALLMARKS[name](resources(*of))
    assert HALLMARKS[name](resources(FAST, SLOW))


def test_protocols() -> None:
    four = repeated(4)
    assert len(four) == 4 * MANY
    assert four[MANY].time - four[MANY - 1].time == pytest.approx(180 * second)
    assert after(series(many=2), 7 * second, "B")[-1] == Stimulus(13 * second, "B", 6)


def test_the_dual_process_runs_as_its_closed_form() -> None:
    for found in (habituation_dual_process.spiking(3), habituation_dual_process.held()):
        assert np.abs(found["response"] - found["closed"]).max() < 1e-12
        assert found["response"].min() < 0.9 < 1.05 < found["response"].max()


def test_a_spiking_reflex_habituates_and_serotonin_restores_it() -> None:
    deaf = Circuit(0, TERMINAL.replace(mobilised=0.0, facilitated=0.0))
    for name, circuit, expected in (
        ("1 decrement", Circuit(0), True),
        ("8 dishabituation", Circuit(0), True),
        ("8 dishabituation", deaf, False),
        ("5 intensity", Circuit(0), True),
    ):
        assert HALLMARKS[name](circuit.respond) == expected


def test_single_terminals_lose_as_much_in_a_first_series() -> None:
    """Their resource before the last of 20 touches of 4 volleys is the product of both; volleys are short."""
    two = Habituating(**{k: getattr(TERMINAL, k) for k in ("use_fast", "tau_fast", "use_slow", "tau_slow")})
    kept = []
    for terminal in (two, habituation.alone(300 * second)):
        use_fast, use_slow = (1 - (1 - u) ** 4 for u in (terminal.use_fast, terminal.use_slow))
        pair = resources((use_fast, terminal.tau_fast), (use_slow, terminal.tau_slow))
        kept.append(pair(series())[-1])
    assert kept[0] == pytest.approx(kept[1], rel=1e-6)


# -------------------------------------------------------------------------------------------------------------- aplysia
def test_pairing_enhances_and_nothing_else_does() -> None:
    animal = Animal(0)
    touch, shock = Event(1 * second, "A"), Event(1.5 * second, "tail")
    paired = animal.session([touch, shock])
    assert paired.enhancement["A"] > 0.1 > abs(paired.enhancement["B"])
    assert animal.session([touch]).enhancement["A"] == 0
    assert animal.session([touch, shock._replace(time=20 * second)]).enhancement["A"] < 1e-9
    assert animal.session([shock._replace(fibres=0), touch]).responses[0] == paired.responses[0] > 0


def test_what_is_predicted_teaches_less() -> None:
    animal = Animal(1)
    once, often = (animal.session(aplysia_sessions.trials(n, "A")).enhancement["A"] for n in (1, 14))
    more = animal.session(aplysia_sessions.trials(15, "A")).enhancement["A"]
    assert more - often < 0.5 * once


def test_the_animal_furthest_from_a_claim_counts() -> None:
    assert aplysia.furthest([1.0, 3.0], Inequality(">=", 0)) == 1
    assert aplysia.furthest([1.0, 3.0], Inequality("<", 4)) == 3
    assert aplysia.furthest([0.1, -0.3], Interval(-1, 1)) == -0.3


def test_aplysia_is_drawn() -> None:
    n = np.array(aplysia_sessions.CURVE)
    numbers = dict.fromkeys(("paired", "unpaired", "alone", "CS+", "CS-", "blocked", "control", "B without A"), 1.0)
    shocks = {k: {"habituated": np.array([1.0, 0.4, 0.5]), "early": 1.0, "late": 1.1} for k in aplysia.SHOCKS}
    course = {"curve": 1 - 0.9**n, "extinction": np.linspace(3, 1, 42)}
    axes = draw([{**numbers, **shocks, **course}]).axes
    assert [a.get_title(loc="left") for a in axes[:2]] == ["acquisition", "conditioning"]
    assert axes[0].get_xlabel() == "trials"
    assert axes[3].get_ylabel() == "spikes of a motor neuron"


# -------------------------------------------------------------------------------------------------------- observation
def test_an_observer_learns_what_its_demonstrator_learns() -> None:
    found = observation.updates(2, seed=5)
    assert found[observation.EQUAL] == found[observation.OFF] == 0
    assert found[observation.MOVED] > 0.05


def test_observers_choose_what_was_shown_and_those_who_felt_nothing_do_not() -> None:
    shown = np.array([observation.life(seed, seed % 2, 1.0, 8, 1) for seed in range(6)])
    watched = np.array([observation.life(seed, seed % 2, None, 8, 1) for seed in range(6)])
    assert shown.mean() > 0.85 > 0.75 > watched.mean()


def test_observation_is_drawn() -> None:
    rows = {group: np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]) for group in observation.GROUPS}
    needed = {group: np.array([5, 8]) for group in observation.GROUPS}
    drawing = observation.ObservationalLearning().figures(Result(measured={}, data={"right": rows, "needed": needed}))[
        "observation"
    ]
    assert "own trial" in drawing.axes[0].get_xlabel()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["habituation", "aplysia", "observational-learning"])
def test_every_claim_holds(name: str) -> None:
    outcome = experiments.reproduce(name)
    assert [claim.describe() for claim in outcome.claims if not claim.holds] == []
    assert experiments.get(name).figures(outcome.result)
