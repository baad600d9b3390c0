"""Linear membranes are exact on the grid, whatever the step (Rotter & Diesmann 1999, doi:10.1007/s004220050570)."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core.current import Current
from spikeloom.core.numerics import exponential_difference
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import GOhm, ms, mV, pA, second
from spikeloom.engines import ReferenceEngine
from spikeloom.network import Network
from spikeloom.neurons import ALIF, LIF, CubaLIF, LeakyIntegrator, Neuron
from spikeloom.neurons.membrane import ROUNDING, refractory_steps

STEPS = (1.0 * ms, 0.1 * ms, 0.01 * ms)


def high(kind: type[Neuron]) -> dict[str, Any]:
    """A threshold out of reach, for those who have one."""
    return {"theta": 1e9 * mV} if kind.spiking else {}


def run(neuron: Neuron, given: Any, dt: float, weight: float = 1.0, record: str = "v") -> np.ndarray:
    """A state variable of one neuron after each step."""
    net = Network(dt=dt, dtype=torch.float64)
    net.input("input", 1)
    net.population("cell", neuron, 1)
    net.connect("input", "cell", weight=weight)
    return ReferenceEngine().run(net, given, record=[f"cell.{record}"])[f"cell.{record}"].numpy().reshape(-1)


def one_spike(step: int, steps: int, dt: float) -> Spikes:
    return Spikes.from_events([step], [0], shape=(steps, 1, 1), dt=dt)


def times(values: np.ndarray, dt: float) -> np.ndarray:
    """The time at the end of each step."""
    return np.arange(1, len(values) + 1) * dt


# ----------------------------------------------------------------------------------------------------- constant current
@pytest.mark.parametrize("dt", STEPS)
@pytest.mark.parametrize("v_rest", [0.0, -70 * mV])
@pytest.mark.parametrize("kind", [LIF, LeakyIntegrator])
def test_a_constant_current_charges_the_membrane(kind: type[Neuron], v_rest: float, dt: float) -> None:
    # 1000 pA onto C = 250 pF: v = v_rest + R I (1 - exp(-t / tau)).
    given: dict[str, Any] = {"tau_m": 10 * ms, "v_rest": v_rest, "resistance": 0.04 * GOhm, "input": "current"}
    neuron = kind(**given, **high(kind))
    v = run(neuron, Current([[1000 * pA]], round(100 * ms / dt), dt=dt), dt)
    expected = v_rest + 40 * -np.expm1(-times(v, dt) / 10)
    # At dt = 0.01 ms the membrane remembers the last bits of a thousand steps.
    assert np.abs(v - expected).max() < (1e-13 * 70 if dt == 0.01 else 1e-12)
    assert np.abs(v - expected)[: round(5 * ms / dt)].max() < 1e-12


@pytest.mark.parametrize("dt", STEPS)
@pytest.mark.parametrize("kind", [LIF, LeakyIntegrator, CubaLIF])
def test_so_does_the_external_current_of_the_neuron(kind: type[Neuron], dt: float) -> None:
    given: dict[str, Any] = {"tau_m": 10 * ms, "resistance": 0.04 * GOhm, "i_e": 1000 * pA}
    neuron = kind(**given, **high(kind))
    v = run(neuron, Current([[0.0]], round(30 * ms / dt), dt=dt), dt)
    assert np.abs(v - 40 * -np.expm1(-times(v, dt) / 10)).max() < 1e-12


@pytest.mark.parametrize("kind", [LIF, LeakyIntegrator, ALIF])
def test_a_spike_is_a_jump_that_decays(kind: type[Neuron]) -> None:
    given: dict[str, Any] = {"tau_m": 20 * ms}
    for dt in (1.0, 0.25):
        v = run(kind(**given, **high(kind)), one_spike(round(5 / dt), round(100 / dt), dt), dt, weight=3.0)
        since = times(v, dt) - (5 + dt)  # it arrives at the end of its step
        expected = np.where(since > -1e-9, 3 * np.exp(-since / 20), 0)
        assert np.abs(v - expected).max() < 1e-14


@pytest.mark.parametrize("kind", [LIF, LeakyIntegrator, CubaLIF, ALIF])
def test_two_half_steps_are_one_step(kind: type[Neuron]) -> None:
    given: dict[str, Any] = {"tau_m": 13 * ms, "v_rest": -3 * mV, **({} if kind is ALIF else {"i_e": 0.7 * pA})}
    neuron = kind(**given, **high(kind))
    start = {name: 0.8 if unit != "steps" else 0.0 for name, unit in neuron.state.items()}

    def after(dt: float, steps: int) -> list[float]:
        state = list(start.values())
        for _ in range(steps):
            state = list(kind.step(0.0, *state, **neuron.constants(dt), **neuron.options()))[neuron.spiking :]
        return [float(v) for v in state]

    np.testing.assert_allclose(after(1.0, 1), after(0.5, 2), rtol=1e-14)
    np.testing.assert_allclose(after(1.0, 8), after(0.01, 800), rtol=1e-12)


# ----------------------------------------------------------------------------------------------------- synaptic current
def response(s: np.ndarray, tau_m: float, tau_s: float) -> np.ndarray:
    """The membrane's answer to a current exp(-s / tau_s), for tau_m != tau_s and R = 1."""
    return np.where(s > 0, (np.exp(-s / tau_m) - np.exp(-s / tau_s)) * tau_s / (tau_m - tau_s), 0)


