"""The water maze: a platform that nothing marks, from four sides."""

from typing import Final

from spikeloom.core.units import Hz, ms, mV
from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import PopulationVector
from spikeloom.learning.reinforcement.encoders import Tiles
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

SETTINGS: Final = {"interval": 200 * ms, "steering": "angle"}

SWIMMER: Final = ActorCritic(
    encoder=Tiles(tiles=8, tilings=8, max_rate=200 * Hz), decoder=PopulationVector(over="ring", neurons=40), gamma=0.98,
    value=0.5, scale=1 / 6, critic_rate=0.15, tau_e=160 * ms, inhibit=0.4 * mV,
)  # fmt: skip
"""Its actors stand around a circle of directions, and those that point the same way do not inhibit each other. What is
not known yet is worth half a reward: so it goes where it has not been."""

RECIPE: Final = TaskRecipe(
    environment="spikeloom/MorrisWaterMaze-v0", settings=SETTINGS, agents={"actor-critic": SWIMMER}, episodes=50
)
