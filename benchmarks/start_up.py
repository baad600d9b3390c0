"""Seconds from the start of a process to its first result, with an empty and with a filled kernel cache.

    python benchmarks/start_up.py

Each process builds 784-256-10, runs 16 samples of 25 ms, and takes one training step. The cache is a temporary folder;
the kernels of the first process are found there by the next one. For each function that is compiled: how long that
took, without those it calls.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measurement import Finding, parser, run, warn_if_busy, write


def child(begun: float, threads: int) -> None:
    """The process that is timed: prints the seconds of its stages, and what was compiled.

    ``begun`` is the time at which the parent started it, in seconds of the system's clock.
    """
    stages: dict[str, float] = {}
    last = begun

    def mark(stage: str) -> None:
        nonlocal last
        now = time.time()
        stages[stage], last = now - last, now

    mark("interpreter")
    import numpy as np
    from numba.core import event
    from workloads import build, prepare

    import spikeloom as sl

    mark("import")
    with event.install_recorder("numba:compile") as recorder:
        prepare(threads)
        fired = np.random.default_rng(0).random((25, 16, 784)) < 0.01
        spikes = sl.Spikes.from_dense(fired, dt=1.0)
        work = build((784, 256, 10), spikes, np.arange(16) % 10, gain=8.0, recurrent=False, width=0.5)
        mark("network and spikes")
        work.infer()
        mark("inference")
        work.learner  # noqa: B018  # made when first asked for
        mark("optimiser")
        work.step()
        mark("training step")
        work.infer()
        mark("second inference")
        work.step()
        mark("second training step")
    print(json.dumps({"stages_s": stages, "compiled": exclusive(recorder.buffer)}))


def exclusive(events: list[tuple[float, Any]]) -> list[dict[str, Any]]:
    """What was compiled, in order of its end, with its own seconds: without those of what it calls."""
    open_: list[list[float]] = []
    found: list[dict[str, Any]] = []
    for moment, one in events:
        if one.is_start:
            open_.append([moment, 0.0])
            continue
        begun, inner = open_.pop()
        if open_:
            open_[-1][1] += moment - begun
        function = one.data["dispatcher"].py_func
        module = function.__module__.removeprefix("spikeloom_kernel_").removeprefix("spikeloom.")
        name = f"{module}.{function.__qualname__}" if module.startswith("numba") else f"{module}.{function.__name__}"
        found.append({"function": name, "seconds": moment - begun - inner})
    return found


def environment(folder: Path) -> dict[str, str]:
    """Where a process finds and leaves compiled kernels: those that are generated, and those of the package."""
    return {"SPIKELOOM_CACHE": str(folder / "generated"), "NUMBA_CACHE_DIR": str(folder / "compiled")}


def seconds_of(program: list[str], folder: Path) -> float:
    """Seconds from the start of a process to its end."""
    begun = time.perf_counter()
    run([sys.executable, *program], env=environment(folder))
    return time.perf_counter() - begun


def measure(rounds: int, threads: int) -> dict[str, list[Any]]:
    """Processes by turns: with an empty cache, with the cache that one left, and two that compute nothing."""
    seen: dict[str, list[Any]] = {"empty": [], "filled": [], "import": [], "help": []}
    me = [sys.executable, Path(__file__).resolve(), "--threads", str(threads), "--child"]
    for k in range(rounds):
        with tempfile.TemporaryDirectory(prefix="spikeloom-cache-") as name:
            for cache in ("empty", "filled"):
                seen[cache].append(json.loads(run([*me, repr(time.time())], env=environment(Path(name)))))
                stages = "   ".join(f"{stage} {s:.2f}" for stage, s in seen[cache][-1]["stages_s"].items())
                compiled = len(seen[cache][-1]["compiled"])
                print(
                    f"round {k + 1}/{rounds}  {cache:6s} cache, {compiled:3d} functions compiled; s: {stages}",
                    flush=True,
                )
            seen["import"].append(seconds_of(["-c", "import spikeloom"], Path(name)))
            seen["help"].append(seconds_of(["-c", "from spikeloom.cli import main; main()", "--help"], Path(name)))
    return seen


def until(one: dict[str, Any], stage: str) -> float:
    """Seconds from the start of the process to the end of a stage."""
    names = list(one["stages_s"])
    return sum(one["stages_s"][name] for name in names[: names.index(stage) + 1])


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument(
        "--rounds", type=int, default=5, help="how often each kind of process is started; the best counts"
    )
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--child", type=float, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child is not None:
        child(given.child, given.threads)
        return
    quiet = warn_if_busy()
    seen = measure(given.rounds, given.threads)
    best = {cache: min(seen[cache], key=lambda one: until(one, "training step")) for cache in ("empty", "filled")}
    kernels = sorted(best["empty"]["compiled"], key=lambda one: -one["seconds"])
    library = [one for one in kernels if one["function"].startswith("numba.")]
    print("\ncompiled with an empty cache, each without what it calls")
    for one in kernels:
        if one not in library:
            print(f"  {one['seconds']:7.3f} s  {one['function']}")
    print(f"  {sum(one['seconds'] for one in library):7.3f} s  {len(library)} functions of Numba's library")
    lines: list[Finding] = []
    for cache in ("empty", "filled"):
        for stage in ("inference", "training step"):
            title = f"process start to the first {stage}, {cache} kernel cache"
            lines.append(Finding(title, min(until(one, stage) for one in seen[cache]), "s"))
    lines += [
        Finding("compiling with an empty cache", sum(one["seconds"] for one in kernels), "s"),
        Finding("functions compiled with a filled cache", len(best["filled"]["compiled"]), "", "<= 0"),
        Finding("python -c 'import spikeloom'", min(seen["import"]), "s"),
        Finding("spikeloom --help", min(seen["help"]), "s"),
    ]
    details = {"threads": given.threads, "before": quiet, "kernels": kernels, "processes": seen}
    write("start_up", lines, details, given.results)


if __name__ == "__main__":
    main()
