"""scikit-learn's handwritten digits: 64-128-10, latency coded."""

from typing import Final

from spikeloom.core.units import ms
from spikeloom.encoding import Latency
from spikeloom.learning.recipes.base import Recipe
from spikeloom.learning.rules import SurrogateGradient
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.surrogates import Triangle

RECIPE: Final = Recipe(
    hidden=(128,),
    neuron=LIF(tau_m=20 * ms),
    readout=LeakyIntegrator(tau_m=20 * ms),
    gain=(4.0, 1.0),
    encoder=Latency(steps=25, dt=1 * ms, threshold=0.1),
    rules={
        "surrogate": SurrogateGradient(
            surrogate=Triangle(width=1.0),
            learning_rate=5e-3,
            schedule="cosine",
        )
    },
    epochs=40,
    batch_size=64,
    validation=0.1,
)
