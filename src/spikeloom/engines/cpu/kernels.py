"""The compiled kernels of a population, by the shape of its text."""

from __future__ import annotations

import functools
import threading
from typing import Any

from spikeloom.core import generate
from spikeloom.core.notice import waiting
from spikeloom.engines.cpu import primitives
from spikeloom.engines.cpu.template import Shape, source


class Kernels:
    """``forward`` and ``backward`` of one shape; the first call of each compiles it, unless the cache holds it."""

    def __init__(self, shape: Shape) -> None:
        self._name = shape.neuron.__name__
        name = f"{self._name.lower()}_{shape.real}"
        self._module, self._fresh = generate.load(name, source(shape), uses=[primitives])
        self._lock = threading.Lock()

    def forward(self, *arguments: Any) -> bool:
        """Run some samples through all steps; False if a list was too short."""
        return self._call(self._module.forward, arguments)

    def backward(self, *arguments: Any) -> None:
        """Go back through all steps of some samples, adding to the gradients."""
        self._call(self._module.backward, arguments)

    def _call(self, kernel: Any, arguments: tuple[Any, ...]) -> Any:
        if self._fresh and not kernel.signatures:
            with self._lock:  # the other threads wait for the one that compiles
                if not kernel.signatures:
                    with waiting(f"Compiling the kernels of {self._name}, once: they are kept for the next time"):
                        return kernel(*arguments)
        return kernel(*arguments)


@functools.cache
def kernels(shape: Shape) -> Kernels:
    """The kernels of this shape."""
    return Kernels(shape)
