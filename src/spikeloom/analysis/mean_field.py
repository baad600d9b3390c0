"""Mean-field theory of integrate-and-fire neurons: their rate and irregularity in white noise, and Brunel's network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import dawsn, erf, erfcx

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.units import ms, mV, second

NOISELESS = 1e-8
"""Noise below this part of theta - v_reset counts as none."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(60)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2  # on 0 ... 1
_FAR = 40.0  # exp(-40) is below the rounding of a double


def noiseless_rate(
    mu: Any, *, tau_m: float = 20 * ms, theta: float = 20 * mV, v_reset: float = 10 * mV, t_ref: float = 2 * ms
) -> Any:
    r"""Rate [Hz] of a leaky integrate-and-fire neuron under the constant drive ``mu`` = R I [mV] above rest.

    .. math:: \frac{1}{f} = t_{ref} + \tau_m \ln\frac{\mu - V_r}{\mu - \theta}, \qquad f = 0 \text{ for } \mu \le \theta

    (Gerstner, Kistler, Naud & Paninski 2014, doi:10.1017/CBO9781107447615, chapter 1.) ``mu`` may be an array.

    Raises:
        InvalidValueError: a time constant that is not above zero, a negative refractory period, theta <= v_reset.

    >>> round(noiseless_rate(25.0, v_reset=0.0), 6)
    29.249381
    """
    _check(tau_m, theta, v_reset, t_ref)
    mu = np.asarray(mu, np.float64)
    fires = mu > theta
    above = np.where(fires, mu, theta + 1.0)
    interval = t_ref + tau_m * np.log1p((theta - v_reset) / (above - theta))
    return _as_given(np.where(fires, second / interval, 0.0))


def siegert_rate(
    mu: Any,
    sigma: Any,
    *,
    tau_m: float = 20 * ms,
    theta: float = 20 * mV,
    v_reset: float = 10 * mV,
    t_ref: float = 2 * ms,
) -> Any:
    r"""Rate [Hz] of a leaky integrate-and-fire neuron in Gaussian white noise.

    .. math:: \tau_m \dot v = -v + \mu + \sigma \sqrt{\tau_m}\, \xi(t), \qquad \frac{1}{\nu} = t_{ref} +
              \tau_m \sqrt\pi \int_{(V_r - \mu)/\sigma}^{(\theta - \mu)/\sigma} e^{u^2} (1 + \operatorname{erf} u)\, du

    (Siegert 1951, doi:10.1103/PhysRev.81.617; Brunel 2000, doi:10.1023/A:1008925309027, equation 21.) The integrand is
    erfcx(-u) below zero and 2 exp(u^2) - erfcx(u), whose first part is Dawson's integral, above: nothing overflows, and
    a rate that no double can hold is 0.

    Args:
        mu: mean of the potential without a threshold, above rest [mV]; a number or an array.
        sigma: sqrt(2) times the standard deviation of that potential [mV], as Brunel writes it; a number or an array.
            Without noise the rate is that of :func:`noiseless_rate`.
        tau_m, theta, v_reset, t_ref: membrane time constant [ms], threshold and reset above rest [mV], refractory
            period [ms].

    Raises:
        InvalidValueError: sigma < 0, and as :func:`noiseless_rate`.

    >>> round(siegert_rate(21.025, 7.683), 2)
    37.95
    """
    low, high, noiseless = _bounds(mu, sigma, tau_m, theta, v_reset, t_ref)
    scaled, exponent = _scaled_rate(low, high, tau_m, t_ref)
    rate = second * np.exp(-exponent) * scaled
    without = noiseless_rate(mu, tau_m=tau_m, theta=theta, v_reset=v_reset, t_ref=t_ref)
    return _as_given(np.where(noiseless, without, rate))


def interval_cv(
    mu: Any,
    sigma: Any,
    *,
    tau_m: float = 20 * ms,
    theta: float = 20 * mV,
    v_reset: float = 10 * mV,
    t_ref: float = 2 * ms,
) -> Any:
    r"""Coefficient of variation of the intervals between spikes in Gaussian white noise; arguments as
    :func:`siegert_rate`.

    .. math:: CV^2 = 2\pi\,(\nu\tau_m)^2 \int_{(V_r - \mu)/\sigma}^{(\theta - \mu)/\sigma} e^{x^2} dx
              \int_{-\infty}^{x} e^{y^2} (1 + \operatorname{erf} y)^2\, dy

    (Brunel 2000, doi:10.1023/A:1008925309027, appendix A.) Without noise it is 0 for a neuron that fires, else NaN.

    >>> round(interval_cv(21.025, 7.683), 3)
    0.675
    """
    low, high, noiseless = _bounds(mu, sigma, tau_m, theta, v_reset, t_ref)
    scaled, _ = _scaled_rate(low, high, tau_m, t_ref)
    double = np.vectorize(_scaled_double_integral, otypes=[np.float64])(low, high)
    cv = np.sqrt(2 * np.pi * double) * tau_m * scaled
    return _as_given(np.where(noiseless, np.where(np.asarray(mu) > theta, 0.0, np.nan), cv))