@pytest.mark.parametrize(("tau_m", "tau_s"), [(20.0, 5.0), (5.0, 20.0), (10.0, 0.3), (10.0, 9.0)])
@pytest.mark.parametrize("dt", STEPS)
def test_an_exponential_current_through_the_membrane(tau_m: float, tau_s: float, dt: float) -> None:
    neuron = CubaLIF(tau_m=tau_m, tau_s=tau_s, theta=1e9 * mV, resistance=0.04 * GOhm)
    spikes = one_spike(round(2 / dt), round(20 * ms / dt), dt)
    v, i = (run(neuron, spikes, dt, weight=500 * pA, record=name) for name in ("v", "i"))
    since = times(v, dt) - (2 + dt)
    expected = 0.04 * 500 * response(since, tau_m, tau_s)
    assert np.abs(v - expected).max() < 1e-12 * expected.max()
    assert np.abs(i - np.where(since > -1e-9, 500 * np.exp(-np.maximum(since, 0) / tau_s), 0)).max() < 1e-11


def test_the_answer_does_not_depend_on_the_step() -> None:
    # A spike that arrives at 2 ms, seen at whole milliseconds.
    found = []
    for dt in (1.0, 0.5, 0.2, 0.1, 0.01):
        v = run(CubaLIF(theta=1e9 * mV), one_spike(round(2 / dt) - 1, round(30 / dt), dt), dt)
        found.append(v[round(1 / dt) - 1 :: round(1 / dt)])
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("tau_s", [0.3, 2.0, 5.0])
@pytest.mark.parametrize("dt", [1.0, 0.1])
def test_a_spike_carries_the_charge_of_its_weight_times_tau_s(tau_s: float, dt: float) -> None:
    # Without a leak the membrane is a capacitor: it keeps all of the charge.
    capacity, tau_m = 250.0, 1e12
    neuron = CubaLIF(tau_m=tau_m, tau_s=tau_s, theta=1e9 * mV, resistance=tau_m / capacity)
    steps = round((32 * tau_s + 5) / dt)
    v, i = (run(neuron, one_spike(2, steps, dt), dt, weight=100 * pA, record=name) for name in ("v", "i"))
    assert v[-1] * capacity == pytest.approx(100 * tau_s, rel=1e-8)
    assert i.sum() * tau_s * -math.expm1(-dt / tau_s) == pytest.approx(100 * tau_s, rel=1e-12)


