"""Deep R: rewiring at constant connectivity, its invariants, and going on to the bit."""

from __future__ import annotations

import json
import math
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.learning import DeepR, InterruptedTraining, SurrogateGradient
from spikeloom.learning.recipes import recipe
from spikeloom.learning.rewiring import Wiring
from spikeloom.learning.rules import rule_from_description
from spikeloom.learning.rules.deep_r import RewiringLearner
from tests.learning import small

Step = dict[str, Any]


def rule(optimizer: Any = "adam", rate: float = 0.05, **changes: Any) -> DeepR:
    gradient = SurrogateGradient(optimizer=optimizer, learning_rate=rate, schedule="cosine")
    given: dict[str, Any] = {"gradient": gradient, "connectivity": 0.3, "l1": 0.2, "temperature": 1e-2}
    return DeepR(**(given | changes))


def train(deep: DeepR, **changes: Any) -> tuple[sl.Network, Any]:
    net = small.net()
    return net, sl.train(net, small.data(), **small.options(**({"rule": deep, "patience": None} | changes)))


def watched(monkeypatch: pytest.MonkeyPatch, deep: DeepR, **changes: Any) -> list[Step]:
    """What the wirings, weights and optimiser are after each step of a training."""
    seen: list[Step] = []
    real = RewiringLearner.step

    def step(self: RewiringLearner, *arguments: Any) -> Any:
        before = {n: (w.active.clone(), w.weight.detach().clone()) for n, w in self.wirings.items()}
        outcome = real(self, *arguments)
        seen.append(
            {
                "before": before,
                "active": {n: w.active.clone() for n, w in self.wirings.items()},
                "sign": {n: w.sign.clone() for n, w in self.wirings.items()},
                "weight": {n: w.weight.detach().clone() for n, w in self.wirings.items()},
                "gradient": {n: w.weight.grad.clone() for n, w in self.wirings.items() if w.weight.grad is not None},
                "memory": {n: [m.clone() for m in self._memory(w.weight)] for n, w in self.wirings.items()},
                "replaced": self.replaced,
            }
        )
        return outcome

    monkeypatch.setattr(RewiringLearner, "step", step)
    train(deep, **changes)
    return seen


# --------------------------------------------------------------------------------------------------------- invariants


@pytest.mark.parametrize("optimizer", ["adam", "sgd", lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.9)])
def test_the_invariants_hold_at_every_step(monkeypatch: pytest.MonkeyPatch, optimizer: Any) -> None:
    seen = watched(monkeypatch, rule(optimizer, 0.3 if optimizer == "sgd" else 0.05))
    assert len(seen) == small.STEPS_PER_EPOCH * small.EPOCHS
    assert sum(step["replaced"] for step in seen) > 20
    for step in seen:
        for name, active in step["active"].items():
            weight, sign = step["weight"][name], step["sign"][name]
            assert int(active.sum()) == round(0.3 * active.numel())  # as many as ever
            assert (weight[~active] == 0).all()  # the others are dormant
            assert (weight * sign >= 0).all()  # no sign ever flips
            assert torch.equal(sign, seen[0]["sign"][name])
            assert (sign.abs() == 1).all()
            was, _ = step["before"][name]
            assert (step["gradient"][name][~was] == 0).all()  # what was dormant got no gradient
            fresh = active & ~was
            assert (weight[fresh] == 0).all()  # and what woke up begins at 0, without noise
            for memory in step["memory"][name]:
                assert (memory[~active | fresh] == 0).all()  # nor does an optimiser remember of before


def test_the_step_is_that_of_the_equation(monkeypatch: pytest.MonkeyPatch) -> None:
    """With plain gradient descent, and without a temperature: theta - eta dE/dtheta - eta alpha, cut at 0."""
    deep = rule("sgd", 0.3, temperature=0.0, gradient=SurrogateGradient(optimizer="sgd", learning_rate=0.3))
    for step in watched(monkeypatch, deep):
        for name, (was, weight) in step["before"].items():
            sign = step["sign"][name]
            moved = sign * (weight - 0.3 * step["gradient"][name]) - 0.3 * 0.2
            survived = was & (moved >= 0)
            expected = torch.where(survived, sign * moved, torch.zeros_like(moved))
            torch.testing.assert_close(step["weight"][name], expected, rtol=1e-5, atol=1e-6)
            assert (step["active"][name][survived]).all()


def test_the_noise_has_its_size() -> None:
    weight = torch.nn.Parameter(torch.full((200, 200), 5.0, dtype=torch.float64))
    wiring = Wiring(weight, 0.5, 1, "w")
    before = weight.detach().clone()
    wiring.rewire(3, 0.1, 0.02, [])
    change = (weight.detach() - before)[wiring.active].numpy()
    assert change.size == 20_000
    assert change.mean() == pytest.approx(-0.1, abs=4 * 0.02 / math.sqrt(change.size))
    assert change.std() == pytest.approx(0.02, rel=0.03)
    assert abs(np.corrcoef(change[:-1], change[1:])[0, 1]) < 0.03


