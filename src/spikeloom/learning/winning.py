"""What the winners of one presentation learn."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.connections import Convolution
from spikeloom.core.errors import UnsupportedError
from spikeloom.engines.waves import SILENT
from spikeloom.learning.competition import Place
from spikeloom.plasticity import Plasticity, Trace
from spikeloom.plasticity.base import EVENTS

NOWHERE: Final = SILENT + 1
"""Stands for places outside of the source."""


def check_rule(rule: Plasticity, name: str) -> None:
    """Raises if what ``rule`` does cannot be told from the step of one spike on each side of a synapse."""
    acts = [event for event in (*EVENTS, "between", "gate") if hasattr(rule, event)]
    traces = rule.traces().values()
    simple = all(isinstance(t, Trace) and t.of == "pre" for t in traces) and rule.parts() == [rule]
    if acts != ["on_post"] or not simple or rule.synapse or rule.reads or rule.analog:
        raise UnsupportedError(
            f"the projection {name!r} learns by {type(rule).__name__}; winners of a competition learn by a rule that "
            "acts at the target's spikes alone and reads the source's: connect(..., rule=OrderSTDP())"
        )


def learn(
    rule: Plasticity,
    weight: torch.Tensor,
    connection: Convolution,
    source: NDArray[np.int16],
    won: Sequence[tuple[Place, int]],
    dt: float,
) -> None:
    """Change ``weight`` (maps, C, K, K), in place, as ``rule`` says at the spikes of the winners, each of another map.

    Args:
        rule: the rule, one that passes :func:`check_rule`.
        weight: the weights of ``connection``.
        connection: from the source to the winners' layer.
        source: (C, rows, columns) the step of the only spike of each neuron of the source, or ``SILENT``.
        won: place and step of the spike of each winner.
        dt: length of a step, ms.
    """
    if not won:
        return
    side, stride, edge = connection.kernel, connection.stride, connection.padding
    wide = np.pad(source.astype(np.int64), ((0, 0), (edge, edge), (edge, edge)), constant_values=NOWHERE)
    seen = np.stack([wide[:, y * stride :, x * stride :][:, :side, :side] for (_, y, x), _ in won])
    ago = torch.from_numpy(np.array([step for _, step in won])[:, None, None, None] - seen)
    known: dict[str, Any] = {"low": rule.low, "high": rule.high, **rule.constants(dt)}
    for name, trace in rule.traces().items():
        assert isinstance(trace, Trace)
        known[name] = torch.where(ago >= 0, trace.jump * torch.exp(ago.double() * (-dt / trace.tau)), 0.0)
    maps = torch.tensor([place[0] for place, _ in won])
    known["w"] = rule.sign * weight[maps].double()
    options = rule.options()
    taken = inspect.signature(rule.on_post).parameters.values()
    found = rule.on_post(
        *(known[p.name] for p in taken if p.kind is not p.KEYWORD_ONLY),
        **{p.name: options[p.name] for p in taken if p.kind is p.KEYWORD_ONLY},
    )
    if rule.limited:
        found = found.clamp(rule.low, rule.high)
    exists = torch.from_numpy(seen != NOWHERE)  # beyond the edge there is no synapse that could learn
    weight[maps] = torch.where(exists, (rule.sign * found).to(weight.dtype), weight[maps])


def spread(weight: torch.Tensor, rule: Plasticity) -> float:
    r"""How far weights are from having made up their minds: the mean of u (1 - u), for the part u of their range.

    .. math:: C = \frac{1}{n} \sum_i u_i (1 - u_i)

    It is 0 when all of them lie at a bound (Kheradpisheh et al. 2018, doi:10.1016/j.neunet.2017.12.005, eq. 4).
    """
    u = (rule.sign * weight.double().numpy() - rule.low) / (rule.high - rule.low)
    return float((u * (1 - u)).mean())
