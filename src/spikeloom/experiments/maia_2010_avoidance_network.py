"""An animal of spiking cells that learns to avoid: a critic of threat, an actor, and a world that answers it."""

from __future__ import annotations

import copy
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz
from spikeloom.engines import State, live
from spikeloom.experiments.spiking_critic import Critic
from spikeloom.network import Network
from spikeloom.neurons import PoissonNeuron
from spikeloom.plasticity import Gated, Modulated

Array = NDArray[np.float64]
ACTIONS: Final = ("stay", "respond")
REST: Final = 8
"""Steps between two trials."""


@final
class Actor(Model):
    r"""How the animal acts and learns.

    .. math:: \dot w_{ai} = -\eta\, (D(t) - D_0)\, e_{ai}(t), \qquad e_{ai} \text{ of inputs before the action } a

    Two populations are driven by the inputs of the warning signal; the one with more spikes in a step decides what is
    done in the next. Cells that report what was done open the gate of its own synapses. The critic learns threat, so
    that what excites its error cells, the shock and what announces it, weakens what was done before, and relief, which
    takes them below their base rate, strengthens it: as cells of the lateral habenula do (Matsumoto & Hikosaka 2009,
    doi:10.1038/nn.2233). Threat is a rate, and cannot fall below 0: where nothing is feared noise is learned in one
    direction only, and whatever is done there becomes a little stronger.
    """

    critic: Critic = parameter(
        default=Critic(elements=5, base=25 * Hz, alpha=0.2, gamma=0.95), family="spikeloom.experiments", doc="of threat"
    )
    alpha: float = parameter(default=0.1, minimum=0, doc="part of an error by which the rates of actor cells change")
    stay: float = parameter(default=20 * Hz, unit="Hz", minimum=0, doc="rate of cells for staying in a new animal")
    respond: float = parameter(default=15 * Hz, unit="Hz", minimum=0, doc="rate of cells for responding")
    cost: float = parameter(default=0.2, minimum=0, maximum=1, doc="effort of a response, part of a shock")

    def build(self, seed: int) -> Network:
        """The critic's network, with the actor and the cells that report what was done."""
        critic, net = self.critic, self.critic.build(seed)
        cells, channels = round(critic.cells), round(critic.channels)
        learning = critic.rule(self.alpha)
        for name, rate in zip(ACTIONS, (self.stay, self.respond), strict=True):
            net.input(f"did {name}", channels)
            net.population(name, PoissonNeuron(rate=0.0, gain=1 * Hz), cells)
            net.population(f"{name} done", PoissonNeuron(rate=0.0, gain=1 * Hz), cells)
            net.modulator(f"{name} gate", tau=critic.tau)
            full = 50 * Hz
            net.release(f"{name} done", f"{name} gate", amount=1 / (cells * full * critic.tau))
            net.connect(f"did {name}", f"{name} done", weight=critic.weight(full), synapse=critic.synapse())
            gated = Gated(rule=learning.rule, by=f"{name} gate")
            rule = Modulated(rule=gated, by="signal", eta=-learning.eta, tau_e=learning.tau_e)
            net.connect("cue", name, weight=critic.weight(rate), synapse=critic.synapse(), rule=rule)
        return net


@final
class Animal:
    """One animal in its box, new or in a ``state`` that another one was in."""

    def __init__(self, actor: Actor, net: Network, random: np.random.Generator, state: State | None = None) -> None:
        self.actor, self.critic, self.net, self.random = actor, actor.critic, net, random
        self.run = live(net, state, record=[f"{action}.count" for action in ACTIONS])
        self.steps = round(self.critic.elements)

    @classmethod
    def new(cls, actor: Actor, seed: int, name: str) -> Animal:
        """One that has learned nothing."""
        random = stream(seed, name)
        return cls(actor, actor.build(int(random.integers(2**31))), random)

    def twin(self) -> Animal:
        """Another one that has learned the same, and goes on with the same random numbers."""
        return Animal(self.actor, self.net, copy.deepcopy(self.random), self.run.state)

    def trials(self, times: int, *, shock: bool, prevented: bool = False) -> NDArray[np.bool_]:
        """Go through trials; in which of them it avoided."""
        return np.array([self._trial(shock, prevented) for _ in range(times)])

    def value(self) -> Array:
        """What each step of the signal is worth to it, in shocks: -1 is a shock."""
        weight = np.asarray(self.run.state["cue->value"]["weight"]).reshape(self.steps, -1)
        return -weight.mean(axis=1) / self.critic.weight(self.critic.burst)

    def _trial(self, shock: bool, prevented: bool) -> bool:
        """The signal step by step until it responds; then what follows, and a rest."""
        done: str | None = None
        for step in range(self.steps):
            count = self._step(cue=step, done=done)
            done = "respond" if not prevented and count["respond"] > count["stay"] else "stay"
            if done == "respond":
                break
        avoided = done == "respond"
        self._step(done=done, outcome=self.actor.cost if avoided else float(shock))
        for _ in range(REST):
            self._step()
        return avoided

    def _step(self, cue: int | None = None, done: str | None = None, outcome: float = 0.0) -> dict[str, int]:
        """One step of the world: what comes in, and the spikes of both populations of the actor."""
        c = self.critic
        nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        inputs = {"cue": self._spikes(c.element(cue, self.random) if cue is not None else nothing, c.inputs)}
        time, channel = c.element(0, self.random) if outcome else nothing
        kept = self.random.random(time.size) < outcome
        inputs["us"] = self._spikes((time[kept], channel[kept]), round(c.channels))
        for name in ACTIONS:
            inputs[f"did {name}"] = self._spikes(
                c.element(0, self.random) if done == name else nothing, round(c.channels)
            )
        record = self.run.advance(inputs)
        return {name: int(record[f"{name}.count"].sum()) for name in ACTIONS}

    def _spikes(self, found: tuple[Any, Any], size: int) -> Spikes:
        return self.critic.spikes([(0, *found)], round(self.critic.step / self.critic.dt), size)
