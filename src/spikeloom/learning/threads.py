"""Keeping torch's threads away from work that is too small for them."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

import torch

SMALL = 1_000_000
"""Numbers below which one thread does an elementwise operation about as fast as several."""


@contextlib.contextmanager
def one_thread(applies: bool = True) -> Generator[None]:
    """Within this context torch uses one thread, if it ``applies``; results do not depend on it.

    Waking a second thread costs more than a small operation; where other programs use the cores, waiting for it costs
    a time slice, milliseconds, for each of them.
    """
    threads = torch.get_num_threads()
    if not applies or threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
