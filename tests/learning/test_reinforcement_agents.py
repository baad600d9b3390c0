"""Agents of spiking neurons: what they learn, what they do not without their signal, and that they go on to the bit."""

from __future__ import annotations

import itertools
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.learning.reinforcement.agents import ActorCritic, Agent, PolicyGradient
from spikeloom.learning.reinforcement.agents.actor_critic import CRITICS
from spikeloom.learning.reinforcement.agents.base import ACTORS, SENSES
from spikeloom.learning.reinforcement.agents.competition import rivalry
from spikeloom.learning.reinforcement.agents.senses import driven, regular
from spikeloom.learning.reinforcement.decoders import PopulationVector, Winner
from spikeloom.learning.reinforcement.encoders import Categories, PlaceCells, PopulationCode
from spikeloom.learning.reinforcement.exploration import MembraneNoise
from spikeloom.learning.reinforcement.loop import EpisodeBroken, episodes
from spikeloom.learning.reinforcement.together import rounds
from spikeloom.tasks import TMaze, TwoArmedBandit
from spikeloom.units import Hz

PROJECTION = f"{SENSES}->{ACTORS}"


class Match(gymnasium.Env[Any, Any]):
    """A picture, and the key that belongs to it: two bandits, with one choice in an episode."""

    observation_space = spaces.Discrete(2)
    action_space = spaces.Discrete(2)

    def __init__(self, trouble: int | None = None) -> None:
        self.shown, self.trouble, self.steps = 0, trouble, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.shown = int(self.np_random.integers(2))
        return self.shown, {}

    def step(self, action: Any) -> Any:
        self.steps += 1
        if self.steps == self.trouble:
            raise ValueError("the key is stuck")
        return self.shown, float(action == self.shown), True, False, {}


class Track(gymnasium.Env[Any, Any]):
    """Five places; food at the right end, after which the episode is over. Cut off after 12 steps."""

    observation_space = spaces.Discrete(5)
    action_space = spaces.Discrete(2)

    def __init__(self) -> None:
        self.place, self.steps = 0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.place, self.steps = 1, 0
        return self.place, {}

    def step(self, action: Any) -> Any:
        self.steps += 1
        self.place = max(self.place + 2 * int(action) - 1, 0)
        fed = self.place == 4
        return self.place, float(fed), fed, self.steps == 12 and not fed, {}


def critic(**changes: Any) -> ActorCritic:
    options: dict[str, Any] = {"critics": 10, "value": 0.5, "scale": 0.1, **PARTS}
    return ActorCritic(**{**options, **changes})


def climber(**changes: Any) -> PolicyGradient:
    return PolicyGradient(**{"rate": 0.05, **PARTS, **changes})


PARTS: dict[str, Any] = {"encoder": Categories(neurons=5, max_rate=200 * Hz), "decoder": Winner(neurons=5)}


def returns(agent: Agent, env: Any, many: int, seed: int = 0) -> list[float]:
    return [e.total for e in itertools.islice(episodes(agent, env, seed=seed), many)]


@pytest.mark.parametrize("seed", [0, 1])
def test_an_actor_and_a_critic_learn_which_key_belongs_to_which_picture(seed: int) -> None:
    assert np.mean(returns(critic(), Match(), 90, seed)[-40:]) > 0.95


@pytest.mark.parametrize("signal", ["shuffled", "constant"])
def test_without_their_own_error_they_do_not(signal: str) -> None:
    assert np.mean([returns(critic(signal=signal), Match(), 90, seed)[-40:] for seed in range(3)]) < 0.7


def test_the_gradient_of_the_reward_leads_there_too_and_not_if_success_is_shuffled() -> None:
    means = {
        signal: np.mean([returns(climber(signal=signal), Match(), 250, seed)[-50:] for seed in range(2)])
        for signal in ("success", "shuffled")
    }
    assert means["success"] > 0.85
    assert means["shuffled"] < 0.75


