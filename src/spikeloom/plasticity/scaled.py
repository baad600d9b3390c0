"""Synaptic scaling: the weights of a neuron grow or shrink together until it fires as often as it should."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from spikeloom.core.language import exp
from spikeloom.core.parameters import parameter
from spikeloom.core.units import Hz, minute, ms, second
from spikeloom.plasticity.base import Filtered, Trace, Wrapper
from spikeloom.plasticity.incoming import Incoming


@final
class Scaled(Wrapper):
    r"""A rule, and multiplicative scaling of all weights of a target towards its target rate.

    .. math:: \tau \frac{dw}{dt} = \beta\, w\, (\nu^* - \bar\nu), \qquad
              \tau_{rate} \frac{d\bar\nu}{dt} = -\bar\nu + \sum_k \delta(t - t_k)

    (Turrigiano et al. 1998, doi:10.1038/36103; in this form van Rossum, Bi & Turrigiano 2000,
    doi:10.1523/JNEUROSCI.20-23-08812.2000, without their integral term.) Every ``interval`` each weight is multiplied
    by :math:`e^{\beta (\nu^* - \bar\nu)\, interval / \tau}`, the same factor for all weights of a target, so that their
    ratios stay: to rounding, as long as none is cut off at a bound of the rule inside. Near the target the rate of a
    neuron that fires in proportion to its weights comes closer at the rate :math:`\beta \nu^* / \tau`. Inhibitory
    weights (``w_max < 0``) scale the other way. A weight that targets share (convolution) is scaled by all of them.

    The detector of the rate begins at 0, and should be faster than the growth that it is to hold (Zenke, Hennequin &
    Gerstner 2013, doi:10.1371/journal.pcbi.1003330). Of a target that does not spike, the value itself is the rate.

    A target rate that cannot be reached is told: at the end of a run, if ``patience`` or more of model time has passed,
    a warning counts the neurons that are off by more than half of it and have no room left: all weights stand at the
    bound towards which they scale, or there is no bound and the neuron has been silent.
    """

    target: float = parameter(default=5 * Hz, unit="Hz", positive=True, doc="target rate nu*")
    beta: float = parameter(default=1 * second, unit="ms", positive=True, doc="gain; 1000 ms is 1 for each Hz")
    tau: float = parameter(default=100 * second, unit="ms", positive=True, doc="time constant of scaling")
    tau_rate: float = parameter(default=10 * second, unit="ms", positive=True, doc="time constant of the rate detector")
    interval: float = parameter(  # pyright: ignore[reportIncompatibleMethodOverride]
        default=100 * ms, unit="ms", positive=True, doc="how often weights are scaled"
    )
    patience: float = parameter(
        default=10 * minute,
        unit="ms",
        positive=True,
        doc="model time after which it is said that a rate is not reached",
    )

    analog: ClassVar[bool] = True

    def traces(self) -> dict[str, Trace | Filtered]:
        return {"y": Trace("post", self.tau_rate, jump=1 / self.tau_rate)}

    def constants(self, dt: float) -> dict[str, float]:
        whole = max(1, round(self.interval / dt)) * dt
        return {"gain": self.sign * self.beta * whole / self.tau, "wanted": self.target}

    @staticmethod
    def on_interval(w, y, gain, wanted):
        return w * exp(gain * (wanted - y))

    def remark(self, time: float, synapses: Incoming) -> str | None:
        rate = synapses.traces.get("y")
        if time < self.patience or rate is None:
            return None
        off, up = np.abs(rate - self.target) > self.target / 2, (rate < self.target) == (self.sign > 0)
        stuck = np.exp(-7) * self.target > rate  # silent for 7 tau_rate
        advice = "give their inputs spikes, or drive them otherwise"
        if self.limited:
            most, least = synapses.extremes()
            stuck = np.where(up, least >= self.high * (1 - 1e-9), most <= max(self.low, 1e-6 * self.high) * (1 + 1e-9))
            advice = f"all their weights stand at a bound: w_min={self.w_min:g}, w_max={self.w_max:g}"
        found = off & stuck
        if not found.any():
            return None
        return (
            f"the target of {self.target / Hz:g} Hz has not been reached after {time / second:g} s by {found.sum()} of "
            f"{found.size} neurons, and Scaled cannot reach it: they fire at {rate[found].mean() / Hz:.3g} Hz on "
            f"average; {advice}"
        )
