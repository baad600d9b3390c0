"""Times a training step and an inference of Spikeloom and of its peers on the same spikes, and their peak memory.

    python benchmarks/train_step.py latency --peers TORCH_PEERS/bin/python --jax JAX_PEER/bin/python
    python benchmarks/train_step.py speech  --peers TORCH_PEERS/bin/python --jax JAX_PEER/bin/python

The workloads (spikes, sizes, decay, optimiser) and the peers' scripts lie in a folder of their own, named with --bench
or SPIKELOOM_BENCH; each peer's script says how to install it. Everything runs in processes of its own, Spikeloom and
the peers by turns, and the best of all rounds counts: it is the least disturbed one.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from measurement import Finding, busy, parser, run, show, versions_of, warn_if_busy, write
from workloads import bench_folder

HERE = Path(__file__).resolve().parent
LINE = re.compile(r"^(latency|speech) (\S+)\s+train\s+([\d.]+) ms\s+infer\s+([\d.]+) ms\s+rate ([\d.]+)", re.MULTILINE)
EXTRA = re.compile(r"^near ([\d.]+)  synaptic events ([\d.]+)", re.MULTILINE)
AIMS = {"latency": {"spikingjelly": ">= 12", "jax": ">= 10"}, "speech": {"spikingjelly": ">= 7", "jax": ">= 3"}}
"""How many times faster than a peer a training step is to be."""
PEERS = ("torch", "snntorch", "norse", "spikingjelly", "jax", "optax", "numpy")


def read(output: str) -> dict[str, dict[str, float]]:
    """Times and rates by library, from the lines that a script printed.

    Raises:
        SystemExit: there is no such line.
    """
    found = {
        m[2]: {"train_ms": float(m[3]), "infer_ms": float(m[4]), "rate": float(m[5])} for m in LINE.finditer(output)
    }
    if not found:
        raise SystemExit(f"no line 'KIND LIBRARY train ... ms infer ... ms rate ...' in the output:\n{output[-2000:]}")
    return found


def measure(scripts: dict[str, list[Any]], rounds: int) -> tuple[dict[str, dict[str, Any]], list[float]]:
    """Each script once in every round; all times by library, and how busy the machine was before each process."""
    seen: dict[str, dict[str, Any]] = {}
    disturbed: list[float] = []
    for k in range(rounds):
        for name, command in scripts.items():
            disturbed.append(busy(0.5))
            output = run(command)
            for library, times in read(output).items():
                entry = seen.setdefault(library, {"train_ms": [], "infer_ms": [], "rate": times["rate"]})
                entry["train_ms"].append(times["train_ms"])
                entry["infer_ms"].append(times["infer_ms"])
                print(
                    f"round {k + 1}/{rounds}  {library:14s} train {times['train_ms']:9.2f} ms   "
                    f"infer {times['infer_ms']:9.2f} ms   "
                    f"rate {times['rate']:.3f}   ({disturbed[-1]:.0%} of the cores in use before)",
                    flush=True,
                )
            if name == "spikeloom" and (extra := EXTRA.search(output)):
                seen["spikeloom"] |= {"near_density": float(extra[1]), "synaptic_events": float(extra[2])}
    return seen, disturbed


def memory(library: str, python: Path, given: Any, folder: Path) -> dict[str, float]:
    """The least of several measurements of the peak memory of a step."""
    command = [python, HERE / "peak_memory.py", library, given.kind, "--bench", folder, "--width", given.width]
    found = [json.loads(run([*command, "--threads", given.threads])) for _ in range(min(3, given.rounds))]
    return min(found, key=lambda one: one["step_MiB"])


def findings(kind: str, seen: dict[str, dict[str, Any]], peaks: dict[str, dict[str, float]]) -> list[Finding]:
    """The lines of the table: times of Spikeloom, and how many times slower each peer is."""
    ours = {what: min(seen["spikeloom"][what]) for what in ("train_ms", "infer_ms")}
    lines = [
        Finding("training step", ours["train_ms"], "ms"),
        Finding("inference", ours["infer_ms"], "ms"),
    ]
    for what, name in (("train_ms", "training step"), ("infer_ms", "inference")):
        for library in (x for x in seen if x != "spikeloom"):
            aim = AIMS[kind].get(library) if what == "train_ms" else None
            theirs = min(seen[library][what])
            lines.append(
                Finding(f"{name}: times faster than {library} ({show(theirs)} ms)", theirs / ours[what], "x", aim)
            )
    if peaks:
        bound = peaks.get("spikingjelly")
        aim = None if bound is None else f"<= {bound['step_MiB']:.1f}"
        lines.append(Finding("peak memory of a training step", peaks["spikeloom"]["step_MiB"], "MiB", aim))
    if "spikingjelly" in peaks:
        lines.append(
            Finding("peak memory of a training step of spikingjelly", peaks["spikingjelly"]["step_MiB"], "MiB")
        )
    return lines


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("kind", choices=("latency", "speech"))
    made.add_argument("--peers", type=Path, help="python with snntorch, norse and spikingjelly")
    made.add_argument("--jax", type=Path, help="python with jax and optax")
    made.add_argument("--bench", type=Path, help="folder with workload.py, torch_peers.py and jax_peer.py")
    made.add_argument("--width", type=float, default=0.5, help="half-width of Spikeloom's triangular surrogate [mV]")
    made.add_argument("--rounds", type=int, default=5, help="how often every library is timed")
    made.add_argument("--threads", type=int, default=2, help="threads of Spikeloom; the peers' scripts set their own")
    made.add_argument("--no-memory", action="store_true", help="leave the peak memory out")
    given = made.parse_args()
    folder = bench_folder(given.bench).resolve()
    ours = [sys.executable, HERE / "spikeloom_step.py", given.kind, "--width", given.width, "--threads", given.threads]
    scripts: dict[str, list[Any]] = {"spikeloom": [*ours, "--bench", folder]}
    if given.peers is not None:
        scripts["torch"] = [given.peers, folder / "torch_peers.py", given.kind]
    if given.jax is not None:
        scripts["jax"] = [given.jax, folder / "jax_peer.py", given.kind]
    quiet = warn_if_busy()
    seen, disturbed = measure(scripts, given.rounds)
    peaks: dict[str, dict[str, float]] = {}
    if not given.no_memory:
        peaks["spikeloom"] = memory("spikeloom", Path(sys.executable), given, folder)
        if given.peers is not None:
            peaks["spikingjelly"] = memory("spikingjelly", given.peers, given, folder)
    peers = {str(k): versions_of(p, PEERS) for k, p in (("torch", given.peers), ("jax", given.jax)) if p is not None}
    details = {
        "workload": given.kind,
        "surrogate": f"Triangle(width={given.width:g})",
        "threads": given.threads,
        "before": quiet,
        "in_use_before_each_process": [None if math.isnan(x) else round(x, 3) for x in disturbed],
        "times": seen,
        "memory": peaks,
        "peers": peers,
    }
    write(f"train_step_{given.kind}", findings(given.kind, seen, peaks), details, given.results)


if __name__ == "__main__":
    main()
