"""The rhythms of a population."""

from __future__ import annotations

import numbers

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.rate import population_rate
from spikeloom.core.arrays import positive
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes


def power_spectrum(
    spikes: Spikes,
    bin: float,
    *,
    segment: float | None = None,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Power spectral density of the population rate: frequencies (Hz) and densities (Hz^2 / Hz = Hz), both (F,).

    .. math:: S(f) = \frac{2}{T} \left\langle \left| \int_0^T (A(t) - \langle A \rangle)\, e^{-2 \pi i f t}\, dt
              \right|^2 \right\rangle, \qquad 0 \le f \le 1 / (2\, bin)

    one-sided, so its integral is the variance of the rate A(t) in bins of ``bin`` ms. N independent Poisson processes
    of rate r are flat at 2 r / N. Estimated by Welch's method with Hann windows that overlap by half. (Welch 1967,
    doi:10.1109/TAU.1967.1161901; scipy.signal.welch.)

    All 0 where the rate never changes, as without spikes.

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms; the highest frequency is 500 / bin Hz.
        segment: length of the windows, ms; frequencies lie 1000 / segment Hz apart. None: as long as eight of them fit.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a bin or a segment that does not fit.
    """
    from scipy.signal import welch

    _, rate = population_rate(spikes, bin, sample=sample, start=start, stop=stop)
    if segment is None:
        length = max(2, int(rate.size / 4.5))
    else:
        length = round(positive(segment, "segment", "segment=250 * ms") / bin)
    if not 2 <= length <= rate.size:
        raise InvalidValueError(
            f"a spectrum needs segments of at least two bins and at most all {rate.size} of them; given "
            f"segment={segment if segment is None else f'{segment:g} ms'}, bin={bin:g} ms"
        )
    if (rate == rate[0]).all():
        rate = np.zeros_like(rate)  # or rounding errors would look like rhythms
    frequency, power = welch(rate, fs=1e3 / bin, window="hann", nperseg=length, detrend="constant", scaling="density")
    return np.asarray(frequency), np.asarray(power)


def peak_frequency(
    spikes: Spikes,
    bin: float,
    band: tuple[float, float],
    *,
    segment: float | None = None,
    sample: int = 0,
    start: float = 0.0,
    stop: float | None = None,
) -> float:
    """Where in ``band`` the :func:`power_spectrum` is largest: Hz; nan without power there, as without spikes.

    Known to about the distance of the frequencies, 1000 / segment Hz. (Global oscillations: Brunel 2000, figure 8,
    doi:10.1023/A:1008925309027.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        band: lowest and highest frequency that is looked at: plain numbers of Hz, such as (100, 300).
        segment: length of the windows, ms; None: as long as eight of them fit.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: as :func:`power_spectrum`, or a band that holds none of its frequencies.
    """
    pair = isinstance(band, (tuple, list)) and len(band) == 2 and all(isinstance(f, numbers.Real) for f in band)
    if not pair or not 0 <= band[0] < band[1]:
        raise InvalidValueError(f"band must be two frequencies in Hz, the lower first; given {band!r}: band=(100, 300)")
    frequency, power = power_spectrum(spikes, bin, segment=segment, sample=sample, start=start, stop=stop)
    inside = (frequency >= band[0]) & (frequency <= band[1])
    if not inside.any():
        raise InvalidValueError(
            f"band=({band[0]:g}, {band[1]:g}) Hz holds no frequency of the spectrum, which goes from 0 to "
            f"{frequency[-1]:g} Hz in steps of {frequency[1]:.3g} Hz. Frequencies are plain numbers of Hz here, not "
            "multiples of spikeloom.units.Hz; a longer segment gives finer steps"
        )
    frequency, power = frequency[inside], power[inside]
    return float(frequency[power.argmax()]) if power.any() else float("nan")
