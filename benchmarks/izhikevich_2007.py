"""Times an hour of Izhikevich's network of 2007 (1,000 neurons, 80,000 synapses that learn from delayed reward).

    python benchmarks/izhikevich_2007.py --nest NEST/bin/python

The network and the task are those of ``spikeloom reproduce izhikevich-2007``: it runs second by second, and dopamine
comes 1 to 3 s after what earned it. NEST runs its network for less model time, with dopamine every 20 s; its time is
scaled. Everything runs in processes of its own, by turns; the best of all rounds counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from brunel import by_turns, peer
from measurement import Finding, parser, run, versions_of, warn_if_busy, write

HERE = Path(__file__).resolve().parent
HOUR = 3600


def child(seconds: int) -> None:
    """The process that is timed: prints what it measured as JSON."""
    from spikeloom.experiments import izhikevich_2007_network as task

    begun = time.perf_counter()
    task.simulate(1, 1, lambda done: None)
    build = time.perf_counter() - begun
    begun, processor = time.perf_counter(), time.process_time()
    course = task.simulate(1, seconds, lambda done: None)
    spent, used = time.perf_counter() - begun, time.process_time() - processor
    found = {
        "build_s": build,
        "seconds": spent / seconds,
        "processor_s": used / seconds,
        "rate_Hz": float(course.rate.mean()),
        "rewards": len(course.rewards),
        "weight": float(course.weight[-1]) if course.weight.size else 0.0,
        "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


def ours(seconds: int) -> dict[str, float]:
    """One process of Spikeloom."""
    return json.loads(run([sys.executable, HERE / "izhikevich_2007.py", "--child", str(seconds)]).splitlines()[-1])


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--nest", type=Path, help="python with nest-simulator")
    made.add_argument("--seconds", type=int, default=HOUR, help="model time of Spikeloom")
    made.add_argument("--nest-seconds", type=int, default=60, help="model time of NEST")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child is not None:
        child(given.child)
        return
    quiet = warn_if_busy()
    tasks: dict[str, Any] = {"spikeloom": lambda: ours(given.seconds)}
    if given.nest is not None:
        for threads in (1, 2):
            words = [str(given.nest_seconds), str(threads)]
            tasks[f"nest, {threads}"] = lambda words=words: peer(given.nest, HERE / "nest_izhikevich.py", words)
    runs, disturbed = by_turns(tasks, given.rounds)
    best = {name: min(found, key=lambda one: one["seconds"]) for name, found in runs.items()}
    us = best["spikeloom"]
    lines = [
        Finding("Spikeloom, an hour of model time", HOUR * us["seconds"], "s", "<= 60"),
        Finding("of that, processor time", HOUR * us["processor_s"], "s"),
        Finding("mean rate", us["rate_Hz"], "Hz"),
        Finding("rewards", us["rewards"], ""),
        Finding("weight of the rewarded synapse in the end, of 4", us["weight"], "pA"),
        Finding("build, with kernels from the cache", us["build_s"], "s"),
        Finding("peak memory of the process", us["peak_MiB"], "MiB"),
    ]
    peers = {name: one for name, one in best.items() if name != "spikeloom"}
    if peers:
        name, fastest = min(peers.items(), key=lambda item: item[1]["seconds"])
        many = name.rsplit(" ", 1)[1]
        scaled = f"times faster than NEST with threads: {many} ({HOUR * fastest['seconds']:.0f} s, from "
        ratio = fastest["seconds"] / us["seconds"]
        lines.append(Finding(f"{scaled}{given.nest_seconds} s of model time)", ratio, "x"))
        lines.append(Finding("mean rate in NEST", fastest["rate_Hz"], "Hz"))
    details: dict[str, Any] = {"seconds": given.seconds, "before": quiet, "in_use": disturbed, "runs": runs}
    if given.nest is not None:
        details["peers"] = {"nest": versions_of(given.nest, ("nest-simulator", "numpy"))}
    write("izhikevich_2007", lines, details, given.results)


if __name__ == "__main__":
    main()
