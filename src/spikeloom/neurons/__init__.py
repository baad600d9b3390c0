"""Neuron models, one per file: parameters with units, exact propagators, and a step that every engine compiles."""

from spikeloom.neurons.alif import ALIF
from spikeloom.neurons.base import Neuron
from spikeloom.neurons.cuba_lif import CubaLIF
from spikeloom.neurons.leaky_integrator import LeakyIntegrator
from spikeloom.neurons.lif import LIF

__all__ = ["ALIF", "LIF", "CubaLIF", "LeakyIntegrator", "Neuron"]
