"""Surrogate derivatives of the spike, one per file; with compact support the backward pass follows the spikes."""

from spikeloom.surrogates.arc_tan import ArcTan
from spikeloom.surrogates.base import Surrogate
from spikeloom.surrogates.boxcar import Boxcar
from spikeloom.surrogates.fast_sigmoid import FastSigmoid
from spikeloom.surrogates.sigmoid_derivative import SigmoidDerivative
from spikeloom.surrogates.triangle import Triangle

__all__ = ["ArcTan", "Boxcar", "FastSigmoid", "SigmoidDerivative", "Surrogate", "Triangle"]
