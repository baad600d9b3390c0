"""Augmentations: what they do, and that order, batch and resuming leave no trace."""

import numpy as np
import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.registry import members
from spikeloom.core.spikes import Spikes
from spikeloom.learning.augmentations import Augmentation, Shift, SpikeDropout, augmentation_from_description
from spikeloom.learning.augmentations.base import Place

EVERY = sorted(members("spikeloom.learning.augmentations", Augmentation).items())


def place(samples, epoch=1, seed=0):
    return Place(seed, epoch, np.asarray(samples))


def some_spikes(samples, steps=7, neurons=11):
    random = np.random.default_rng(2)
    return Spikes.from_dense(random.poisson(0.3, (steps, samples, neurons)), 1.0)


def test_shift_moves_each_image_as_a_whole():
    height, width, reach = 5, 7, 2
    images = np.zeros((400, height, width), np.float32)
    images[:, 2, 3] = 0.5
    images[:, 2, 4] = 1.0
    moved = (
        Shift(pixels=reach).images(images.reshape(400, -1), (height, width), place(range(400))).reshape(images.shape)
    )
    down, right = np.stack([np.argwhere(m == 0.5)[0] for m in moved]).T - np.array([[2], [3]])
    assert set(down) == set(right) == {-2, -1, 0, 1, 2}
    for m, d, r in zip(moved, down, right):
        assert m[2 + d, 4 + r] == 1.0
        assert m.sum() == 1.5
    table = np.zeros((5, 5))
    np.add.at(table, (down + 2, right + 2), 1)
    assert ((table - 16) ** 2 / 16).sum() < 51.2  # chi-square with 24 degrees of freedom, p = 0.001
    assert not np.array_equal(down, right)


def test_shift_loses_what_leaves_and_brings_in_zeros():
    images = np.ones((60, 9), np.float32)
    moved = Shift(pixels=1).images(images, (3, 3), place(range(60))).reshape(60, 3, 3)
    assert {int(m.sum()) for m in moved} == {4, 6, 9}
    assert moved.dtype == np.float32


def test_shift_by_nothing():
    images = np.random.default_rng(0).random((5, 12))
    assert np.array_equal(Shift(pixels=0).images(images, (3, 4), place(range(5))), images)


@pytest.mark.parametrize("pixels", [-1, 0.5, float("nan")])
def test_shift_by_parts_of_a_pixel(pixels):
    with pytest.raises(InvalidValueError, match="Shift"):
        Shift(pixels=pixels)


def test_dropout_loses_the_share_it_says():
    spikes = some_spikes(500)
    kept = SpikeDropout(probability=0.3).spikes(spikes, place(range(500)))
    share = len(kept) / len(spikes)
    assert abs(share - 0.7) < 4 * np.sqrt(0.3 * 0.7 / len(spikes))
    assert (spikes.dense() - kept.dense()).min() >= 0
    Spikes(kept.offsets, kept.indices, kept.shape, dt=kept.dt)  # its checks hold


def test_dropout_of_nothing_and_of_no_spikes():
    spikes = some_spikes(5)
    assert SpikeDropout(probability=0).spikes(spikes, place(range(5))) == spikes
    empty = Spikes.from_dense(np.zeros((3, 2, 4)), 1.0)
    assert SpikeDropout(probability=0.5).spikes(empty, place([0, 1])) == empty
    with pytest.raises(InvalidValueError, match="every spike"):
        SpikeDropout(probability=1)


def apply(augmentation, samples, where):
    """Samples of ten given ones, augmented; as arrays."""
    if augmentation.of == "images":
        return augmentation.images(np.random.default_rng(1).random((10, 30))[samples], (5, 6), where)
    spikes = augmentation.spikes(some_spikes(10).select(samples), where)
    return spikes.dense().numpy().transpose(1, 0, 2).reshape(len(samples), -1)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_promises_of_each(name, kind):
    augmentation = kind(**({"pixels": 3} if kind is Shift else {"probability": 0.5}))
    assert augmentation.of in ("images", "spikes")
    everything, numbers = np.arange(10), np.arange(100, 110)
    whole = apply(augmentation, everything, place(numbers))
    order = np.random.default_rng(3).permutation(10)
    assert np.array_equal(apply(augmentation, order, place(numbers[order])), whole[order])
    halves = [apply(augmentation, everything[h], place(numbers[h])) for h in (slice(4), slice(4, 10))]
    assert np.array_equal(np.concatenate(halves), whole)
    for other in (place(numbers, epoch=2), place(numbers, seed=1), place(numbers + 1)):
        assert not np.array_equal(apply(augmentation, everything, other), whole)
    assert augmentation_from_description(augmentation.describe()).describe() == augmentation.describe()
