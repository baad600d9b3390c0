"""Event tracking: turn an event camera so that a moving target stays in the middle."""

from typing import Final

from spikeloom.core.units import ms, mV
from spikeloom.learning.reinforcement.agents import PolicyGradient
from spikeloom.learning.reinforcement.decoders import Winner
from spikeloom.learning.reinforcement.encoders import EventStream
from spikeloom.learning.reinforcement.recipes.base import TaskRecipe

EYE: Final = EventStream(interval=10 * ms, events=30)
"""As many spikes as events within the 10 ms of ``seeing``; a moving target makes some 30 in a step."""

# Reward less its mean of the last steps or two is how much nearer the target came: what to do is known at once, without
# an idea of what a picture is worth.
RECIPE: Final = TaskRecipe(
    environment="spikeloom/EventTracking-v0",
    agents={
        "policy-gradient": PolicyGradient(
            encoder=EYE, decoder=Winner(neurons=8), every="step", rate=0.2, tau_e=40 * ms, mean_over=1.5, push=15 * mV
        ),
    },
    episodes=180,
    over=20,
    enough=140.0,  # of 200; who moves at random soon loses the target, for 14
)
