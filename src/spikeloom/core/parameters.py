"""Parameters of models: declared once, with unit and check; one number, one per neuron, or trainable.

A parameter is *shared* (a float), *per neuron* (a 1-D tensor of the population's size) or *trainable* (an
``nn.Parameter`` of either shape; :func:`trainable` makes one). Models are frozen dataclasses: to change a parameter,
make another model with :func:`dataclasses.replace`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeAlias, cast, dataclass_transform

import numpy as np
import torch

from spikeloom.core import registry
from spikeloom.core.errors import InvalidValueError, unknown_name

Parameter: TypeAlias = Any
"""What a parameter may be: ``float``, 1-D array or tensor (one per neuron), or ``nn.Parameter`` (trainable)."""


@dataclasses.dataclass(frozen=True)
class Declaration:
    """What a class says of one parameter: its unit, the range it may take, and what it means."""

    unit: str
    doc: str
    positive: bool
    minimum: float | None
    maximum: float | None
    choices: tuple[Any, ...] | None
    smooth: bool
    family: str | None = None
    text: bool = False
    optional: bool = False

    def allowed(self) -> str:
        """The allowed values in words, for error messages."""
        if self.optional:
            return f"{dataclasses.replace(self, optional=False).allowed()}, or None"
        if self.family is not None:
            return f"a model of {self.family}"
        if self.text:
            return "a name"
        if self.choices is not None:
            return "one of " + ", ".join(repr(c) for c in self.choices)
        bounds = ["> 0"] if self.positive else []
        bounds += [] if self.minimum is None else [f">= {self.minimum:g}"]
        bounds += [] if self.maximum is None else [f"<= {self.maximum:g}"]
        unit = "" if self.unit == "1" else f" [{self.unit}]"
        return "a finite number" + (" " + " and ".join(bounds) if bounds else "") + unit


def parameter(
    *,
    default: Any,
    unit: str = "1",
    positive: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Any, ...] | None = None,
    smooth: bool = True,
    family: str | None = None,
    text: bool = False,
    optional: bool = False,
    doc: str,
) -> Any:
    """Declare a parameter of a model with its default, unit ("1" for dimensionless), range and meaning.

    ``choices`` makes it an option (a string or a bool) instead of a number. ``smooth=False`` says that it is rounded,
    so that it has no derivative and cannot be trained. ``family`` names the package of the models that it may be;
    ``text`` makes it a name; ``optional`` says that it may be ``None``.
    """
    declaration = Declaration(unit, doc, positive, minimum, maximum, choices, smooth, family, text, optional)
    return dataclasses.field(default=default, metadata={"declaration": declaration})


def trainable(value: Any, size: int | None = None) -> torch.nn.Parameter:
    """A trainable parameter that starts at ``value``; with ``size``, one for each of so many neurons.

    >>> trainable(20.0, size=3)
    Parameter containing:
    tensor([20., 20., 20.], dtype=torch.float64, requires_grad=True)
    """
    start = torch.as_tensor(value, dtype=torch.float64).clone()  # training must not reach into the caller's array
    if size is not None:
        start = start.expand(size).clone()
    return torch.nn.Parameter(start)


@dataclass_transform(field_specifiers=(parameter,), kw_only_default=True, frozen_default=True, eq_default=False)
class Model:
    """Base of everything that is declared by parameters. Subclasses become frozen dataclasses and check their values.

    Raises:
        InvalidValueError: a value outside its declared range; the message names class, parameter, value and range.
        UnknownNameError: a keyword that no parameter answers to; the message suggests the nearest.
    """

    per_neuron: ClassVar[bool] = False
    """Whether a number may also be an array, with one for each neuron, or trainable."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)(cls)
        generated = cast("Callable[..., None]", cls.__init__)

        def checked_init(self: Model, *args: Any, **values: Any) -> None:
            known = declarations(type(self))
            if args:
                names = ", ".join(f"{name}=..." for name in known)
                raise InvalidValueError(
                    f"{type(self).__name__} takes its parameters by name: {type(self).__name__}({names})"
                )
            for name in values:
                if name not in known:
                    raise unknown_name(f"parameter of {type(self).__name__}", name, known)
            generated(self, **values)

        cls.__init__ = checked_init  # pyright: ignore[reportAttributeAccessIssue]

    def __post_init__(self) -> None:
        for name, declaration in declarations(type(self)).items():
            where = f"{type(self).__name__}({name}="
            value = _checked(where, declaration, getattr(self, name))
            if isinstance(value, torch.Tensor) and not self.per_neuron:
                raise InvalidValueError(f"{where}...) is an array or trainable; allowed: one plain number")
            object.__setattr__(self, name, value)
        self.check()

    def check(self) -> None:
        """Checks between parameters, for subclasses to define; each raises :class:`InvalidValueError`."""

    def values(self) -> dict[str, Any]:
        """The parameters by name, as given."""
        return {name: getattr(self, name) for name in declarations(type(self))}

    def describe(self) -> dict[str, Any]:
        """Class and parameters as plain JSON values; a trainable one as ``{"trainable": value}``."""
        return {"class": type(self).__name__, **{k: _plain(v) for k, v in self.values().items()}}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Any:
        """The model that :meth:`describe` described (without its ``class`` entry)."""
        known = declarations(cls)
        return cls(**{k: _from_plain(v, known.get(k)) for k, v in values.items() if k != "class"})

    def replace(self, **changes: Any) -> Any:
        """The same model with some parameters changed."""
        return type(self)(**{**self.values(), **changes})

    def with_values(self, present: Mapping[str, torch.Tensor]) -> Any:
        """The same model with some parameters standing for ``present``, unchecked: values in the middle of training."""
        copy = object.__new__(type(self))
        for name, value in {**self.values(), **present}.items():
            object.__setattr__(copy, name, value)
        return copy

    def __repr__(self) -> str:
        shown = ", ".join(f"{k}={_short(v)}" for k, v in self.values().items())
        return f"{type(self).__name__}({shown})"


