"""What an agent is: a network built for an environment, and what it does with it between two observations."""

from __future__ import annotations

import abc
import copy
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import key, stream
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.engines import Record, live
from spikeloom.learning.reinforcement.agents.senses import regular
from spikeloom.learning.reinforcement.decoders import ActionDecoder
from spikeloom.learning.reinforcement.encoders import ObservationEncoder
from spikeloom.learning.reinforcement.spaces import check_kind
from spikeloom.network import Network

SENSES, ACTORS = "senses", "actors"
"""The names of the input that is given the observation, and of the population whose spikes choose the action."""

MEMORY = "memory"
"""The entry of a life's numbers that has what was seen."""

State = dict[str, Any]
"""All that is needed to go on at the beginning of an episode: ``"network"`` (as ``record.state``), ``"numbers"`` (the
agent's own, by name: floats or arrays) and ``"episodes"``, how many it has lived through."""


class Agent(Model, abc.ABC):
    r"""Base of the agents. Each is one final subclass in a file of its own: parameters, and no state.

    A subclass says how its network is built, what it records, and what it does at each decision. The state is that of
    a :class:`Life`, which an agent and its environment's spaces begin (:meth:`begin`), and comes out of it as plain
    values at the end of each episode.

    With ``memory`` the encoder is given twice as many numbers: those that are seen, x, and then those that were, y.
    Each of these fades with this time constant, and gives way to what is larger:

    .. math:: y \leftarrow y\, e^{-decision / memory}, \qquad y \leftarrow x \text{ where } |x| \ge |y|

    Place cells of both fire by what was seen before, too, as "splitter cells" in a T-maze do (Wood, Dudchenko, Robitsek
    & Eichenbaum 2000, doi:10.1016/S0896-6273(00)00071-4). Nothing is remembered from one episode to the next.
    """

    encoder: Any = parameter(default=None, family="spikeloom.learning.reinforcement.encoders", doc="of the observation")
    decoder: Any = parameter(default=None, family="spikeloom.learning.reinforcement.decoders", doc="of the action")
    exploration: Any = parameter(
        default=None, family="spikeloom.learning.reinforcement.exploration", optional=True, doc="beside its own noise"
    )
    decision: float = parameter(default=20 * ms, unit="ms", positive=True, doc="network time between two actions")
    seeing: float = parameter(default=10 * ms, unit="ms", positive=True, doc="part of it in which the senses fire")
    firing: str = parameter(default="regular", choices=("regular", "poisson"), doc="how the senses fire")
    rest: float = parameter(default=400 * ms, unit="ms", positive=True, doc="silence between two episodes")
    memory: float | None = parameter(
        default=None, unit="ms", positive=True, optional=True, doc="how long what was seen is seen beside what is [not]"
    )

    records: ClassVar[tuple[str, ...]] = (f"{ACTORS}.count",)
    """What the network records in each stretch."""

    def check(self) -> None:
        if self.seeing >= self.decision:
            raise InvalidValueError(
                f"{type(self).__name__}(seeing={self.seeing:g}, decision={self.decision:g}) leaves no time in which "
                "nothing is seen; allowed: seeing < decision"
            )

    def sensed(self, space: Any) -> Any:
        """The space of what the encoder is given: ``space`` itself, or with ``memory`` what is and what was seen.

        Raises:
            UnsupportedError: a memory of what is no Box.
        """
        if self.memory is None:
            return space
        check_kind(self, space, "observation", ("Box",), "Leave out memory=..., or choose another environment")
        low, high = (np.asarray(bound, np.float64).reshape(-1) for bound in (space.low, space.high))
        return type(space)(np.append(low, np.minimum(low, 0)), np.append(high, np.maximum(high, 0)), dtype=np.float64)

    @abc.abstractmethod
    def build(self, observation_space: Any, action_space: Any, seed: int) -> Network:
        """The network for an environment of these spaces.

        Raises:
            UnsupportedError: an observation or action space that encoder or decoder do not serve.
            InvalidValueError: parameters that do not fit the spaces.
        """

    @abc.abstractmethod
    def numbers(self) -> dict[str, Any]:
        """The agent's own numbers at the beginning of its life."""

    @abc.abstractmethod
    def decide(self, life: Life, observation: Any) -> Any:
        """See ``observation`` for one stretch of network time, and choose an action."""

    @abc.abstractmethod
    def outcome(self, life: Life, reward: float, observation: Any, terminated: bool, truncated: bool) -> None:
        """Take note of what the last action brought; where the episode is over, learn the last of it, and rest."""

    def begin(
        self, observation_space: Any, action_space: Any, *, seed: int = 0, state: State | None = None,
        learning: bool = True,
    ) -> Life:  # fmt: skip
        """A life in an environment of these spaces, from the beginning or from a state (see :class:`Life`)."""
        return Life(self, observation_space, action_space, seed=seed, state=state, learning=learning)


