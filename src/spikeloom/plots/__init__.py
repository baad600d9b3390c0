"""Pictures of activity and connections, from ``Spikes`` and arrays: each call returns a matplotlib figure.

A figure is made without pyplot, so nothing needs to be closed: ``figure.savefig("raster.png")``. ``axes=`` draws into
axes of your own, such as those of ``plt.subplots()``.
"""

from spikeloom.plots.connections import connectivity, in_degrees
from spikeloom.plots.correlogram import correlogram
from spikeloom.plots.drift import drift
from spikeloom.plots.filters import filters
from spikeloom.plots.growth import growth
from spikeloom.plots.intervals import isi_histogram
from spikeloom.plots.learning_curves import learning_curves
from spikeloom.plots.membranes import traces
from spikeloom.plots.rasters import raster
from spikeloom.plots.rates import rate
from spikeloom.plots.spectrum import spectrum
from spikeloom.plots.window import window

__all__ = [
    "connectivity", "correlogram", "drift", "filters", "growth", "in_degrees", "isi_histogram", "learning_curves",
    "raster", "rate", "spectrum", "traces", "window",
]  # fmt: skip