def test_new_connections_are_drawn_evenly() -> None:
    counts = np.zeros(40)
    for seed in range(400):
        weight = torch.nn.Parameter(torch.ones(40))
        wiring = Wiring(weight, 0.25, seed, "w")
        assert wiring.rewire(0, 100.0, 0.0, []) == 10  # all wither at once
        assert int(wiring.active.sum()) == 10
        counts += wiring.active.numpy()
    np.testing.assert_allclose(counts / 400, 0.25, atol=0.09)


# ---------------------------------------------------------------------------------------------------------- beginning


def test_a_dense_layer_is_thinned_and_keeps_its_spread() -> None:
    weight = torch.nn.Parameter(torch.from_numpy(np.random.default_rng(0).normal(size=(300, 400))))
    before = weight.detach().clone()
    wiring = Wiring(weight, 0.1, 5, "w")
    assert int(wiring.active.sum()) == int((weight != 0).sum()) == 12_000
    assert torch.equal(torch.sign(before).to(torch.int8), wiring.sign)
    assert float(weight.detach().std()) == pytest.approx(float(before.std()), rel=0.03)
    torch.testing.assert_close(weight.detach()[wiring.active], before[wiring.active] * math.sqrt(10))


def test_a_sparse_layer_keeps_its_connections() -> None:
    """A network that was trained so before is not thinned again."""
    begin = torch.zeros(10, 10)
    begin[2, :4], begin[3, 5] = torch.tensor([0.5, -0.5, 1.0, 2.0]), -1.0
    weight = torch.nn.Parameter(begin.clone())
    wiring = Wiring(weight, 0.12, 5, "w")
    assert torch.equal(weight.detach(), begin)
    assert int(wiring.active.sum()) == 12
    assert bool(wiring.active[begin != 0].all())
    assert {int(s) for s in wiring.sign[begin == 0]} == {-1, 1}


def test_only_named_projections_are_rewired() -> None:
    net, result = train(rule(connectivity={"input->hidden": 0.25}))
    assert int((net.weights["input->hidden"] != 0).sum()) <= 18
    assert int((net.weights["hidden->readout"] != 0).sum()) == 27
    assert result.rule == "deep-r"


def test_without_rewiring_the_connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch, rule("sgd", 3.0, rewiring=False))
    for step in seen:
        for name, active in step["active"].items():
            assert torch.equal(active, seen[0]["active"][name])
            assert (step["weight"][name][~active] == 0).all()
        assert step["replaced"] == 0
    signs = [torch.sign(step["weight"]["input->hidden"]) for step in seen]
    assert not all(torch.equal(s, signs[0]) for s in signs)  # a plain mask: weights may change their sign


# ----------------------------------------------------------------------------------------------------------- going on


@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_interrupted_and_resumed_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    whole_net, whole = train(rule(), engine=engine)
    expected = small.outcome(whole_net, whole)
    for after in (1, 8):
        out, calls, real = tmp_path / f"run{after}", [], RewiringLearner.step

        def interrupted(self: Any, *arguments: Any, stop: int = after, calls: Any = calls, real: Any = real) -> Any:
            calls.append(1)
            if len(calls) == stop:
                signal.raise_signal(signal.SIGINT)
            return real(self, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(RewiringLearner, "step", interrupted)
            with pytest.raises(InterruptedTraining):
                train(rule(), out=out, engine=engine)
        net, result = train(rule(), out=out, resume=True, engine=engine)
        assert small.outcome(net, result) == expected
    assert json.loads((out / "result.json").read_text())["rule"] == "deep-r"


def test_it_is_described_and_made_again() -> None:
    for deep in (rule(), rule(connectivity={"input->hidden": 0.1}, rewiring=False)):
        described = json.loads(json.dumps(deep.describe()))
        again = rule_from_description(described)
        assert isinstance(again, DeepR)
        assert again.describe() == deep.describe()
        assert again.decoder == again.gradient.decoder


def test_the_recipes_know_it() -> None:
    for name in ("digits", "mnist"):
        deep = recipe(name).rule("deep-r")
        assert isinstance(deep, DeepR)
        assert "deep-r" in recipe(name).rules


# ------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gradient": "sgd"}, "give the step along the gradient"),
        ({"connectivity": 0.0}, r"connectivity=0\.0\) is not possible; allowed: a part of the connections"),
        ({"connectivity": {"input->hidden": 1.5}}, "a part of the connections"),
        ({"connectivity": "x"}, "a part of the connections"),
        ({"l1": -1e-5}, "l1=-1e-05"),
        ({"temperature": math.inf}, "temperature=inf"),
        ({"rewiring": 1}, "rewiring=1"),
    ],
)
def test_impossible_rules(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        DeepR(**settings)


def test_networks_and_optimisers_that_it_cannot_rewire() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'input->hidden'"):
        train(rule(connectivity={"input->hiden": 0.1}))
    with pytest.raises(UnsupportedError, match="cannot rewire within a step of LBFGS"):
        train(rule(lambda p: torch.optim.LBFGS(p, lr=0.1)))
