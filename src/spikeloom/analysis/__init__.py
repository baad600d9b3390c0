"""What spikes tell: rates, regularity, counts, correlations, spectra and synchrony, each from a ``Spikes`` object.

All of them look at one ``sample`` of the batch, from ``start`` up to, but not including, ``stop`` [ms]. What too few
spikes leave undefined is nan. :func:`drift` tells from a correlogram where a plastic weight goes;
:mod:`~spikeloom.analysis.conditioning` has the models of what animals learn.
"""

from spikeloom.analysis import conditioning
from spikeloom.analysis.binned import counts, population_counts
from spikeloom.analysis.chi import spike_synchrony, trace_synchrony
from spikeloom.analysis.correlation import correlations, mean_correlation
from spikeloom.analysis.correlograms import autocorrelogram, cross_correlogram
from spikeloom.analysis.dip import Dip, dip_test
from spikeloom.analysis.drift import Drift, drift, separate
from spikeloom.analysis.intervals import isi
from spikeloom.analysis.irregularity import cv, cv2, local_variation, mean_cv
from spikeloom.analysis.mean_field import BrunelNetwork, FixedPoint, interval_cv, noiseless_rate, siegert_rate
from spikeloom.analysis.rate import population_rate, rates
from spikeloom.analysis.spectrum import peak_frequency, power_spectrum
from spikeloom.analysis.variability import fano, population_fano

__all__ = [
    "BrunelNetwork", "Dip", "Drift", "FixedPoint", "autocorrelogram", "conditioning", "correlations", "counts",
    "cross_correlogram", "cv", "cv2", "dip_test", "drift", "fano", "interval_cv", "isi", "local_variation",
    "mean_correlation", "mean_cv", "noiseless_rate", "peak_frequency", "population_counts", "population_fano",
    "population_rate", "power_spectrum", "rates", "separate", "siegert_rate", "spike_synchrony", "trace_synchrony",
]  # fmt: skip
