"""Checkpoints: tensors, and a state as JSON, in one safetensors file. Loading one never runs code.

The file is the only commit point of a training: it is written beside its final name, flushed, and renamed
(:func:`spikeloom.core.files.write_atomically`), and carries a digest of all it holds. safetensors stores tensors as
plain bytes behind a JSON header (https://github.com/huggingface/safetensors), so nothing in it can be executed.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from spikeloom.core.errors import CheckpointError, SpikeloomError
from spikeloom.core.files import write_atomically
from spikeloom.network.network import Network

FORMAT = "spikeloom-checkpoint-1"
STATE = "state/"
"""Prefix of the tensors that are the state of a run."""

LEARNED = "learned."
"""Prefix of the weights that were kept of listed synapses, among the network's parameters."""

NETWORK = "network/"
"""Prefix of the tensors that are the network's parameters; what else a training needs has other prefixes."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds: ``tensors`` by name, and ``state``, plain JSON values."""

    tensors: dict[str, torch.Tensor]
    state: dict[str, Any]

    def under(self, prefix: str) -> dict[str, torch.Tensor]:
        """The tensors whose name begins with ``prefix``, without it."""
        return {name.removeprefix(prefix): tensor for name, tensor in self.tensors.items() if name.startswith(prefix)}

    def network(self) -> Network:
        """The network, built from its description, with the weights of this checkpoint.

        Raises:
            CheckpointError: the checkpoint holds no network, or one that this version cannot build.
        """
        if "network" not in self.state:
            raise CheckpointError("this checkpoint holds no description of a network")
        try:
            net = Network.from_description(self.state["network"])
        except (SpikeloomError, KeyError, TypeError) as error:
            raise CheckpointError(f"this version cannot build the network of this checkpoint: {error}") from error
        load_parameters(net, self.under(NETWORK), "the checkpoint")
        return net


def save(
    net: Network, path: str | os.PathLike[str], state: Mapping[str, Mapping[str, torch.Tensor]] | None = None
) -> None:
    """Write ``net``, its description and its weights, to ``path``; :func:`load` reads it.

    With the ``state`` of a run (``record.state``) a simulation can go on from there, to the bit: :func:`load_state`.

    Raises:
        RunFolderError: the disk is full or the folder not writable.
    """
    tensors = network_tensors(net)
    for name, part in (state or {}).items():
        tensors |= {f"{STATE}{name}/{key}": tensor for key, tensor in part.items()}
    write(path, tensors, {"network": net.describe()})


def load_state(path: str | os.PathLike[str]) -> dict[str, dict[str, torch.Tensor]]:
    """The state of a run in a checkpoint of :func:`save`.

    Raises:
        CheckpointError: the file is missing or damaged, or holds no state.
    """
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in read(path).under(STATE).items():
        part, key = name.rsplit("/", 1)
        found.setdefault(part, {})[key] = tensor
    if not found:
        raise CheckpointError(f"{path} holds no state of a run; write one with save(net, path, record.state)")
    return found


def load(path: str | os.PathLike[str]) -> Network:
    """The network in a checkpoint, be it of :func:`save` or of a training.

    Raises:
        CheckpointError: the file is missing or damaged, or holds no network.
    """
    return read(path).network()


def network_tensors(net: Network) -> dict[str, torch.Tensor]:
    """The parameters of ``net`` by the names that they have in a checkpoint."""
    return {NETWORK + name: tensor for name, tensor in net.state_dict().items()}


def write(path: str | os.PathLike[str], tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
    """Write a checkpoint in one indivisible step.

    Raises:
        RunFolderError: the disk is full or the folder not writable; an older checkpoint there stays intact.
        CheckpointError: ``state`` holds something that JSON cannot.
    """
    exact = {"memory_format": torch.contiguous_format}  # of one or no entry, a stride of 0 counts as contiguous too
    plain = {name: tensor.detach().cpu().clone(**exact) for name, tensor in tensors.items()}
    try:
        text = json.dumps(state, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"the state of a checkpoint must be plain JSON values: {error}") from error
    metadata = {"format": FORMAT, "state": text, "digest": _digest(plain, text)}
    write_atomically(path, save_tensors(plain, metadata))


def read(path: str | os.PathLike[str]) -> Checkpoint:
    """The checkpoint at ``path``.

    Raises:
        CheckpointError: there is none, it is truncated or damaged, or it is a file of another kind.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}") from None
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        tensors = load_tensors(data)
        metadata = _metadata(data)
    except (SafetensorError, ValueError, struct.error) as error:
        raise CheckpointError(
            f"{path} is not a whole safetensors file: truncated or damaged ({error}; {len(data)} bytes)"
        ) from error
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "none")
        raise CheckpointError(
            f"{path} is a safetensors file, but no checkpoint that this version reads: format {found}, needed {FORMAT}"
        )
    text = metadata.get("state", "")
    if metadata.get("digest") != _digest(tensors, text):
        raise CheckpointError(f"{path} is damaged: its content does not match the digest written with it")
    return Checkpoint(tensors, json.loads(text))


def first_difference(saved: Any, given: Any, where: str = "") -> str | None:
    """The first place where two descriptions differ, in words, or ``None`` if they are the same.

    >>> first_difference({"dt": 1.0, "sizes": [64, 10]}, {"dt": 1.0, "sizes": [64, 20]})
    'sizes[1] was 10, is now 20'
    """
    if isinstance(saved, Mapping) and isinstance(given, Mapping):
        for key in [*saved, *(k for k in given if k not in saved)]:
            place = f"{where}.{key}" if where else str(key)
            if key not in given:
                return f"{place} was {_short(saved[key])}, is now missing"
            if key not in saved:
                return f"{place} was missing, is now {_short(given[key])}"
            if found := first_difference(saved[key], given[key], place):
                return found
        return None
    if isinstance(saved, (list, tuple)) and isinstance(given, (list, tuple)):
        if len(saved) != len(given):
            return f"{where} had {len(saved)} entries, now has {len(given)}"
        for i, (a, b) in enumerate(zip(saved, given, strict=True)):
            if found := first_difference(a, b, f"{where}[{i}]"):
                return found
        return None
    return None if saved == given else f"{where} was {_short(saved)}, is now {_short(given)}"


def load_parameters(
    module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], source: str | os.PathLike[str]
) -> None:
    """Copy ``tensors`` into the parameters of ``module``, all of them or none.

    Raises:
        CheckpointError: a name, shape or dtype differs; the message names the first, and ``source``.
    """
    if isinstance(module, Network):  # what was learned by listed synapses has a place only once it was learned
        for name in (n.removeprefix(LEARNED) for n in tensors if n.startswith(LEARNED)):
            if name in module.projections and name not in {*module.weights, *module.learned}:
                module.keep(name, torch.zeros(len(tensors[LEARNED + name])))
    own = dict(module.state_dict())
    for name in [*own, *(n for n in tensors if n not in own)]:
        if name not in tensors:
            raise CheckpointError(f"{source} belongs to another network: it has no {name!r}, this network has")
        if name not in own:
            raise CheckpointError(f"{source} belongs to another network: it has {name!r}, this network has not")
        saved, given = tensors[name], own[name]
        if saved.shape != given.shape or saved.dtype != given.dtype:
            there, here = (f"{tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}" for t in (saved, given))
            raise CheckpointError(
                f"{source} belongs to another network: {name!r} is {there} there and {here} in this network"
            )
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(tensors[name])


def _metadata(data: bytes) -> dict[str, str]:
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]).get("__metadata__", {})


def _digest(tensors: Mapping[str, torch.Tensor], text: str) -> str:
    total = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        total.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