def test_reward_after_reward_it_finds_the_better_arm_of_a_bandit() -> None:
    """Of 200 choices 100 pay by chance, and 160 for who always knows."""
    code = PopulationCode(neurons=2, max_rate=200 * Hz, width=0.5)
    agent = PolicyGradient(encoder=code, decoder=Winner(neurons=8), every="step", rate=0.1, tau_e=20.0)
    paid = [returns(agent, TwoArmedBandit(), 1, seed)[0] for seed in range(6)]
    assert np.mean(paid) > 130


@pytest.mark.slow
def test_an_actor_turns_where_the_light_was_in_a_t_maze() -> None:
    """500 trials; the light is seen up to the junction, food comes a step after the turn. By chance half pay."""
    code = PopulationCode(neurons=2, max_rate=200 * Hz, width=0.5)
    agent = PolicyGradient(encoder=code, decoder=Winner(neurons=8))
    found = [returns(agent, TMaze(cue_cells=6, delay=500.0), 500, seed)[-50:] for seed in range(2)]
    assert np.mean(found) > 0.75


def test_a_reward_that_comes_steps_later_is_learned_and_the_way_becomes_the_shortest() -> None:
    lives = [list(itertools.islice(episodes(critic(value=0.2), Track(), seed=seed), 60)) for seed in range(2)]
    assert np.mean([e.steps for life in lives for e in life[-15:]]) < 3.5  # the shortest way takes 3
    assert np.mean([e.steps for life in lives for e in life[:4]]) > 5


def test_the_value_of_each_place_is_its_discounted_reward() -> None:
    """With a way that is always the same, V = gamma to the power of the steps that are left until the food."""

    class OneWay(Track):
        def step(self, action: Any) -> Any:
            return super().step(1)

    agent = critic(gamma=0.7, critics=60, value=0.3, critic_rate=0.05, tau_e=20.0)
    env = OneWay()
    life = agent.begin(env.observation_space, env.action_space, seed=3)
    for _ in range(250):
        place, _ = env.reset()
        life.first(place)
        over = False
        while not over:
            place, reward, over, _, _ = env.step(1)
            life.then(reward, place, over, False)
    life.learning, found = False, []
    for place in (1, 2, 3):
        counts = [life.see(place, 20.0, 10.0, {"td": 0.0})[f"{CRITICS}.count"].sum() for _ in range(20)]
        found.append(agent.value + agent.scale * (float(np.mean(counts)) / 60 - agent.tone))
    np.testing.assert_allclose(found, [0.49, 0.7, 1.0], atol=0.06)


@pytest.mark.parametrize(
    "agent", [critic(), critic(signal="shuffled", firing="poisson"), climber(), climber(every="step")]
)
def test_an_interrupted_life_goes_on_to_the_bit(agent: Agent) -> None:
    whole = list(itertools.islice(episodes(agent, Track(), seed=5), 8))
    again = list(itertools.islice(episodes(agent, Track(), seed=5, state=whole[4].state), 3))
    assert [(e.number, e.total, e.steps) for e in again] == [(e.number, e.total, e.steps) for e in whole[5:]]
    for name, part in whole[-1].state["network"].items():
        for key, value in part.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(again[-1].state["network"][name][key])), key


def test_who_does_not_learn_keeps_its_weights() -> None:
    last = list(itertools.islice(episodes(critic(), Match(), learning=False), 4))[-1]
    weight = last.state["network"][PROJECTION]["weight"]
    assert weight.std() < 1e-9  # actors begin alike


def test_with_noise_of_its_own_an_agent_still_goes_on_to_the_bit() -> None:
    agent = critic(exploration=MembraneNoise(amount=0.05))
    whole = list(itertools.islice(episodes(agent, Match(), seed=2), 6))
    again = list(itertools.islice(episodes(agent, Match(), seed=2, state=whole[2].state), 3))
    weights = [e.state["network"][PROJECTION]["weight"] for e in (whole[-1], again[-1])]
    assert torch.equal(*weights)


