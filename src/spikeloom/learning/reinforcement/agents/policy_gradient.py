"""Neurons that climb the gradient of the reward."""

from __future__ import annotations

from typing import Any, ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.core.units import Hz, ms, mV
from spikeloom.learning.reinforcement.agents import shuffled
from spikeloom.learning.reinforcement.agents.base import ACTORS, SENSES, Agent, Life
from spikeloom.learning.reinforcement.agents.competition import rivalry
from spikeloom.learning.reinforcement.agents.senses import driven
from spikeloom.modulators import Outcome, RewardMinusMean
from spikeloom.network import Network
from spikeloom.neurons import EscapeRate
from spikeloom.plasticity import Modulated, ScoreFunction

SUCCESS = "success"
"""The name of the modulator."""

SIGNALS = ("success", "shuffled")


@final
class PolicyGradient(Agent):
    r"""Actors alone, whose synapses remember how surprising their spikes were until the reward comes.

    .. math:: \dot w = \eta\, (R - \bar R)\, e(t), \qquad
              \dot e = -\frac{e}{\tau_e} + (S - \rho)\, \epsilon(t)

    S are an actor's spikes, rho their rate and epsilon what a spike of the senses does to its potential: the bracket
    is the gradient of the log-probability of what it did (:class:`~spikeloom.plasticity.ScoreFunction`). At the end of
    an episode the sum R of its rewards, less the running mean, is released as a modulator; or, with ``every="step"``,
    each reward as it comes: for worlds that go on and on. Without the decay of the eligibility the expected change of
    the weights is the gradient of the expected reward: REINFORCE (Williams 1992,
    doi:10.1007/BF00992696), for spiking neurons R-max (Pfister, Toyoizumi, Barber & Gerstner 2006,
    doi:10.1162/neco.2006.18.6.1318; Fremaux, Sprekeler & Gerstner 2010, doi:10.1523/JNEUROSCI.6249-09.2010). There is
    no critic: it suits tasks whose episodes are short, and where one mean fits all.

    ``signal="shuffled"`` is a control: it releases the success of a random earlier time.
    """

    rate: float = parameter(default=0.02, minimum=0, doc="relative growth of a weight for a success of 1 and a spike")
    tau_e: float = parameter(default=300 * ms, unit="ms", positive=True, doc="time constant of the eligibility")
    every: str = parameter(default="episode", choices=("episode", "step"), doc="when success is released")
    mean_over: float = parameter(default=30.0, unit="releases", minimum=1, doc="how far back the mean reward goes")
    most: float = parameter(default=4.0, minimum=1, doc="largest weight, in that of the beginning; the smallest is 0")
    push: float = parameter(default=4.0 * mV, unit="mV", positive=True, doc="what senses give an actor in a decision")
    tau_actor: float = parameter(default=4 * ms, unit="ms", positive=True, doc="membrane time constant of actors")
    softness: float = parameter(default=0.3 * mV, unit="mV", positive=True, doc="width of their threshold, 1 mV")
    rate_theta: float = parameter(default=100 * Hz, unit="Hz", positive=True, doc="their rate at threshold")
    refractory: float = parameter(default=0.5 * mV, unit="mV", minimum=0, doc="what a spike takes from its own neuron")
    inhibit: float = parameter(default=0.2 * mV, unit="mV", minimum=0, doc="what a spike takes from rivals")
    signal: str = parameter(default="success", choices=SIGNALS, doc="what is released")

    records: ClassVar[tuple[str, ...]] = (f"{ACTORS}.count",)

    def check(self) -> None:
        super().check()
        object.__setattr__(self, "_teacher", RewardMinusMean(tau=self.mean_over))

    def build(self, observation_space: Any, action_space: Any, seed: int) -> Network:
        seen = self.sensed(observation_space)
        net = Network(dt=1 * ms, seed=seed)
        mean = self.push / driven(self.encoder, seen, self.seeing).total
        senses = net.input(SENSES, self.encoder.size(seen))
        cell = EscapeRate(
            tau_m=self.tau_actor, theta=1 * mV, softness=self.softness, rate_theta=self.rate_theta,
            tau_a=self.tau_actor, drop=self.refractory,
        )  # fmt: skip
        actors = net.population(ACTORS, cell, self.decoder.size(action_space))
        net.modulator(SUCCESS)
        score = ScoreFunction(a=self.softness, tau=self.tau_actor, w_min=0.0, w_max=self.most * mean)
        rule = Modulated(rule=score, by=SUCCESS, tau_e=self.tau_e, eta=self.rate * mean)
        net.connect(senses, actors, weight=mean, rule=rule)
        net.connect(actors, actors, weight=-self.inhibit * rivalry(self.decoder, action_space))
        if self.exploration is not None:
            self.exploration.install(net, ACTORS)
        return net

    def numbers(self) -> dict[str, Any]:
        kept = shuffled.numbers() if self.signal == "shuffled" else {}
        return {"total": 0.0, "mean": None, "error": 0.0, **kept}

    def decide(self, life: Life, observation: Any) -> Any:
        mine = life.numbers
        released = mine["error"] if self.every == "step" else 0.0
        found = life.see(observation, self.decision, self.seeing, {SUCCESS: released})
        return life.choose(found[f"{ACTORS}.count"].numpy()[0])

    def outcome(self, life: Life, reward: float, observation: Any, terminated: bool, truncated: bool) -> None:
        mine, over = life.numbers, terminated or truncated
        mine["total"] += reward
        if over or self.every == "step":
            self._judge(life, mine["total"])
            mine["total"] = 0.0
        if over:
            life.see(None, self.rest, 0.0, {SUCCESS: mine["error"]})
            mine["error"] = 0.0 if self.every == "step" else mine["error"]

    def _judge(self, life: Life, reward: float) -> None:
        """Compute the success to be released."""
        mine = life.numbers
        teacher: RewardMinusMean = self.__dict__["_teacher"]
        mean = reward if mine["mean"] is None else mine["mean"]  # the first one is as usual
        error, memory = teacher.release(Outcome(reward=reward), {"mean": mean})
        if self.signal == "shuffled":
            error = shuffled.drawn(mine, error, life.chance)
        mine |= {"mean": memory["mean"], "error": error}
