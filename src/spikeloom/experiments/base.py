"""What an experiment is: a published result, how to run it again, and what must come out."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar, final

from spikeloom.core.parameters import Model
from spikeloom.experiments.claim import Claim

Config = TypeVar("Config", bound=Model)


class Progress(Protocol):
    """Told how far a run is."""

    def __call__(self, done: float, doing: str, /) -> None:
        """The part ``done`` of the work is over (0 to 1), and ``doing`` says in a few words what comes now."""
        ...


def part(progress: Progress, begin: float, end: float, doing: str) -> Callable[[float], None]:
    """A function for ``run(..., progress=...)``: one run that is the work of an experiment from ``begin`` to ``end``.

    It tells ``progress`` at once that ``doing`` begins, and then how far the run is.

    >>> tell = part(lambda done, doing: print(f"{done:.0%} {doing}"), 0.5, 0.75, "second state")
    50% second state
    >>> tell(0.4)
    60% second state
    """
    progress(begin, doing)
    return lambda done: progress(begin + (end - begin) * done, doing)


@final
@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run measured.

    Attributes:
        measured: a value for each claim, by its quantity.
        data: whatever figures are drawn from: arrays, spikes, traces, by name.
    """

    measured: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)


class Experiment(abc.ABC, Generic[Config]):
    """Base of the experiments. One published result is one final subclass in a file of its own.

    It states its :meth:`claims` before it runs; :func:`~spikeloom.experiments.reproduce` runs it and judges them.
    """

    name: ClassVar[str]
    """``author-year``, or what it shows: what the command line calls it."""

    title: ClassVar[str]
    """What is shown, in a few words."""

    citation: ClassVar[str]
    """Whom to cite, with the DOI."""

    config: ClassVar[Any]
    """The parameters of a run: a frozen :class:`~spikeloom.core.parameters.Model` that declares them with units."""

    full: ClassVar[Any] = None
    """The parameters of the paper, where ``config`` is smaller than those; the claims are kept."""

    @abc.abstractmethod
    def claims(self, config: Config) -> Sequence[Claim]:
        """What must come out of a run with these parameters; each with another quantity."""

    @abc.abstractmethod
    def run(self, config: Config, seed: int, progress: Progress) -> Result:
        """Run it. ``seed`` is that of everything random; ``progress`` is told how far it is."""

    def figures(self, result: Result) -> Mapping[str, Any]:
        """Pictures of a result, as matplotlib figures by the name of their file, without its ending."""
        return {}
