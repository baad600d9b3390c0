"""The spikes of a population, or what arrives at an input, as lists by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeloom.engines.steps.operation import Operation

MERGE = """
row = now - origin[0]
for t in range(steps):
    end = offsets[row + t]
    for s in range(shards.shape[0]):
        theirs = vector(shards[s, 0], steps + 1, np.int64)
        fired = vector(shards[s, 1], theirs[steps], np.int32)
        for e in range(theirs[t], theirs[t + 1]):
            index[end] = fired[e]
            end += 1
    offsets[row + t + 1] = end
"""

SLACK = 64
"""Places behind the end of a list that a kernel may write to."""


class Events:
    """``index[offsets[r]:offsets[r + 1]]`` are those who fired in step ``origin[0] + r``, ascending."""

    def __init__(self, offsets: Any, index: Any, origin: int) -> None:
        self.offsets, self.index, self.origin = offsets, index, np.array([origin], np.int64)

    @classmethod
    def empty(cls, rows: int, room: int, origin: int) -> Events:
        """Lists for so many steps and spikes."""
        return cls(np.zeros(rows + 1, np.int64), np.empty(room + SLACK, np.int32), origin)

    def follow(self, recent: Any) -> None:
        """Begin with the spikes of the last steps: (steps, size), of 0 and more; they lie before the present."""
        for t, row in enumerate(recent):
            fired = np.repeat(np.arange(row.size), row).astype(np.int32)
            begin = int(self.offsets[t])
            self.index[begin : begin + fired.size] = fired
            self.offsets[t + 1] = begin + fired.size
        self.offsets[len(recent) + 1 :] = self.offsets[len(recent)]
        self.origin[0] -= len(recent)

    def values(self, prefix: str = "") -> dict[str, Any]:
        """What an operation that reads them works with."""
        return {f"{prefix}origin": self.origin, f"{prefix}offsets": self.offsets, f"{prefix}index": self.index}

    def room(self, now: int) -> int:
        """Places that are free after step ``now``."""
        return self.index.size - SLACK - int(self.offsets[now - int(self.origin[0])])

    def keep(self, now: int, steps: int) -> None:
        """Forget all but the last ``steps`` steps before step ``now``."""
        row = now - int(self.origin[0])
        begin, end = int(self.offsets[row - steps]), int(self.offsets[row])
        self.index[: end - begin] = self.index[begin:end]
        self.offsets[: steps + 1] = self.offsets[row - steps : row + 1] - begin
        self.origin[0] = now - steps

    def append(self, now: int, tail: int, offsets: Any, index: Any, first: int, last: int) -> None:
        """List the rows ``first`` to ``last`` - 1 of others as the steps from ``now`` on, after ``tail`` steps."""
        self.keep(now, tail)
        begin, end = int(offsets[first]), int(offsets[last])
        at = int(self.offsets[tail])
        self.index[at : at + end - begin] = index[begin:end]
        self.offsets[tail : tail + last - first + 1] = offsets[first : last + 1] + (at - begin)

    def last(self, now: int, steps: int, size: int) -> Any:
        """Who fired in the last ``steps`` steps before step ``now``: (steps, size), of 0 and more."""
        found = np.zeros((steps, size), np.uint8)
        for t in range(steps):
            row = now - steps + t - int(self.origin[0])
            np.add.at(found[t], self.index[self.offsets[row] : self.offsets[row + 1]], 1)
        return found


def merging(whole: Events, parts: list[Events]) -> Operation:
    """The operation that joins what the shards listed in a block, in the order of the neurons."""
    addresses = [[e.offsets.ctypes.data, e.index.ctypes.data] for e in parts]
    return Operation("merge", "joined lists", MERGE, {**whole.values(), "shards": np.array(addresses, np.int64)})
