"""scikit-learn's handwritten digits: 64-256-10, latency coded in 12 ms."""

from typing import Final

from spikeloom.core.units import ms
from spikeloom.encoding import Latency
from spikeloom.learning.augmentations import SpikeDropout
from spikeloom.learning.recipes.base import Recipe
from spikeloom.learning.rules import SurrogateGradient
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.surrogates import Triangle

# The settings were chosen on splits of other seeds (10 to 13) than those that the benchmark reports (0 to 4).
RECIPE: Final = Recipe(
    hidden=(256,),
    neuron=LIF(tau_m=50 * ms, reset="subtract"),
    readout=LeakyIntegrator(tau_m=50 * ms),
    gain=(2.0, 0.3),
    encoder=Latency(steps=12, dt=1 * ms, threshold=0.05),
    rules={
        "surrogate": SurrogateGradient(
            surrogate=Triangle(width=2.0),
            learning_rate=1e-2,
            schedule="cosine",
            label_smoothing=0.1,
        )
    },
    augment=(SpikeDropout(probability=0.1),),
    epochs=40,
    batch_size=64,
    validation=0.1,
)
