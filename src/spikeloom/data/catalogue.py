"""The data sets by name: each file of this package that defines a function of its own name is one."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable
from functools import cache

from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.data.base import Dataset


@cache
def _loaders() -> dict[str, Callable[..., Dataset]]:
    package = importlib.import_module("spikeloom.data")
    found: dict[str, Callable[..., Dataset]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        function = getattr(importlib.import_module(f"{package.__name__}.{info.name}"), info.name, None)
        if inspect.isfunction(function) and inspect.signature(function).return_annotation in ("Dataset", Dataset):
            found[info.name] = function
    return dict(sorted(found.items()))


def names() -> list[str]:
    """The names of the data sets, in alphabetical order.

    >>> names()
    ['digits', 'mnist']
    """
    return list(_loaders())


def load(name: str, path: str | os.PathLike[str] | None = None, seed: int = 0) -> Dataset:
    """The data set called ``name``.

    Args:
        name: one of :func:`names`.
        path: the folder it lies in, for those that are not embedded.
        seed: seed of the split, for those without a split of their own.

    Raises:
        UnknownNameError: there is none of that name; the message suggests the nearest.
        InvalidValueError: a path for an embedded one, or no data there.
        FormatError: a damaged file.
    """
    loaders = _loaders()
    if not isinstance(name, str) or name.lower() not in loaders:
        raise unknown_name("dataset", str(name), loaders)
    function = loaders[name.lower()]
    takes = inspect.signature(function).parameters
    if path is not None and "path" not in takes:
        raise InvalidValueError(f"{name} is embedded and is read from no folder; given the path {os.fspath(path)!r}")
    options = {"path": path, "seed": seed}
    return function(**{option: value for option, value in options.items() if option in takes})
