"""The rule that knows only the order of spikes: closed forms, bounds, and a window where there is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError
from spikeloom.engines import StepEngine
from spikeloom.plasticity import OrderSTDP
from spikeloom.units import ms, second

STEPS = 30
EVER = 1e9 * second


def learned(
    rule: OrderSTDP, weight: Any, sources: Any, targets: Any, delay: float | None = None, start: Any = None
) -> np.ndarray:
    """Weights after sources (times of each) and a target that was kicked have fired."""
    net = sl.Network(dt=1 * ms, dtype=torch.float64)
    net.input("in", len(sources))
    net.input("kick", 1)
    net.population("cell", sl.neurons.LIF(theta=1000.0), 1)
    net.connect("in", "cell", weight=np.asarray(weight, float)[:, None], rule=rule, delay=delay)
    net.connect("kick", "cell", weight=2000.0)
    step = [t for own in sources for t in own]
    neuron = [k for k, own in enumerate(sources) for _ in own]
    given_ = {
        "in": sl.Spikes.from_events(step, neuron, shape=(STEPS, 1, len(sources)), dt=1 * ms, sort=True),
        "kick": sl.Spikes.from_events(targets, [0] * len(targets), shape=(STEPS, 1, 1), dt=1 * ms),
    }
    record = StepEngine().run(net, given_, start, record=["cell.count"])
    assert int(record["cell.count"].sum()) == len(targets)
    return record.state["in->cell"]["weight"].numpy()[:, 0]


def test_a_source_that_fired_before_or_at_once_grows_and_all_others_shrink() -> None:
    w = np.array([0.2, 0.5, 0.8, 0.5])
    found = learned(OrderSTDP(), w, [[3], [10], [11], []], [10])
    expected = w + np.array([0.004, 0.004, -0.003, -0.003]) * w * (1 - w)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-16)


def test_how_long_ago_does_not_matter() -> None:
    found = learned(OrderSTDP(a_plus=0.1, a_minus=-0.05), [0.4] * STEPS, [[t] for t in range(STEPS)], [STEPS - 1])
    assert len(set(found.tolist())) == 1


def test_anti_stdp_reverses_the_sign() -> None:
    w, sources = np.linspace(0.05, 0.95, 12), [[t] for t in range(0, 24, 2)]
    rule = OrderSTDP(a_plus=0.1, a_minus=-0.07)
    forward = learned(rule, w, sources, [11]) - w
    backward = learned(rule.replace(a_plus=-0.1, a_minus=0.07), w, sources, [11]) - w
    np.testing.assert_allclose(forward, -backward, rtol=0, atol=1e-16)
    assert (forward[:6] > 0).all()
    assert (forward[6:] < 0).all()


def test_with_a_delay_in_the_axon_it_is_the_arrival_that_counts() -> None:
    rule = OrderSTDP(a_plus=0.1, a_minus=-0.1, site="axon")
    found = learned(rule, [0.5, 0.5], [[7], [8]], [10], delay=3 * ms)
    np.testing.assert_allclose(found, [0.525, 0.475], atol=1e-15)


def test_a_window_forgets_what_is_longer_ago() -> None:
    rule = OrderSTDP(a_plus=0.1, a_minus=-0.1, window=5 * ms)
    found = learned(rule, [0.5] * 4, [[4], [5], [6], [3, 9]], [10])
    np.testing.assert_allclose(found, [0.475, 0.525, 0.525, 0.525], atol=1e-15)


def test_other_bounds_are_the_same_rule_on_another_scale() -> None:
    w = np.array([0.3, 0.6])
    unit = learned(OrderSTDP(a_plus=0.2, a_minus=-0.1), w, [[1], []], [5])
    rule = OrderSTDP(a_plus=0.2, a_minus=-0.1, w_min=1.0, w_max=5.0)
    np.testing.assert_allclose(learned(rule, 1 + 4 * w, [[1], []], [5]), 1 + 4 * unit, rtol=1e-14)
    rule = OrderSTDP(a_plus=0.2, a_minus=-0.1, w_min=0.0, w_max=-2.0)
    np.testing.assert_allclose(learned(rule, -2 * w, [[1], []], [5]), -2 * unit, rtol=1e-14)


@settings(max_examples=25)
@given(
    st.lists(st.booleans(), min_size=1, max_size=400),
    st.floats(1e-6, 1 - 1e-6),
    st.floats(-0.5, 0.5),
    st.floats(-0.5, 0.5),
)
def test_weights_never_leave_and_the_logit_follows_the_balance(
    fired: list[bool], weight: float, a_plus: float, a_minus: float
) -> None:
    """w + a w (1 - w) lies between 0 and 1 for every a below 1; for small a it moves the logit of w by a."""
    known = {**OrderSTDP(a_plus=a_plus, a_minus=a_minus).constants(1.0), "low": 0.0, "high": 1.0}
    w = weight
    for had in fired:
        before, w = w, OrderSTDP.on_post(w, float(had), **known)
        a = a_plus if had else a_minus
        assert 0 < w < 1
        assert (w - before) * a >= 0
        moved = np.log(w / before) - np.log((1 - w) / (1 - before)) if 1e-3 < w < 1 - 1e-3 else a
        assert abs(moved - a) <= a * a + 1e-9


def test_a_presentation_ends_with_its_state() -> None:
    """A state that goes on remembers who has fired; a new one does not."""
    rule, w = OrderSTDP(a_plus=0.1, a_minus=-0.1), [0.5]
    net = sl.Network(dt=1 * ms, dtype=torch.float64)
    net.input("in", 1)
    net.population("cell", sl.neurons.LIF(theta=0.4, tau_m=EVER), 1)
    net.connect("in", "cell", weight=np.array([[0.5]]), rule=rule)
    once = sl.Spikes.from_events([0], [0], shape=(3, 1, 1), dt=1 * ms)
    first = StepEngine().run(net, once)
    assert float(first.state["in->cell"]["weight"][0, 0]) == pytest.approx(0.525)
    assert learned(rule, w, [[]], [2])[0] == pytest.approx(0.475)


@pytest.mark.parametrize("change", [{"a_plus": 1.5}, {"a_minus": -2.0}, {"window": 0.0}, {"w_min": 1.0, "w_max": 1.0}])
def test_what_cannot_be_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InvalidValueError, match="OrderSTDP"):
        OrderSTDP(**change)  # pyright: ignore[reportArgumentType]
