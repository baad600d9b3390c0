"""How the time of Brunel-like networks grows with neurons, with synapses of a neuron, and with the rate; and why.

    python benchmarks/growth.py

Four fifths of the cells excite (0.1 mV after 1.5 ms), one fifth inhibits (five times that), each has the same number of
inputs, and Poisson events bring all to the wanted rate: so many as mean-field theory says (Brunel 2000,
doi:10.1023/A:1008925309027). Steps of 0.1 ms. Each network runs through the beginning, then goes on from there several
times the same; the best counts. A fit says what a neuron update, its Poisson input included, and a synaptic event cost,
and what the machine's memory gives says which of its bounds they are at.
"""

from __future__ import annotations

import os
import time
from typing import Any

from growth_model import bounds, bytes_of_event, fit, memory
from growth_picture import draw
from measurement import Finding, parser, warn_if_busy, write
from pages import page, table

import spikeloom as sl
from spikeloom.analysis.mean_field import BrunelNetwork
from spikeloom.engines import StepEngine
from spikeloom.units import ms, mV

J, G, TAU, THETA, RESET, T_REF, DELAY, DT = 0.1 * mV, 5.0, 20 * ms, 20 * mV, 0 * mV, 2 * ms, 1.5 * ms, 0.1 * ms
RATE = 20.0
"""Hz of the networks whose size grows."""
QUICK = {
    "orders": [50, 100, 200],
    "indegrees": [10, 40],
    "rates": [5.0, 40.0],
    "duration": 20.0,
    "transient": 20.0,
    "rounds": 1,
    "memory": 1,
}


def eta(indegree: int, rate: float) -> float:
    """The drive, by that which alone reaches the threshold, at which theory gives this rate [Hz]."""
    from scipy.optimize import brentq

    excitatory = round(0.8 * indegree)

    def excess(drive: float) -> float:
        cell = {"tau_m": TAU, "theta": THETA, "v_reset": RESET, "t_ref": T_REF}
        gamma = (indegree - excitatory) / excitatory
        return BrunelNetwork(g=G, eta=drive, j=J, c_e=excitatory, gamma=gamma, **cell).response(rate) - rate

    return float(brentq(excess, 0.01, 100.0, xtol=1e-6))  # pyright: ignore[reportArgumentType]


def network(order: int, indegree: int, rate: float) -> Any:
    """4 ``order`` excitatory and ``order`` inhibitory cells, ``indegree`` inputs each."""
    net = sl.Network(dt=DT, seed=1)
    cell = sl.neurons.LIF(tau_m=TAU, theta=THETA, v_reset=RESET, t_ref=T_REF)
    exc, inh = net.population("exc", cell, 4 * order), net.population("inh", cell, order)
    excitatory = round(0.8 * indegree)
    drive = sl.sources.Poisson(rate=eta(indegree, rate) * THETA / (J * TAU))
    for target in (exc, inh):
        net.connect(exc, target, sl.connections.Sparse(indegree=excitatory), weight=J, delay=DELAY)
        net.connect(inh, target, sl.connections.Sparse(indegree=indegree - excitatory), weight=-G * J, delay=DELAY)
        net.drive(target, drive, weight=J)
    return net


