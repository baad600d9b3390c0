"""CartPole-v1: balance a pole on a cart for 500 steps."""

from typing import Final

from spikeloom.core.units import Hz
from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import Tiles
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

SENSES: Final = Tiles(
    tiles=[2, 2, 4, 4], tilings=12, low=[-2.4, -2.5, -0.21, -2.5], high=[2.4, 2.5, 0.21, 2.5], max_rate=200 * Hz
)
"""12 of 2,700 channels fire, twice each; the bounds are those of the episode, and what velocities it comes to."""

ACTOR_CRITIC: Final = ActorCritic(
    encoder=SENSES,
    decoder=Winner(neurons=20),
    gamma=0.98,
    value=50.0,  # 1 / (1 - gamma), the value of never falling: what is not known yet is thought good
    scale=50 / 3,  # half of the critic's spikes are worth all of it
    critic_rate=0.15,
    goal=475.0,
)

RECIPE: Final = TaskRecipe(environment="CartPole-v1", agents={"actor-critic": ACTOR_CRITIC}, episodes=1000, until=475.0)
