"""Torch optimisers: made by name, saved and restored to the bit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import torch

from spikeloom.core.errors import InvalidValueError, unknown_name

OptimizerLike: TypeAlias = str | Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer]
"""A name such as ``"adam"``, or a function from parameters to an optimiser, such as ``lambda p:
torch.optim.SGD(p, lr=0.1)``."""


def known() -> dict[str, type[torch.optim.Optimizer]]:
    """The optimisers of ``torch.optim`` by their name in lower case, but those for sparse gradients, which no
    rule gives.
    """
    found = {
        name.lower(): kind
        for name, kind in vars(torch.optim).items()
        if inspect.isclass(kind) and issubclass(kind, torch.optim.Optimizer) and kind is not torch.optim.Optimizer
    }
    return {name: kind for name, kind in sorted(found.items()) if name != "sparseadam"}


def make(
    optimizer: OptimizerLike, net: torch.nn.Module, learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """The optimiser of the parameters of ``net``, in its fused form (one pass over memory) where torch has one.

    Raises:
        UnknownNameError: torch has no optimiser of that name.
        InvalidValueError: the function gave something else, or the optimiser knows no weight decay.
    """
    parameters = [p for p in net.parameters() if p.requires_grad]
    if not parameters:
        raise InvalidValueError("nothing to train: no parameter of this network requires a gradient")
    if isinstance(optimizer, str):
        kind = kind_of(optimizer)
        accepted = inspect.signature(kind).parameters
        options: dict[str, Any] = {"lr": learning_rate}
        if "fused" in accepted and all(p.device.type in ("cpu", "cuda") for p in parameters):
            options["fused"] = True
        if "weight_decay" in accepted:
            options["weight_decay"] = weight_decay
        elif weight_decay:
            raise InvalidValueError(
                f"{kind.__name__} knows no weight decay; leave weight_decay at 0, or take optimizer='adamw'"
            )
        return kind(parameters, **options)
    made = optimizer(parameters)
    if not isinstance(made, torch.optim.Optimizer):
        raise InvalidValueError(f"optimizer must return a torch.optim.Optimizer; it returned {type(made).__name__}")
    return made


def kind_of(name: str) -> type[torch.optim.Optimizer]:
    """The class of the optimiser called ``name``, upper and lower case alike.

    Raises:
        UnknownNameError: torch has none of that name; the message suggests the nearest.
    """
    kinds = known()
    if name.lower() not in kinds:
        raise unknown_name("optimiser", name, kinds)
    return kinds[name.lower()]


def describe(optimizer: OptimizerLike) -> str:
    """The name of the optimiser, or ``module:function`` of the function that makes it."""
    if isinstance(optimizer, str):
        return optimizer.lower()
    return f"{getattr(optimizer, '__module__', '?')}:{getattr(optimizer, '__qualname__', type(optimizer).__name__)}"


def restore(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Load a ``state_dict`` to the bit.

    torch casts what it loads to the type of the parameters, which rounds or widens some optimisers' running
    products; the values are therefore put back as they were saved.
    """
    optimizer.load_state_dict(state)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    names = [i for group in state["param_groups"] for i in group["params"]]
    for parameter, name in zip(parameters, names, strict=True):
        if name in state["state"]:
            device = parameter.device
            optimizer.state[parameter] = {
                k: v.to(device) if isinstance(v, torch.Tensor) and v.dim() else v
                for k, v in state["state"][name].items()
            }
