"""What the exact engine solves, whichever neuron and synapses it is written with: one membrane and one current.

    tau_m dv/dt = rest - v + R i,    tau_s di/dt = -i,    v >= theta: a spike, v <- reset, at rest for t_ref

An event adds its weight to ``v`` or to ``i``. A ``LIF`` gets its current from an ``ExponentialCurrent``; ``CubaLIF``
has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.network import Network
from spikeloom.neurons import LIF, CubaLIF, Neuron
from spikeloom.synapses import Delta, ExponentialCurrent, Synapse

FIXED = ("rest", "theta", "reset", "t_ref", "tau_m", "tau_s", "resistance")


def cells(net: Network, state: Mapping[str, Mapping[str, Any]]) -> dict[str, NDArray[np.float64]]:
    """Where all neurons begin (``v``, ``i``), and their parameters (``FIXED``): one number each.

    Raises:
        UnsupportedError: a neuron or a synapse that is not the one above.
        InvalidValueError: a state that does not fit.
    """
    if set(state) - set(net.populations):
        raise InvalidValueError(f"this network has the populations {list(net.populations)}; state has {list(state)}")
    parts: dict[str, list[Any]] = {k: [np.zeros(0)] for k in ("v", "i", *FIXED)}
    for name, population in net.populations.items():
        neuron = net.neuron(name)
        known = {"v", "i"} if isinstance(neuron, CubaLIF) else {"v"}
        given = dict(state.get(name, {}))
        if set(given) - known:
            raise InvalidValueError(f"{name!r} can begin with {sorted(known)}; state has {sorted(given)}")
        for k, value in (_described(net, name, neuron) | given).items():
            numbers = torch.as_tensor(value, dtype=torch.float64).detach().numpy().reshape(-1)
            if numbers.size not in (1, population.size) or not np.isfinite(numbers).all():
                raise InvalidValueError(
                    f"{name!r} has {population.size} neurons; {k} needs one finite number, or one for each; it has "
                    f"{numbers.size} values"
                )
            parts[k].append(np.broadcast_to(numbers, population.size))
    return {k: np.concatenate(v) for k, v in parts.items()}


def onto_current(net: Network, target: str, synapse: Synapse) -> bool:
    """Whether an event adds its weight to the current of ``target`` rather than to its potential."""
    return isinstance(synapse, ExponentialCurrent) or isinstance(net.populations[target].neuron, CubaLIF)


def _described(net: Network, name: str, neuron: Neuron) -> dict[str, Any]:
    if not isinstance(neuron, (LIF, CubaLIF)) or neuron.reset != "value":
        raise UnsupportedError(
            f"the exact engine solves LIF and CubaLIF, with reset='value'; population {name!r} is {neuron!r}; "
            "engine='steps' can"
        )
    return {
        "v": neuron.v_rest,
        "i": 0.0,
        "rest": neuron.v_rest + neuron.resistance * neuron.i_e,
        "theta": neuron.theta,
        "reset": neuron.v_reset,
        "t_ref": neuron.t_ref,
        "tau_m": neuron.tau_m,
        "tau_s": _time_constant(net, name, neuron),
        "resistance": neuron.resistance,
    }


def _time_constant(net: Network, name: str, neuron: LIF | CubaLIF) -> Any:
    """Of the current; 0 if there is none."""
    drives = [d.synapse for d in net.drives.values() if d.target == name and d.source.gives_events]
    synapses = [p.synapse for p in net.incoming(name)] + drives
    kinds = {type(s) for s in synapses}
    if isinstance(neuron, CubaLIF):
        if kinds - {Delta}:
            raise UnsupportedError(
                f"CubaLIF has its own current, so the exact engine takes Delta synapses onto it; {name!r} has "
                f"{_names(kinds)}; engine='steps' can"
            )
        return neuron.tau_s
    currents = {repr(s): s for s in synapses if isinstance(s, ExponentialCurrent)}
    if kinds - {Delta, ExponentialCurrent} or len(currents) > 1 or (currents and neuron.input != "current"):
        raise UnsupportedError(
            f"the exact engine solves Delta synapses (with input='delta') and one ExponentialCurrent (with "
            f"input='current') for each population; {name!r} has {_names(kinds)}"
        )
    if Delta in kinds and neuron.input == "current":
        raise UnsupportedError(
            f"{name!r}: a Delta synapse onto input='current' is a current held over a step, and here are no steps; "
            "take input='delta', an ExponentialCurrent or CubaLIF"
        )
    return next(iter(currents.values())).tau if currents else 0.0


def _names(kinds: set[type[Synapse]]) -> str:
    return ", ".join(sorted(k.__name__ for k in kinds))
