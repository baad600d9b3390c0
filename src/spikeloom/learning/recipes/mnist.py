"""MNIST: 784-256-10, latency coded, moved about by a pixel."""

from typing import Final

from spikeloom.core.units import ms
from spikeloom.encoding import Latency
from spikeloom.learning.augmentations import Shift, SpikeDropout
from spikeloom.learning.recipes.base import Recipe
from spikeloom.learning.rules import SurrogateGradient
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.surrogates import Triangle

RECIPE: Final = Recipe(
    hidden=(256,),
    neuron=LIF(tau_m=20 * ms),
    readout=LeakyIntegrator(tau_m=20 * ms),
    gain=(8.0, 1.0),
    encoder=Latency(steps=25, dt=1 * ms, threshold=0.2),
    rules={
        "surrogate": SurrogateGradient(
            surrogate=Triangle(width=1.0),
            learning_rate=2e-3,
            schedule="cosine",
            label_smoothing=0.05,
        )
    },
    augment=(Shift(pixels=1), SpikeDropout(probability=0.1)),
    epochs=12,
    batch_size=128,
    validation=0.05,
)
