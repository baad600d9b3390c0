"""The third factor: what a rule would change waits as an eligibility until a signal says what it was worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

from spikeloom.core.errors import UnsupportedError
from spikeloom.core.language import exp
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, second
from spikeloom.plasticity.base import Signal, Wrapper, moves_between

KERNELS = ("exponential", "alpha", "cascaded")


@final
class Modulated(Wrapper):
    r"""A rule whose changes go into an eligibility trace e, and a modulator m that turns the trace into weight.

    .. math:: \frac{dw}{dt} = \eta\, m(t)\, e(t), \qquad e(t) = \sum_k \Delta w_k\, f(t - t_k)

    :math:`\Delta w_k` is what the rule inside would have changed at :math:`t_k`. ``eligibility`` says what f is:
    ``"exponential"`` :math:`e^{-s / \tau_e}` (Izhikevich 2007, doi:10.1093/cercor/bhl152), ``"alpha"``
    :math:`(s / \tau_e)\, e^{-s / \tau_e}` (Legenstein, Pecevski & Maass 2008, doi:10.1371/journal.pcbi.1000180), or
    ``"cascaded"`` :math:`(e^{-s / \tau_e} - e^{-s / \tau_{rise}})\, \tau_e / (\tau_e - \tau_{rise})`, the change
    passing through a first trace into a second one. Exact between events: trace, modulator and their product are
    integrated in closed form, and nothing is computed for a synapse at which nothing happens, but that all are brought
    up to date every three time constants. A weight is up to date when a spike of its source is sent, and at the end of
    a run. Bounds cut the weight off, not the trace (Fremaux & Gerstner 2016, doi:10.3389/fncir.2015.00085).
    """

    by: str = parameter(default="reward", text=True, doc="the modulator: net.modulator(name)")
    eta: float = parameter(default=1.0, unit="1/ms", doc="learning rate, for a modulator and a trace of 1")
    tau_e: float = parameter(default=1 * second, unit="ms", positive=True, doc="time constant of the eligibility")
    tau_rise: float = parameter(default=100 * ms, unit="ms", positive=True, doc="of the first trace, if cascaded")
    eligibility: str = parameter(default="exponential", choices=KERNELS, doc="how a change waits")

    captures: ClassVar[bool] = True

    synapse: ClassVar[Mapping[str, str]] = {"eligibility_trace": "that of the weight", "first": "that of the weight"}

    def check(self) -> None:
        super().check()
        for part in self.rule.parts():
            if moves_between(part):
                raise UnsupportedError(
                    f"Modulated(rule=...): {type(part).__name__} moves weights between events, and only what events "
                    "change can wait in an eligibility; for a sum over modulators take Summed(rule=Modulated(...), "
                    "beside=Modulated(...)), for a product Gated(rule=Modulated(...))"
                )
        if self.eligibility == "cascaded" and abs(self.tau_e - self.tau_rise) < 1e-3 * self.tau_e:
            object.__setattr__(self, "eligibility", "alpha")  # the limit of equal time constants

    def signals(self) -> dict[str, Signal]:
        late = Signal(self.by, self.tau_rise) if self.eligibility == "cascaded" else Signal(self.by, self.tau_e, 1)
        return {"gained": Signal(self.by, self.tau_e), "gained_first": late}

    def constants(self, dt: float) -> dict[str, float]:
        rise = self.tau_rise if self.eligibility == "cascaded" else self.tau_e
        share = self.tau_e / (self.tau_e - rise) if rise != self.tau_e else 1.0
        return {"eta": self.eta, "per_tau": 1 / self.tau_e, "per_rise": 1 / rise, "share": share}

    @staticmethod
    def on_change(w, change, eligibility_trace, first, share, *, eligibility):
        if eligibility == "exponential":
            return w, eligibility_trace + change, first
        if eligibility == "alpha":
            return w, eligibility_trace, first + change
        return w, eligibility_trace + share * change, first - share * change

    @staticmethod
    def between(
        elapsed, w, eligibility_trace, first, gained, gained_first, eta, per_tau, per_rise, *, eligibility
    ):  # fmt: skip
        kept = exp(-elapsed * per_tau)
        if eligibility == "exponential":
            return w + eta * gained * eligibility_trace, eligibility_trace * kept, first
        w = w + eta * gained * eligibility_trace + eta * gained_first * first
        if eligibility == "alpha":
            return w, (eligibility_trace + first * elapsed * per_tau) * kept, first * kept
        return w, eligibility_trace * kept, first * exp(-elapsed * per_rise)

    @staticmethod
    def before(elapsed, eligibility_trace, first, per_tau, per_rise, *, eligibility):
        grown = exp(elapsed * per_tau)
        if eligibility == "exponential":
            return eligibility_trace * grown, first
        if eligibility == "alpha":
            return (eligibility_trace - first * elapsed * per_tau) * grown, first * grown
        return eligibility_trace * grown, first * exp(elapsed * per_rise)
