"""What a network is fed: one part of a data set, encoded, cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms
from spikeloom.data.base import Samples
from spikeloom.encoding import Encoder, Latency
from spikeloom.learning.augmentations import Augmentation
from spikeloom.learning.augmentations.base import Place
from spikeloom.learning.learner import Batch
from spikeloom.network import Network


@final
class Feed:
    """Samples ``x`` with ``labels``, given out as batches ready for an engine.

    A deterministic encoder runs once over everything, when the first batch is asked for, and batches are then
    picked from its spikes; an encoder that is random, or images that are augmented, are encoded batch by batch.

    Args:
        x: ``Spikes``, or an array (samples, features).
        labels: class of each sample.
        numbers: number of each sample in the data, to which its random numbers belong.
        encoder: from features to spikes; not needed for ``Spikes``.
        augment: what happens to samples in training.
        image_shape: rows and columns, if the features are an image.
        seed: of the encoder and the augmentations.
        device: where the labels go.
    """

    def __init__(
        self,
        x: Samples,
        labels: NDArray[np.int64],
        numbers: NDArray[np.int64] | None = None,
        *,
        encoder: Encoder | None = None,
        augment: Sequence[Augmentation] = (),
        image_shape: tuple[int, int] | None = None,
        seed: int = 0,
        device: torch.device | None = None,
    ) -> None:
        self.x: Any = x
        self.encoder, self.seed, self.image_shape = encoder, seed, image_shape
        self.numbers = np.arange(len(labels)) if numbers is None else numbers
        self.labels = torch.as_tensor(np.asarray(labels, np.int64), device=device)
        self.on_images = [a for a in augment if a.of == "images"]
        self.on_spikes = [a for a in augment if a.of == "spikes"]
        self._check()
        self._encoded = x if isinstance(x, Spikes) else None

    def __len__(self) -> int:
        return len(self.numbers)

    def batch(self, rows: NDArray[np.int64] | slice, epoch: int = 0) -> Batch:
        """The samples at ``rows``, as they are shown in ``epoch`` (0 is for evaluation)."""
        numbers = self.numbers[rows]
        place = Place(self.seed, epoch, numbers)
        inputs = self._inputs(rows, place)
        for augmentation in self.on_spikes:
            inputs = augmentation.spikes(inputs, place)
        index = rows if isinstance(rows, slice) else torch.from_numpy(rows).to(self.labels.device)
        return Batch(inputs, self.labels[index], numbers, self._again(rows, place))

    def batches(self, size: int) -> Iterator[Batch]:
        """All samples in order, ``size`` at a time, for evaluation."""
        for start in range(0, len(self), size):
            yield self.batch(slice(start, min(start + size, len(self))))

    def _inputs(self, rows: NDArray[np.int64] | slice, place: Place) -> Any:
        if self._encoded is not None:
            return self._encoded.select(rows)
        assert self.encoder is not None
        if not (self.encoder.random or self.on_images):
            self._encoded = self.encoder.encode(self.x)
            self.x = self._encoded  # the features are needed no more
            return self._encoded.select(rows)
        x = take(self.x, rows)
        for augmentation in self.on_images:
            assert self.image_shape is not None
            x = augmentation.images(x, self.image_shape, place)
        return self.encoder.encode(x, seed=self.seed, samples=place.samples, epoch=place.epoch)

    def _again(self, rows: NDArray[np.int64] | slice, place: Place) -> Callable[..., Any] | None:
        """What encodes some of these samples anew, more strongly."""
        encoder = self.encoder
        if encoder is None or self._encoded is not None or encoder.stronger(1.0) is None:
            return None
        chosen = np.arange(len(self))[rows]

        def again(which: NDArray[np.int64], strength: float) -> Any:
            here = Place(place.seed, place.epoch, place.samples[which])
            x = take(self.x, chosen[which])
            for augmentation in self.on_images:
                assert self.image_shape is not None
                x = augmentation.images(x, self.image_shape, here)
            louder = encoder.stronger(strength)
            assert louder is not None
            found: Any = louder.encode(x, seed=self.seed, samples=here.samples, epoch=here.epoch)
            for augmentation in self.on_spikes:
                found = augmentation.spikes(found, here)
            return found

        return again

    def _check(self) -> None:
        spikes = isinstance(self.x, Spikes)
        if spikes and self.encoder is not None:
            raise InvalidValueError(f"the data are spikes already; leave out encoder={self.encoder}")
        if self.on_images and (spikes or self.image_shape is None):
            what = "spikes" if spikes else "arrays without an image_shape"
            raise InvalidValueError(
                f"{self.on_images[0]} moves images; the data are {what}. Leave it out, or give a "
                "Dataset(image_shape=...)"
            )
        if self.on_spikes and isinstance(self._try_one(), Current):
            raise InvalidValueError(
                f"{self.on_spikes[0]} works on spikes; {self.encoder} gives none. Leave one of them out"
            )

    def _try_one(self) -> Any:
        return self.x if self.encoder is None else self.encoder.encode(take(self.x, slice(1)))


def take(x: Samples, rows: Any) -> Any:
    """The samples of ``x`` at ``rows``."""
    return x.select(rows) if isinstance(x, Spikes) else x[rows]


def encoder_for(net: Network, x: Samples, encoder: Encoder | None) -> Encoder | None:
    """``encoder``, or one that suits the data: none for spikes, and for features in [0, 1] 25 ms of latency code.

    Raises:
        InvalidValueError: features outside [0, 1] without an encoder, or channels or a time step that do not
            fit the network.
    """
    if isinstance(x, Spikes):
        channels, dt = x.shape[2], x.dt
    else:
        if encoder is None:
            if x.size and not (x.min() >= 0 and x.max() <= 1):
                raise InvalidValueError(
                    f"features go from {x.min():g} to {x.max():g}, and the latency code that is used without "
                    "encoder=... "
                    "needs [0, 1]: scale them, or give an encoder, such as "
                    "spikeloom.encoding.Population(low=-3, high=3) or spikeloom.encoding.DirectCurrent()"
                )
            encoder = Latency(steps=max(2, round(25 * ms / net.dt)), dt=net.dt, threshold=0.1)
        if not isinstance(encoder, Encoder):
            raise InvalidValueError(
                f"encoder={encoder!r} is no encoder; give one, such as spikeloom.encoding.Latency(steps=25)"
            )
        channels, dt = encoder.outputs(x.shape[1]), encoder.values()["dt"]
    if len(net.inputs) != 1:
        raise InvalidValueError(
            f"training from data needs a network with one input; this one has {list(net.inputs) or 'none'}"
        )
    (given,) = net.inputs.values()
    if given.size != channels:
        raise InvalidValueError(
            f"the data give {channels} input channels, but the network's input {given.name!r} has {given.size}; "
            f"make it {channels}, as in feedforward([{channels}, 128, {net.populations[net.output].size}])"
        )
    if abs(dt - net.dt) > 1e-9 * net.dt:
        raise InvalidValueError(f"the input has dt = {dt:g} ms and the network dt = {net.dt:g} ms; make them equal")
    return encoder
