"""What a rule of plasticity is: traces, and small texts about one synapse."""

from __future__ import annotations

import abc
import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, declarations, parameter
from spikeloom.plasticity.incoming import Incoming

EVENTS = ("on_pre", "on_post", "on_step", "on_interval")
"""The texts that change a synapse; each returns ``w``, or ``w`` and the variables of the synapse."""


@dataclasses.dataclass(frozen=True)
class Trace:
    """A memory of a neuron's spikes that decays exponentially: ``dx/dt = -x / tau``, and at a spike ``x + jump``.

    With ``nearest`` a spike sets it to ``jump``: only the last one counts. Within a step it is read before the step's
    own spike is added.
    """

    of: Literal["pre", "post"]
    tau: float
    nearest: bool = False
    jump: float = 1.0


@dataclasses.dataclass(frozen=True)
class Shaped:
    """A memory of a neuron's spikes of any shape: the sum over them of ``table(dt)[k]``, k steps after each.

    After its last entry a spike is forgotten. With ``nearest`` only the last spike counts. Entry 0 is that of the
    spike's own step: spikes of the source are added before anything else in a step, those of the target after it.
    """

    of: Literal["pre", "post"]
    table: Callable[[float], Any]
    nearest: bool = False


@dataclasses.dataclass(frozen=True)
class Filtered:
    """A low-pass of a state variable of the target neuron: ``tau du/dt = v - u``; read ``late`` ms after.

    It takes v after a step for all of the step: exact for what is held, half a step early for what moves.
    """

    variable: str
    tau: float
    late: float = 0.0


@dataclasses.dataclass(frozen=True)
class Ambient:
    """The level of a modulator of the network at the moment of an event, before what is released in the same step."""

    by: str


@dataclasses.dataclass(frozen=True)
class Factor:
    """``offset + slope m``, with m the level of a modulator of the network."""

    by: str
    offset: float
    slope: float


@dataclasses.dataclass(frozen=True)
class Signal:
    r"""What a modulator m of the network has done to something that decays, over the time between two events.

    For ``order`` 0 :math:`\int m(t_0 + s)\, e^{-s / \tau} ds`, for ``order`` 1
    :math:`\int m(t_0 + s)\, (s / \tau)\, e^{-s / \tau} ds`, exactly, with the factors ``times`` beside m; only
    ``between`` reads it. With ``tau=math.inf`` it is the plain integral of m. With ``tau < 0`` and order 0, times
    :math:`e^{elapsed / \tau}`, it is what m has driven in something that itself decays with :math:`|\tau|`.
    """

    by: str
    tau: float
    order: Literal[0, 1] = 0
    times: tuple[Factor, ...] = ()


