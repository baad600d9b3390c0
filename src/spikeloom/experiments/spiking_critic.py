"""A critic of spiking neurons: value cells, and cells whose rate is the temporal-difference error and teaches them."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms
from spikeloom.network import Network
from spikeloom.neurons import PoissonNeuron
from spikeloom.plasticity import Homosynaptic, Modulated
from spikeloom.synapses import ExponentialCurrent


@final
class Critic(Model):
    r"""The circuit, and how it learns.

    .. math:: \nu_\delta(t) = \Big[\nu_0 + r(t) + \gamma\, \nu_V(t) - \nu_V(t - \Delta)\Big]_+, \qquad
              \dot w_i = \eta\, (D(t) - D_0)\, e_i(t)

    A complete serial compound comes in: ``channels`` inputs for each step of ``step`` ms since the onset of the cue,
    which fire in that step only. They drive value cells. Error cells fire at ``base`` Hz; cells that report the US
    (``us``) excite them, value cells excite them at once and inhibit them a step later, so that their rate is the error
    of Sutton & Barto (Houk, Adams & Barto 1995, in Models of Information Processing in the Basal Ganglia, 249-270;
    Schultz, Dayan & Montague 1997, doi:10.1126/science.275.5306.1593). Their spikes release the modulator D; D_0 is its
    level at the base rate. e_i is the trace of the input's spikes, ``after`` so many ms. All cells are Poisson neurons,
    weights are in Hz of the target.
    """

    elements: float = parameter(
        default=15, minimum=2, smooth=False, doc="steps since the onset of the cue, with inputs"
    )
    step: float = parameter(default=100 * ms, unit="ms", positive=True, doc="length of a step, Delta")
    channels: float = parameter(default=20, minimum=1, smooth=False, doc="inputs for a step")
    rate: float = parameter(default=50 * Hz, unit="Hz", positive=True, doc="of an input in its step")
    cells: float = parameter(default=50, minimum=1, smooth=False, doc="of each kind")
    base: float = parameter(default=5 * Hz, unit="Hz", positive=True, doc="rate of error cells at rest, nu_0")
    burst: float = parameter(default=20 * Hz, unit="Hz", positive=True, doc="what a US adds to it")
    highest: float = parameter(default=60 * Hz, unit="Hz", positive=True, doc="rate of value cells at the bound")
    gamma: float = parameter(default=0.98, minimum=0, maximum=1, doc="discount in a step")
    alpha: float = parameter(default=0.1, minimum=0, doc="part of an error that is learned in one trial")
    tau: float = parameter(default=20 * ms, unit="ms", positive=True, doc="time constant of synapses and modulator")
    tau_e: float = parameter(default=100 * ms, unit="ms", positive=True, doc="of the eligibility")
    after: float = parameter(default=120 * ms, unit="ms", minimum=0, doc="from an input's spike to its trace")
    dt: float = parameter(default=1 * ms, unit="ms", positive=True, doc="step of the simulation")

    def check(self) -> None:
        many = self.step / self.dt
        if abs(many - round(many)) > 1e-6 * many or many < 1:
            raise InvalidValueError(
                f"Critic(step={self.step:g}, dt={self.dt:g}): a step must be a whole number of dt, such as "
                f"{max(1, round(many)) * self.dt:g} ms"
            )

    @property
    def inputs(self) -> int:
        """How many inputs the cue has."""
        return round(self.elements) * round(self.channels)

    def build(self, seed: int) -> Network:
        """The network: inputs "cue" and "us", populations "value", "outcome" and "error", modulator "signal"."""
        cells = round(self.cells)
        net = Network(dt=self.dt, seed=seed, dtype=torch.float64)
        net.input("cue", self.inputs)
        net.input("us", round(self.channels))
        for name, rest in (("value", 0.0), ("outcome", 0.0), ("error", self.base)):
            net.population(name, PoissonNeuron(rate=rest, gain=1 * Hz), cells)
        release = 1 / (cells * self.burst * self.tau)  # so that a burst is worth 1
        at_rest = cells * -np.expm1(-self.base * self.dt)  # spikes in a step of the simulation
        rest = at_rest * release / -np.expm1(-self.dt / self.tau)
        net.modulator("signal", tau=self.tau, baseline=-rest)
        net.release("error", "signal", amount=release)
        net.connect("cue", "value", weight=0.0, synapse=self.synapse(), rule=self.rule(self.alpha))
        across = 1 / (Hz * cells * self.tau)  # so that the target is driven by the rate of the source
        net.connect("us", "outcome", weight=self.weight(self.burst), synapse=self.synapse())
        net.connect("outcome", "error", weight=across, synapse=self.synapse())
        net.connect("value", "error", weight=self.gamma * across, synapse=self.synapse(), name="value now")
        net.connect(
            "value", "error", weight=-across, delay=self.step, synapse=self.synapse(), name="value before"
        )  # fmt: skip
        return net

    def synapse(self) -> ExponentialCurrent:
        """Of every projection."""
        return ExponentialCurrent(tau=self.tau)

    def weight(self, rate: float) -> float:
        """With this weight the inputs of one step drive their targets at ``rate``."""
        return rate / Hz / (round(self.channels) * self.rate * self.tau)

    def rule(self, alpha: float) -> Modulated:
        """Of the synapses of inputs: an error of one step changes the rate of the target by ``alpha`` of it."""
        tagged = Homosynaptic(a=1.0, after=self.after, bounds="hard", w_max=self.weight(self.highest))
        spikes = self.rate * self.step  # of an input in its step
        eta = alpha * (self.burst / self.highest) / (spikes * self.credit())
        return Modulated(rule=tagged, by="signal", eta=eta, tau_e=self.tau_e)

    def credit(self) -> float:
        """What a trace and an error of the next step have in common [ms], mean of spikes in a step.

        The error is a step long and comes late by three exponentials: those of the synapses onto the cells that report
        and onto the error cells, and that of the modulator.
        """
        n = round(self.step / self.dt)
        error = np.concatenate([np.zeros(n), np.ones(n), np.zeros(8 * n)])
        fall = np.exp(-np.arange(len(error)) * self.dt / self.tau)
        for _ in range(3):
            error = np.convolve(error, fall / fall.sum())[: len(error)]
        trace = np.exp(-np.arange(len(error)) * self.dt / self.tau_e)
        late = np.arange(n) + round(self.after / self.dt)
        return float(np.mean([error[k:] @ trace[: len(error) - k] for k in late]) * self.dt)

    def element(self, k: int, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Spikes of the inputs in step ``k`` since the onset: times (in steps of the simulation) and channels."""
        shape = (round(self.step / self.dt), round(self.channels))
        time, channel = np.nonzero(random.random(shape) < self.rate * self.dt)
        return time, k * shape[1] + channel

    def spikes(self, found: list[tuple[int, Any, Any]], steps: int, size: int) -> Spikes:
        """Spikes from pieces (first step, times, channels) of ``steps`` steps of ``size`` inputs."""
        time = np.concatenate([first + t for first, t, _ in found] or [np.zeros(0, np.int64)])
        channel = np.concatenate([c for _, _, c in found] or [np.zeros(0, np.int64)])
        return Spikes.from_times(time * self.dt, channel, shape=(steps, 1, size), dt=self.dt)
