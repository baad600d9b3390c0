"""What the rules of voltage and calcium are made of: closed forms, and what the engine does for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.language import uniform
from spikeloom.core.parameters import parameter
from spikeloom.engines.steps import StepEngine
from spikeloom.plasticity import Clopath, GraupnerBrunel, NMDASpine, Plasticity, Trace
from spikeloom.plasticity.calcium import follow, settle, spread, time_above
from spikeloom.plasticity.nmda_spine import unblocked
from tests.unit.dendrite import CLOPATH, DT, OFTEN, SELDOM, SPINE, STEPS, network, recorded

# --- closed forms ----------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.floats(0, 6), st.floats(0.3, 3), st.floats(5, 50), st.floats(0, 200))
def test_the_time_above_a_threshold(calcium: float, threshold: float, tau: float, elapsed: float) -> None:
    times = (np.arange(200_000) + 0.5) / 200_000 * elapsed
    found = (calcium * np.exp(-times / tau) > threshold).mean() * elapsed
    assert time_above(calcium, threshold, tau, elapsed) == pytest.approx(found, abs=1e-5 * elapsed + 1e-12)


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1), st.floats(0, 40), st.floats(0, 40), st.floats(1e-3, 0.1), st.floats(1e-3, 0.1))
def test_mean_and_variance_solve_their_equations(
    rho: float, above_d: float, above_p: float, depress: float, potentiate: float
) -> None:
    """Against Runge-Kutta steps of the moments, from threshold to threshold."""
    noise, mean, variance, now = 0.02, rho, 0.0, 0.0
    for end in sorted((above_d, above_p)):
        d, p = depress * (above_d > now), potentiate * (above_p > now)
        grow = 2 * noise * ((above_d > now) + (above_p > now))
        h = (end - now) / 400
        for _ in range(400):
            for slope in (lambda m, v, d=d, p=p, grow=grow: (p * (1 - m) - d * m, grow - 2 * (p + d) * v),):
                a = slope(mean, variance)
                b = slope(mean + h / 2 * a[0], variance + h / 2 * a[1])
                c = slope(mean + h / 2 * b[0], variance + h / 2 * b[1])
                e = slope(mean + h * c[0], variance + h * c[1])
                mean += h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + e[0])
                variance += h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + e[1])
        now = end
    assert follow(rho, above_d, above_p, depress, potentiate) == pytest.approx(mean, abs=1e-9)
    assert spread(above_d, above_p, depress, potentiate, noise) == pytest.approx(variance, abs=1e-9)


@settings(deadline=None)
@given(st.floats(-0.3, 1.3), st.floats(0, 30))
def test_the_potential_alone_is_solved(rho: float, time: float) -> None:
    found, h = rho, time / 2000
    for _ in range(2000):
        middle = found - h / 2 * found * (1 - found) * (0.5 - found)
        found -= h * middle * (1 - middle) * (0.5 - middle)
    assert settle(rho, time) == pytest.approx(found, abs=1e-4)


def test_the_potential_has_its_fixed_points() -> None:
    for rho in (0.0, 0.5, 1.0):
        assert settle(rho, 1e6) == pytest.approx(rho, abs=1e-12)
    assert settle(0.501, 1e3) == pytest.approx(1.0)
    assert settle(0.499, 1e3) == pytest.approx(0.0)


@pytest.mark.parametrize(("v", "published"), [(-70, 0.04447), (-40, 0.23016), (0, 0.78118), (40, 0.97708)])
def test_the_magnesium_block(v: float, published: float) -> None:
    """Jahr & Stevens 1990, as RESULTS section 12 has it; and the one of the synapse in :mod:`spikeloom.synapses`."""
    assert unblocked(v) == pytest.approx(published, abs=1e-4)
    nmda = sl.synapses.NMDA()
    open_now = nmda.current(v, 0.0, 0.0, 1.0, *(nmda.constants(DT, None).values())) / (0.0 - v) if v else published
    assert unblocked(v) == pytest.approx(open_now, abs=1e-4)


# --- what the engine does for them -----------------------------------------------------------------------------------


class Late(Plasticity):
    """Pairs, heard late; and how many steps passed a gate that is open by chance."""

    bounds: str = parameter(default="none", choices=("none",), doc="no bounds")
    heard: float = parameter(default=0.0, unit="ms", doc="how late")
    synapse: ClassVar[Mapping[str, str]] = {"opened": "1"}
    reads: ClassVar[tuple[str, ...]] = ("v",)

    @property
    def lag(self) -> float:
        return self.heard

    def traces(self) -> dict[str, Any]:
        return {"pre": Trace("pre", 7.0), "post": Trace("post", 9.0)}

    @staticmethod
    def on_pre(w, post):
        return w - 1e-6 * post

    @staticmethod
    def on_post(w, pre):
        return w + 1e-6 * pre

    @staticmethod
    def gate(v):
        return 0.3 - uniform()

    @staticmethod
    def on_step(w, opened):
        return w, opened + 1.0


@settings(deadline=None, max_examples=15)
@given(SELDOM, OFTEN, st.sampled_from([None, 0.7]))
def test_a_rule_that_hears_late_is_one_whose_spikes_come_late(pre: Any, kicks: Any, delay: float | None) -> None:
    lag = 23
    late = recorded(network(Late(heard=lag * DT), weight=1e-9, delay=delay), pre, kicks)
    shifted = [p + lag for p in pre if p + lag < STEPS]
    given = recorded(network(Late(), weight=1e-9, delay=delay), shifted, kicks)
    np.testing.assert_array_equal(late["cell.spikes"].step, given["cell.spikes"].step)
    assert torch.equal(late["pre->cell.weight"], given["pre->cell.weight"])


def test_gates_open_by_chance() -> None:
    """Each target has numbers of its own, and all its synapses pass the same gate."""
    n = 40
    found = recorded(network(Late(), weight=1e-9, sizes=(2, n)), [[], []], [[]] * n, every=STEPS)
    opened = found.state["pre->cell"]["synapse_p0__opened"]
    assert torch.equal(opened[0], opened[1])
    assert len(set(opened[0].tolist())) > 10
    assert opened.mean().item() == pytest.approx(0.3 * STEPS, abs=4 * math.sqrt(0.21 * STEPS / n))


def test_what_is_between_events_knows_only_its_synapse() -> None:
    class Peeping(Plasticity):
        synapse: ClassVar[Mapping[str, str]] = {"charge": "1"}
        reads: ClassVar[tuple[str, ...]] = ("v",)

        @staticmethod
        def between(elapsed, v):
            return elapsed * v

        @staticmethod
        def on_pre(w):
            return w

    with pytest.raises(InvalidValueError, match=r"Peeping.between asks for 'v'"):
        recorded(network(Peeping(), weight=0.5), [1], [])


# --- bad input, resuming, threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Clopath(tau_minus=-1.0), "tau_minus"),
        (lambda: Clopath(late_plus=-1.0), "late_plus"),
        (lambda: GraupnerBrunel(theta_d=0.0), "theta_d"),
        (lambda: GraupnerBrunel(rho_0=1.5), "rho_0"),
        (lambda: GraupnerBrunel(potential="flat"), "potential"),
        (lambda: NMDASpine(theta_d=2.0, theta_p=1.0), "theta_p >= theta_d"),
    ],
)
def test_what_is_impossible_is_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


RULES = [CLOPATH, GraupnerBrunel(tau=20.0, gamma_d=2.0, gamma_p=3.0, sigma=0.5, d=2.3), SPINE]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("delay", [None, 0.9])
def test_the_same_bits_whole_or_in_parts_on_one_thread_or_two(rule: Plasticity, delay: float | None) -> None:
    draw, n, m = np.random.default_rng(3), 40, 150
    pre, kick = draw.random((STEPS, 1, n)) < 0.02, draw.random((STEPS, 1, m)) < 0.05
    weights = draw.uniform(0.01, 0.02, (n, m))

    def go(engine: StepEngine, begin: int, end: int, state: Any = None) -> Any:
        net = network(rule, weight=weights, delay=delay, sizes=(n, m))
        given = {
            k: sl.Spikes.from_dense(torch.from_numpy(v[begin:end]), dt=DT) for k, v in (("pre", pre), ("kick", kick))
        }
        return engine.run(net, given, state)

    whole = go(StepEngine(1), 0, STEPS).state
    halves = go(StepEngine(1), 253, STEPS, go(StepEngine(1), 0, 253).state).state
    threads = go(StepEngine(2), 0, STEPS).state
    assert not torch.equal(whole["pre->cell"]["weight"], torch.from_numpy(weights))
    for other in (halves, threads):
        for name, value in whole["pre->cell"].items():
            assert torch.equal(value, other["pre->cell"][name]), name
