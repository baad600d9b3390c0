"""Checkpoints: what goes in comes out to the bit; all but a whole checkpoint of this network is refused."""

import errno
import json
import os
import struct

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from spikeloom.core.errors import CheckpointError, RunFolderError
from spikeloom.network import checkpoint, feedforward

DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.uint8,
    torch.bool,
]


def net(sizes=(5, 4, 3), **options):
    return feedforward(list(sizes), **options)


def tensors():
    base = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    return {
        "plain": base,
        "transposed": base.T,
        "same memory": base,
        "part": base[1:, ::2],
        "number": torch.tensor(float("nan")),
        "infinite": torch.tensor([float("inf"), -0.0]),
        "empty": torch.empty(0, 3),
        "parameter": torch.nn.Parameter(base + 1),
        **{str(d): (base * 3).to(d) for d in DTYPES},
    }


def bits(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).tolist()


def test_round_trip_to_the_bit(tmp_path):
    state = {"epoch": 3, "sum": 0.1 + 0.2, "tiny": 5e-324, "nested": [1, [2.5, None, True], {"a": "ü"}]}
    checkpoint.write(tmp_path / "c", tensors(), state)
    found = checkpoint.read(tmp_path / "c")
    assert found.state == state
    assert found.tensors.keys() == tensors().keys()
    for name, tensor in tensors().items():
        assert found.tensors[name].dtype == tensor.dtype
        assert found.tensors[name].shape == tensor.shape
        assert bits(found.tensors[name]) == bits(tensor), name


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=30, deadline=None)
def test_running_sums_survive_json_exactly(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("c") / "c"
    checkpoint.write(path, {}, {"sum": value})
    assert struct.pack("d", checkpoint.read(path).state["sum"]) == struct.pack("d", value)


@pytest.mark.parametrize("state", [{"x": float("nan")}, {"x": float("inf")}, {"x": object()}])
def test_state_that_json_cannot_hold(tmp_path, state):
    with pytest.raises(CheckpointError, match="plain JSON"):
        checkpoint.write(tmp_path / "c", {}, state)
    assert list(tmp_path.iterdir()) == []


def test_network_round_trip(tmp_path):
    one, path = net(seed=1), tmp_path / "c"
    with torch.no_grad():
        one.weights["input->hidden"].mul_(1.5)
    checkpoint.save(one, path)
    two = checkpoint.load(path)
    assert two.describe() == one.describe()
    for a, b in zip(one.parameters(), two.parameters()):
        assert torch.equal(a, b)


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "c"
    checkpoint.save(net(), path)
    whole = path.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, *range(200, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match="truncated or damaged"):
            checkpoint.read(path)


def test_every_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "c"
    checkpoint.save(net(), path)
    whole = path.read_bytes()
    for place in [*range(0, len(whole), 61), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[place] ^= 4
        path.write_bytes(bytes(damaged))
        with pytest.raises(CheckpointError):
            checkpoint.read(path)


def test_trailing_bytes_are_noticed(tmp_path):
    path = tmp_path / "c"
    checkpoint.save(net(), path)
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.read(path)


def test_files_of_another_kind(tmp_path):
    save_file({"a": torch.zeros(2)}, tmp_path / "other")
    with pytest.raises(CheckpointError, match="no checkpoint that this version reads"):
        checkpoint.read(tmp_path / "other")
    (tmp_path / "pickle").write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(CheckpointError, match="truncated or damaged"):
        checkpoint.read(tmp_path / "pickle")
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        checkpoint.read(tmp_path / "missing")
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.read(tmp_path)
    checkpoint.write(tmp_path / "no-network", {}, {})
    with pytest.raises(CheckpointError, match="no description of a network"):
        checkpoint.load(tmp_path / "no-network")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ((5, 7, 3), r"input->hidden.*\(5, 4\).*\(5, 7\)"),
        ((5, 4, 4, 3), "belongs to another network"),
        ((5, 3), "belongs to another network"),
    ],
)
def test_checkpoint_of_another_network(tmp_path, other, words):
    checkpoint.save(net(), tmp_path / "c")
    found, into = checkpoint.read(tmp_path / "c"), net(other)
    before = [p.clone() for p in into.parameters()]
    with pytest.raises(CheckpointError, match=words):
        checkpoint.load_parameters(into, found.under(checkpoint.NETWORK), tmp_path / "c")
    assert all(torch.equal(a, b) for a, b in zip(before, into.parameters()))


def test_checkpoint_of_another_precision(tmp_path):
    checkpoint.save(net(), tmp_path / "c")
    with pytest.raises(CheckpointError, match=r"float32 there and .* float64 in this network"):
        checkpoint.load_parameters(
            net(dtype=torch.float64), checkpoint.read(tmp_path / "c").under(checkpoint.NETWORK), "c"
        )


def test_first_difference_names_the_place():
    saved, given = net().describe(), net((5, 6, 3)).describe()
    assert checkpoint.first_difference(saved, saved) is None
    assert checkpoint.first_difference(saved, given) == "populations[0].size was 4, is now 6"
    assert checkpoint.first_difference({"a": 1}, {}) == "a was 1, is now missing"
    assert checkpoint.first_difference({}, {"a": 1}) == "a was missing, is now 1"
    assert checkpoint.first_difference({"a": [1, 2]}, {"a": [1]}) == "a had 2 entries, now has 1"
    assert checkpoint.first_difference({"a": {"b": None}}, {"a": {"b": 0.5}}) == "a.b was None, is now 0.5"


@pytest.mark.parametrize("function", ["write", "fsync", "replace"])
def test_full_disk_keeps_the_old_checkpoint(tmp_path, monkeypatch, function):
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.write(path, {"w": torch.ones(3)}, {"epoch": 1})

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        with pytest.raises(RunFolderError, match=r"disk is full.*intact"):
            checkpoint.write(path, {"w": torch.zeros(3)}, {"epoch": 2})
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.safetensors"]
    assert checkpoint.read(path).state == {"epoch": 1}


def test_state_is_readable_without_any_library_of_ours(tmp_path):
    checkpoint.write(tmp_path / "c", {"w": torch.ones(3)}, {"epoch": 7})
    data = (tmp_path / "c").read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    assert json.loads(header["__metadata__"]["state"]) == {"epoch": 7}
