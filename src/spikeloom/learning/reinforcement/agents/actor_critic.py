"""An actor and a critic, both of spiking neurons, taught by the critic's own error."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from spikeloom.core.parameters import parameter
from spikeloom.core.random import stream
from spikeloom.core.units import Hz, ms, mV
from spikeloom.engines import Record
from spikeloom.learning.reinforcement.agents import shuffled
from spikeloom.learning.reinforcement.agents.base import ACTORS, SENSES, Agent, Life
from spikeloom.learning.reinforcement.agents.competition import rivalry
from spikeloom.learning.reinforcement.agents.senses import Drive, driven
from spikeloom.modulators import Outcome, TemporalDifference
from spikeloom.network import Network
from spikeloom.neurons import LIF, StochasticLIF
from spikeloom.plasticity import LateLTP, Modulated

CRITICS, ERROR = "critics", "td"
"""The names of the population whose spikes are the value, and of the modulator."""

SIGNALS = ("td", "shuffled", "constant")
PACE = 0.05
"""How fast the mean return follows the returns, for each episode."""


@final
class ActorCritic(Agent):
    r"""Senses drive a critic, whose spikes are the value V, and actors, whose spikes compete for the action.

    .. math:: V = V_0 + scale\,(n - tone), \qquad \delta = r + \gamma V' - V, \qquad \dot w = \eta\, \delta(t)\, e(t)

    n is the mean number of spikes of a critic neuron in the stretch of network time in which an observation is seen.
    The temporal-difference error delta, the only thing that is computed outside of the network, is released as a
    modulator that all synapses of senses read. Their eligibility e gathers pairs of spikes of source and target
    (:class:`~spikeloom.plasticity.LateLTP`) and fades over ``tau_e``. So the rule is a product of three factors, each
    at the synapse or everywhere; nothing is propagated back. After Fremaux, Sprekeler & Gerstner 2013
    (doi:10.1371/journal.pcbi.1003024), with time cut into decisions: an observation is seen for ``seeing`` ms, in the
    rest of ``decision`` nothing is, and a pair counts within one decision. The error of a decision is released one
    decision later, at the beginning of a stretch, when its pairs are in the eligibility and later ones are not.

    Critic neurons are LIF neurons without noise that keep what is over at a spike (``reset="subtract"``): their count
    is the value up to a fraction of a spike, averaged over ``critics`` neurons with weights of their own. Actors are
    noisy, each group inhibits the others, and the action is the decoder's. Exploration is their noise: it dies away
    where the weights of one group have outgrown those of the others.

    V lies between :math:`V_0 - scale\; tone` and :math:`V_0 + (most - 1)\, scale\; tone`, about: choose ``gamma``,
    ``value`` and ``scale`` so that what is to come, some r / (1 - gamma) in a task that goes on and on, lies there too.
    Otherwise the error never ends, and all that is done is praised.

    With ``goal`` errors are released with a gain that falls with the running mean of the returns and is 0 at the goal:
    what is good enough is left alone. ``signal`` is for controls: ``"shuffled"`` releases errors of random earlier
    decisions, ``"constant"`` always one of 1 spike of the critic.
    """

    gamma: float = parameter(default=0.98, minimum=0, maximum=1, doc="discount of what comes one decision later")
    critics: float = parameter(default=40, minimum=1, unit="neurons", doc="of the critic")
    value: float = parameter(default=0.0, unit="reward", doc="V_0, of everything at the beginning")
    scale: float = parameter(default=0.3, unit="reward", positive=True, doc="worth of one spike of each critic neuron")
    tone: float = parameter(default=6.0, unit="spikes", positive=True, doc="of a critic neuron in a decision, for V_0")
    critic_rate: float = parameter(default=0.1, minimum=0, doc="part of an error that is gone when it comes again")
    actor_rate: float = parameter(
        default=0.6, minimum=0, doc="relative growth of a weight for an error of ``scale`` and a pair at each spike"
    )
    tau_e: float = parameter(default=80 * ms, unit="ms", positive=True, doc="time constant of the eligibility")
    tau_pair: float = parameter(default=10 * ms, unit="ms", positive=True, doc="how close a pair of spikes has to be")
    most: float = parameter(default=4.0, minimum=1, doc="largest weight, in that of the beginning; the smallest is 0")
    push: float = parameter(default=3.0 * mV, unit="mV", positive=True, doc="what senses give an actor in a decision")
    tau_actor: float = parameter(default=4 * ms, unit="ms", positive=True, doc="membrane time constant of actors")
    softness: float = parameter(default=0.2 * mV, unit="mV", positive=True, doc="width of their threshold, 1 mV")
    rate_theta: float = parameter(default=200 * Hz, unit="Hz", positive=True, doc="their rate at threshold")
    inhibit: float = parameter(default=0.2 * mV, unit="mV", minimum=0, doc="what a spike takes from rivals")
    goal: float | None = parameter(
        default=None, unit="reward", positive=True, optional=True, doc="mean return at which nothing more is learned"
    )
    signal: str = parameter(default="td", choices=SIGNALS, doc="what is released")

    records: ClassVar[tuple[str, ...]] = (f"{ACTORS}.count", f"{CRITICS}.count")

    def check(self) -> None:
        super().check()
        object.__setattr__(self, "_teacher", TemporalDifference(gamma=self.gamma))

    def build(self, observation_space: Any, action_space: Any, seed: int) -> Network:
        seen = self.sensed(observation_space)
        net = Network(dt=1 * ms, seed=seed)
        drive = driven(self.encoder, seen, self.seeing)
        senses = net.input(SENSES, self.encoder.size(seen))
        critics = net.population(CRITICS, LIF(tau_m=200 * ms, theta=1 * mV, reset="subtract"), round(self.critics))
        cell = StochasticLIF(
            tau_m=self.tau_actor, theta=1 * mV, softness=self.softness, rate_theta=self.rate_theta
        )  # fmt: skip
        actors = net.population(ACTORS, cell, self.decoder.size(action_space))
        net.modulator(ERROR)
        personal = stream(seed, f"weights {CRITICS}").uniform(0.5, 1.5, critics.size)
        for to, mean, factor, rate in (
            (critics, self.tone * mV / drive.total, personal, self.critic_rate / (self.tone * self._pairs(drive))),
            (actors, self.push / drive.total, np.ones(actors.size), self.actor_rate / drive.each),
        ):
            ltp = LateLTP(
                a=1.0, tau=self.tau_pair, reach=self.decision - self.seeing, d=self.decision, w_min=0.0,
                w_max=self.most * mean,
            )  # fmt: skip
            rule = Modulated(rule=ltp, by=ERROR, tau_e=self.tau_e, eta=rate / self.scale * mean)
            net.connect(senses, to, weight=np.tile(mean * factor, (senses.size, 1)), rule=rule)
        net.connect(actors, actors, weight=-self.inhibit * rivalry(self.decoder, action_space))
        if self.exploration is not None:
            self.exploration.install(net, ACTORS)
        return net

    def _pairs(self, drive: Drive) -> float:
        """What pairs of a channel's spikes with those of a critic neuron, evenly spread over ``seeing``, sum up to."""
        share = self.tau_pair / self.seeing
        return drive.each * self.tone * share * (1 - share * -np.expm1(-1 / share))

    def numbers(self) -> dict[str, Any]:
        kept = shuffled.numbers() if self.signal == "shuffled" else {}
        return {"value": None, "reward": 0.0, "error": 0.0, "total": 0.0, "mean": 0.0, **kept}

    def decide(self, life: Life, observation: Any) -> Any:
        found = self._see(life, observation)
        self._judge(life, self._value(found), ended=False)
        return life.choose(found[f"{ACTORS}.count"].numpy()[0])

    def outcome(self, life: Life, reward: float, observation: Any, terminated: bool, truncated: bool) -> None:
        mine = life.numbers
        mine["reward"] = reward
        mine["total"] += reward
        if not (terminated or truncated):
            return
        found = self._see(life, None if terminated else observation)  # what is cut off is worth V
        self._judge(life, 0.0 if terminated else self._value(found), ended=terminated)
        life.see(None, self.rest, 0.0, {ERROR: mine["error"]})
        mine["mean"] += PACE * (mine["total"] - mine["mean"])
        mine |= {"value": None, "reward": 0.0, "error": 0.0, "total": 0.0}

    def _see(self, life: Life, observation: Any) -> Record:
        return life.see(observation, self.decision, self.seeing, {ERROR: life.numbers["error"]})

    def _value(self, found: Record) -> float:
        return self.value + self.scale * (float(found[f"{CRITICS}.count"].sum()) / round(self.critics) - self.tone)

    def _judge(self, life: Life, value: float, *, ended: bool) -> None:
        """Compute the error to be released next; of the first observation of an episode there is none."""
        mine = life.numbers
        before, mine["value"] = mine["value"], value
        if before is None:
            return
        teacher: TemporalDifference = self.__dict__["_teacher"]
        error, _ = teacher.release(Outcome(reward=mine["reward"], value=value, ended=ended), {"value": before})
        if self.signal == "constant":
            error = self.scale
        elif self.signal == "shuffled":
            error = shuffled.drawn(mine, error, life.chance)
        mine["error"] = error if self.goal is None else error * max(0.0, 1 - mine["mean"] / self.goal)
