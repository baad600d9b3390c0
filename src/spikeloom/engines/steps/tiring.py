"""Short-term plasticity as an operation: the factor of every spike, from the memory of its source."""

from __future__ import annotations

import functools
from typing import Any

from spikeloom.core import trace
from spikeloom.engines.steps.operation import Operation
from spikeloom.synapses import ShortTerm

TEXT = """
{shared}
for t in range(steps):
    for e in range(offsets[now - origin[0] + t], offsets[now - origin[0] + t + 1]):
        i = index[e]
        elapsed_ = (now + t - last[i]) * dt if last[i] >= 0.0 else 1e300
{reads}
{lines}
        factor = {factor}
{writes}
        last[i] = now + t
        for k in range(starts[i], starts[i + 1]):
            ring[(now + t + delays[k]) % ring.shape[0], targets[k]] += factor * weights[k]
"""


@functools.cache
def _body(kind: type[ShortTerm], constants: tuple[str, ...]) -> str:
    states = list(kind.state)
    outputs = trace.trace(kind.on_spike, ["elapsed", *states, *constants])
    lines, values = trace.statements(outputs)
    pad = " " * 8
    return TEXT.format(
        shared="\n".join(f"{k}_ = constant_{k}" for k in constants),
        reads="\n".join(f"{pad}{k}_ = state_{k}[i]" for k in states),
        lines="\n".join(f"{pad}{line}" for line in lines),
        factor=values[0],
        writes="\n".join(f"{pad}state_{k}[i] = {v}" for k, v in zip(states, values[1:], strict=True)),
    )


def tiring(rule: ShortTerm, memory: dict[str, Any], values: dict[str, Any], dt: float) -> Operation:
    """The delivery by synapses that tire; ``values`` is what a delivery works with, a weight and a delay for each."""
    fixed = rule.constants()
    given = {
        **values,
        "dt": dt,
        "last": memory["last"],
        **{f"state_{k}": memory[k] for k in rule.state},
        **{f"constant_{k}": float(v) for k, v in fixed.items()},
    }
    name = type(rule).__name__
    return Operation(f"{name.lower()}_deliver", name, _body(type(rule), tuple(fixed)), given)
