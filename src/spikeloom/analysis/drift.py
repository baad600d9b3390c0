r"""The mean drift of a weight under a window of spike-timing dependent plasticity.

.. math:: \langle\dot w\rangle = \eta \Big[ w^{in} \nu_{pre} + w^{out} \nu_{post} + \int W(s)\, C(s)\, ds \Big],
          \qquad s = t_{post} - t_{pre}

where C(s) is the joint rate of a presynaptic and a postsynaptic spike at the lag s: :math:`\nu_{pre} \nu_{post}` for
chance, and what correlation adds (Kempter, Gerstner & van Hemmen 1999, doi:10.1103/PhysRevE.59.4498; their s has the
other sign). It holds for weights that change little while spikes go through the window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.units import ms, second

_NEGLIGIBLE = 1e-6
"""Share of its largest value that a window may have at the end of a support that was not given."""

_FAR = (1e3, 1e4, 1e5)
"""Lags [ms] at which a window is tried for having vanished."""


@final
@dataclass(frozen=True)
class Drift:
    """Where the drift of a weight comes from; all in weight per second.

    Attributes:
        single: of single spikes, without a partner: eta (w_in nu_pre + w_out nu_post).
        chance: of spikes that meet by chance: eta nu_pre nu_post times the integral of W.
        correlation: of spikes that meet more often, or less often, than by chance.
    """

    single: float
    chance: float
    correlation: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.single + self.chance + self.correlation


def drift(window: Any, correlogram: Any = None, **given: Any) -> float:
    """The mean drift of a weight, in weight per second: the total of :func:`separate`, with the same arguments.

    >>> stdp = lambda s: np.where(s > 0, 0.01 * np.exp(-abs(s) / 20), -0.0105 * np.exp(-abs(s) / 20))
    >>> round(drift(stdp, rates=(20.0, 10.0)), 9)  # nu_pre nu_post (A+ tau+ - A- tau-)
    -0.002
    >>> round(drift(stdp, rates=(10.0, 10.0), peaks=[(5 * ms, 0.1)]), 9)  # a tenth of the spikes copied after 5 ms
    0.006788008
    """
    return separate(window, correlogram, **given).total


def separate(
    window: Any,
    correlogram: Any = None,
    *,
    rates: tuple[float, float],
    eta: float = 1.0,
    w_in: float = 0.0,
    w_out: float = 0.0,
    corrected: bool = False,
    peaks: Sequence[tuple[float, float]] = (),
    support: tuple[float, float] | None = None,
    grid: bool = False,
) -> Drift:
    """The drift of a weight in its parts: of single spikes, of chance coincidences, and of correlation.

    The correlogram says how often the postsynaptic neuron fires (Hz) at the lag s after a presynaptic spike, at
    positive lags after it: C(s) / nu_pre. It is

    - measured: ``cross_correlogram(pre, post, bin, max_lag)``, lags (ms) and values. Two spikes of a bin pair may be up
      to a bin nearer or farther than its lag, so W is averaged over that (a triangle). Beyond its lags there is chance.
    - analytic: a function of s (ms), over the ``support``.
    - left out: chance, nu_post at every lag.

    Args:
        window: W, the change of the weight by one pair of spikes, as a function of s = t_post - t_pre (ms), of arrays
            or of single numbers; or an object that has it as its method ``window``.
        correlogram: see above.
        rates: of the presynaptic and the postsynaptic neuron, Hz.
        eta: learning rate, a factor of everything.
        w_in: change by each presynaptic spike alone.
        w_out: change by each postsynaptic spike alone.
        corrected: whether the correlogram has been freed of chance, as by ``cross_correlogram(..., corrected=True)``.
        peaks: exact coincidences that come on top: (lag in ms, postsynaptic spikes for each presynaptic one).
        support: the lags (ms) that are integrated over; if not given, as far as W reaches.
        grid: spikes lie on the grid of the measured lags, whose bin was the step of the simulation: the integral is the
            sum over the lags themselves, and W(0) is what the rule does with spikes of the same step.

    Returns:
        A :class:`Drift`; its ``total`` is the drift.

    Raises:
        InvalidValueError: no window, one that gives nan or never vanishes, or a correlogram or rates that are none.
    """
    w, (pre, post) = values_of(window), _rates(rates)
    low, high = _support(w, support)
    numbers = {"eta": eta, "w_in": w_in, "w_out": w_out}
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise InvalidValueError(f"{name} must be a finite number; given {value!r}")
    single = w_in * pre + w_out * post
    extra = sum(pre * _spikes(peak) * float(w(np.array([float(peak[0])]))[0]) for peak in peaks)
    if correlogram is None or callable(correlogram):
        if grid:
            raise InvalidValueError("grid=True is about measured lags: give the correlogram that was measured, too")
        chance = pre * post * _integral(w, low, high) * ms / second
        if correlogram is not None:
            r = values_of(correlogram, "correlogram")
            level = 0.0 if corrected else post
            extra += pre * _integral(lambda s: w(s) * (r(s) - level), low, high) * ms / second
        return Drift(eta * single, eta * chance, eta * extra)
    lag, value, bin = _measured(correlogram)
    inside = (lag >= low) & (lag <= high)
    lag, excess = lag[inside], (value if corrected else value - post)[inside]
    if grid:
        every = bin * np.arange(math.ceil(low / bin - 1e-9), math.floor(high / bin + 1e-9) + 1, dtype=np.float64)
        whole, average = float(w(every).sum()) * bin, w(lag)
    else:
        whole, average = _integral(w, low, high), _spread(w, lag, bin)
    extra += pre * float(excess @ average) * bin * ms / second
    return Drift(eta * single, eta * pre * post * whole * ms / second, eta * extra)


def values_of(window: Any, name: str = "window") -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """``window`` (a function, or an object with a method ``window``) as a function of arrays whose values are checked.

    Raises:
        InvalidValueError: neither of both; and, when it is called, values that are not finite.
    """
    given = getattr(window, "window", window)
    if not callable(given):
        raise InvalidValueError(
            f"{name} must be a function of s = t_post - t_pre (ms), or an object with a method window(s); given "
            f"{window!r}. Write {name}=lambda s: np.where(s > 0, 0.01, -0.01) * np.exp(-abs(s) / 20)"
        )
    called: Callable[[Any], Any] = given

    def values(s: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(over="ignore"):  # of branches that np.where leaves out; what is left is checked
            try:
                found = np.broadcast_to(np.asarray(called(s), np.float64), s.shape)
            except (TypeError, ValueError):  # written for one number: with if, or with math.exp
                found = np.array([float(called(float(x))) for x in s.ravel()]).reshape(s.shape)
        bad = ~np.isfinite(found)
        if bad.any():
            raise InvalidValueError(f"{name} gives {found[bad][0]} at s = {s[bad][0]:g} ms; it must be finite there")
        return found

    return values


def _rates(rates: Any) -> tuple[float, float]:
    given = to_numpy(rates, "rates")
    if given.shape != (2,) or not np.isfinite(given).all() or (given < 0).any():
        raise InvalidValueError(f"rates={rates!r} is not possible; allowed: (presynaptic, postsynaptic) [Hz], >= 0")
    return float(given[0]), float(given[1])


def _spikes(peak: Any) -> float:
    if len(peak) != 2 or not all(math.isfinite(x) for x in peak):
        raise InvalidValueError(f"peaks: {peak!r} is not possible; allowed: (lag in ms, spikes for each spike)")
    return float(peak[1])


def _support(w: Callable[[NDArray[np.float64]], NDArray[np.float64]], support: Any) -> tuple[float, float]:
    if support is None:
        for far in _FAR:
            s = np.linspace(-far, far, 4000)  # not at 0
            size = np.abs(w(s))
            if max(size[0], size[-1]) <= _NEGLIGIBLE * size.max():
                return -far, far
        raise InvalidValueError(
            f"the window has not vanished at lags of {_FAR[-1] / second:g} s; say how far to integrate, for example "
            "support=(-1 * second, 1 * second)"
        )
    ends = to_numpy(support, "support")
    if ends.shape != (2,) or not np.isfinite(ends).all() or ends[0] >= ends[1]:
        raise InvalidValueError(f"support={support!r} is not possible; allowed: (first, last) lag in ms")
    return float(ends[0]), float(ends[1])


def _measured(correlogram: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Lags, values and width of a bin, of what was measured."""
    if not isinstance(correlogram, (tuple, list)) or len(correlogram) != 2:
        raise InvalidValueError(
            "correlogram must be lags and values, as cross_correlogram(pre, post, bin, max_lag) gives them, or a "
            f"function of s; given {type(correlogram).__name__}"
        )
    lag, value = (to_numpy(part, f"correlogram[{i}]").astype(np.float64) for i, part in enumerate(correlogram))
    if lag.shape != value.shape or lag.ndim != 1 or lag.size < 2:
        raise InvalidValueError(f"correlogram: lags of shape {lag.shape} and values of shape {value.shape} do not fit")
    finite(lag, "correlogram: lags", ("lag",))
    finite(value, "correlogram: values (is the first train silent?)", ("lag",))
    width = np.diff(lag)
    if width[0] <= 0 or not np.allclose(width, width[0], rtol=1e-6, atol=0):
        raise InvalidValueError("correlogram: lags must rise in equal steps")
    return lag, value, float(lag[-1] - lag[0]) / (lag.size - 1)


