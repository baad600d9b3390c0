"""What a run returns: the record of what was asked for, and the state to go on from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import torch

from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.network import Network

State: TypeAlias = dict[str, dict[str, torch.Tensor]]
"""State variables (B, N) by population; ``"spike"`` holds the last step's spikes where it projects onto itself."""


class Record(Mapping[str, Any]):
    """What was recorded, by key: ``record["hidden.spikes"]``.

    ========================  ==================================================================================
    ``<population>.spikes``   the spikes, as :class:`~spikeloom.core.spikes.Spikes`
    ``<population>.count``    spikes of each neuron: tensor (B, N), differentiable under a surrogate
    ``<population>.train``    the spikes as a tensor (T, B, N) of 0 and 1, differentiable under a surrogate
    ``<population>.<state>``  a state variable after each step: tensor (T, B, N), differentiable under a surrogate
    ========================  ==================================================================================

    ``engine`` names the engine that ran, ``state`` is where to go on, and ``dense`` says of each input how many
    samples were so dense that the cpu engine took dense products for them instead of following their events.
    """

    def __init__(
        self, values: dict[str, Any], *, engine: str, state: State, dense: dict[str, int] | None = None
    ) -> None:
        self._values, self.engine, self.state = values, engine, state
        self.dense = dense or {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            raise unknown_name("recorded quantity", key, self._values)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        dense = "".join(f"; {n} samples of {name} by dense products" for name, n in self.dense.items())
        return f"Record({', '.join(self._values)}; engine {self.engine}{dense})"


def recordable(net: Network) -> list[str]:
    """All that a run of ``net`` can record."""
    keys: list[str] = []
    for name, population in net.populations.items():
        spiking = ["spikes", "count", "train"] if population.neuron.spiking else []
        keys += [f"{name}.{what}" for what in (*spiking, *population.neuron.state)]
    return keys


def check_record(net: Network, record: Any) -> tuple[str, ...]:
    """The keys asked for, each once, if all can be recorded.

    Raises:
        UnknownNameError: a key that this network does not have; the message suggests the nearest and lists all.
    """
    if isinstance(record, str):
        raise InvalidValueError(f"record={record!r} is one string; give a list: record=[{record!r}]")
    known = recordable(net)
    for key in record:
        if key not in known:
            raise unknown_name("recordable quantity", key, known)
    return tuple(dict.fromkeys(record))
