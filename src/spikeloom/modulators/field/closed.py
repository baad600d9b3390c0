"""Concentrations around a point in closed form, where uptake is of first order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.modulators.field.medium import Medium


def instantaneous(
    medium: Medium, molecules: float, r: Any, t: Any, *, thickness: float = 1.0, dimensions: int = 3
) -> NDArray[np.float64]:
    r"""The concentration [nM] at a distance r [um], a time t [ms] after ``molecules`` were released at a point.

    .. math:: c(r, t) = \frac{N}{\alpha\, (4 \pi D^* t)^{d/2}}\; e^{-r^2 / 4 D^* t - k t}

    Nicholson 2001, doi:10.1088/0034-4885/64/7/202, for d = 3. In one and two dimensions the point is a plane
    or a line, of which ``thickness`` [um] counts in each dimension that is left out. k is ``medium.rate``.

    >>> from spikeloom.modulators.field import Medium
    >>> round(float(instantaneous(Medium(), 3000, r=1.0, t=0.56)), 1)
    1746.3
    """
    _check(dimensions)
    r, t = np.asarray(r, np.float64), np.asarray(t, np.float64)
    spread = 4 * medium.apparent * t
    volume = (np.pi * spread) ** (dimensions / 2) * thickness ** (3 - dimensions)
    return medium.raised(molecules, 1.0) / volume * np.exp(-(r**2) / spread - medium.rate * t)


def peak_time(medium: Medium, r: Any, *, dimensions: int = 3) -> NDArray[np.float64]:
    r"""When the concentration at a distance r is highest after an instantaneous release [ms].

    :math:`k t^2 + \frac{d}{2} t = r^2 / 4 D^*`; without uptake :math:`t = r^2 / 2 d D^*`.
    """
    _check(dimensions)
    a = np.asarray(r, np.float64) ** 2 / (4 * medium.apparent)
    half = dimensions / 2
    return 2 * a / (half + np.sqrt(half**2 + 4 * medium.rate * a))


def peak(medium: Medium, molecules: float, r: Any) -> NDArray[np.float64]:
    """The highest concentration [nM] at a distance r [um] of a point, in 3-D, that released ``molecules`` at once."""
    return instantaneous(medium, molecules, r, peak_time(medium, r))


def steady(
    medium: Medium, molecules: float, r: Any, *, thickness: float = 1.0, dimensions: int = 3
) -> NDArray[np.float64]:
    r"""The concentration [nM] at a distance r [um] of a point that releases ``molecules`` in each ms, for ever.

    .. math:: c(r) = \frac{q}{4 \pi D^* \alpha r}\, e^{-r / L}, \qquad
        \frac{q}{2 \pi D^* \alpha}\, K_0(r / L), \qquad \frac{q L}{2 D^* \alpha}\, e^{-r / L}

    in 3, 2 and 1 dimensions, with L = ``medium.length`` (Nicholson 2001; Crank 1975, The Mathematics of
    Diffusion). Below three dimensions there is no steady state without uptake.
    """
    from scipy.special import k0

    _check(dimensions)
    if dimensions < 3 and medium.rate == 0:
        raise InvalidValueError(f"in {dimensions} dimension(s) a steady source fills all there is; give an uptake > 0")
    r = np.asarray(r, np.float64)
    strength = medium.raised(molecules, 1.0) / medium.apparent
    if dimensions == 3:
        return strength / (4 * np.pi * r) * np.exp(-r / medium.length)
    if dimensions == 2:
        return strength / (2 * np.pi * thickness) * k0(r / medium.length)
    return strength * medium.length / (2 * thickness**2) * np.exp(-r / medium.length)


def continuous(medium: Medium, molecules: float, r: Any, t: Any) -> NDArray[np.float64]:
    r"""The concentration [nM] at a distance r [um], in 3-D, t ms after a point began to release ``molecules`` per ms.

    .. math:: c(r, t) = \frac{q}{8 \pi D^* \alpha r} \left[ e^{-r/L}\, \mathrm{erfc}\!\left(\frac{r}{2\sqrt{D^* t}} -
        \sqrt{k t}\right) + e^{r/L}\, \mathrm{erfc}\!\left(\frac{r}{2\sqrt{D^* t}} + \sqrt{k t}\right) \right]

    Nicholson & Phillips 1981, doi:10.1113/jphysiol.1981.sp013981; Nicholson 2001.
    """
    from scipy.special import erfc

    r, t = np.asarray(r, np.float64), np.asarray(t, np.float64)
    near, lost = r / (2 * np.sqrt(medium.apparent * t)), np.sqrt(medium.rate * t)
    x = r / medium.length
    both = np.exp(-x) * erfc(near - lost) + np.exp(x) * erfc(near + lost)
    return medium.raised(molecules, 1.0) / (8 * np.pi * medium.apparent * r) * both


def _check(dimensions: int) -> None:
    if dimensions not in (1, 2, 3):
        raise InvalidValueError(f"dimensions={dimensions!r} is not possible; allowed: 1, 2 or 3")
