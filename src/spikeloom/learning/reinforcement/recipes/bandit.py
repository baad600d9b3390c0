"""The two-armed bandit: which arm pays more often, found out anew in each episode of 200 choices."""

from typing import Final

from spikeloom.core.units import Hz, ms, mV
from spikeloom.learning.reinforcement.agents import ActorCritic
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import PopulationCode
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

ALIKE: Final = PopulationCode(neurons=1, max_rate=200 * Hz)
"""One cell in the middle of each coordinate: it fires as much at 0 as at 1, so that all is one state."""

# A choice says nothing about the next one, so that nothing is expected of it (gamma = 0), and the eligibility is short;
# the critic is then the mean of what was paid of late. Actors learn slowly beside it: one coin is a matter of luck.
GAMBLER: Final = ActorCritic(
    encoder=ALIKE, decoder=Winner(neurons=20), gamma=0.0, value=0.5, scale=0.1, critic_rate=0.2, actor_rate=0.06,
    tau_e=10 * ms, push=5 * mV, softness=0.3 * mV,
)  # fmt: skip
"""All that it knows about the arms is in its weights, and it goes on learning: who is evaluated without has chance."""

RECIPE: Final = TaskRecipe(
    environment="spikeloom/TwoArmedBandit-v0",
    agents={"actor-critic": GAMBLER},
    episodes=30,
    over=20,
    enough=148.0,  # the better arm in 90 % of the choices; 160 for who always knows, 100 by chance
)
