"""The delayed lever press: one of three levers brings food, 5 to 15 presses later, while lights flash."""

from typing import Final

from spikeloom.core.units import Hz, ms
from spikeloom.learning.reinforcement.agents import PolicyGradient
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import PopulationCode
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

PRESSER: Final = PolicyGradient(
    encoder=PopulationCode(neurons=2, width=0.5, max_rate=200 * Hz), decoder=Winner(neurons=8), every="step",
    rate=0.003, tau_e=200 * ms, mean_over=20,
)  # fmt: skip
"""With an eligibility of ten presses (a decision takes 20 ms), and slow: each piece of food praises all presses before
it, and only in the mean of many those of the right lever more."""

RECIPE: Final = TaskRecipe(
    environment="spikeloom/DelayedLeverPress-v0",
    agents={"policy-gradient": PRESSER},
    episodes=80,
    over=20,
    enough=280.0,  # 290 for who presses no other lever, 97 by chance
)
