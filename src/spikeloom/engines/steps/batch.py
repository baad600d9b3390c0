"""A batch step by step: every sample runs on its own, and what they learned adds up.

Each sample begins with the same weights and changes its own copy; after the run the weights have moved by the sum of
all changes, in the order of the samples, within the bounds of the rule. So the result does not depend on which samples
ran at the same time, and a rule need not know that there are batches.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.engines.record import Record, State
from spikeloom.engines.steps.weights import WEIGHT
from spikeloom.network import Network

ONCE = ("clock",)
"""Entries of a state that all samples have in common."""

SAMPLES = "samples"
"""The entry of the clock that says how many samples a state has, if there are several."""


def sample_of(value: Any, b: int) -> Any:
    """One sample of an input: ``Spikes`` (T, 1, N), or an array (T, N)."""
    if isinstance(value, Spikes):
        return value if value.shape[1] == 1 else value.select([b])
    if isinstance(value, Current):
        return np.broadcast_to(value.values[b], (value.shape[0], value.shape[2]))
    return np.ascontiguousarray(value[:, b].double().numpy())


def state_of(net: Network, state: State | None, b: int, samples: int) -> State | None:
    """The state of one sample. A state of one sample is one for all.

    Raises:
        InvalidValueError: a state of another number of samples.
    """
    if state is None:
        return None
    many = int(state.get("clock", {}).get(SAMPLES, torch.tensor(1)))
    if many not in (1, samples):
        raise InvalidValueError(f"the state has {many} samples; the inputs have {samples}")
    if many == 1:
        return state
    found: State = {"clock": {"step": state["clock"]["step"]}}
    for name, part in state.items():
        if name not in ONCE:
            found[name] = {k: v if _common(net, name, k) else _row(net, name, k, v, b) for k, v in part.items()}
    return found


def _common(net: Network, name: str, k: str) -> bool:
    """Whether all samples have a value in common: the weights."""
    return name in net.projections and k == WEIGHT


def _plain(net: Network, name: str, k: str) -> bool:
    """Whether a value of one sample has the shape (1, N)."""
    return name in net.populations and not k.endswith("arriving") and k != "recent"


def _row(net: Network, name: str, k: str, v: torch.Tensor, b: int) -> torch.Tensor:
    return v[b : b + 1] if _plain(net, name, k) else v[b]


def joined(net: Network, records: list[Record], begun: State | None) -> Record:
    """The records of all samples as one."""
    values: dict[str, Any] = {}
    for key in records[0]:
        parts = [r[key] for r in records]
        values[key] = Spikes.concatenate(parts) if isinstance(parts[0], Spikes) else _together(net, key, parts)
    return Record(values, engine="steps", state=_state(net, [r.state for r in records], begun))


def _together(net: Network, key: str, parts: list[torch.Tensor]) -> torch.Tensor:
    """Traces (T, 1, N) and counts (1, N) side by side; rates (T,) and weights stacked in front."""
    if key.split(".", 1)[0] in net.projections or key.endswith(".rate"):
        return torch.stack(parts)
    return torch.cat(parts, 1 if parts[0].dim() == 3 else 0)


def _state(net: Network, states: list[State], begun: State | None) -> State:
    found: State = {}
    for name, part in states[0].items():
        found[name] = {}
        for k, v in part.items():
            mine = [s[name][k] for s in states]
            if name in ONCE:
                found[name] = {k: v, SAMPLES: torch.tensor(len(states))}
            elif _common(net, name, k):
                found[name][k] = _learned(net, name, mine, begun)
            elif _plain(net, name, k):
                found[name][k] = torch.cat(mine)
            elif v.dim() == 0:
                found[name][k] = torch.stack(mine)
            else:
                longest = max(m.shape[0] for m in mine)
                found[name][k] = torch.stack([torch.nn.functional.pad(m, _missing(m, longest)) for m in mine])
    return found


def _missing(value: torch.Tensor, rows: int) -> list[int]:
    """What ``pad`` needs to make the first dimension ``rows`` long: what is on its way may end sooner in one sample."""
    return [0, 0] * (value.dim() - 1) + [0, rows - value.shape[0]]


def _learned(net: Network, name: str, after: list[torch.Tensor], begun: State | None) -> torch.Tensor:
    """The weights, moved by the sum of all changes."""
    rule = net.projections[name].rule
    assert rule is not None
    assert begun is not None
    before = begun[name][WEIGHT]
    weight = before.clone()
    for one in after:
        weight += one - before
    return weight.clamp(*rule.allowed)
