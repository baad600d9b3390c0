"""What a decoder is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model
from spikeloom.core.registry import find
from spikeloom.network import Network


class Decoder(Model):
    """Base of the decoders. A decoder is one final subclass in a file of its own.

    It turns the record of the last population, one neuron per class, into scores (B, classes): the logits of a
    softmax, on which training puts the cross-entropy; the class with the largest score is the prediction.
    :meth:`scores` is differentiable.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    """What it reads of the population: ``"v"`` (T, B, N), ``"count"`` (B, N), ``"train"`` (T, B, N)."""

    spiking: ClassVar[bool] = False
    """Whether the population has to fire for this decoder to read anything."""

    def scores(self, traces: Mapping[str, torch.Tensor], dt: float) -> torch.Tensor:
        """Scores (B, classes) from ``traces``, which holds each of :attr:`needs`, recorded in steps of ``dt`` ms."""
        raise NotImplementedError(f"{type(self).__name__} does not define scores(traces, dt)")

    def read(self, record: Any, population: str, dt: float) -> torch.Tensor:
        """Scores (B, classes) of ``population`` from the record of a run."""
        return self.scores({name: record[f"{population}.{name}"] for name in self.needs}, dt)

    def record(self, net: Network) -> tuple[str, ...]:
        """What a run of ``net`` has to record for this decoder.

        Raises:
            InvalidValueError: the last population of ``net`` never fires, and this decoder reads spikes.
        """
        neuron = net.populations[net.output].neuron
        if self.spiking and not neuron.spiking:
            raise InvalidValueError(
                f"{type(self).__name__} reads spikes, but {net.output!r} is a {type(neuron).__name__}, which never "
                "fires; make the read-out a "
                "spiking one, readout=spikeloom.neurons.LIF(), or read its membrane, "
                "decoder=spikeloom.learning.MaxPotential()"
            )
        return tuple(f"{net.output}.{name}" for name in self.needs)


def decoder_from_description(description: Mapping[str, Any]) -> Decoder:
    """The decoder that :meth:`Decoder.describe` described.

    Raises:
        UnknownNameError: there is no decoder of that name.
    """
    return find("spikeloom.learning.decoders", Decoder, description["class"]).from_values(description)
