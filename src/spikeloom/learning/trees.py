"""Nested Python values that hold tensors, as plain JSON beside the tensors: how an optimiser is written without
pickle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from spikeloom.core.errors import UnsupportedError

_KEY = "__"  # marks what JSON has no word for


def flatten(tree: Any, prefix: str) -> tuple[Any, dict[str, torch.Tensor]]:
    """``tree`` as JSON values, and its tensors by a name that begins with ``prefix``; :func:`unflatten` is the inverse.

    Dicts (with any keys that are themselves plain), lists, tuples, tensors, NumPy arrays, numbers (also not finite
    ones), strings, ``None``.

    Raises:
        UnsupportedError: something else stands in the tree; the message says where.
    """
    tensors: dict[str, torch.Tensor] = {}

    def plain(value: Any, place: str) -> Any:
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {_KEY: "float", "value": repr(value)}
        if isinstance(value, torch.Tensor):
            tensors[place] = value.detach()
            return {_KEY: "tensor", "value": place}
        if isinstance(value, np.ndarray):
            tensors[place] = torch.tensor(value)
            return {_KEY: "array", "value": place}
        if isinstance(value, (list, tuple)):
            items = [plain(item, f"{place}/{i}") for i, item in enumerate(value)]
            return items if isinstance(value, list) else {_KEY: "tuple", "value": items}
        if isinstance(value, Mapping):
            pairs = [[plain(k, f"{place}/key"), plain(v, f"{place}/{k}")] for k, v in value.items()]
            return {_KEY: "dict", "value": pairs}
        raise UnsupportedError(
            f"{place} is a {type(value).__name__}, which a checkpoint cannot hold; allowed: numbers, tensors, lists"
        )

    return plain(tree, prefix), tensors


def unflatten(tree: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    """The nested values that :func:`flatten` took apart; the tensors are copies."""
    if isinstance(tree, list):
        return [unflatten(item, tensors) for item in tree]
    if not isinstance(tree, Mapping):
        return tree
    kind, value = tree[_KEY], tree["value"]
    if kind == "float":
        return float(value)
    if kind == "tensor":
        return tensors[value].clone()
    if kind == "array":
        return tensors[value].numpy().copy()
    if kind == "tuple":
        return tuple(unflatten(item, tensors) for item in value)
    return {unflatten(k, tensors): unflatten(v, tensors) for k, v in value}
