"""Peak memory of a training step in a fresh process: of Spikeloom, or of SpikingJelly. See train_step.py.

Both do the same work and are measured in the same way. A step on a single sample first loads all code; freed memory
goes back to the system; then the peak of the resident set over three steps on the whole batch, minus the resident set
before them. Linux only.
"""

from __future__ import annotations

import argparse
import ast
import ctypes
import gc
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Step = Callable[[], Any]


def spikingjelly(folder: Path, kind: str) -> tuple[Step, Step]:
    """A step on one sample and one on all, of the class that the peers' own script times."""
    import torch
    import torch.nn.functional as F
    from torch import nn

    sys.path.insert(0, str(folder))
    x, y, hidden, outputs, gain = importlib.import_module("workload").spikes(kind)
    text = (folder / "torch_peers.py").read_text(encoding="utf-8")
    found = [n for n in ast.parse(text).body if isinstance(n, ast.ClassDef) and n.name == "SpikingJelly"]
    if not found:
        raise SystemExit(f"{folder / 'torch_peers.py'} has no class SpikingJelly")
    names: dict[str, Any] = {"torch": torch, "nn": nn, "T": x.shape[1], "C": x.shape[2], "H": hidden, "O": outputs}
    names |= {"recurrent": kind == "speech"}
    exec(compile(ast.Module([found[0]], []), "torch_peers.py", "exec"), names)
    torch.manual_seed(0)
    net = names["SpikingJelly"]()
    with torch.no_grad():
        net.fc1.weight.normal_(0, gain / x.shape[2] ** 0.5)
        net.fc2.weight.normal_(0, 1 / hidden**0.5)
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    whole, labels = torch.tensor(x).transpose(0, 1).contiguous(), torch.tensor(y)
    del x

    def step(inputs: Any, classes: Any) -> None:
        names["X"] = inputs
        optimiser.zero_grad()
        F.cross_entropy(net()[0], classes).backward()
        optimiser.step()

    one = whole[:, :1].contiguous()
    return lambda: step(one, labels[:1]), lambda: step(whole, labels)


def spikeloom(folder: Path, kind: str, width: float) -> tuple[Step, Step]:
    """A step on one sample and one on all, of Spikeloom."""
    from workloads import peer_work

    work = peer_work(folder, kind, width)[0]
    whole, labels = work.spikes, work.labels
    one = whole.select(slice(0, 1))

    def first() -> None:
        work.spikes, work.labels = one, labels[:1]
        work.step()
        work.spikes, work.labels = whole, labels

    return first, work.step


def status(key: str) -> float:
    """An entry of /proc/self/status in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


def measure(one: Step, whole: Step) -> dict[str, float]:
    """Resident memory before and at the peak of three steps, MiB."""
    one()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak begins anew
    before = status("VmRSS")
    for _ in range(3):
        whole()
    peak = status("VmHWM")
    return {"before_MiB": before, "peak_MiB": peak, "step_MiB": peak - before}


def main() -> None:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("library", choices=("spikeloom", "spikingjelly"))
    made.add_argument("kind", choices=("latency", "speech"))
    made.add_argument("--bench", type=Path, required=True, help="folder with workload.py and torch_peers.py")
    made.add_argument("--width", type=float, default=0.5, help="half-width of the triangular surrogate [mV]")
    made.add_argument("--threads", type=int, default=2)
    given = made.parse_args()
    import torch

    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)
    steps = (
        spikeloom(given.bench, given.kind, given.width)
        if given.library == "spikeloom"
        else spikingjelly(given.bench, given.kind)
    )
    print(json.dumps(measure(*steps)))


if __name__ == "__main__":
    main()