def _spread(w: Callable[..., Any], lag: NDArray[np.float64], bin: float) -> NDArray[np.float64]:
    """The mean of W over the differences of two times that lie anywhere in their bins, for bins that far apart."""
    x, weight = np.polynomial.legendre.leggauss(16)
    share = 0.5 * (x + 1)  # of a bin, from its lag outwards
    sides = [w(lag[:, None] + sign * bin * share) for sign in (-1, 1)]
    return (sides[0] + sides[1]) @ (0.5 * weight * (1 - share))


def _integral(w: Callable[..., Any], low: float, high: float) -> float:
    """The integral of a function with corners and jumps: halved where two halves are not what the whole is.

    With the ends of each piece among the points (Lobatto's rule of 8): a jump between two points shows, wherever it is.
    """
    p7 = np.polynomial.Legendre.basis(7)
    x = np.concatenate([[-1.0], p7.deriv().roots(), [1.0]])
    weight = 2 / (8 * 7 * p7(x) ** 2)
    edges = np.linspace(low, high, min(max(math.ceil(high - low), 200), 20_000) + 1)
    edges = np.union1d(edges, [0.0]) if low < 0 < high else edges

    def panels(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        half = 0.5 * (b - a)
        return half * (w((0.5 * (a + b))[:, None] + half[:, None] * x) @ weight)

    a, b = edges[:-1], edges[1:]
    whole, total = panels(a, b), 0.0
    tolerance = 1e-14 * float(np.abs(whole).sum())
    for _ in range(60):
        middle = 0.5 * (a + b)
        left, right = panels(a, middle), panels(middle, b)
        rough = np.abs(left + right - whole) > tolerance
        total += float((left + right)[~rough].sum())
        a, b = np.concatenate([a[rough], middle[rough]]), np.concatenate([middle[rough], b[rough]])
        whole = np.concatenate([left[rough], right[rough]])
        if not a.size:
            break
    return total + float(whole.sum())