class Plasticity(Model):
    r"""Base of the rules, each one final subclass in a file of its own. A rule works on every connection.

    A subclass declares parameters, the :meth:`traces` of the neurons on both sides, ``synapse``, the variables of
    each synapse, :meth:`constants`, and any of these texts, static methods in the step language
    (:mod:`spikeloom.core.language`):

    ==========================  =====================================================================================
    ``on_pre(w, ...)``          a spike of the source arrives at the synapse
    ``on_post(w, ...)``         a spike of the target arrives at the synapse
    ``on_step(w, ...)``         every step; where there is a ``gate(...)``, at targets where that is above 0
    ``on_interval(w, ...)``     every ``interval`` ms, for rules that are slow; knows ``total``, the sum of all \|w\| of
                                the target
    ``between(elapsed, ...)``   moves the variables of a synapse on over ``elapsed`` ms without events, before any event
    ==========================  =====================================================================================

    Where ``between`` is linear in ``w`` and in the variables, ``before(elapsed, ...)`` may return what the variables
    were ``elapsed`` ms ago, had nothing happened since. Then the engine keeps each synapse as it would have been at
    the beginning of an epoch, and computes nothing for it between two events.

    Each says by the names of its arguments what it reads: ``w``, a trace, the level of a modulator
    (:class:`Ambient`, one of the traces), a variable of the synapse, a constant, a state variable of the target neuron
    (``reads``), and in ``on_step`` the analog value ``x`` of the source; the trace ``y`` of a target that does not
    spike is its first state variable. ``uniform`` and ``normal`` draw another number for every synapse and event.
    Options come by keyword, as with neurons. Events return ``w``, or ``(w, <variables of the synapse>)``; ``between``
    returns these variables, and before them ``w`` if it takes it: then a synapse changes between events too, and is
    brought up to date by the next one.

    ``w`` is a magnitude: on an inhibitory projection (``w_max < 0``) the engine takes -w. The order within a step:
    where the delay is in the dendrite (``site="dendrite"``, as in NEST: a spike of the target takes the delay to come
    back to the synapse) first spikes of the target, then those of the source, so that two spikes that meet do not count
    as a pair; where it is in the axon, or where there is none, first those of the source, so that they count as
    causal (as in Brian). What a spike sends is the weight after its own ``on_pre``.
    """

    w_min: float = parameter(default=0.0, doc="smallest weight [that of the projection]")
    w_max: float = parameter(default=1.0, doc="largest weight [that of the projection]; below w_min: inhibitory")
    site: str = parameter(
        default="dendrite", choices=("dendrite", "axon"), doc="where the delay of a projection is; see above"
    )

    synapse: ClassVar[Mapping[str, str]] = {}
    """Variables of each synapse, with their units; they begin at 0 or as :meth:`initial` says."""

    reads: ClassVar[tuple[str, ...]] = ()
    """State variables of the target neuron that texts read."""

    analog: ClassVar[bool] = False
    """Whether ``on_step`` reads the analog value ``x`` of the source, or its rate where it spikes."""

    captures: ClassVar[bool] = False
    """Whether the changes of the rules inside go to ``on_change(w, change, ...)`` instead of the weight."""

    on_change: ClassVar[Callable[..., Any]]
    on_pre: ClassVar[Callable[..., Any]]
    on_post: ClassVar[Callable[..., Any]]
    on_step: ClassVar[Callable[..., Any]]
    on_interval: ClassVar[Callable[..., Any]]
    gate: ClassVar[Callable[..., Any]]
    between: ClassVar[Callable[..., Any]]
    before: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in (*EVENTS, "gate", "between", "before"):
            function = getattr(cls, name, None)
            if function is not None:
                first = next(iter(inspect.signature(function).parameters), None)
                wanted = {"between": "elapsed", "before": "elapsed", "gate": first}.get(name, "w")
                if first != wanted:
                    raise TypeError(f"{cls.__name__}.{name} must begin with ({wanted}, ...); it begins with {first}")
        carried = "carry" in inspect.signature(cls.on_step).parameters if hasattr(cls, "on_step") else False
        if carried and hasattr(cls, "gate"):
            raise TypeError(
                f"{cls.__name__}: on_step(..., carry) goes from target to target, and gate() picks targets; take one"
            )

    def check(self) -> None:
        self.check_bounds()

    def check_bounds(self) -> None:
        """Raises if there is nothing between the bounds, or if they lie on both sides of zero and inhibit."""
        if self.w_min == self.w_max or (self.w_max < self.w_min and self.w_min > 0):
            raise InvalidValueError(
                f"{type(self).__name__}(w_min={self.w_min:g}, w_max={self.w_max:g}) leaves no weight; allowed: w_min < "
                "w_max, or for inhibitory weights w_max < w_min <= 0"
            )

    def traces(self) -> Mapping[str, Trace | Shaped | Filtered | Ambient]:
        """The traces, and what else is read as they are, by name."""
        return {}

    def signals(self) -> dict[str, Signal]:
        """What ``between`` reads of modulators, by name."""
        return {}

    def gating(self, signal: Signal) -> Signal:
        """What a wrapper makes of a signal that a rule inside it follows."""
        return signal

    def constants(self, dt: float) -> dict[str, float]:
        """The constants of the texts for a step of ``dt`` ms."""
        return {}

    def initial(self) -> dict[str, float]:
        """How the variables of a synapse begin."""
        return dict.fromkeys(self.synapse, 0.0)

    def options(self) -> dict[str, Any]:
        """What the texts take by keyword: all parameters that are a choice."""
        return {k: getattr(self, k) for k, d in declarations(type(self)).items() if d.choices is not None}

    @property
    def interval(self) -> float | None:
        """How often ``on_interval`` acts [ms]; ``None``: never."""
        return None

    @property
    def lag(self) -> float:
        """How long after its arrival at the synapse a spike of the source acts on the rule [ms]; what it sends to the
        target is not late, and has the weight of its arrival.
        """
        return 0.0

    def parts(self) -> list[Plasticity]:
        """The rules that act one after the other in every event: this one, or those that a wrapper holds and itself."""
        return [self]

    @property
    def sign(self) -> float:
        """-1 if weights are inhibitory, else 1."""
        return -1.0 if self.w_max < self.w_min else 1.0

    @property
    def low(self) -> float:
        """The smallest magnitude."""
        return self.w_min * self.sign

    @property
    def high(self) -> float:
        """The largest magnitude."""
        return self.w_max * self.sign

    @property
    def limited(self) -> bool:
        """Whether weights are kept between the bounds."""
        return getattr(self, "bounds", "hard") != "none"

    @property
    def allowed(self) -> tuple[float, float]:
        """Between which two values weights may lie when a run begins."""
        return (min(self.w_min, self.w_max), max(self.w_min, self.w_max)) if self.limited else (-math.inf, math.inf)

    def remark(self, time: float, synapses: Incoming) -> str | None:
        """What is to be told, as a warning, at the end of a run that ends at ``time`` (ms), if anything."""
        return None


class Wrapper(Plasticity, abc.ABC):
    """Base of the rules that hold another rule, and act after it; bounds and site are those of the rule inside."""

    rule: Any = parameter(default=None, family="spikeloom.plasticity", doc="the rule inside")

    def check(self) -> None:
        if not isinstance(self.rule, Plasticity):
            raise InvalidValueError(
                f"{type(self).__name__}(rule={self.rule!r}): give a rule of plasticity, such as PairSTDP()"
            )
        for name in ("w_min", "w_max", "site"):
            object.__setattr__(self, name, getattr(self.rule, name))

    def parts(self) -> list[Plasticity]:
        return [*self.rule.parts(), self]

    @property
    def limited(self) -> bool:
        return self.rule.limited

    @property
    def allowed(self) -> tuple[float, float]:
        return self.rule.allowed


def moves_between(part: Plasticity) -> bool:
    """Whether weights move between events, and not only at them."""
    return hasattr(part, "between") and "w" in inspect.signature(part.between).parameters


def decay(tau: float, dt: float) -> float:
    """What is left of a trace of time constant ``tau`` after a step of ``dt``."""
    return math.exp(-dt / tau)
