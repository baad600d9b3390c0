"""What an engine is: something that runs a network and gives record and state back."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, ClassVar

from spikeloom.engines.record import Record, State
from spikeloom.network import Network
from spikeloom.surrogates import Surrogate


class Engine(abc.ABC):
    """Base of the engines. All give the same answer; they differ in speed and in what they can run."""

    name: ClassVar[str]

    own_threads: ClassVar[bool] = False
    """Whether it divides its work among threads of its own, so that those of torch would only be in its way."""

    @abc.abstractmethod
    def refuses(self, net: Network) -> str | None:
        """Why this engine cannot run ``net``, or ``None`` if it can."""

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