def measured(given: Any, order: int, indegree: int, rate: float) -> dict[str, Any]:
    """One point of a sweep: what it took, and what was done in that time."""
    engine, net, record = (
        StepEngine(threads=given.threads),
        network(order, indegree, rate),
        ["exc.spikes", "inh.spikes"],
    )
    state = engine.run(net, None, duration=given.transient, record=record).state
    seconds, excitatory, inhibitory = [], 0, 0
    for _ in range(given.rounds):
        begun = time.perf_counter()
        found = engine.run(net, None, state, duration=given.duration, record=record)
        seconds.append(time.perf_counter() - begun)
        excitatory, inhibitory = (len(found[name]) for name in record)
    neurons, steps, sent = 5 * order, round(given.duration / DT), round(0.8 * indegree)
    point = {
        "order": order,
        "neurons": neurons,
        "indegree": indegree,
        "wanted_Hz": rate,
        "rate_Hz": 1e3 * (excitatory + inhibitory) / neurons / given.duration,
        "model_s": given.duration / 1e3,
        "steps": steps,
        "updates": neurons * steps,
        "events": excitatory * sent * 5 / 4 + inhibitory * (indegree - sent) * 5,  # by the mean number of targets
        "all_seconds": seconds,
        "seconds": min(seconds),
    }
    speed, million = 1e3 * point["seconds"] / given.duration, point["events"] / 1e6
    print(
        f"{neurons:7,} neurons, {indegree:5,} synapses each, {point['rate_Hz']:5.1f} Hz (wanted {rate:g}), "
        f"{million:8.2f} million events: {speed:7.3f} s per model second",
        flush=True,
    )
    return point


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--orders", type=int, nargs="+", default=[250, 500, 1000, 2000, 4000], help="neurons / 5")
    made.add_argument("--indegrees", type=int, nargs="+", default=[50, 100, 200, 400, 800, 1600])
    made.add_argument("--rates", type=float, nargs="+", default=[1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0], help="[Hz]")
    made.add_argument("--duration", type=float, default=300.0, help="model time that is timed [ms]")
    made.add_argument("--transient", type=float, default=100.0, help="model time before it [ms]")
    made.add_argument("--rounds", type=int, default=5, help="how often each is run")
    made.add_argument(
        "--memory", type=int, default=64, help="size of the arrays that the memory is measured with [MiB]"
    )
    made.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    made.add_argument("--quick", action="store_true", help="tiny networks: is everything there? Says nothing of times")
    given = made.parse_args()
    if given.quick:
        vars(given).update(QUICK)
    quiet = warn_if_busy()
    order, indegree = sorted(given.orders)[len(given.orders) // 2], sorted(given.indegrees)[len(given.indegrees) // 2]
    measured(given, min(given.orders), min(given.indegrees), RATE)  # loads the kernels
    sweeps = {
        "neurons": [measured(given, n, indegree, RATE) for n in given.orders],
        "indegree": [measured(given, order, k, RATE) for k in given.indegrees],
        "rate_Hz": [measured(given, order, indegree, rate) for rate in given.rates],
    }
    points = [point for sweep in sweeps.values() for point in sweep]
    found = fit(points)
    receptors = -(-max(p["neurons"] for p in points) // given.threads)
    moved, machine = bytes_of_event(receptors), memory(given.threads, receptors, given.memory)
    limits = bounds(found.event, moved, machine)
    lines = [
        Finding("neuron update, its Poisson input included (fit)", 1e9 * found.update, "ns"),
        Finding("synaptic event (fit)", 1e9 * found.event, "ns"),
        Finding("step (fit)", 1e6 * found.step, "us"),
        Finding("the fit misses a time by, in the mean", 100 * found.mean_miss, "%"),
        Finding("the fit misses a time by, at worst", 100 * found.worst_miss, "%"),
        Finding("bytes of a synaptic event", sum(moved.values()), "bytes"),
        Finding("... of which from the lists of synapses", sum(moved.values()) - moved["ring"], "bytes"),
        Finding("bandwidth of the memory (triad)", machine.bandwidth / 1e9, "GB/s"),
        Finding("synaptic event, if all its bytes came from memory", 1e9 * limits["everything_s"], "ns"),
        Finding("synaptic event, if only its lists do", 1e9 * limits["lists_s"], "ns"),
        Finding(f"adding at random to {receptors:,} numbers a thread", 1e9 * machine.increment, "ns"),
        Finding(f"adding at random to {given.memory} MiB a thread", 1e9 * machine.far, "ns"),
    ]
    details = {
        "before": quiet,
        "threads": given.threads,
        "bytes": moved,
        "memory": machine.describe(),
        "bounds": limits,
        "sweeps": sweeps,
    }
    draw(sweeps, found, given.results / "growth.png")
    heads = ["neurons", "synapses of a neuron", "rate [Hz]", "events [million]", "s per model second", "fit"]
    rows = [
        [
            f"{p['neurons']:,}",
            f"{p['indegree']:,}",
            p["rate_Hz"],
            p["events"] / 1e6,
            p["seconds"] / p["model_s"],
            found.seconds(p) / p["model_s"],
        ]
        for p in points
    ]
    said = limits["said"][0].upper() + limits["said"][1:] + "."
    picture = "![Time of a second of model time against neurons, synapses of a neuron, and rate](growth.png)"
    page(write("growth", lines, details, given.results), said, picture, table(heads, rows))
    print(f"\n{said}")


if __name__ == "__main__":
    main()
