"""What an engine is: something that runs a network and gives record and state back."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, ClassVar

from spikeloom.core.errors import InvalidValueError
from spikeloom.engines.record import Record, State
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate
from spikeloom.synapses import Delta


class Engine(abc.ABC):
    """Base of the engines. All give the same answer; they differ in speed and in what they can run."""

    name: ClassVar[str]

    own_threads: ClassVar[bool] = False
    """Whether it divides its work among threads of its own, so that those of torch would only be in its way."""

    @abc.abstractmethod
    def refuses(self, net: Network) -> str | None:
        """Why this engine cannot run ``net``, or ``None`` if it can."""

    learns: ClassVar[bool] = True
    """Whether gradients flow through its runs."""

    @abc.abstractmethod
    def run(
        self,
        net: Network,
        inputs: Any,
        state: State | None = None,
        *,
        record: Sequence[str] = (),
        surrogate: Surrogate | None = None,
    ) -> Record:
        """Run ``net`` over all steps of ``inputs``.

        Args:
            net: the network; its parameters get gradients if a ``surrogate`` is given and torch records gradients.
            inputs: ``Spikes``, ``Current`` or an array (T, B, N); a dict of them by name if there are several inputs.
            state: where to begin, as an earlier run returned it in ``record.state``; the initial state if not given.
                A tensor in it that wants a gradient gets one; what a run returns has none.
            record: what to record, such as ``["hidden.spikes", "readout.v"]``.
            surrogate: the derivative of the spike; without one nothing is differentiable.

        Raises:
            InvalidValueError: inputs or state that do not fit the network.
            UnknownNameError: something to record that the network does not have.
            UnsupportedError: a network that this engine cannot run.
        """


def refuses_graph(net: Network) -> str | None:
    """Why ``net`` cannot run layer by layer, or ``None`` if it can."""
    for p in net.projections.values():
        if p.delay is not None:
            return f"the projection {p.name!r} has a delay"
        if p.rule is not None:
            return f"the projection {p.name!r} learns as it runs ({type(p.rule).__name__})"
        if p.short_term is not None:
            return f"the synapses of the projection {p.name!r} tire and recover ({type(p.short_term).__name__})"
        if not isinstance(p.synapse, Delta):
            return f"the projection {p.name!r} has synapses with a time course ({type(p.synapse).__name__})"
        if not p.connection.dense:
            return f"the projection {p.name!r} lists single synapses ({type(p.connection).__name__})"
    if net.gains:
        return f"{net.gains[0].modulator!r} scales what {net.gains[0].target!r} receives"
    for n, population in net.populations.items():
        if population.neuron.random:
            return f"the neurons of {n!r} draw random numbers ({type(population.neuron).__name__})"
    if net.drives:
        return f"it is driven by {next(iter(net.drives))!r}"
    pairs = [(p.source, p.target) for p in net.projections.values()]
    if len(set(pairs)) < len(pairs):
        return "two projections connect the same populations"
    if not net.inputs:
        return "it has no input"
    try:
        net.layers()
    except InvalidValueError:
        return "its populations feed each other in a circle"
    return None
