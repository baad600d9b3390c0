"""Times Brunel's network of 12,500 neurons, 15.6 million synapses, against NEST and Brian2, and how time grows.

    python benchmarks/brunel.py --nest NEST/bin/python --brian2 BRIAN2/bin/python

The network is that of NEST's script in the folder of the workloads (order 2500: 10 % connectivity, 1.5 ms delay, steps
of 0.1 ms, reset to 0 mV): 100 ms are left out, then 1 s of model time is timed. Everything runs in processes of its
own, Spikeloom and the peers by turns; the best of all rounds counts. Then Spikeloom alone at other sizes and rates.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

from measurement import Finding, busy, parser, run, versions_of, warn_if_busy, write
from workloads import bench_folder

HERE = Path(__file__).resolve().parent
LINE = re.compile(r"build ([\d.]+) s, ([\d.]+) s for (\d+) ms.*rate ([\d.]+) Hz")
SIZES = (250, 500, 1000, 2500, 5000)
RATES = (0.9, 1.0, 1.5, 2.0, 3.0)


def network(order: int, eta: float, seed: int = 1, rule: Any = None) -> Any:
    """Brunel's network with 4 ``order`` excitatory and ``order`` inhibitory neurons; ``rule`` is for those among the
    excitatory.
    """
    import spikeloom as sl
    from spikeloom.units import ms, mV

    weight, g, delay = 0.1 * mV, 5.0, 1.5 * ms
    net = sl.Network(dt=0.1, seed=seed)
    cell = sl.neurons.LIF(tau_m=20 * ms, theta=20 * mV, v_reset=0 * mV, t_ref=2 * ms)
    exc, inh = net.population("exc", cell, 4 * order), net.population("inh", cell, order)
    for target in (exc, inh):
        many, learns = sl.connections.Sparse(indegree=4 * order // 10), rule if target is exc else None
        net.connect(exc, target, many, weight=weight, delay=delay, rule=learns)
        net.connect(inh, target, sl.connections.Sparse(indegree=order // 10), weight=-g * weight, delay=delay)
        net.drive(target, sl.sources.Poisson(rate=eta * 20.0 / (weight * 20.0)), weight=weight)
    return net


def child(order: int, eta: float, threads: int, duration: float) -> None:
    """The process that is timed: prints what it measured as JSON."""
    from spikeloom.engines import StepEngine

    engine = StepEngine(threads=threads)
    net = network(order, eta)
    begun = time.perf_counter()
    engine.run(net, None, duration=0.1)
    build = time.perf_counter() - begun
    keys = ["exc.spikes", "inh.spikes"]
    state = engine.run(net, None, duration=100.0, record=keys).state
    begun = time.perf_counter()
    record = engine.run(net, None, state, duration=duration, record=keys)
    seconds = time.perf_counter() - begun
    spikes = sum(len(record[k]) for k in keys)
    found = {
        "build_s": build,
        "seconds": seconds,
        "rate_Hz": 1e3 * spikes / (5 * order) / duration,
        "events": spikes * (order // 2),
        "synapses": 5 * order * (order // 2),
        "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


def ours(given: Any, order: int, eta: float, threads: int) -> dict[str, float]:
    """One process of Spikeloom."""
    words = [sys.executable, Path(__file__).resolve(), "--child", order, eta, threads, given.duration]
    return json.loads(run([str(w) for w in words]).splitlines()[-1])


def peer(python: Path, script: Path, arguments: list[str]) -> dict[str, float]:
    """One process of a peer, whose script prints a line like NEST's."""
    found = LINE.search(run([python, script, *arguments]))
    if found is None:
        raise SystemExit(f"{script.name} printed no line 'build ... s, ... s for ... ms ... rate ... Hz'")
    build, seconds, duration, rate = (float(x) for x in found.groups())
    return {"build_s": build, "seconds": seconds * 1000 / duration, "rate_Hz": rate}