@final
@dataclass(frozen=True, kw_only=True)
class FixedPoint:
    """A self-consistent state of a network: the rate [Hz] that its own input brings about.

    ``slope`` is the derivative of the neurons' rate by the rate of their inputs: the state repels if it is above 1.
    """

    rate: float
    mu: float
    sigma: float
    cv: float
    slope: float


@final
@dataclass(frozen=True, kw_only=True)
class BrunelNetwork:
    r"""Brunel's network of identical excitatory and inhibitory neurons with instantaneous synapses, in mean field.

    .. math:: \mu = \tau_m J C_E\,(\nu_{ext} + \nu - g \gamma \nu), \qquad
              \sigma^2 = \tau_m J^2 C_E\,(\nu_{ext} + \nu + g^2 \gamma \nu), \qquad
              \nu_{ext} = \eta\,\frac{\theta}{J C_E \tau_m}

    (Brunel 2000, doi:10.1023/A:1008925309027, section 3.) ``gamma`` is the number of inhibitory inputs by that of
    excitatory ones, C_I / C_E; potentials are above rest.

    >>> [round(state.rate, 2) for state in BrunelNetwork(g=5, eta=2).fixed_points()]
    [37.95]
    """

    g: float
    eta: float
    j: float = 0.1 * mV
    c_e: int = 1000
    gamma: float = 0.25
    tau_m: float = 20 * ms
    theta: float = 20 * mV
    v_reset: float = 10 * mV
    t_ref: float = 2 * ms

    def __post_init__(self) -> None:
        _check(self.tau_m, self.theta, self.v_reset, self.t_ref)
        for name in ("g", "eta", "gamma"):
            if not getattr(self, name) >= 0:
                raise InvalidValueError(f"BrunelNetwork({name}={getattr(self, name)}) is not possible; allowed: >= 0")
        if not (self.j > 0 and self.c_e >= 1):
            raise InvalidValueError(f"BrunelNetwork needs j > 0 mV and c_e >= 1; given j={self.j}, c_e={self.c_e}")

    @property
    def threshold_rate(self) -> float:
        """The external rate of an input [Hz] that brings the mean to the threshold if nobody else fires: nu_thr."""
        return second * self.theta / (self.j * self.c_e * self.tau_m)

    @property
    def external_rate(self) -> float:
        """The rate of each external input [Hz]: eta times nu_thr."""
        return self.eta * self.threshold_rate

    def moments(self, rate: Any) -> tuple[Any, Any]:
        """mu and sigma [mV] of the input if every neuron of the network fires at ``rate`` [Hz]."""
        rate = np.asarray(rate, np.float64) / second
        external, total = self.external_rate / second, self.tau_m * self.j * self.c_e
        mu = total * (external + rate * (1 - self.g * self.gamma))
        sigma = np.sqrt(total * self.j * (external + rate * (1 + self.g**2 * self.gamma)))
        return _as_given(mu), _as_given(sigma)

    def response(self, rate: Any) -> Any:
        """The rate [Hz] of neurons whose inputs come from a network that fires at ``rate`` [Hz]."""
        return siegert_rate(*self.moments(rate), **self._cell())

    def fixed_points(self, grid: int = 4000) -> list[FixedPoint]:
        """All rates that bring themselves about, in ascending order.

        ``response(rate) - rate`` is looked at on ``grid`` rates, half of them evenly spaced and half by logarithm,
        from 1e-12 Hz to 1 / t_ref, but at most 10 kHz, and each change of sign is refined. Two states closer together
        than the grid are missed.
        """
        top = second / max(self.t_ref, 0.1 * ms)
        rates = np.union1d(np.linspace(0.0, top, grid // 2), np.geomspace(1e-12, top, grid // 2))
        excess = self.response(rates) - rates
        found = list(rates[excess == 0])
        for i in np.flatnonzero(np.sign(excess[:-1]) * np.sign(excess[1:]) < 0):
            root = brentq(lambda r: self.response(r) - r, rates[i], rates[i + 1], xtol=1e-13)
            found.append(float(root))  # pyright: ignore[reportArgumentType]
        return [self._state(float(rate)) for rate in sorted(found)]

    def _state(self, rate: float) -> FixedPoint:
        mu, sigma = self.moments(rate)
        width = max(1e-4 * rate, 1e-9)
        slope = (self.response(rate + width) - self.response(max(rate - width, 0.0))) / (width + min(width, rate))
        cv = interval_cv(mu, sigma, **self._cell())
        return FixedPoint(rate=rate, mu=float(mu), sigma=float(sigma), cv=float(cv), slope=float(slope))

    def _cell(self) -> dict[str, float]:
        return {"tau_m": self.tau_m, "theta": self.theta, "v_reset": self.v_reset, "t_ref": self.t_ref}


# ------------------------------------------------------------------------------------------------------------ integrals
def _bounds(mu: Any, sigma: Any, tau_m: float, theta: float, v_reset: float, t_ref: float) -> Any:
    """The bounds of the integrals, and where there is no noise (the bounds are then of no meaning)."""
    _check(tau_m, theta, v_reset, t_ref)
    mu, sigma = np.broadcast_arrays(np.asarray(mu, np.float64), np.asarray(sigma, np.float64))
    if not (sigma >= 0).all():
        raise InvalidValueError(f"sigma must be >= 0 [mV]; given {float(sigma.min()):g}")
    noiseless = sigma < NOISELESS * (theta - v_reset)
    noise = np.where(noiseless, 1.0, sigma)
    mu = np.where(noiseless, theta, mu)
    return (v_reset - mu) / noise, (theta - mu) / noise, noiseless


def _scaled_rate(low: Any, high: Any, tau_m: float, t_ref: float) -> tuple[Any, Any]:
    """The rate per ms, times exp(c), and c = high^2 for high > 0, else 0: both are numbers that doubles hold."""
    below = _erfcx_integral(np.maximum(-high, 0.0), np.maximum(-low, 0.0))
    start, end = np.maximum(low, 0.0), np.maximum(high, 0.0)
    grown = 2 * (dawsn(end) - np.exp((start - end) * (start + end)) * dawsn(start))
    rest = t_ref + tau_m * np.sqrt(np.pi) * (below - _erfcx_integral(start, end))
    return 1 / (np.exp(-(end**2)) * rest + tau_m * np.sqrt(np.pi) * grown), end**2


def _erfcx_integral(start: Any, end: Any) -> NDArray[np.float64]:
    """The integral of erfcx(u) over start <= u <= end, both >= 0, by Gauss-Legendre in log(1 + u)."""
    first = np.log1p(start)[..., None]
    length = np.log1p(end)[..., None] - first
    grown = np.exp(first + length * _NODES)
    return (length * _WEIGHTS * erfcx(grown - 1) * grown).sum(-1)


def _scaled_double_integral(low: float, high: float) -> float:
    """The double integral of the CV, times exp(-2 high^2) for high > 0."""
    start, end = max(low, 0.0), max(high, 0.0)
    total = 0.0
    if low < 0:  # in log(1 - x)
        first, last = np.log1p(max(-high, 0.0)), np.log1p(-low)
        grown = np.exp(first + (last - first) * _NODES)
        total += np.exp(-2 * end**2) * float((_WEIGHTS * (last - first) * grown * _inner(1 - grown)).sum())
    if high > 0:  # in the distance below the upper bound: what lies further down is nothing beside the top
        down = min(end - start, _FAR / 2 / (end + np.sqrt(max(end**2 - _FAR / 2, 0.0)))) * _NODES
        x = end - down
        reach = np.minimum(x, _FAR / (x + np.sqrt(np.maximum(x**2 - _FAR, 0.0))))  # of y below x
        lower = down[:, None] + reach[:, None] * _NODES  # the distance of y below the upper bound
        fallen = -down * (end + x)  # x^2 - end^2, without a loss of digits
        peak = (1 + erf(end - lower)) ** 2 * np.exp(fallen[:, None] - lower * (2 * end - lower))
        inner = reach * (peak * _WEIGHTS).sum(-1) + np.exp(fallen - end**2) * _inner(np.zeros(1))
        total += float((down[-1] / _NODES[-1] * _WEIGHTS * inner).sum())
    return total


def _inner(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(x^2) times the inner integral of the CV, for x <= 0: the integral of erfcx(s - x)^2 exp(2 x s - s^2)."""
    reach = x + np.sqrt(x**2 + _FAR)
    far = reach < 1e-6  # the difference above has lost its digits; for x this low it is 20 / |x|
    reach = np.where(far, -_FAR / 2 / np.where(far, x, -1.0), reach)
    s = reach[:, None] * _NODES
    return reach * (_WEIGHTS * erfcx(s - x[:, None]) ** 2 * np.exp((2 * x[:, None] - s) * s)).sum(-1)


def _check(tau_m: float, theta: float, v_reset: float, t_ref: float) -> None:
    if not (tau_m > 0 and t_ref >= 0 and theta > v_reset):
        raise InvalidValueError(
            f"a neuron needs tau_m > 0 ms, t_ref >= 0 ms and theta > v_reset; given tau_m={tau_m}, t_ref={t_ref}, "
            f"theta={theta}, v_reset={v_reset}"
        )


def _as_given(value: NDArray[np.float64]) -> Any:
    return value if value.ndim else float(value)
