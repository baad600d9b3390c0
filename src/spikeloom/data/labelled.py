"""The user's own data: scikit-learn style arrays, or spikes with labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.data.base import Dataset, checked_labels, checked_samples, count
from spikeloom.data.split import stratified


def as_dataset(
    data: Any,
    *,
    seed: int = 0,
    test_fraction: float = 0.2,
    classes: int | Sequence[str] | None = None,
    image_shape: tuple[int, int] | None = None,
    name: str = "arrays",
) -> Dataset:
    """``data`` as a :class:`Dataset`: one already, or (samples, labels) to be divided into training and test set.

    Args:
        data: a ``Dataset``; or ``(X, y)`` with X (samples, features) numbers; or ``(spikes, y)`` with ``Spikes``. The
            labels y are whole numbers from 0, or strings (their classes are then in alphabetical order).
        seed: seed of the stratified split.
        test_fraction: share of each class that becomes the test set.
        classes: how many classes there are, or their names; if left out, as many as the largest label says.
        image_shape: (rows, columns) if a sample is a picture.
        name: name of the data set.

    Raises:
        InvalidValueError: empty data, NaN (sample and feature are named), labels of the wrong number or out of range.

    >>> as_dataset(([[0.0, 1.0], [1.0, 0.0], [0.1, 0.9], [0.8, 0.2]], ["b", "a", "b", "a"]))
    Dataset('arrays': 2 training and 2 test samples, 2 features, 2 classes)
    """
    if isinstance(data, Dataset):
        return data
    if isinstance(data, (Spikes, np.ndarray, str)) or not isinstance(data, Sequence) or len(data) != 2:
        raise InvalidValueError(
            "data must be a Dataset, such as spikeloom.data.digits(), or a pair (X, y) of samples and labels; "
            f"given {_short(data)}"
        )
    x, y = data
    samples = checked_samples(x, "X")
    names = None if classes is None or isinstance(classes, int) else [str(c) for c in classes]
    texts = _texts(y)
    if texts is not None:
        names = names or sorted(set(texts))
        places = {text: i for i, text in enumerate(names)}
        missing = next((i for i, text in enumerate(texts) if text not in places), None)
        if missing is not None:
            raise InvalidValueError(f"y[{missing}] is {texts[missing]!r}; allowed are the classes {', '.join(names)}")
        y = [places[text] for text in texts]
    total = len(names) if names is not None else classes if isinstance(classes, int) else None
    y = checked_labels(y, count(samples), 2**31 if total is None else total, "y")
    names = names or [str(i) for i in range(int(y.max()) + 1 if total is None else total)]
    stay, held_out = stratified(y, test_fraction, seed=seed, name="test split")
    picked = [samples.select(i) if isinstance(samples, Spikes) else samples[i] for i in (stay, held_out)]
    return Dataset(
        name=name,
        x_train=picked[0],
        y_train=y[stay],
        x_test=picked[1],
        y_test=y[held_out],
        classes=tuple(names),
        image_shape=image_shape,
        source="given as arrays",
    )


def _texts(y: Any) -> list[str] | None:
    """The labels as strings if that is what all of them are."""
    if isinstance(y, Sequence) or getattr(getattr(y, "dtype", None), "kind", "") in ("O", "T", "U"):
        labels = list(y)
        if labels and all(isinstance(label, str) for label in labels):
            return [str(label) for label in labels]
    return None


def _short(data: Any) -> str:
    """What was given, in a few words: a whole array would hide the message."""
    if hasattr(data, "shape"):
        return f"{type(data).__name__} of shape {tuple(data.shape)}"
    if isinstance(data, Sequence) and not isinstance(data, str):
        return f"a {type(data).__name__} of {len(data)}"
    return repr(data)[:80]
