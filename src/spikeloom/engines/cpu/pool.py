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
    """``[task(item) for item in items]`` on up to ``threads`` threads, results in the order of the items."""
    if threads <= 1 or len(items) <= 1:
        return [task(item) for item in items]
    key = (os.getpid(), threads)  # a forked child has none of its parent's threads
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(threads, thread_name_prefix="spikeloom")
    return list(_pools[key].map(task, items))
