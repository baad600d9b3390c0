"""scikit-learn's handwritten digits: 64-256-10, latency coded in 12 ms; without labels, 100 neurons that compete."""

import functools
from typing import Final

from spikeloom.core.units import Hz, ms
from spikeloom.encoding import DifferenceOfGaussians, Latency, PoissonRate
from spikeloom.learning.augmentations import SpikeDropout
from spikeloom.learning.recipes.base import Recipe
from spikeloom.learning.rules import Competitive, DeepR, Local, SurrogateGradient
from spikeloom.network import diehl_cook, kheradpisheh
from spikeloom.neurons import LIF, LeakyIntegrator
from spikeloom.plasticity import DiehlCookSTDP
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
        ),
        "deep-r": DeepR(
            gradient=SurrogateGradient(
                surrogate=Triangle(width=2.0),
                learning_rate=3e-2,
                schedule="cosine",
                label_smoothing=0.1,
            ),
            connectivity=0.05,
            l1=0.3,
            temperature=1e-3,
        ),
    },
    augment=(SpikeDropout(probability=0.1),),
    epochs=40,
    batch_size=64,
    validation=0.1,
    instead={
        # There are few images: learning is five times as quick as with MNIST.
        "stdp": Recipe(
            hidden=(100,),
            build=functools.partial(diehl_cook, total=20.0, rule=DiehlCookSTDP(lr_pre=5e-4, lr_post=0.05)),
            encoder=PoissonRate(steps=350, dt=1 * ms, max_rate=107 * Hz),
            rules={"stdp": Local(over=1500)},
            epochs=4,
            batch_size=50,
        ),
        # As many presentations as of five thousand images: each image is shown four times to each layer.
        "competitive": Recipe(
            hidden=(32, 150),
            build=kheradpisheh,
            encoder=DifferenceOfGaussians(rows=8, margin=2, steps=15, dt=1 * ms),
            rules={"competitive": Competitive(winners=(5, 8), radius=(2, 1), passes=4)},
            epochs=9,
            batch_size=50,
        ),
    },
)
