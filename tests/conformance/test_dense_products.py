"""Samples so dense that the cpu engine takes dense products for them: nothing but the way changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import spikeloom as sl
from spikeloom import engines
from spikeloom.engines.cpu import products

COUNTS = (0.1, 3.5, 0.3, 3.0, 1.0, 4.0)  # events per channel and step, one number for each sample


def _given(dtype: torch.dtype) -> tuple[sl.Network, sl.Spikes]:
    net = sl.feedforward([40, 30, 5], gain=0.3, recurrent=True, dtype=dtype)
    random = np.random.default_rng(0)
    dense = random.poisson(np.array(COUNTS)[None, :, None], (20, len(COUNTS), 40))
    return net, sl.Spikes.from_dense(dense, dt=1.0)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_dense_and_sparse_samples_in_one_batch_agree_with_the_reference(dtype: torch.dtype, near: float) -> None:
    net, spikes = _given(dtype)
    found = []
    for engine in ("reference", "cpu"):
        net.zero_grad()
        record = engines.get(engine, net).run(
            net, spikes, record=["hidden.spikes", "readout.v"], surrogate=sl.surrogates.Triangle()
        )
        record["readout.v"].square().sum().backward()
        found.append((record, [p.grad for p in net.parameters()]))
    (expected, gradients), (record, own) = found
    assert record["hidden.spikes"] == expected["hidden.spikes"]
    for a, b in zip(gradients, own, strict=True):
        assert a is not None
        assert b is not None
        assert float((a - b).norm()) <= near * float(a.norm())


def test_a_run_says_for_how_many_samples_it_took_dense_products() -> None:
    net, spikes = _given(torch.float32)
    record = sl.run(net, spikes)
    assert record.dense == {"input": 3}
    assert "3 samples of input by dense products" in repr(record)
    assert sl.run(net, spikes.select([0, 2, 4])).dense == {}


def test_a_sample_gives_the_same_bits_in_whatever_batch_it_comes() -> None:
    net, spikes = _given(torch.float32)
    whole = sl.run(net, spikes, record=["readout.v"])["readout.v"]
    for b in range(len(COUNTS)):
        alone = sl.run(net, spikes.select([b]), record=["readout.v"])["readout.v"]
        assert torch.equal(whole[:, b : b + 1], alone)


def test_the_threshold_counts_events_not_channels() -> None:
    net, _ = _given(torch.float32)
    busy = np.full((20, 3, 40), 2)  # every channel fires twice in every step: not yet dense
    busy[:, 1] += np.arange(40) % 2 == 0  # 2.5 events per channel and step: the threshold itself
    busy[:, 2] += np.arange(40) % 2 == 0
    busy[0, 2, 1] += 1
    assert float(busy[:, 1].mean()) == products.DENSE
    assert sl.run(net, sl.Spikes.from_dense(busy[:, :2], dt=1.0)).dense == {}
    assert sl.run(net, sl.Spikes.from_dense(busy, dt=1.0)).dense == {"input": 1}
