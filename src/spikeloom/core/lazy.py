"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(package: str, names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a ``package`` that imports nothing until it is asked to.

    Args:
        package: its ``__name__``.
        names: for each public name the module that defines it, or "" for a module of the package itself.

    >>> get, _, public = lazy("spikeloom", {"Spikes": "spikeloom.core.spikes", "units": ""})
    >>> public
    ['Spikes', 'units']
    >>> get("units")
    <module 'spikeloom.units' from ...>
    """
    public = list(names)

    def __getattr__(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        source = names[name]
        value = (
            getattr(importlib.import_module(source), name) if source else importlib.import_module(f"{package}.{name}")
        )
        setattr(sys.modules[package], name, value)  # the next use goes without this function
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *public})

    return __getattr__, __dir__, public