def test_what_is_good_enough_is_left_alone() -> None:
    lives = [list(itertools.islice(episodes(critic(goal=goal), Match()), 60)) for goal in (0.3, None)]
    changes = []
    for life in lives:
        before, after = (life[k].state["network"][PROJECTION]["weight"] for k in (40, 59))
        changes.append(float((after - before).abs().sum()))
    assert changes[0] == 0 < changes[1]


def test_an_environment_that_raises_leaves_the_state_of_the_episode_before() -> None:
    whole = list(itertools.islice(episodes(critic(), Match(), seed=1), 6))
    life = episodes(critic(), Match(trouble=4), seed=1)
    seen = [next(life).total for _ in range(3)]
    with pytest.raises(EpisodeBroken, match=r"raised ValueError in step 1 of episode 3: the key is stuck") as caught:
        next(life)
    on = episodes(critic(), Match(), seed=1, state=caught.value.state)
    assert [*seen, *(next(on).total for _ in range(3))] == [e.total for e in whole]


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP"])
def test_lives_in_copies_of_an_environment_share_their_weights(mode: str) -> None:
    made = gymnasium.vector.SyncVectorEnv([Track] * 3, autoreset_mode=getattr(gymnasium.vector.AutoresetMode, mode))
    whole = list(itertools.islice(rounds(critic(value=0.2), made, seed=4), 14))
    weights = [state["network"][PROJECTION]["weight"] for state in whole[-1].state]
    assert torch.equal(weights[0], weights[1])
    own = [e.state["network"][PROJECTION]["weight"] for e in whole[-1].episodes]
    torch.testing.assert_close(weights[0], sum(own) / 3)
    assert np.mean([e.steps for r in whole[-4:] for e in r.episodes]) < 6
    again = list(itertools.islice(rounds(critic(value=0.2), made, seed=4, state=whole[10].state), 3))
    assert [[e.steps for e in r.episodes] for r in again] == [[e.steps for e in r.episodes] for r in whole[11:]]
    assert torch.equal(again[-1].state[2]["network"][PROJECTION]["weight"], weights[2])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"seeing=30, decision=20"):
        critic(seeing=30.0)
    with pytest.raises(UnsupportedError, match="supported: Box"):
        critic(encoder=PlaceCells()).begin(Match.observation_space, Match.action_space)
    with pytest.raises(UnsupportedError, match="Winner"):
        critic().begin(Match.observation_space, spaces.Box(-1, 1, (1,)))
    made = gymnasium.vector.SyncVectorEnv([Track] * 2)
    with pytest.raises(InvalidValueError, match="that of 1 lives; the environment has 2 copies"):
        next(rounds(critic(), made, state=[{}]))
    with pytest.raises(InvalidValueError, match="fires at none of 64 random observations"):
        driven(PlaceCells(cells=2, width=1e-3), spaces.Box(0.1, 0.9, (3,)), 10.0)


def test_neurons_of_a_continuous_action_are_rivals_by_its_distance() -> None:
    found = rivalry(PopulationVector(neurons=3), spaces.Box(-2, 2, (1,)))
    np.testing.assert_allclose(found, [[0, 0.5, 1], [0.5, 0, 0.5], [1, 0.5, 0]])
    around = rivalry(PopulationVector(neurons=4, over="ring"), spaces.Box(-np.pi, np.pi, (1,)))
    np.testing.assert_allclose(around[0], [0, 0.5, 1, 0.5], atol=1e-12)
    pairs = rivalry(PopulationVector(neurons=2), spaces.Box(-1, 1, (2,)))
    np.testing.assert_allclose(pairs, [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], atol=1e-12)


@pytest.mark.parametrize("rate", [50.0, 130.0, 1000.0])
def test_regular_trains_have_their_rate_and_one_spike_in_a_step_at_most(rate: float) -> None:
    offsets, which = regular(np.arange(40), np.full(40, rate), 100, 1.0)
    counts = np.bincount(which, minlength=40)
    assert np.abs(counts - rate / 10).max() < 1
    for a, b in itertools.pairwise(offsets):
        assert len(set(which[a:b])) == b - a
