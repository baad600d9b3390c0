"""Checks that every entrance shares: what a user hands over becomes an array, or an error that says what is wrong."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError


def to_numpy(values: object, name: str) -> NDArray[Any]:
    """``values`` (list, NumPy array, torch tensor on any device) as a NumPy array, without a copy where possible.

    Raises:
        InvalidValueError: they form no rectangular array of numbers.
    """
    tensor: Any = values
    if hasattr(tensor, "detach"):  # a torch tensor; torch itself is not imported for this
        tensor = tensor.detach().cpu()
        if str(tensor.dtype) == "torch.bfloat16":  # the one float type that NumPy does not have
            tensor = tensor.float()
        return tensor.numpy()
    try:
        array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise InvalidValueError(f"{name} must be a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "biuf":
        raise InvalidValueError(f"{name} must be an array of real numbers; given dtype {array.dtype}")
    return array


def integers(values: object, name: str) -> NDArray[Any]:
    """``values`` as a one-dimensional array of an integer dtype; floats are taken if all of them are whole numbers.

    Raises:
        InvalidValueError: not one-dimensional, or not whole numbers (the first such place is named).
    """
    array = to_numpy(values, name)
    if array.ndim != 1:
        raise InvalidValueError(f"{name} must be one-dimensional; given shape {array.shape}")
    if array.dtype.kind == "b":
        raise InvalidValueError(f"{name} must be integers; given truth values (see np.flatnonzero)")
    if array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            bad = ~(np.abs(array) < 2**53) | (array != np.floor(array))
        if bad.any():
            at = int(bad.argmax())
            raise InvalidValueError(f"{name} must be whole numbers; {name}[{at}] is {array[at]}")
        return array.astype(np.int64)
    return array


def in_range(array: NDArray[Any], stop: int, name: str, what: str) -> None:
    """Checks that every element of an integer array lies in 0 ... ``stop`` - 1.

    Raises:
        InvalidValueError: one does not; the message names the first such place and the allowed range (``what``).
    """
    if array.size and (int(array.min()) < 0 or int(array.max()) >= stop):
        bad = (array < 0) | (array >= stop)
        at = int(bad.argmax())
        allowed = f"0 to {stop - 1}" if stop > 0 else "none"
        raise InvalidValueError(f"{name}[{at}] is {array[at]}; allowed is {allowed} ({what})")


def finite(array: NDArray[Any], name: str, axes: tuple[str, ...]) -> None:
    """Checks that no element is NaN or infinite.

    Raises:
        InvalidValueError: one is; the message names its place along ``axes``, such as ``sample 3, feature 12``.
    """
    if array.dtype.kind != "f" or not array.size:
        return
    with np.errstate(all="ignore"):  # a sum is finite only if every term is: one pass, and no mask in the good case
        if np.isfinite(array.sum(dtype=np.float64)):
            return
    bad = ~np.isfinite(array)
    if bad.any():
        place = np.unravel_index(int(bad.argmax()), array.shape)
        where = ", ".join(f"{axis} {int(i)}" for axis, i in zip(axes, place, strict=True))
        raise InvalidValueError(
            f"{name} must be finite; {array[place]} stands at {where} ({int(bad.sum())} of {array.size} values are not)"
        )


def positive(value: object, name: str, example: str) -> float:
    """``value`` as a float that is finite and above zero (``example`` is the line to paste).

    Raises:
        InvalidValueError: it is not.
    """
    if isinstance(value, numbers.Real) and value is not True:
        number = float(value)
        if math.isfinite(number) and number > 0:
            return number
    raise InvalidValueError(f"{name} must be a finite number above 0; given {value!r}. Write {example}")


def whole(value: object, name: str, *, minimum: int = 1) -> int:
    """``value`` as an int that is at least ``minimum``.

    Raises:
        InvalidValueError: it is not.
    """
    if isinstance(value, numbers.Integral) and value is not True and value is not False and int(value) >= minimum:
        return int(value)
    raise InvalidValueError(f"{name} must be a whole number, at least {minimum}; given {value!r}")
