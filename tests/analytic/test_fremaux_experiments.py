"""``fremaux-2013`` in small: each task for a short while, what it depends on, and that its claims can fail."""

from __future__ import annotations

import numpy as np
import pytest

import spikeloom.experiments as ex
from spikeloom.experiments import fremaux_2013, fremaux_2013_agents
from spikeloom.experiments.fremaux_2013 import FremauxConfig


def quiet(done: float) -> None:
    assert 0 <= done <= 1


def test_a_short_while_on_the_track_is_enough_for_half_of_the_error() -> None:
    """Seeds that the experiment does not use."""
    early, late = (fremaux_2013_agents.run_along(100, many, "td", quiet) for many in (4, 25))
    assert len(early.place) == 67  # 2 m in steps of 3 cm
    assert early.exact[-1] == 1.0
    assert early.exact[0] == pytest.approx(0.95**66)
    assert late.error < 0.6 * early.error


def test_a_pole_is_held_longer_after_a_dozen_episodes() -> None:
    life = fremaux_2013_agents.balance(100, 12, "td", quiet)
    assert life.returns[-6:].mean() > 100 > 50 > life.returns[:3].mean()
    assert not life.solved
    assert life.best == life.returns.mean()


def test_solved_is_a_matter_of_a_hundred_episodes_in_a_row() -> None:
    good = fremaux_2013_agents.Balanced(np.concatenate([np.full(30, 20.0), np.full(100, 480.0)]))
    assert good.solved
    assert good.best == pytest.approx(480)
    assert not fremaux_2013_agents.Balanced(np.full(99, 500.0)).solved
    assert not fremaux_2013_agents.Balanced(np.full(300, 474.0)).solved


@pytest.mark.slow
def test_what_did_not_have_the_time_to_learn_does_not_hold() -> None:
    config = FremauxConfig(episodes=4, control=4, swimmers=1, trials=10, runs=2)
    outcome = ex.reproduce("fremaux-2013", config=config)
    holds = {claim.claim.quantity: claim.holds for claim in outcome.claims}
    assert not outcome.holds
    assert not holds[fremaux_2013.TRACK]
    assert not holds[fremaux_2013.BEST]
    assert holds[fremaux_2013.SHUFFLED]
    assert holds[fremaux_2013.CONSTANT]
    assert fremaux_2013.MOST not in holds
    experiment = fremaux_2013.Fremaux2013()
    assert experiment.claims(experiment.full)[4].quantity == fremaux_2013.MOST
    assert set(experiment.figures(outcome.result)) == {"fremaux-2013"}
