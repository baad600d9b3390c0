"""What growth.py fits to its times, and the bounds that memory sets: bytes of a synaptic event, and what they take.

seconds = a * neuron updates + b * synaptic events + c * steps
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numba import njit
from scipy.optimize import nnls

RING = 16
"""Bytes of the sum at a neuron, in double precision: 8 are read and 8 written by each event."""


@dataclass(frozen=True)
class Fit:
    """Seconds of a neuron update, of a synaptic event, and of a step, and by which part the fit misses a time."""

    update: float
    event: float
    step: float
    mean_miss: float
    worst_miss: float

    def seconds(self, point: dict[str, Any]) -> float:
        """What the fit makes of a point."""
        return self.update * point["updates"] + self.event * point["events"] + self.step * point["steps"]


def fit(points: Sequence[dict[str, Any]]) -> Fit:
    """Least squares of the relative deviations, so that small networks count as much as large; none below 0."""
    seconds = np.array([p["seconds"] for p in points])
    columns = np.array([[p[k] for k in ("updates", "events", "steps")] for p in points], np.float64)
    relative = columns / seconds[:, None]
    scale = np.linalg.norm(relative, axis=0)
    scale[scale == 0] = 1.0
    found, _ = nnls(relative / scale, np.ones(len(points)))
    found = found / scale
    miss = np.abs(relative @ found - 1)
    return Fit(*found.tolist(), mean_miss=float(miss.mean()), worst_miss=float(miss.max()))


def bytes_of_event(receptors: int, *, drawn_weights: bool = False, delay_steps: int | None = None) -> dict[str, int]:
    """Bytes that one synaptic event moves: of its target, weight, delay, and the sum that it is added to.

    The rules are those of docs/decisions/0011-step-by-step.md: 2 bytes for a target where a thread has up to 65,536
    ``receptors`` (else 4), 4 for a drawn weight, 1 for a delay of up to 255 steps (else 2), and nothing for weights and
    delays (``None``) that all synapses of a source have in common.
    """
    return {
        "target": 2 if receptors <= 2**16 else 4,
        "weight": 4 if drawn_weights else 0,
        "delay": 0 if delay_steps is None else 1 if delay_steps < 256 else 2,
        "ring": RING,
    }


# -------------------------------------------------------------------------------------------------------------- machine
@njit(nogil=True)
def _triad(a: Any, b: Any, c: Any) -> None:
    for i in range(a.size):
        a[i] = b[i] + 3.0 * c[i]


@njit(nogil=True)
def _increments(row: Any, index: Any) -> None:
    for k in range(index.size):
        row[index[k]] += 0.1


@dataclass(frozen=True)
class Memory:
    """What the memory of this machine gives to so many threads at once."""

    threads: int
    bandwidth: float  # bytes/s of STREAM's triad, 24 bytes an element (McCalpin 1995)
    increment: float  # seconds of adding to one of ``receptors`` numbers, at random: all threads together
    receptors: int
    far: float  # seconds of the same where the numbers lie in memory, not in a cache

    def describe(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def memory(threads: int, receptors: int, mebibytes: int, repeats: int = 7) -> Memory:
    """Measure it: arrays of so many MiB for each thread, rows of ``receptors`` numbers, the best of so many repeats."""
    rng = np.random.default_rng(0)
    size = mebibytes * 2**17  # of float64
    arrays = [[rng.random(size) for _ in range(3)] for _ in range(threads)]
    triad = _best(threads, repeats, lambda k: _triad(*arrays[k]))
    near = _each(threads, rng, receptors, np.uint16 if receptors <= 2**16 else np.uint32, 4 * size)
    increment = _best(threads, repeats, lambda k: _increments(*near[k]))
    distant = _each(threads, rng, size, np.uint32, size)
    far = _best(threads, repeats, lambda k: _increments(*distant[k]))
    total = threads * size
    return Memory(threads, 24 * total / triad, increment / (4 * total), receptors, far / total)


def _each(threads: int, rng: np.random.Generator, row: int, kind: Any, length: int) -> list[tuple[Any, Any]]:
    """A row of zeros and a list of random places in it for each thread."""
    return [(np.zeros(row), rng.integers(0, row, length, kind)) for _ in range(threads)]


def _best(threads: int, repeats: int, work: Callable[[int], None]) -> float:
    """The least time in which all threads, at once, have done their ``work``."""
    found = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats + 1):  # the first one compiles
            begun = time.perf_counter()
            list(pool.map(work, range(threads)))
            found.append(time.perf_counter() - begun)
    return min(found[1:])


# --------------------------------------------------------------------------------------------------------------- bounds
def bounds(event: float, moved: dict[str, int], machine: Memory) -> dict[str, Any]:
    """What a synaptic event takes at least, by each bound, and in a sentence which of them it is at.

    The lists of synapses are far larger than a cache, so their bytes come from memory; the ring may stay in the cache.
    """
    lists = (sum(moved.values()) - moved["ring"]) / machine.bandwidth
    everything = sum(moved.values()) / machine.bandwidth
    least = {"bandwidth, lists alone": lists, "increments at random": machine.increment}
    nearest = max(least, key=lambda name: least[name])
    if event <= 0:
        said = "a synaptic event took no time that these runs could tell: measure longer, or larger networks"
    else:
        share = least[nearest] / event
        where = (
            "less than its bytes would take at the bandwidth of the memory, so the ring stays in the cache"
            if event < everything
            else "more than all its bytes take at the bandwidth of the memory"
        )
        verdict = "bounded by" if share >= 0.5 else "bounded by none of these; nearest are"
        said = f"a synaptic event takes {1e9 * event:.2f} ns, {where}; {verdict} {nearest}: {share:.0%} of its time"
    return {"lists_s": lists, "everything_s": everything, "increment_s": machine.increment, "said": said}
