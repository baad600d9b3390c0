"""Threads that run kernels side by side; kernels release the interpreter lock and share nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def in_threads(task: Callable[[T], R], items: Sequence[T], threads: int) -> list[R]:
    """``[task(item) for item in items]`` on up to ``threads`` threads, this one among them; results in their order."""
    if threads <= 1 or len(items) <= 1:
        return [task(item) for item in items]
    key = (os.getpid(), threads)  # a forked child has none of its parent's threads
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(threads - 1, thread_name_prefix="spikeloom")
    results: dict[int, R] = {}
    waiting = iter(range(len(items)))  # whoever is free takes the next one

    def work() -> None:
        for k in waiting:
            results[k] = task(items[k])

    others = [_pools[key].submit(work) for _ in range(min(threads, len(items)) - 1)]
    try:
        work()
    finally:
        for other in others:
            if not other.cancel():  # one that has not even begun has nothing left to do
                other.exception()
    for other in others:
        if not other.cancelled():
            other.result()
    return [results[k] for k in range(len(items))]
