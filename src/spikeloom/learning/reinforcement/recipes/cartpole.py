"""CartPole-v1: balance a pole on a cart for 500 steps."""

from typing import Final

from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import PlaceCells
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

RECIPE: Final = TaskRecipe(
    environment="CartPole-v1",
    agents={
        "actor-critic": ActorCritic(
            encoder=PlaceCells(cells=[4, 4, 6, 6], low=[-2.4, -3, -0.21, -3.5], high=[2.4, 3, 0.21, 3.5]),
            decoder=Winner(neurons=10),
        )
    },
    episodes=1000,
    until=475.0,
)
