"""Part of density.py: where events and dense products of an input take equal time, to check the engine's threshold."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
from measurement import Finding
from workloads import Work, best_ms

from spikeloom.engines.cpu import products

WAYS = {"events": math.inf, "products": -1.0}
"""The engine's two ways, each with a threshold that makes it take this one at any density."""
UNIT = "events per channel and step"
TIMES = {"train_ms": "training step", "infer_ms": "inference"}


@contextlib.contextmanager
def forced(way: str) -> Generator[None]:
    """Within this context the cpu engine takes one way for all inputs."""
    before = products.DENSE
    products.DENSE = WAYS[way]
    try:
        yield
    finally:
        products.DENSE = before


def measure(
    made: Callable[[float], Work], counts: tuple[float, ...], rounds: int, repeats: int
) -> list[dict[str, Any]]:
    """Best times of both ways; ``made`` gives the network for so many events per channel and step."""
    works = [made(mean) for mean in counts]
    points: list[dict[str, Any]] = [work.activity() for work in works]
    for k in range(rounds):
        for point, work in zip(points, works, strict=True):
            begin = {name: v.clone() for name, v in work.net.state_dict().items()}
            for way in WAYS:
                with forced(way):
                    now = {"infer_ms": best_ms(work.infer, repeats), "train_ms": best_ms(work.step, repeats)}
                work.net.load_state_dict(begin)
                best = point.setdefault(way, now)
                point[way] = {what: min(now[what], best[what]) for what in TIMES}
            print(
                f"round {k + 1}/{rounds}  {point['input_density']:5.3f} {UNIT}  "
                + "   ".join(
                    f"{w}: train {point[w]['train_ms']:8.2f} infer {point[w]['infer_ms']:8.2f} ms" for w in WAYS
                ),
                flush=True,
            )
    return points


def crossing(x: list[float], ours: list[float], others: list[float]) -> float | None:
    """The ``x`` from which on ``others`` take less time than ``ours``, logarithms interpolated; ``None`` if nowhere."""
    log_x, ahead = np.log(x), np.log(ours) - np.log(others)  # above 0 where the others take less
    if ahead[-1] <= 0:
        return None
    below = np.flatnonzero(ahead <= 0)
    if below.size == 0:
        return float(x[0])
    k = int(below[-1])
    return float(np.exp(log_x[k] - ahead[k] * (log_x[k + 1] - log_x[k]) / (ahead[k + 1] - ahead[k])))


def findings(points: list[dict[str, Any]]) -> list[Finding]:
    """Where products take over, beside the threshold that the engine uses."""
    lines = [Finding("dense input: products instead of events above (the engine's threshold)", products.DENSE, UNIT)]
    x = [p["input_density"] for p in points]
    densest = points[-1]
    for what, title in TIMES.items():
        gain = densest["events"][what] / densest["products"][what]
        lines.append(Finding(f"dense input, {title}: products faster than events at {x[-1]:.3g} {UNIT}", gain, "x"))
        at = crossing(x, [p["events"][what] for p in points], [p["products"][what] for p in points])
        if at is not None:
            lines.append(Finding(f"dense input, {title}: products take less time than events from", at, UNIT))
    return lines
