"""Finds every member of a family (neurons, surrogates, datasets ...) by looking into the family's folder.

A family is a package with one public class per file. Nothing is registered by hand: a new file is a new member, seen at
once by ``spikeloom list``, by the tests that hold for the whole family, and by :func:`find`. What several members have
in common may stand in a class that says so, and is no member: ``class Wrapper(Plasticity, abc.ABC)``.
"""

from __future__ import annotations

import abc
import importlib
import inspect
import pkgutil
from typing import Any

from spikeloom.core.errors import InvalidValueError, unknown_name


def members(package: str, base: type) -> dict[str, type[Any]]:
    """The subclasses of ``base`` in the modules of ``package``, but for further bases, by class name, in alphabetical
    order.
    """
    root = importlib.import_module(package)
    found: dict[str, type[Any]] = {}
    for info in pkgutil.iter_modules(root.__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        for name, value in vars(module).items():
            if (
                inspect.isclass(value)
                and value.__module__ == module.__name__
                and issubclass(value, base)
                and not _is_base(value)
                and value is not base
                and not name.startswith("_")
            ):
                found[name] = value
    return dict(sorted(found.items()))


def _is_base(kind: type) -> bool:
    """Whether a class is there for others to build on: it names ``abc.ABC`` among its bases, or lacks a method."""
    return abc.ABC in kind.__bases__ or inspect.isabstract(kind)


def find(package: str, base: type, name: str) -> type[Any]:
    """The member of ``package`` called ``name`` (upper and lower case alike).

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    known = members(package, base)
    by_lower = {key.lower(): value for key, value in known.items()}
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError(f"a name is expected, such as {next(iter(known), 'LIF')!r}; given {name!r}")
    if name.lower() not in by_lower:
        raise unknown_name(base.__name__.lower(), name, known)
    return by_lower[name.lower()]