class Life:
    """An agent at work: its network as an open run (:func:`spikeloom.live`), and its own numbers.

    ``first(observation)`` begins an episode and gives an action; ``then(reward, observation, terminated, truncated)``
    gives the next one, ``None`` at the episode's end. :attr:`state` after an episode is all that is needed to go on,
    to the bit. With ``learning=False`` nothing is released, and weights stay what they are.
    """

    def __init__(
        self, agent: Agent, observation_space: Any, action_space: Any, *, seed: int = 0, state: State | None = None,
        learning: bool = True,
    ) -> None:  # fmt: skip
        self.agent, self.seed, self.learning = agent, seed, learning
        self.observation_space, self.action_space = observation_space, action_space
        self.net = agent.build(observation_space, action_space, seed)
        self._sensed = agent.sensed(observation_space)
        self.restore(state or {"network": None, "numbers": agent.numbers(), "episodes": 0})
        self.encoder: ObservationEncoder = agent.encoder
        self.decoder: ActionDecoder = agent.decoder
        self._senses = self.encoder.size(self._sensed)
        self._key = key(seed, "senses")

    def restore(self, state: State) -> None:
        """Go on from ``state`` instead."""
        self.numbers: dict[str, Any] = copy.deepcopy(state["numbers"])
        self.episodes = int(state["episodes"])
        self.run = live(self.net, state["network"] or None, record=list(self.agent.records))
        self.chance = stream(self.seed, "choice", self.episodes)

    def first(self, observation: Any) -> Any:
        """Begin an episode: the action upon its first observation."""
        self.chance = stream(self.seed, "choice", self.episodes)
        self.numbers.pop(MEMORY, None)
        if self.agent.exploration is not None:
            self.agent.exploration.begin(self.net, ACTORS, self.episodes)
            self.decoder = self.agent.exploration.decoder(self.agent.decoder, self.episodes)
            entered = self.agent.exploration.entered(self.net, self.state, self.seed)
            self.restore(entered)  # a run sees the network as it was when it was opened
        return self.agent.decide(self, observation)

    def then(self, reward: float, observation: Any, terminated: bool, truncated: bool) -> Any:
        """What the last action brought, and the next action; ``None`` where the episode is over."""
        self.agent.outcome(self, float(reward), observation, terminated, truncated)
        if not (terminated or truncated):
            return self.agent.decide(self, observation)
        self.episodes += 1
        if self.agent.exploration is not None:
            self.restore(self.agent.exploration.left(self.net, self.state))
        return None

    @property
    def state(self) -> State:
        """All that is needed to go on, at the end of an episode."""
        return {"network": self.run.state, "numbers": copy.deepcopy(self.numbers), "episodes": self.episodes}

    # ------------------------------------------------------------------------------------------------- for an agent
    def see(self, observation: Any, duration: float, seeing: float, released: Mapping[str, float]) -> Record:
        """Run for ``duration`` ms, in the first ``seeing`` of which ``observation`` is seen; what was recorded.

        ``observation=None`` is silence. ``released`` comes in the first step, in which the senses are silent too.
        """
        steps = round(duration / self.net.dt)
        spikes = self._spikes(observation, steps, min(round(seeing / self.net.dt), steps - 1))
        return self.run.advance({SENSES: spikes}, released=released if self.learning else dict.fromkeys(released, 0.0))

    def choose(self, counts: NDArray[np.float64]) -> Any:
        """The action that the spikes of the actors stand for."""
        return self.decoder.decode(counts, self.action_space, self.chance.random)

    def _remembered(self, observation: Any) -> Any:
        """What the encoder is given for ``observation``."""
        if self.agent.memory is None:
            return observation
        now = np.asarray(observation, np.float64).reshape(-1)
        before = self.numbers.get(MEMORY, np.zeros(now.size)) * math.exp(-self.agent.decision / self.agent.memory)
        self.numbers[MEMORY] = np.where(np.abs(now) >= np.abs(before), now, before)
        return np.append(now, self.numbers[MEMORY])

    def _spikes(self, observation: Any, steps: int, seeing: int) -> Spikes:
        dt, space = self.net.dt, self._sensed
        offsets, index = np.zeros(1, np.int64), np.zeros(0, np.int32)
        if observation is not None:
            observation = self._remembered(observation)
            if self.agent.firing == "poisson":
                begin = round(self.run.time / dt) + 1
                offsets, index = self.encoder.spikes(observation, space, seeing, dt, self._key, begin).buffers()
            else:
                offsets, index = regular(*self.encoder.active(observation, space), seeing, dt)
        # In the first step the modulator comes: no spike of this stretch is in an eligibility that it still meets.
        offsets = np.concatenate([[0], offsets, np.full(steps - len(offsets), offsets[-1])])
        return Spikes(offsets, index, (steps, 1, self._senses), dt=dt, check=False)
