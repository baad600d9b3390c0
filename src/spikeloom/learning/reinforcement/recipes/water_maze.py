"""The water maze: a platform that nothing marks, from four sides."""

from typing import Final

from spikeloom.core.units import Hz, ms
from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import PlaceCells
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

# Strokes of 0.12 m; the way from a wall to the platform takes 5 to 13 of them.
RECIPE: Final = TaskRecipe(
    environment="spikeloom/MorrisWaterMaze-v0",
    settings={"interval": 400 * ms, "momentum": 0.2},
    agents={
        "actor-critic": ActorCritic(
            encoder=PlaceCells(cells=8, max_rate=200 * Hz, cutoff=0.05),
            decoder=Winner(neurons=5),
            gamma=0.95,
            value=0.0,
            scale=0.1,
            critic_rate=0.15,
            actor_rate=0.4,
            goal=1.0,
        )
    },
    episodes=100,
)