@pytest.mark.parametrize("off", [0.0, 1e-8, -1e-8, 1e-12, 1e-5, 1e-3])
def test_equal_time_constants_are_no_special_case(off: float) -> None:
    tau, dt = 10.0, 0.1
    neuron = CubaLIF(tau_m=tau * (1 + off), tau_s=tau, theta=1e9 * mV)
    v = run(neuron, one_spike(0, 400, dt), dt, weight=10.0)
    s = times(v, dt) - dt
    limit = 10 * s / tau * np.exp(-s / tau)
    if abs(off) <= 1e-8:
        np.testing.assert_allclose(v[1:], limit[1:], rtol=max(4 * abs(off), 1e-13))
    # In 50 digits the textbook form is good enough, at equality by its limit.
    with decimal.localcontext(prec=50):
        a, b = 1 / Decimal(neuron.values()["tau_m"]), 1 / Decimal(tau)
        exact = [
            float(Decimal(10) * a * (x * (-a * x).exp() if a == b else ((-a * x).exp() - (-b * x).exp()) / (b - a)))
            for x in (Decimal(k) * Decimal(dt) for k in range(400))
        ]
    np.testing.assert_allclose(v[1:], exact[1:], rtol=1e-12)


@given(
    st.floats(1e-9, 700) | st.floats(1e-3, 30),
    st.floats(1e-9, 700) | st.floats(1e-3, 30),
    st.floats(-1e-5, 1e-5) | st.none(),
)
def test_the_difference_of_exponentials(a: float, b: float, near: float | None) -> None:
    if near is not None:
        b = a * (1 + near)
    with decimal.localcontext(prec=60):
        x, y = Decimal(a), Decimal(b)
        exact = float((-x).exp() if x == y else ((-x).exp() - (-y).exp()) / (y - x))
    assert exponential_difference(a, b) == pytest.approx(exact, rel=1e-12, abs=1e-300)
    tensors = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (a, b)]
    result = exponential_difference(*tensors)
    assert result.item() == pytest.approx(exact, rel=1e-12, abs=1e-300)
    assert exponential_difference(a, tensors[1]).item() == result.item()
    d_a, d_b = torch.autograd.grad(result, tensors)
    assert torch.isfinite(d_a)
    assert torch.isfinite(d_b)
    # It is homogeneous: shifting both exponents by c scales it by exp(-c), so the derivatives sum to minus itself.
    assert (d_a + d_b).item() == pytest.approx(-exact, rel=1e-6, abs=1e-300)


def test_extreme_time_constants_do_not_overflow() -> None:
    for tau_m, tau_s in ((1e-4, 5.0), (5.0, 1e-4), (1e12, 1e-3)):
        constants = CubaLIF(tau_m=tau_m, tau_s=tau_s).constants(1.0)
        assert all(math.isfinite(v) for v in constants.values())
        assert 0 <= constants["drive"] <= 1


# ------------------------------------------------------------------------------------------------- threshold adaptation
@pytest.mark.parametrize("dt", [1.0, 0.1])
@pytest.mark.parametrize("reset", ["subtract", "value"])
def test_the_threshold_rises_with_each_spike_and_decays(reset: str, dt: float) -> None:
    neuron = ALIF(tau_m=20 * ms, tau_a=150 * ms, beta=0.4 * mV, theta=1 * mV, reset=reset)
    net = Network(dt=dt, dtype=torch.float64)
    net.input("input", 1)
    net.population("cell", neuron, 1)
    net.connect("input", "cell", weight=0.15 * dt)
    steps = round(0.6 * second / dt)
    record = ReferenceEngine().run(
        net, torch.ones(steps, 1, 1), record=["cell.spikes", "cell.train", "cell.v", "cell.a"]
    )
    train, v, a = (record[f"cell.{k}"].numpy().reshape(-1) for k in ("train", "v", "a"))
    fired = np.flatnonzero(train)
    assert 8 < len(fired) < steps / 3
    t = np.arange(steps)[:, None] - fired[None, :]
    expected = np.where(t >= 0, np.exp(-np.maximum(t, 0) * dt / 150), 0).sum(1)
    np.testing.assert_allclose(a, expected, rtol=1e-12, atol=1e-14)
    # The membrane before the reset was at or above theta + beta a exactly when it fired.
    before = math.exp(-dt / 20) * np.concatenate([[0], v[:-1]]) + 0.15 * dt
    threshold = 1 + 0.4 * (expected - train)
    np.testing.assert_array_equal(before >= threshold, train > 0)
    after = before - 1 if reset == "subtract" else np.zeros(steps)
    np.testing.assert_allclose(v, np.where(train > 0, after, before), rtol=1e-12, atol=1e-14)
    assert (np.diff(np.diff(fired)) >= -1).all()  # its intervals grow
    assert np.diff(fired)[-1] > 2 * np.diff(fired)[0]


