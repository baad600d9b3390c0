"""The compiled kernels of a population, by the shape of its text."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from spikeloom.core import generate
from spikeloom.core.notice import waiting
from spikeloom.engines.cpu import compiled, lists, primitives, rows, vectors
from spikeloom.engines.cpu.template import Shape, source


class Kernel:
    """One compiled function; its first call compiles it, unless the cache holds it."""

    def __init__(self, model: str, name: str, text: str, function: str, uses: Sequence[ModuleType]) -> None:
        self._model = model
        module, self._fresh = generate.load(name, text, uses)
        self._function = getattr(module, function)
        self._lock = threading.Lock()

    def __call__(self, *arguments: Any) -> Any:
        if self._fresh:
            with self._lock:  # the other threads wait for the one that compiles
                if self._fresh and not self._function.signatures:
                    with waiting(f"Compiling the kernels of {self._model}, once: they are kept for the next time"):
                        result = self._function(*arguments)
                    self._fresh = False
                    return result
                self._fresh = False
        return self._function(*arguments)


class Kernels:
    """The kernels of one shape, each a module of its own: shapes that differ in one of them alone share the other."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def _kernel(self, which: str) -> Kernel:
        model = self._shape.neuron.__name__
        name = f"{model.lower()}_{which}_{self._shape.real}"
        return Kernel(model, name, source(self._shape, which), which, [compiled, lists, primitives, rows, vectors])

    @functools.cached_property
    def forward(self) -> Kernel:
        """Runs some samples through all steps; False if a list was too short."""
        return self._kernel("forward")

    @functools.cached_property
    def backward(self) -> Kernel:
        """Goes back through all steps of some samples, adding to the gradients."""
        return self._kernel("backward")


@functools.cache
def kernels(shape: Shape) -> Kernels:
    """The kernels of this shape."""
    return Kernels(shape)
