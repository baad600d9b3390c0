"""A few test samples and what the network did with them, for the pictures of the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from spikeloom.core.spikes import Spikes
from spikeloom.data import Dataset
from spikeloom.engines import Engine
from spikeloom.learning.decoders import Decoder
from spikeloom.learning.evaluation import Respond, plainly
from spikeloom.learning.feed import Feed
from spikeloom.network import Network

SAMPLES = 6


def showcase(
    net: Network,
    data: Dataset,
    feed: Feed,
    decoder: Decoder,
    engine: Engine,
    respond: Respond = plainly,
    growth: Mapping[str, torch.Tensor] = MappingProxyType({}),
) -> bytes:
    """The content of ``samples.safetensors``: of :data:`SAMPLES` test samples

    ``label`` and ``prediction`` (k,); ``image`` (k, features) if the data are arrays; for the input and each
    spiking population ``<name>.offsets`` and ``<name>.indices`` (see :class:`~spikeloom.core.spikes.Spikes`), with
    ``<name>.shape`` and ``dt`` in the metadata; for each population ``<name>.v`` (T, k, neurons), its membrane
    potential. Of a network whose ``growth`` was watched, ``growth.<projection>.fields`` and
    ``growth.<projection>.samples`` (:meth:`~spikeloom.learning.learner.Learner.growth`).
    """
    rows = choose(data.y_test, SAMPLES)
    batch = feed.batch(rows)
    spiking = [name for name, p in net.populations.items() if p.neuron.spiking]
    traced = [name for name, p in net.populations.items() if "v" in p.neuron.state]
    keys = [*decoder.record(net), *(f"{n}.spikes" for n in spiking), *(f"{n}.v" for n in traced)]
    with torch.no_grad():
        record = respond(net, engine, batch, keys)
        prediction = decoder.read(record, net.output, net.dt).argmax(1)
    events: dict[str, Any] = {name: record[f"{name}.spikes"] for name in spiking}
    if isinstance(batch.inputs, Spikes):
        events = {next(iter(net.inputs)): batch.inputs, **events}
    tensors = {"label": batch.labels, "prediction": prediction, **{f"{n}.v": record[f"{n}.v"] for n in traced}}
    if not isinstance(data.x_test, Spikes):
        tensors["image"] = torch.from_numpy(data.x_test[rows])
    tensors |= {f"growth.{name}": tensor for name, tensor in growth.items()}
    metadata = {"dt": repr(net.dt)}
    for name, spikes in events.items():
        tensors[f"{name}.offsets"], tensors[f"{name}.indices"] = (
            torch.from_numpy(a.copy()) for a in (spikes.offsets, spikes.indices)
        )
        metadata[f"{name}.shape"] = json.dumps(spikes.shape)
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, metadata)


def choose(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The first sample of each class, then the second of each, and so on, until there are ``count``; in the
    order of their classes.
    """
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], labels[order])
    turn = np.arange(len(labels)) - starts  # which sample of its class each one is
    chosen = order[np.lexsort((labels[order], turn))][:count]
    return chosen[np.lexsort((chosen, labels[chosen]))]
