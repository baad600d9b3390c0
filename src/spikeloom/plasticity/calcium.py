"""Calcium in a spine that decays: the time it spends above a threshold, and the efficacy that follows it meanwhile.

All of it in the step language, without steps: times and integrals are in closed form.
"""

from __future__ import annotations

from spikeloom.core.language import exp, expm1, log, maximum, minimum


def time_above(calcium, threshold, tau, elapsed):
    """How long [ms] of the next ``elapsed`` a concentration that decays with ``tau`` stays above ``threshold``."""
    return minimum(maximum(tau * log(maximum(calcium, 1e-300) / threshold), 0.0), elapsed)


def follow(rho, above_d, above_p, depress, potentiate):
    r"""The mean efficacy after ``above_d`` ms above the one threshold and ``above_p`` above the other.

    .. math:: \dot\rho = p\,(1 - \rho)\,\Theta(c - \theta_p) - d\,\rho\,\Theta(c - \theta_d)

    Calcium decays, so both come first, and then what is left of the longer one. ``depress`` and ``potentiate`` are the
    rates d and p [1/ms].
    """
    both = minimum(above_d, above_p)
    aim = potentiate / (depress + potentiate)
    rho = aim + (rho - aim) * exp(-(depress + potentiate) * both)
    rho = rho * exp(-depress * (above_d - both))
    return 1.0 + (rho - 1.0) * exp(-potentiate * (above_p - both))


def spread(above_d, above_p, depress, potentiate, noise):
    r"""The variance that the same time leaves, for white noise of intensity ``noise`` [1/ms] from each threshold.

    It grows by 2 n times the intensity while n thresholds are passed, and what is there decays with twice the rates
    of :func:`follow`.
    """
    both = minimum(above_d, above_p)
    alone_d, alone_p = above_d - both, above_p - both
    total = depress + potentiate
    variance = -2.0 * noise / total * expm1(-2.0 * total * both)
    variance = variance * exp(-2.0 * depress * alone_d) - noise / depress * expm1(-2.0 * depress * alone_d)
    return variance * exp(-2.0 * potentiate * alone_p) - noise / potentiate * expm1(-2.0 * potentiate * alone_p)


def settle(rho, time):
    r"""The efficacy after ``time``, in units of tau, in its potential alone.

    .. math:: \tau \dot\rho = -\rho\,(1 - \rho)\,(\tfrac12 - \rho)

    With y = rho - 1/2 this is tau y' = y (1/4 - y^2), whose solution is
    :math:`y / \sqrt{4 y^2 + (1 - 4 y^2)\,e^{-t / 2\tau}}`: rho goes to 0 or to 1, whichever is nearer.
    """
    y = rho - 0.5
    left = exp(-0.5 * time)
    return 0.5 + y * exp(-0.5 * log(maximum(left + 4.0 * y * y * (1.0 - left), 1e-300)))
