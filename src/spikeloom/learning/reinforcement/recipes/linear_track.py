"""The linear track: 2 m to the food, which comes a second after arrival."""

from typing import Final

from spikeloom.core.units import Hz, ms
from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import Tiles
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

# Steps of 0.12 m, so that the end is reached by chance at first; straight ahead it takes 19 of them.
RECIPE: Final = TaskRecipe(
    environment="spikeloom/LinearTrack-v0",
    settings={"interval": 400 * ms},
    agents={
        "actor-critic": ActorCritic(
            encoder=Tiles(tiles=8, tilings=4, max_rate=200 * Hz),
            decoder=Winner(neurons=10),
            gamma=0.95,
            value=0.5,
            scale=0.1,
            critic_rate=0.15,
        )
    },
    episodes=60,
)
