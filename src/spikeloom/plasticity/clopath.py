"""The voltage rule of plasticity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import maximum, minimum
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms, mV, second
from spikeloom.plasticity.base import Filtered, Plasticity, Trace

HOMEOSTATIC = ("none", "squared")


@final
class Clopath(Plasticity):
    r"""The voltage rule: the potential of the target at a spike of the source, and after it, decides.

    .. math:: \dot w = -A_{LTD}\,X(t)\,[\bar u_- - \theta_-]_+
                       + A_{LTP}\,\bar x\,[u - \theta_+]_+\,[\bar u_+ - \theta_-]_+

    .. math:: \tau_x \dot{\bar x} = -\bar x + X(t), \qquad \tau_\mp \dot{\bar u}_\mp = -\bar u_\mp + u

    X is the spike train of the source, u the membrane potential of the target (Clopath, Buesing, Vasilaki & Gerstner
    2010, doi:10.1038/nn.2479, equations 1 to 3). Depression acts at spikes of the source, potentiation in every step in
    which the target is depolarised, and only at such targets. It works with every neuron that has a ``v``; one that
    resets within the step of its spike never shows it above ``theta_plus``, so that only its depolarisation before a
    spike potentiates: take one whose spikes have a shape, such as ``HodgkinHuxley``.

    The low-passed potentials are read some time late, so that a spike does not pair with itself: 3 steps of 1 ms in the
    authors' program (ModelDB 144566), 5 ms in NEST. In a step the trace of the source counts its own spike; in those
    two it counts from the next step on. ``late_minus`` one step longer, and the source's spikes one step later, are
    the same. With ``homeostasis="squared"`` A_LTD is multiplied by the square of the mean depolarisation over
    ``u_reference``: the low-pass of u - theta_minus over ``tau_mean`` (equation 3 of the paper).
    """

    a_ltd: float = parameter(default=14e-5, unit="1/mV", minimum=0, doc="amplitude of depression; of the weight's unit")
    a_ltp: float = parameter(default=8e-5, unit="1/mV2", minimum=0, doc="amplitude of potentiation; likewise")
    theta_minus: float = parameter(default=-70.6 * mV, unit="mV", doc="threshold of the low-passed potentials")
    theta_plus: float = parameter(default=-45.3 * mV, unit="mV", doc="threshold of the potential itself")
    tau_minus: float = parameter(default=10 * ms, unit="ms", positive=True, doc="low-pass of u for depression")
    tau_plus: float = parameter(default=7 * ms, unit="ms", positive=True, doc="low-pass of u for potentiation")
    tau_x: float = parameter(default=15 * ms, unit="ms", positive=True, doc="time constant of the source's trace")
    late_minus: float = parameter(default=5 * ms, unit="ms", minimum=0, doc="how late u_minus is read")
    late_plus: float = parameter(default=5 * ms, unit="ms", minimum=0, doc="how late u_plus is read")
    homeostasis: str = parameter(default="none", choices=HOMEOSTATIC, doc="whether depression follows the mean of u")
    tau_mean: float = parameter(default=1 * second, unit="ms", positive=True, doc="low-pass of u for homeostasis")
    u_reference: float = parameter(default=7.75 * mV, unit="mV", positive=True, doc="depolarisation that leaves A_LTD")
    bounds: str = parameter(default="hard", choices=("hard", "none"), doc="whether weights are cut off at the bounds")

    reads: ClassVar[tuple[str, ...]] = ("v",)

    def traces(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "x_bar": Trace("pre", self.tau_x, jump=1 / self.tau_x),
            "u_minus": Filtered("v", self.tau_minus, self.late_minus),
            "u_plus": Filtered("v", self.tau_plus, self.late_plus),
        }
        if self.homeostasis == "squared":
            found["u_mean"] = Filtered("v", self.tau_mean)
        return found

    def constants(self, dt: float) -> dict[str, float]:
        found: Mapping[str, float] = {
            "a_ltd": self.a_ltd,
            "a_ltp_dt": self.a_ltp * dt,
            "theta_minus": self.theta_minus,
            "theta_plus": self.theta_plus,
            "per_reference": 1 / self.u_reference,
        }
        return {**found} if self.homeostasis == "squared" else {**found, "u_mean": 0.0}

    def options(self) -> dict[str, Any]:
        return {"homeostasis": self.homeostasis}

    @staticmethod
    def on_pre(w, u_minus, u_mean, a_ltd, theta_minus, per_reference, *, homeostasis):
        amount = a_ltd * maximum(u_minus - theta_minus, 0.0)
        if homeostasis == "squared":
            mean = (u_mean - theta_minus) * per_reference
            amount = amount * mean * mean
        return w - amount

    @staticmethod
    def gate(v, u_plus, theta_minus, theta_plus):
        return minimum(v - theta_plus, u_plus - theta_minus)

    @staticmethod
    def on_step(w, x_bar, v, u_plus, a_ltp_dt, theta_minus, theta_plus):
        return w + a_ltp_dt * x_bar * (v - theta_plus) * (u_plus - theta_minus)
