"""What the results of all kinds of training have in common."""

from __future__ import annotations

import abc
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True, repr=False)
class Finished(abc.ABC):
    """Base of what trainings give back: a dataclass, whose fields ``result.json`` holds."""

    summarised: ClassVar[tuple[str, ...]]
    """Fields and properties that ``spikeloom train --json`` prints."""

    def describe(self) -> dict[str, Any]:
        """The whole result as plain JSON values."""
        return {**asdict(self), **self.summary()}

    def summary(self) -> dict[str, Any]:
        """What the command line prints as JSON."""
        return {key: getattr(self, key) for key in self.summarised}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.told()})"

    @abc.abstractmethod
    def told(self) -> str:
        """What came of it, in a line."""
