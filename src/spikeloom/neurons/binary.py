"""The binary neuron of statistical physics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from spikeloom.core.language import exp, minimum, spike, uniform, where
from spikeloom.core.numerics import exponential
from spikeloom.core.parameters import Parameter, parameter
from spikeloom.core.units import ms, mV
from spikeloom.neurons.base import Neuron


@final
class Binary(Neuron):
    r"""Binary neuron: up or down, updated at random times to a state that its input decides, by chance or threshold.

    .. math:: P(\text{update in } dt) = 1 - e^{-dt/\tau}, \qquad P(up \mid \text{update}) = g(h), \qquad
              h_j = \sum_i up_i\, w_{ij}

    where :math:`g(h) = \tfrac12 (1 + \tanh c\,(h - \theta))` with ``gain="sigmoid"`` (Ginzburg & Sompolinsky 1994,
    doi:10.1103/PhysRevE.50.3171), and 1 if :math:`h > \theta`, else 0, with ``gain="step"`` (McCulloch & Pitts 1943,
    doi:10.1007/BF02478259; with symmetric weights a Hopfield network 1982, doi:10.1073/pnas.79.8.2554).

    **What a spike is.** A neuron that is up spikes in every step: its train is its state. So ``h`` is the sum of the
    weights that arrive in a step, and a recurrent ``Dense`` projection without delay is the network of the books: each
    step sees the states after the one before. Its rate over 1 / dt is its mean activity. (NEST's ``ginzburg_neuron``
    and ``mcculloch_pitts_neuron`` send events where the state changes, two for up and one for down, instead: fewer
    events, and input from other neurons means something else.) Two neurons may update in the same step, which has a
    probability of (dt / tau)^2; as dt / tau goes to 0 updates are one at a time, and with symmetric weights and the
    sigmoid the states then have the distribution of Boltzmann, at the temperature 1 / (2 c) (Glauber 1963,
    doi:10.1063/1.1703954).
    """

    tau: Parameter = parameter(default=10 * ms, unit="ms", positive=True, doc="mean time between two updates")
    theta: Parameter = parameter(default=0 * mV, unit="mV", doc="input at which the sigmoid is 1/2, or the step")
    slope: Parameter = parameter(default=1.0, unit="1/mV", positive=True, doc="c, steepness of the sigmoid")
    gain: str = parameter(default="sigmoid", choices=("sigmoid", "step"), doc="the gain function g")

    state: ClassVar[Mapping[str, str]] = {"up": "1"}
    random: ClassVar[bool] = True

    def constants(self, dt: float) -> dict[str, Any]:
        return {"keep": exponential(-dt / self.tau), "theta": self.theta, "slope": self.slope}

    def options(self) -> dict[str, bool]:
        return {"sigmoid": self.gain == "sigmoid"}

    @staticmethod
    def step(x, up, keep, theta, slope, *, sigmoid):
        if sigmoid:
            chance = 1 / (1 + exp(minimum(-2 * slope * (x - theta), 80.0)))  # e^-80 is never: beyond, exp may overflow
        else:
            chance = where(x > theta, 1.0, 0.0)
        # One number decides both: below `keep` nothing happens, and the rest is divided as `chance` says.
        number = uniform()
        up = where(number < keep, up, where(number < 1 - chance * (1 - keep), 0.0, 1.0))
        return spike(up - 0.5), up
