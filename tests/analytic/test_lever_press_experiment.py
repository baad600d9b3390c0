"""``lever-press`` in small: one short life, what it depends on, and that its claims can fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spikeloom.experiments as ex
from spikeloom.experiments import lever_press, lever_press_agent
from spikeloom.experiments.lever_press import LeverConfig


def lived(seed: int, presses: int, **given: Any) -> lever_press_agent.Course:
    return lever_press_agent.live_through(
        seed, presses, **{"tau_e": 10_000.0, "eta": 3e-6, "tell": lambda done: None, **given}
    )


@pytest.mark.slow
def test_an_agent_that_learns_faster_prefers_the_right_lever_after_20_minutes() -> None:
    """In 700 of the 1800 presses, with one and a half times the rate; seeds that the experiment does not use."""
    assert lived(100, 700).right(200) > 0.5


def test_a_life_is_decided_by_its_seed_and_what_it_is_given() -> None:
    first, again, other = (lived(seed, 60) for seed in (5, 5, 6))
    assert np.array_equal(first.lever, again.lever)
    assert np.array_equal(first.weight, again.weight)
    assert not np.array_equal(first.lever, other.lever)
    fed = lived(5, 60, given=np.ones(60))
    assert not np.array_equal(first.weight, fed.weight)
    assert not np.array_equal(lived(5, 60, tau_e=1000.0).weight, first.weight)
    still = lived(5, 60, eta=0.0)
    assert (still.weight == np.float32(lever_press_agent.BEGIN)).all()


def test_what_does_not_learn_does_not_hold() -> None:
    outcome = ex.reproduce("lever-press", config=LeverConfig(lives=1, presses=300, eta=0.0))
    holds = {claim.claim.quantity: claim.holds for claim in outcome.claims}
    assert not outcome.holds
    for name in ("learning", "least", "over controls", "food"):
        assert not holds[lever_press.QUANTITIES[name]]
    for name in ("before", "short eligibility", "yoked food"):
        assert holds[lever_press.QUANTITIES[name]]
    assert set(lever_press.LeverPress().figures(outcome.result)) == {"lever-press"}
