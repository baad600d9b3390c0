"""Neuron models, one per file: parameters with units, exact propagators, and a step that every engine compiles."""

from spikeloom.neurons.ad_ex import AdEx
from spikeloom.neurons.alif import ALIF
from spikeloom.neurons.base import Neuron
from spikeloom.neurons.binary import Binary
from spikeloom.neurons.conductance_alif import ConductanceALIF
from spikeloom.neurons.conductance_lif import ConductanceLIF
from spikeloom.neurons.cuba_lif import CubaLIF
from spikeloom.neurons.escape_rate import EscapeRate
from spikeloom.neurons.exponential_if import ExponentialIF
from spikeloom.neurons.hodgkin_huxley import HodgkinHuxley
from spikeloom.neurons.homeostatic_conductance_lif import HomeostaticConductanceLIF
from spikeloom.neurons.homeostatic_lif import HomeostaticLIF
from spikeloom.neurons.izhikevich import Izhikevich
from spikeloom.neurons.leaky_integrator import LeakyIntegrator
from spikeloom.neurons.lif import LIF
from spikeloom.neurons.linear import Linear
from spikeloom.neurons.poisson_neuron import PoissonNeuron
from spikeloom.neurons.quadratic_if import QuadraticIF
from spikeloom.neurons.resonate_and_fire import ResonateAndFire
from spikeloom.neurons.stochastic_lif import StochasticLIF

__all__ = [
    "ALIF",
    "AdEx",
    "Binary",
    "ConductanceALIF",
    "ConductanceLIF",
    "CubaLIF",
    "EscapeRate",
    "ExponentialIF",
    "HodgkinHuxley",
    "HomeostaticConductanceLIF",
    "HomeostaticLIF",
    "Izhikevich",
    "LIF",
    "LeakyIntegrator",
    "Linear",
    "Neuron",
    "PoissonNeuron",
    "QuadraticIF",
    "ResonateAndFire",
    "StochasticLIF",
]
