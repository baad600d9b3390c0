"""What a data set is: samples and labels for training and for testing, and where they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import finite, in_range, integers, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes

Samples: TypeAlias = "NDArray[np.float32] | Spikes"
"""Features (samples, features) float32, still to be encoded; or spikes."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dataset:
    """Labelled samples, divided into a training and a test set.

    Args:
        name: what it is called in results.
        x_train, x_test: (samples, features) numbers, kept as float32, or :class:`~spikeloom.core.spikes.Spikes`.
        y_train, y_test: (samples,) labels, whole numbers from 0 to ``len(classes)`` - 1; kept as int64.
        classes: the name of each class.
        image_shape: (rows, columns) if a sample is a picture.
        source, licence, citation: where the data come from, what one may do with them, whom to cite.

    Raises:
        InvalidValueError: empty data, a label out of range or too many of them, NaN, two sets that do not fit together.
    """

    name: str
    x_train: Samples
    y_train: NDArray[np.int64]
    x_test: Samples
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    source: str = ""
    licence: str = ""
    citation: str = ""

    def __post_init__(self) -> None:
        def put(field: str, value: object) -> None:
            object.__setattr__(self, field, value)

        put("classes", tuple(str(name) for name in self.classes))
        for part in ("train", "test"):
            x = checked_samples(getattr(self, f"x_{part}"), f"x_{part}")
            put(f"x_{part}", x)
            put(f"y_{part}", checked_labels(getattr(self, f"y_{part}"), count(x), len(self.classes), f"y_{part}"))
        if isinstance(self.x_train, Spikes) != isinstance(self.x_test, Spikes):
            raise InvalidValueError("x_train and x_test must be of one kind: both arrays, or both Spikes")
        widths = features(self.x_train), features(self.x_test)
        if widths[0] != widths[1]:
            raise InvalidValueError(
                f"x_train and x_test must have the same features; given {widths[0]} and {widths[1]}"
            )
        if self.image_shape is not None and math.prod(self.image_shape) != self.features:
            raise InvalidValueError(f"image_shape {self.image_shape} does not hold {self.features} features")

    @property
    def features(self) -> int:
        """Features of a sample: columns of an array, neurons of spikes."""
        return features(self.x_train)

    def __repr__(self) -> str:
        kind = "spike trains" if isinstance(self.x_train, Spikes) else "features"
        return (
            f"Dataset({self.name!r}: {len(self.y_train)} training and {len(self.y_test)} test samples, "
            f"{self.features} {kind}, {len(self.classes)} classes)"
        )


def count(x: Samples) -> int:
    """How many samples ``x`` holds."""
    return x.shape[1] if isinstance(x, Spikes) else len(x)


def features(x: Samples) -> int:
    """How many features a sample of ``x`` has."""
    return x.shape[2] if isinstance(x, Spikes) else x.shape[1]


def checked_samples(x: Any, name: str) -> Samples:
    """``x`` as float32 (samples, features), or as the ``Spikes`` that it is; not empty, nothing NaN or infinite."""
    if not isinstance(x, Spikes):
        x = to_numpy(x, name)
        if x.ndim != 2:
            hint = f"; flatten each sample with {name}.reshape(len({name}), -1)" if x.ndim > 2 else ""
            raise InvalidValueError(f"{name} must have the axes (samples, features); given shape {x.shape}{hint}")
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is named below
            x = np.ascontiguousarray(x, np.float32)
        finite(x, name, ("sample", "feature"))
    if count(x) == 0 or features(x) == 0:
        raise InvalidValueError(
            f"{name} is empty: {count(x)} samples of {features(x)} features; at least one of each is needed"
        )
    return x


def checked_labels(y: Any, samples: int, classes: int, name: str) -> NDArray[np.int64]:
    """``y`` as int64 (samples,), each from 0 to ``classes`` - 1."""
    labels = integers(y, name)
    if labels.size != samples:
        raise InvalidValueError(
            f"{name} must hold one label per sample; given {labels.size} labels for {samples} samples"
        )
    in_range(labels, classes, name, f"{classes} classes")
    return labels.astype(np.int64)