# ---------------------------------------------------------------------------------------------------- refractory period
# Steps from spike to spike of iaf_psc_delta in NEST 3.10 under a current that is always enough, less the one in which
# it fires: by step [ms] and t_ref [ms].
NEST = {
    0.1: {0.0: 0, 0.01: 1, 0.05: 1, 0.14: 2, 0.15: 2, 0.2: 2, 0.24: 3, 0.3: 3, 0.301: 4, 1.94: 20, 1.7: 17, 2.04: 21},
    0.2: {0.3: 2, 0.7: 4, 1.0: 5, 1.7: 9, 2.0: 10},
    0.5: {0.3: 1, 0.7: 2, 1.0: 2, 1.7: 4, 2.0: 4},
    1.0: {0.3: 1, 0.7: 1, 1.0: 1, 1.7: 2, 2.0: 2},
}


@pytest.mark.parametrize("dt", NEST)
def test_a_refractory_period_off_the_grid_is_rounded_up_as_in_nest(dt: float) -> None:
    periods = list(NEST[dt])
    alone = [LIF(t_ref=t_ref, i_e=1e6) for t_ref in periods]
    together = LIF(t_ref=torch.tensor(periods, dtype=torch.float64), i_e=1e6)
    net = Network(dt=dt, dtype=torch.float64)
    for k, cell in enumerate(alone):
        net.population(f"cell{k}", cell, 1)
        net.connect(net.input(f"in{k}", 1), f"cell{k}", weight=0.0)
    net.population("cells", together, len(periods))
    net.connect(net.input("in", 1), "cells", weight=0.0)
    steps = 3 + 2 * max(NEST[dt].values())
    silence = {name: Spikes.from_events([], [], shape=(steps, 1, 1), dt=dt) for name in net.inputs}
    record = ReferenceEngine().run(net, silence, record=[f"{name}.train" for name in net.populations])
    trains = [record[f"cell{k}.train"][:, 0, 0] for k in range(len(periods))]
    trains += list(record["cells.train"][:, 0].T)
    rests = [int(np.diff(np.flatnonzero(train.numpy()))[0]) - 1 for train in trains]
    assert rests == 2 * list(NEST[dt].values())


@given(t_ref=st.floats(0, 100), steps=st.integers(0, 5000), dt=st.sampled_from([0.01, 0.1, 0.25, 1 / 3, 1.0]))
def test_a_neuron_rests_for_its_refractory_period_at_least_and_less_than_a_step_longer(
    t_ref: float, steps: int, dt: float
) -> None:
    found = refractory_steps(t_ref, dt)
    assert found == int(found) >= 0
    assert -ROUNDING * 1.001 <= found - t_ref / dt < 1
    assert refractory_steps(torch.tensor([t_ref], dtype=torch.float64), dt).tolist() == [found]
    assert refractory_steps(steps * dt, dt) == steps  # whatever rounding makes of it
    assert refractory_steps(torch.tensor([steps * dt], dtype=torch.float32), dt).tolist() == [steps]
