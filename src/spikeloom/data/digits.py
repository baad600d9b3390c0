"""Handwritten digits of 8 x 8 pixels, embedded in scikit-learn: nothing is downloaded."""

from __future__ import annotations

import numpy as np

from spikeloom.data.base import Dataset
from spikeloom.data.split import stratified


def digits(*, seed: int = 0, test_fraction: float = 0.2) -> Dataset:
    """The 1,797 handwritten digits that come with scikit-learn: 8 x 8 pixels, grey values 0 to 16 divided by 16.

    The split into training and test set is stratified and fixed by ``seed``. Source: E. Alpaydin & C. Kaynak 1998,
    "Optical Recognition of Handwritten Digits", doi:10.24432/C50P49, its test part; CC BY 4.0.

    Raises:
        InvalidValueError: ``test_fraction`` is not between 0 and 1.

    >>> digits()
    Dataset('digits': 1438 training and 359 test samples, 64 features, 10 classes)
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    x = (pixels / 16).astype(np.float32)
    y = labels.astype(np.int64)
    train, test = stratified(y, test_fraction, seed=seed, name="digits/test split")
    return Dataset(
        name="digits",
        x_train=x[train],
        y_train=y[train],
        x_test=x[test],
        y_test=y[test],
        classes=tuple("0123456789"),
        image_shape=(8, 8),
        source="scikit-learn, sklearn.datasets.load_digits; https://archive.ics.uci.edu/dataset/80",
        licence="CC BY 4.0",
        citation="E. Alpaydin & C. Kaynak (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning "
        "Repository. doi:10.24432/C50P49",
    )