def declarations(cls: type) -> dict[str, Declaration]:
    """The parameters that ``cls`` declares, in order."""
    if not dataclasses.is_dataclass(cls):
        return {}
    return {f.name: f.metadata["declaration"] for f in dataclasses.fields(cls) if "declaration" in f.metadata}


def _checked(where: str, declaration: Declaration, value: Any) -> Any:
    """``value`` as stored: float, float64 tensor or nn.Parameter; raises if it is outside the declared range."""
    if value is None and declaration.optional:
        return None
    allowed = declaration.allowed()
    if declaration.family is not None:
        if not isinstance(value, Model):
            raise InvalidValueError(f"{where}{value!r}) is not possible; allowed: {allowed}")
        return value
    if declaration.text:
        if not isinstance(value, str) or not value:
            raise InvalidValueError(f"{where}{value!r}) is not possible; allowed: {allowed}")
        return value
    if declaration.choices is not None:
        if not any(value is c or (type(value) is type(c) and value == c) for c in declaration.choices):
            raise InvalidValueError(f"{where}{value!r}) is not possible; allowed: {allowed}")
        return value
    if isinstance(value, torch.nn.Parameter):
        if not value.is_floating_point():
            raise InvalidValueError(f"{where}...) is trainable and must be floating point; given {value.dtype}")
        if not declaration.smooth:
            raise InvalidValueError(
                f"{where}...) cannot be trained: it is rounded, and has no gradient; allowed: {allowed}"
            )
        stored, numbers = value, value.detach()
    elif isinstance(value, (list, tuple, np.ndarray, torch.Tensor)):
        if isinstance(value, torch.Tensor) and value.requires_grad:
            raise InvalidValueError(
                f"{where}...) wants a gradient; to train it, give trainable(...) or an nn.Parameter"
            )
        try:
            array = np.asarray(cast("Any", value.double().cpu() if isinstance(value, torch.Tensor) else value))
            if array.dtype.kind not in "iuf":
                raise TypeError(f"numbers are expected, not {array.dtype}")
            stored = torch.tensor(array.astype(np.float64))  # a copy: the caller may write into theirs
        except (TypeError, ValueError) as error:
            raise InvalidValueError(f"{where}{value!r}) is not an array of numbers; allowed: {allowed}") from error
        if stored.dim() == 0:
            stored = float(stored)
        numbers = torch.as_tensor(stored)
    else:
        if isinstance(value, (bool, np.bool_, str)):
            raise InvalidValueError(f"{where}{value!r}) is not a number; allowed: {allowed}")
        try:
            stored = float(cast("Any", value))
        except (TypeError, ValueError) as error:
            raise InvalidValueError(f"{where}{value!r}) is not a number; allowed: {allowed}") from error
        numbers = torch.tensor(stored, dtype=torch.float64)
    if numbers.dim() > 1 or numbers.numel() == 0:
        raise InvalidValueError(
            f"{where}...) has shape {tuple(numbers.shape)}; allowed: one number, or one per neuron (1-D)"
        )
    bad = ~torch.isfinite(numbers)
    if declaration.positive:
        bad |= numbers <= 0
    if declaration.minimum is not None:
        bad |= numbers < declaration.minimum
    if declaration.maximum is not None:
        bad |= numbers > declaration.maximum
    if bool(bad.any()):
        first = float(numbers.reshape(-1)[bad.reshape(-1)][0])
        raise InvalidValueError(f"{where}{first:g}) is not possible; allowed: {allowed}")
    return stored


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.describe()
    if not isinstance(value, torch.Tensor):
        return value
    numbers = cast("Any", value.detach()).tolist()
    return {"trainable": numbers} if isinstance(value, torch.nn.Parameter) else numbers


def _from_plain(value: Any, declaration: Declaration | None) -> Any:
    if isinstance(value, dict) and declaration is not None and declaration.family is not None:
        described = cast("dict[str, Any]", value)
        return registry.find(declaration.family, Model, described["class"]).from_values(described)
    if isinstance(value, dict):
        return trainable(cast("dict[str, Any]", value)["trainable"])
    return value


def _short(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        kind, numbers = "trainable " if isinstance(value, torch.nn.Parameter) else "", value.detach()
        if numbers.dim() == 0:
            return f"<{kind}{float(numbers):g}>"
        return f"<{kind}{len(numbers)} values, mean {float(numbers.mean()):g}>"
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else repr(value)
