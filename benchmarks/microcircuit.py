"""Times the cortical microcircuit of Potjans & Diesmann (2014) at full size: 77,169 cells, 300 million synapses.

    python benchmarks/microcircuit.py

The network of ``spikeloom reproduce potjans-diesmann-2014`` is built in a process of its own, runs through the
beginning that is left out, and goes on from there for the model time that is timed, several times the same; the best
counts. Kernels come from the cache: a circuit of a hundredth of the cells runs before. Linux and macOS.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from measurement import Finding, parser, run, warn_if_busy, write
from pages import page, table

WARM = 0.02
"""Scale of the circuit that runs before anything is timed: each population has cells enough for its kernels."""


def child(scale: float, duration: float, transient: float, rounds: int, threads: int) -> None:
    """The process that is timed: prints what it measured as JSON."""
    from spikeloom.engines import StepEngine
    from spikeloom.experiments.microcircuit import published
    from spikeloom.experiments.potjans_diesmann_2014 import network

    engine = StepEngine(threads=threads or None)
    record = [f"{name}.spikes" for name in published().populations]
    small, start = network(published().scaled(WARM), 0)
    engine.run(small, None, start, duration=5.0, record=record)
    circuit = published() if scale == 1 else published().scaled(scale)
    before = resident()
    begun = time.perf_counter()
    net, start = network(circuit, 0)
    engine.run(net, None, start, duration=circuit.dt)
    build, after = time.perf_counter() - begun, resident()
    state = engine.run(net, None, start, duration=transient).state
    seconds: list[float] = []
    spikes: dict[str, int] = {}
    for _ in range(rounds):
        begun = time.perf_counter()
        found = engine.run(net, None, state, duration=duration, record=record)
        seconds.append(time.perf_counter() - begun)
        spikes = {name: len(found[f"{name}.spikes"]) for name in circuit.populations}
    sent = circuit.synapses.sum(0) / circuit.cells  # synapses of a cell, in the mean of its population
    measured: dict[str, Any] = {
        "scale": scale,
        "seconds": seconds,
        "build_s": build,
        "cells": int(circuit.cells.sum()),
        "synapses": int(circuit.synapses.sum()),
        "spikes": spikes,
        "rates_Hz": {n: 1e3 * k / int(c) / duration for (n, k), c in zip(spikes.items(), circuit.cells, strict=True)},
        "published_rates_Hz": dict(zip(circuit.populations, circuit.rates.tolist(), strict=True)),
        "events": float(sum(k * s for k, s in zip(spikes.values(), sent, strict=True))),
        "bytes_before": before,
        "bytes_after": after,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    print(json.dumps(measured))


def resident() -> int | None:
    """Bytes of this process that lie in memory now; ``None`` where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def findings(found: dict[str, Any], duration: float) -> list[Finding]:
    """What the table says; the aims are those of the whole circuit."""
    whole = found["scale"] == 1
    best, synapses, spikes = min(found["seconds"]), found["synapses"], sum(found["spikes"].values())
    lines = [
        Finding(f"cells (scale {found['scale']:g})", found["cells"], ""),
        Finding("synapses", synapses, ""),
        Finding("build, with kernels from the cache", found["build_s"], "s"),
        Finding("real-time factor", 1e3 * best / duration, "s per model second", "<= 15" if whole else None),
        Finding("peak memory of the process", found["peak_bytes"] / 2**30, "GiB", "<= 8" if whole else None),
        Finding("peak memory by synapses, everything included", found["peak_bytes"] / synapses, "bytes"),
    ]
    if found["bytes_before"] is not None:
        grown = (found["bytes_after"] - found["bytes_before"]) / synapses
        lines.append(Finding("memory of a synapse, once built", grown, "bytes", "<= 12" if whole else None))
    return [
        *lines,
        Finding("spikes in the time that was timed", spikes, ""),
        Finding("mean rate", 1e3 * spikes / found["cells"] / duration, "Hz"),
        Finding("synaptic events", found["events"] / best / 1e6, "million/s"),
    ]


def rates(found: dict[str, Any]) -> str:
    """Spikes and rate of each population, and the published rate, as a table."""
    rows = [
        [name, f"{found['spikes'][name]:,}", rate, found["published_rates_Hz"][name]]
        for name, rate in found["rates_Hz"].items()
    ]
    return table(["population", "spikes", "rate [Hz]", "published, full size [Hz]"], rows)


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--scale", type=float, default=1.0, help="part of the cells; the aims are for all of them")
    made.add_argument("--duration", type=float, default=1000.0, help="model time that is timed [ms]")
    made.add_argument("--transient", type=float, default=200.0, help="model time before it [ms]")
    made.add_argument("--rounds", type=int, default=2, help="how often the same model time is run")
    made.add_argument("--threads", type=int, default=0, help="threads; 0: as many as torch uses")
    made.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child:
        child(given.scale, given.duration, given.transient, given.rounds, given.threads)
        return
    quiet = warn_if_busy()
    words = [f"--{k}={getattr(given, k)}" for k in ("scale", "duration", "transient", "rounds", "threads")]
    found = json.loads(run([sys.executable, Path(__file__).resolve(), "--child", *words]).splitlines()[-1])
    lines = findings(found, given.duration)
    details = {"before": quiet, "duration_ms": given.duration, **found}
    page(write("microcircuit", lines, details, given.results), rates(found))


if __name__ == "__main__":
    main()
