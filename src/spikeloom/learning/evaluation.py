"""How good a network is on labelled samples, and what it spends on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from spikeloom.core.arrays import whole
from spikeloom.data.base import Samples, checked_labels, checked_samples, count
from spikeloom.encoding import Encoder
from spikeloom.engines import Engine, Record
from spikeloom.engines import get as get_engine
from spikeloom.learning.activity import dense_macs, input_events, synaptic_events
from spikeloom.learning.decoders import Decoder, MaxPotential
from spikeloom.learning.feed import Feed, encoder_for
from spikeloom.learning.learner import Batch
from spikeloom.learning.threads import one_thread
from spikeloom.network import Network

Respond: TypeAlias = Callable[[Network, Engine, Batch, Sequence[str]], Record]
"""What runs a batch of samples on which a network is judged, and records what is asked for."""


def plainly(net: Network, engine: Engine, batch: Batch, record: Sequence[str]) -> Record:
    """One run of the whole batch."""
    return engine.run(net, batch.inputs, record=record)


@dataclass(frozen=True)
class Evaluation:
    """What :func:`evaluate` found.

    Attributes:
        accuracy: share of the samples whose class was predicted.
        loss: mean cross-entropy.
        predictions: (samples,) the predicted classes.
        confusion: (classes, classes) samples by true class (rows) and predicted class (columns).
        spikes_per_sample: mean number of spikes of all populations, without the input.
        input_spikes_per_sample: mean number of events of the input.
        synaptic_events_per_sample: mean number of synapses that spikes passed, those of the input too.
        dense_macs_per_sample: multiply-accumulates of one evaluation of all connections without spikes.
        firing_rates_hz: for each spiking population the mean rate of each neuron, Hz.
        steps: time steps of a sample.
    """

    accuracy: float
    loss: float
    predictions: NDArray[np.int64]
    confusion: NDArray[np.int64]
    spikes_per_sample: float
    input_spikes_per_sample: float
    synaptic_events_per_sample: float
    dense_macs_per_sample: int
    firing_rates_hz: dict[str, NDArray[np.float64]]
    steps: int


def evaluate(
    net: Network,
    x: Samples,
    y: Any,
    *,
    encoder: Encoder | None = None,
    decoder: Decoder | None = None,
    batch_size: int = 256,
    engine: str | Engine = "auto",
    seed: int = 0,
    respond: Respond = plainly,
) -> Evaluation:
    """Run ``net`` on labelled samples.

    Args:
        net: the network.
        x: ``Spikes``, or an array (samples, features).
        y: the classes, whole numbers (samples,).
        encoder: from features to spikes; 25 ms of latency code if not given. Not for ``Spikes``.
        decoder: how the output is read; :class:`MaxPotential` if not given.
        batch_size: samples that run at a time.
        engine: ``"auto"``, ``"cpu"``, ``"reference"``, or an engine object.
        seed: of a random encoder.
        respond: how samples are shown, if not plainly run: the ``respond`` of the rule that the network learned by.

    Raises:
        InvalidValueError: data or labels that do not fit the network.
    """
    classes = net.populations[net.output].size
    x = checked_samples(x, "x")
    labels = checked_labels(y, count(x), classes, "y")
    encoder = encoder_for(net, x, encoder)
    feed = Feed(x, labels, encoder=encoder, seed=seed, device=next(net.parameters()).device)
    return measure(
        net, feed, decoder or MaxPotential(), get_engine(engine, net), whole(batch_size, "batch_size"), respond=respond
    )


def measure(
    net: Network,
    feed: Feed,
    decoder: Decoder,
    engine: Engine,
    batch_size: int,
    pause: Callable[[], None] = lambda: None,
    respond: Respond = plainly,
) -> Evaluation:
    """Run ``net`` on all samples of ``feed``; ``pause`` is called after each batch, and may raise.

    ``respond`` runs a batch, if that is not plainly to run it.
    """
    spiking = [name for name, p in net.populations.items() if p.neuron.spiking]
    keys = (*decoder.record(net), *(f"{name}.count" for name in spiking))
    classes = net.populations[net.output].size
    counts = {name: torch.zeros(net.populations[name].size, dtype=torch.float64) for name in spiking}
    predictions: list[torch.Tensor] = []
    loss, events, steps = 0.0, 0, 0
    with torch.no_grad():
        for batch in feed.batches(batch_size):
            record = respond(net, engine, batch, keys)
            with one_thread(engine.own_threads):
                scores = decoder.read(record, net.output, net.dt)
                loss += float(cross_entropy(scores, batch.labels, reduction="none").sum(dtype=torch.float64))
                predictions.append(scores.argmax(1).cpu())
            for name in spiking:
                counts[name] += record[f"{name}.count"].sum(0, dtype=torch.float64).cpu()
            events += input_events(batch.inputs)
            steps = batch.inputs.shape[0]
            pause()
    total = len(feed)
    predicted, true = torch.cat(predictions).numpy(), feed.labels.cpu().numpy()
    confusion = np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)
    fired = {name: float(count.sum()) for name, count in counts.items()}
    passed = synaptic_events(net, {**fired, next(iter(net.inputs)): events})
    return Evaluation(
        accuracy=float((predicted == true).mean()),
        loss=loss / total,
        predictions=predicted,
        confusion=confusion,
        spikes_per_sample=sum(fired.values()) / total,
        input_spikes_per_sample=events / total,
        synaptic_events_per_sample=passed / total,
        dense_macs_per_sample=dense_macs(net),
        firing_rates_hz={name: count.numpy() / total * (1e3 / (steps * net.dt)) for name, count in counts.items()},
        steps=steps,
    )
