"""A linear read-out of features, found at once: a support vector machine for each class."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError

ROUNDS = 50
"""Passes over the features, at most. Twenty times as many changed one decision in five hundred."""


def linear_readout(features: Any, labels: NDArray[np.int64], classes: int, strength: float) -> NDArray[np.float64]:
    r"""Weights (features, classes) whose scores tell the classes apart; the class with the largest score is meant.

    .. math:: \min_{w_k} \tfrac{1}{2} |w_k|^2 + C \sum_n \max(0, 1 - y_{nk}\, w_k \cdot x_n)^2

    for each class k on its own, with y = 1 for the samples of that class and -1 for all others (scikit-learn's
    ``LinearSVC`` without a bias; Fan, Chang, Hsieh, Wang & Lin 2008, JMLR 9, 1871-1874). A class that no sample has is
    never meant, where no feature is negative.

    Args:
        features: (samples, features), an array or a sparse matrix.
        labels: (samples,) classes, at least two of them.
        classes: how many classes there are.
        strength: C, what an error costs.

    Raises:
        InvalidValueError: all samples are of one class.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    present = np.unique(labels)
    if present.size < 2:
        raise InvalidValueError(f"a read-out needs samples of two classes or more; all are of class {present.tolist()}")
    machine = LinearSVC(C=strength, fit_intercept=False, random_state=0, max_iter=ROUNDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a read-out change no decision
        machine.fit(features, labels)
    found = np.asarray(machine.coef_, np.float64)
    if len(found) == 1:  # two classes: one machine, for the second
        found = np.concatenate([-found, found])
    weights = np.tile(found.min(axis=0)[:, None], (1, classes))
    weights[:, present] = found.T
    return weights
