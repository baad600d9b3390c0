"""What a figure of the report is: one class in one file of ``figures/``; the page finds it there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, final, get_args

from spikeloom.reports.run import Run

R = TypeVar("R", bound=Run)


@final
@dataclass(frozen=True)
class Picture:
    """One drawing on the page.

    Attributes:
        title: A few words above it.
        svg: The drawing, from :func:`spikeloom.reports.drawing.svg`.
        note: One sentence below it: what is seen.
        size: ``third``, ``half`` or ``wide``: columns taken on a wide screen.
        thumbnail: A ``data:`` address of a small image shown beside the title, or nothing.
        badge: A short verdict beside the title, such as ``✓ said 3``, or nothing.
        wrong: Whether the badge reports a mistake.
    """

    title: str
    svg: str
    note: str = ""
    size: str = "half"
    thumbnail: str = ""
    badge: str = ""
    wrong: bool = False


class Figure(ABC, Generic[R]):
    """A member draws its pictures from a run of one kind, or none where the run lacks what they show.

    The kind stands in the class statement: ``class Confusion(Figure[Labelled])``; ``Figure[Run]`` draws from all.
    """

    section: ClassVar[str]
    """The part of the page it belongs to: one of the kind's ``sections``."""
    order: ClassVar[int]
    """Its place within the section, small first."""

    @classmethod
    def fits(cls, run: Run) -> bool:
        """Whether it draws from runs of this kind."""
        bases: Any = vars(cls)["__orig_bases__"]
        (kind,) = get_args(bases[0])
        return isinstance(run, kind)

    @abstractmethod
    def pictures(self, run: R) -> Iterator[Picture]:
        """The drawings, in order."""