def by_turns(tasks: dict[str, Any], rounds: int) -> tuple[dict[str, list[dict[str, float]]], list[float]]:
    """What each task measured in each round, and which share of the processors was in use before."""
    runs: dict[str, list[dict[str, float]]] = {}
    disturbed: list[float] = []
    for k in range(rounds):
        for name, task in tasks.items():
            disturbed.append(busy(0.5))
            runs.setdefault(name, []).append(task())
            last = runs[name][-1]
            print(
                f"round {k + 1}/{rounds}  {name:10s} {last['seconds']:7.2f} s per model second, "
                f"{last['rate_Hz']:.1f} Hz, build {last['build_s']:.2f} s",
                flush=True,
            )
    return runs, disturbed


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--nest", type=Path, help="python with nest-simulator")
    made.add_argument("--brian2", type=Path, help="python with brian2 (and a C++ compiler on the machine)")
    made.add_argument("--bench", type=Path, help="folder with nest_brunel.py")
    made.add_argument("--order", type=int, default=2500)
    made.add_argument("--duration", type=float, default=1000.0, help="model time that is timed [ms]")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--threads", type=int, default=2, help="threads of Spikeloom; NEST's script sets two")
    made.add_argument("--no-growth", action="store_true", help="leave out the other sizes and rates")
    made.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child is not None:
        child(int(given.child[0]), float(given.child[1]), int(given.child[2]), float(given.child[3]))
        return
    quiet = warn_if_busy()
    tasks: dict[str, Any] = {
        "spikeloom": lambda: ours(given, given.order, 2.0, given.threads),
        "one_thread": lambda: ours(given, given.order, 2.0, 1),
    }
    if given.nest is not None:
        script = bench_folder(given.bench) / "nest_brunel.py"
        tasks["nest"] = lambda: peer(given.nest, script, [str(given.order), "static"])
    if given.brian2 is not None:
        tasks["brian2"] = lambda: peer(given.brian2, HERE / "brian2_brunel.py", [str(given.order)])
    runs, disturbed = by_turns(tasks, given.rounds)
    growth: dict[str, list[dict[str, float]]] = {"size": [], "rate": []}
    if not given.no_growth:
        growth["size"] = [{"order": n, **ours(given, n, 2.0, given.threads)} for n in SIZES]
        growth["rate"] = [{"eta": eta, **ours(given, given.order, eta, given.threads)} for eta in RATES]
    best = {name: min(found, key=lambda one: one["seconds"]) for name, found in runs.items()}
    us = best["spikeloom"]
    lines = [
        Finding("Spikeloom, 1 s of model time", us["seconds"], "s"),
        Finding("Spikeloom with one thread", best["one_thread"]["seconds"], "s"),
        Finding("rate", us["rate_Hz"], "Hz"),
        Finding("synapses", us["synapses"], ""),
        Finding("build, with kernels from the cache", us["build_s"], "s"),
        Finding("synaptic events", us["events"] / us["seconds"] / 1e6, "million/s"),
        Finding("peak memory of the process", us["peak_MiB"], "MiB"),
    ]
    if "nest" in best:
        ratio = best["nest"]["seconds"] / us["seconds"]
        lines.append(Finding(f"times faster than NEST ({best['nest']['seconds']:.2f} s)", ratio, "x", ">= 10"))
        lines.append(Finding("rate in NEST", best["nest"]["rate_Hz"], "Hz"))
    if "brian2" in best:
        ratio = best["brian2"]["seconds"] / us["seconds"]
        lines.append(Finding(f"times faster than Brian2 ({best['brian2']['seconds']:.2f} s)", ratio, "x", ">= 3"))
        lines.append(Finding("rate in Brian2", best["brian2"]["rate_Hz"], "Hz"))
    for one in growth["size"]:
        lines.append(
            Finding(f"{5 * int(one['order']):,} neurons, {int(one['synapses']):,} synapses", one["seconds"], "s")
        )
    for one in growth["rate"]:
        lines.append(
            Finding(f"{one['rate_Hz']:.1f} Hz, {one['events'] / 1e6:,.0f} million events", one["seconds"], "s")
        )
    versions = {
        str(name): versions_of(python, ("nest-simulator", "brian2", "numpy"))
        for name, python in (("nest", given.nest), ("brian2", given.brian2))
        if python is not None
    }
    details = {
        "threads": given.threads,
        "before": quiet,
        "in_use": disturbed,
        "runs": runs,
        "growth": growth,
        "peers": versions,
    }
    write("brunel", lines, details, given.results)


if __name__ == "__main__":
    main()
