"""The linear track: 2 m to the food, which comes a second after arrival."""

from typing import Final

from spikeloom.core.units import Hz, ms
from spikeloom.learning.reinforcement.agents import ActorCritic, PolicyGradient
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import Tiles
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

PLACE: Final = Tiles(tiles=8, tilings=4, max_rate=200 * Hz)

# Steps of 0.12 m, so that the end is reached by chance at first; straight ahead it takes 19 of them.
RECIPE: Final = TaskRecipe(
    environment="spikeloom/LinearTrack-v0",
    settings={"interval": 400 * ms},
    agents={
        # With a goal: without one it runs straight ahead for 50 episodes, and learning on undoes it.
        "actor-critic": ActorCritic(
            encoder=PLACE, decoder=Winner(neurons=10), gamma=0.95, value=0.5, scale=0.1, critic_rate=0.15, goal=1.0
        ),
        # A mean that follows soon: after a streak without food its absence is no surprise, and unlearns nothing.
        "policy-gradient": PolicyGradient(
            encoder=PLACE, decoder=Winner(neurons=10), rate=0.1, tau_e=500 * ms, mean_over=3
        ),
    },
    episodes=60,
    over=20,
)
