"""A small agent and a small world, for tests of what goes on around them."""

from __future__ import annotations

import signal
import time
from typing import Any, final

import gymnasium
import numpy as np
from gymnasium import spaces

import spikeloom as sl
from spikeloom.core.parameters import parameter
from spikeloom.learning.reinforcement.agents.base import ACTORS, SENSES, Agent, Life
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import PlaceCells
from spikeloom.network import Network
from spikeloom.plasticity import Modulated, PairSTDP
from spikeloom.units import ms


@final
class Gambler(Agent):
    """What was done before a reward that was better than usual is done more."""

    eta: float = parameter(default=0.05, doc="learning rate")

    def build(self, observation_space: Any, action_space: Any, seed: int) -> Network:
        net = Network(dt=1 * ms, seed=seed)
        net.input(SENSES, self.encoder.size(observation_space))
        cell = sl.neurons.StochasticLIF(tau_m=10 * ms, theta=1.0, softness=0.2, rate_theta=0.1)
        net.population(ACTORS, cell, self.decoder.size(action_space))
        net.modulator("surprise")
        rule = Modulated(rule=PairSTDP(a_plus=0.1, a_minus=0.05), by="surprise", eta=self.eta, tau_e=50 * ms)
        net.connect(SENSES, ACTORS, weight=np.full((net.size(SENSES), net.size(ACTORS)), 0.3), rule=rule)
        return net

    def numbers(self) -> dict[str, Any]:
        return {"usual": 0.0, "error": 0.0, "seen": np.zeros(0)}

    def decide(self, life: Life, observation: Any) -> Any:
        found = life.see(observation, self.decision, self.seeing, {"surprise": life.numbers["error"]})
        return life.choose(found[f"{ACTORS}.count"].numpy()[0])

    def outcome(self, life: Life, reward: float, observation: Any, terminated: bool, truncated: bool) -> None:
        mine = life.numbers
        mine["error"] = reward - mine["usual"]
        mine["usual"] += 0.1 * mine["error"]
        if terminated or truncated:
            life.see(None, self.rest, 0.0, {"surprise": mine["error"]})


class Walk(gymnasium.Env[Any, Any]):
    """Five steps to the left or to the right; each to the right brings 1, and a little that depends on the seed.

    ``trouble`` happens in step ``when`` of all steps: "raise", "hang", "nan", or "stop" and "stop at once": Ctrl-C,
    pressed once and twice.
    """

    observation_space = spaces.Box(-1.0, 1.0, (1,))
    action_space = spaces.Discrete(2)

    def __init__(self, trouble: str = "", when: int = 8) -> None:
        self.trouble, self.when, self.seen = trouble, when, 0
        self.place, self.steps = 0.0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.place, self.steps = float(self.np_random.uniform(-0.2, 0.2)), 0
        return np.array([self.place], np.float32), {}

    def step(self, action: Any) -> Any:
        self.seen += 1
        if self.seen == self.when and self.trouble == "raise":
            raise ValueError("the floor has a hole")
        if self.seen == self.when and self.trouble == "hang":
            time.sleep(60)
        if self.seen == self.when and self.trouble.startswith("stop"):
            for _ in range(1 + (self.trouble == "stop at once")):
                signal.raise_signal(signal.SIGINT)
        self.steps += 1
        self.place += 0.15 * (2 * int(action) - 1)
        reward = float(action) + 0.1 * float(self.np_random.random())
        if self.seen == self.when and self.trouble == "nan":
            reward = float("nan")
        return np.array([self.place], np.float32), reward, self.steps == 5, False, {}


def agent(**changes: Any) -> Gambler:
    """The agent of the tests."""
    options: dict[str, Any] = {
        "encoder": PlaceCells(cells=8, max_rate=200 * sl.units.Hz), "decoder": Winner(neurons=4), "rest": 20 * ms,
    }  # fmt: skip
    return Gambler(**{**options, **changes})
