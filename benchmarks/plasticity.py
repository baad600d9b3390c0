"""Times Brunel's network with STDP on all excitatory synapses, against NEST, and against the same network at rest.

    python benchmarks/plasticity.py --nest NEST/bin/python

The network is that of NEST's script in the folder of the workloads (order 1000: 4,000 excitatory and 1,000 inhibitory
cells, 10 % connectivity, 1.5 ms delay, steps of 0.1 ms; additive pair STDP among the excitatory): 100 ms are left
out, then 500 ms of model time are timed, in a run that stays open. Everything runs in processes of its own, by turns;
the best of all rounds counts. Synaptic events are spikes times the synapses of a cell, as in NEST's script; a plastic
synapse is changed on both sides, at its source's spikes and at its target's. What plasticity costs is measured at the
same spikes: a rule with amplitudes of 0, which does all its work and changes nothing, against no rule; and the same
rule modulated (:class:`spikeloom.plasticity.Modulated`, an exponential eligibility) against the rule.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import brunel
from measurement import Finding, parser, run, versions_of, warn_if_busy, write
from workloads import bench_folder

KINDS = ("plastic", "modulated", "still", "static")
"""With the rule; with one whose amplitudes are 0 (the spikes of the static network), modulated or not; without any."""


def network(order: int, kind: str) -> Any:
    """Brunel's network with the rule of one of :data:`KINDS`."""
    import spikeloom as sl
    from spikeloom.units import ms, mV

    share = 1.0 if kind == "plastic" else 0.0
    rule = sl.plasticity.PairSTDP(a_plus=0.01 * share, a_minus=0.0105 * share, tau_plus=20 * ms, w_max=0.2 * mV)
    if kind == "modulated":
        rule = sl.plasticity.Modulated(rule=rule, by="reward")
    net = brunel.network(order, eta=2.0, rule=None if kind == "static" else rule)
    if kind == "modulated":
        net.modulator("reward", tau=200 * ms, baseline=0.01)
    return net


def child(order: int, kind: str, threads: int, duration: float) -> None:
    """The process that is timed: prints what it measured as JSON."""
    import spikeloom as sl
    from spikeloom.engines.steps.engine import built

    net = network(order, kind)
    begun = time.perf_counter()
    keys = ["exc.spikes", "inh.spikes"]
    run = sl.live(net, record=keys, threads=threads)  # as NEST does it: the state stays inside between two calls
    run.advance(duration=0.2)
    build = time.perf_counter() - begun
    run.advance(duration=99.8)
    begun = time.perf_counter()
    record = run.advance(duration=duration)
    seconds = time.perf_counter() - begun
    spikes = sum(len(record[k]) for k in keys)
    groups = [g for s in built(net) for found in s.plastic.values() for g in found]
    synapses = sum(g.source.size for g in groups)
    found = {
        "build_s": build,
        "seconds": seconds * 1000 / duration,
        "rate_Hz": 1e3 * spikes / (5 * order) / duration,
        "events": spikes * (order // 2) * 1000 / duration,
        "bytes": sum(g.nbytes for g in groups) / synapses if synapses else 0.0,
        "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


def ours(given: Any, kind: str, threads: int) -> dict[str, float]:
    """One process of Spikeloom."""
    words = [sys.executable, Path(__file__).resolve(), "--child", given.order, kind, threads, given.duration]
    return json.loads(run([str(w) for w in words]).splitlines()[-1])


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--nest", type=Path, help="python with nest-simulator")
    made.add_argument("--bench", type=Path, help="folder with nest_brunel.py")
    made.add_argument("--order", type=int, default=1000)
    made.add_argument("--duration", type=float, default=500.0, help="model time that is timed [ms]")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child is not None:
        child(int(given.child[0]), given.child[1], int(given.child[2]), float(given.child[3]))
        return
    quiet = warn_if_busy()
    tasks: dict[str, Any] = {
        f"{kind}{threads}": lambda kind=kind, threads=threads: ours(given, kind, threads)
        for kind in KINDS
        for threads in (1, 2)
    }
    if given.nest is not None:
        script = bench_folder(given.bench) / "nest_brunel.py"
        tasks["nest"] = lambda: brunel.peer(given.nest, script, [str(given.order), "stdp"])
    runs, shares = brunel.by_turns(tasks, given.rounds)
    best = {name: min(found, key=lambda one: one["seconds"]) for name, found in runs.items()}
    fastest = {kind: min((best[f"{kind}{n}"] for n in (1, 2)), key=lambda one: one["seconds"]) for kind in KINDS}
    us = fastest["plastic"]
    ratio = fastest["still"]["seconds"] / fastest["static"]["seconds"]
    third = fastest["modulated"]["seconds"] / fastest["still"]["seconds"]
    lines = [
        Finding("Spikeloom with STDP, 1 s of model time", us["seconds"], "s"),
        Finding("with one thread", best["plastic1"]["seconds"], "s"),
        Finding("with two threads", best["plastic2"]["seconds"], "s"),
        Finding("rate", us["rate_Hz"], "Hz"),
        Finding("synaptic events", us["events"] / us["seconds"] / 1e6, "million/s"),
        Finding("memory of a plastic synapse", us["bytes"], "byte", "<= 24"),
        Finding("a rule that changes nothing, against no rule, at the same spikes", ratio, "x", "<= 3"),
        Finding("the same rule modulated, against the rule", third, "x", "<= 1.5"),
    ]
    if "nest" in best:
        times = best["nest"]["seconds"] / us["seconds"]
        lines.append(Finding(f"times faster than NEST ({best['nest']['seconds']:.2f} s)", times, "x", ">= 8"))
        lines.append(Finding("rate in NEST", best["nest"]["rate_Hz"], "Hz"))
    peers = {} if given.nest is None else {"nest": versions_of(given.nest, ("nest-simulator",))}
    write("plasticity", lines, {"before": quiet, "in_use": shares, "runs": runs, "peers": peers}, given.results)


if __name__ == "__main__":
    main()
