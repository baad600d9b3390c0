"""The T-maze: a light at the start says where to turn, five cells later."""

from typing import Final

from spikeloom.core.units import Hz, ms, mV, second
from spikeloom.learning.reinforcement.agents import PolicyGradient
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import PlaceCells
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

# What is seen (light left, light right, place, junction, left arm, right arm), and then the same of what was seen.
BLUNT, SHARP = 9.0, 0.3
SPLITTERS: Final = PlaceCells(
    cells=[1, 1, 6, 1, 2, 2, 2, 2, 1, 1, 1, 1],
    width=[BLUNT, BLUNT, SHARP, BLUNT, SHARP, SHARP, SHARP, SHARP, BLUNT, BLUNT, BLUNT, BLUNT],
    low=[0.0] * 12,
    high=[1.0] * 6 + [0.5, 0.5] + [1.0] * 4,  # a light is remembered for as long as half of it is left
    max_rate=500 * Hz,
)
"""One of 96 cells fires: by the place, the arm, and the light that was seen. To the rest they are blunt."""

RECIPE: Final = TaskRecipe(
    environment="spikeloom/TMaze-v0",
    agents={
        "policy-gradient": PolicyGradient(
            encoder=SPLITTERS, decoder=Winner(neurons=8), memory=1 * second, rate=0.1, tau_e=100 * ms, push=1.5 * mV
        ),
    },
    episodes=300,
    over=100,
    enough=0.9,  # of 1 for who remembers; 0.5 by chance
)
