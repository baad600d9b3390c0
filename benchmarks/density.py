"""Time of a training step and of an inference against the spikes: of the input, and of the hidden layer.

    python benchmarks/density.py

Two sweeps. `input`: layers 784-256-10, the density of random input spikes goes from 0.1 % to 20 % (share of the
channels that fire in a step) while the hidden layer keeps one rate. `hidden`: 700-256-20 with recurrence, the input
stays at 1 % while the hidden layer fires at 0.1 % to 20 %. Weights are scaled so that without spikes of their own the
membrane potentials have a standard deviation of 1 mV, whatever the density, and the threshold is put where the wanted
rate results. On the same axes: the reference engine, which computes everything in every step, and the dense matrix
products alone, which any program that does not follow spikes has to do. Then an input so dense that products win, of
random counts (Poisson) of events per channel and step: the engine's two ways, and where they take equal time.

Rounds go over all points in turn, and the best time of each point counts. After the first ones further rounds follow
until two in a row have brought no time down by over 2 %. Writes pictures beside the results.
"""

from __future__ import annotations

import math
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import density_switch
import numpy as np
import torch
from density_picture import draw, draw_switch
from density_switch import crossing
from measurement import Finding, parser, show, warn_if_busy, write
from workloads import TAU, Work, best_ms, build, prepare

import spikeloom as sl

DENSITIES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
COUNTS = (0.1, 0.3, 0.6, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
"""Events per channel and step of a dense input, on both sides of the engine's threshold."""
SETTLED = 0.98
"""A round has settled if no best time of the cpu engine fell below this part of what it was before."""
TIMES = ("train_ms", "infer_ms")
HELD = {"hidden density of the sweep over the input": 0.02, "input density of the sweep over the hidden layer": 0.01}


def random_spikes(density: float, samples: int, steps: int, channels: int) -> Any:
    """Independent spikes of that density, at most one of a channel in a step."""
    fired = np.random.default_rng(0).random((steps, samples, channels)) < density
    return sl.Spikes.from_dense(fired, dt=1.0)


def random_counts(mean: float, samples: int, steps: int, channels: int) -> Any:
    """Independent Poisson counts of events with that mean per channel and step."""
    counts = np.random.default_rng(0).poisson(mean, (steps, samples, channels))
    return sl.Spikes.from_dense(counts.astype(np.uint16), dt=1.0)


def calibrated(wanted: float, spikes: Any, sizes: tuple[int, int, int], recurrent: bool, width: float) -> Work:
    """A network whose hidden layer fires with the wanted density on ``spikes``."""
    steps, samples, channels = spikes.shape
    labels = np.random.default_rng(1).integers(0, sizes[2], samples)
    gain = ((1 - math.exp(-2 / TAU)) * steps * samples * channels / len(spikes)) ** 0.5
    low, high = 1e-3, 30.0
    for _ in range(16):
        theta = (low * high) ** 0.5
        work = build(sizes, spikes, labels, gain=gain, recurrent=recurrent, width=width, theta=theta)
        low, high = (low, theta) if work.activity()["hidden_density"] < wanted else (theta, high)
    return work  # pyright: ignore[reportPossiblyUnboundVariable] - the loop runs


def sweep(name: str, given: Any) -> list[Work]:
    """The networks of a sweep, from the fewest spikes to the most."""
    recurrent = name == "hidden"
    sizes = (given.channels or (700 if recurrent else 784), given.hidden, 20 if recurrent else 10)
    made: list[Work] = []
    for density in given.densities:
        of_input = HELD["input density of the sweep over the hidden layer"] if recurrent else density
        of_hidden = density if recurrent else HELD["hidden density of the sweep over the input"]
        spikes = random_spikes(of_input, given.batch, given.steps, sizes[0])
        made.append(calibrated(of_hidden, spikes, sizes, recurrent, given.width))
    return made


def timed(work: Work, engine: str, repeats: int, least: float) -> dict[str, float]:
    """Best times on an engine, of ``repeats`` calls again and again for ``least`` ms.

    The weights are put back after each few training steps, so that all see the same spikes.
    """
    begin = {k: v.clone() for k, v in work.net.state_dict().items()}
    other = work.on(engine)
    best: dict[str, float] = {}
    for what, call in (("infer_ms", other.infer), ("train_ms", other.step)):
        end = time.perf_counter() + 1e-3 * least
        while what not in best or time.perf_counter() < end:
            best[what] = min(best_ms(call, repeats), best.get(what, math.inf))
            work.net.load_state_dict(begin)
    return best


def measure(works: list[Work], given: Any) -> list[dict[str, Any]]:
    """All points of a sweep, round after round until the best times have settled."""
    points: list[dict[str, Any]] = [work.activity() for work in works]
    k = calm = 0
    while k < given.rounds or (calm < 2 and k < given.most):
        k, before = k + 1, [point.get("cpu", {}) for point in points]
        for point, work in zip(points, works, strict=True):
            for engine, repeats in (("cpu", given.repeats), ("reference", max(1, given.repeats // 3))):
                now, best = timed(work, engine, repeats, given.least), point.setdefault(engine, {})
                point[engine] = {what: min(value, best.get(what, value)) for what, value in now.items()}
            print(
                f"round {k}  input {point['input_density']:8.3%}  "
                f"hidden {point['hidden_density']:8.3%}  near {point['near_density']:6.2%}  "
                f"train {point['cpu']['train_ms']:8.2f} ms (dense {point['reference']['train_ms']:8.1f})  "
                f"infer {point['cpu']['infer_ms']:8.2f} ms (dense {point['reference']['infer_ms']:8.1f})  "
                f"{events_per_second(point, 'infer_ms') / 1e9:6.2f} G synaptic events/s",
                flush=True,
            )
        calm = calm + 1 if settled(before, [point["cpu"] for point in points]) else 0
    alone = [products(work, given.repeats) for work in works]  # the same at every density
    for point in points:
        point["rounds"] = k
        point["products"] = {what: min(one[what] for one in alone) for what in TIMES}
        point["synaptic_events_per_s"] = {what: events_per_second(point, f"{what}_ms") for what in ("train", "infer")}
    return points


def settled(before: list[dict[str, float]], after: list[dict[str, float]]) -> bool:
    """Whether a round has brought no best time down by much, of any point."""
    return all(b[what] >= SETTLED * a.get(what, math.inf) for a, b in zip(before, after, strict=True) for what in b)


def events_per_second(point: dict[str, Any], what: str) -> float:
    """Synaptic events of a pass over its time; for training, the time of the whole step."""
    return point["synaptic_events"] / (1e-3 * point["cpu"][what])


def line(points: list[dict[str, Any]], what: str) -> tuple[float, float]:
    """Least squares through times: milliseconds without any spike, and nanoseconds for a synaptic event.

    Each point counts relatively: the fewest spikes are as important as the most.
    """
    events = np.array([p["synaptic_events"] for p in points])
    times = np.array([p["cpu"][what] for p in points])
    design = np.stack([np.ones_like(events), events], 1) / times[:, None]
    fixed, each = np.linalg.lstsq(design, np.ones_like(times), rcond=None)[0]
    return float(fixed), float(each * 1e6)


def products(work: Work, repeats: int) -> dict[str, float]:
    """Times of the dense matrix products alone: the input's in one, the recurrent ones step by step; for training those
    of the gradients too. No neuron is computed.
    """
    with torch.no_grad():
        x = work.spikes.dense()
        steps, samples, channels = x.shape
        weights = {name: w.detach() for name, w in work.net.weights.items()}
        into, back = weights["input->hidden"], weights.get("hidden->hidden")
        state = torch.rand(steps, samples, into.shape[1])
        flat, gradient = x.reshape(steps * samples, channels), state.reshape(steps * samples, -1)

        def infer() -> None:
            torch.mm(flat, into)
            for t in range(0 if back is None else steps):
                torch.mm(state[t], back)  # pyright: ignore[reportArgumentType]

        def train() -> None:
            infer()
            torch.mm(flat.T, gradient)
            for t in range(0 if back is None else steps):
                torch.mm(state[t], back.T)  # pyright: ignore[reportOptionalMemberAccess]
            if back is not None:
                torch.mm(gradient.T, gradient)

        return {"train_ms": best_ms(train, repeats), "infer_ms": best_ms(infer, repeats)}


def findings(name: str, points: list[dict[str, Any]]) -> list[Finding]:
    """Does the time fall with the spikes, what does a synaptic event cost, where do dense products win?"""
    lines: list[Finding] = []
    key = f"{name}_density"
    for what, title in (("train_ms", "training step"), ("infer_ms", "inference")):
        times = [p["cpu"][what] for p in points]
        ends = f"density {points[-1][key]:.2%} to {points[0][key]:.2%}"
        wrong = sum(1 for a, b in pairwise(times) if a > 1.05 * b)
        label = f"{name} spikes, {title}"
        lines += [
            Finding(f"{label}: {show(times[-1])} ms falls to {show(times[0])} ms, {ends}", times[-1] / times[0], "x"),
            Finding(f"{label}: points over 5 % slower than the next denser one", wrong, "", "<= 0"),
            Finding(f"{label}: each further synaptic event (fit)", line(points, what)[1], "ns"),
        ]
        for k in (0, -1):
            slower = points[k]["reference"][what] / times[k]
            lines.append(Finding(f"{label}: times faster than the dense engine at {points[k][key]:.2%}", slower, "x"))
        dense = crossing([p[key] for p in points], times, [p["products"][what] for p in points])
        if dense is not None:
            lines.append(Finding(f"{label}: dense products alone would be faster from", 100 * dense, "%"))
    return lines


def main() -> None:
    options = parser(__doc__ or "")
    options.add_argument(
        "--densities", type=float, nargs="+", default=DENSITIES, help="shares of channels or neurons in a step"
    )
    options.add_argument(
        "--counts", type=float, nargs="+", default=COUNTS, help="events per channel and step of a dense input"
    )
    options.add_argument("--batch", type=int, default=128, help="samples")
    options.add_argument("--steps", type=int, default=100, help="time steps of 1 ms")
    options.add_argument("--hidden", type=int, default=256, help="neurons of the hidden layer")
    options.add_argument("--channels", type=int, help="channels of the input, instead of 784 and 700")
    options.add_argument("--width", type=float, default=0.5, help="half-width of the triangular surrogate [mV]")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--repeats", type=int, default=7, help="timed calls in a row; the best counts")
    options.add_argument("--least", type=float, default=100.0, help="ms for which calls of a point go on in a round")
    options.add_argument("--rounds", type=int, default=5, help="passes over all points, at least; the best counts")
    options.add_argument("--most", type=int, default=15, help="passes at most, if times have not settled")
    given = options.parse_args()
    given.densities, given.counts = sorted(given.densities), sorted(given.counts)
    prepare(given.threads)
    quiet = warn_if_busy()
    results: dict[str, list[dict[str, Any]]] = {}
    lines: list[Finding] = []
    for name in ("input", "hidden"):
        print(f"\n{name} spikes", flush=True)
        results[name] = measure(sweep(name, given), given)
        lines += findings(name, results[name])
    print("\ndense input", flush=True)
    channels = given.channels or 784

    def made(mean: float) -> Work:
        spikes = random_counts(mean, given.batch, given.steps, channels)
        held = HELD["hidden density of the sweep over the input"]
        return calibrated(held, spikes, (channels, given.hidden, 10), False, given.width)

    switch = density_switch.measure(made, tuple(given.counts), given.rounds, given.repeats)
    lines += density_switch.findings(switch)
    folder: Path = given.results
    details = {
        "samples": given.batch,
        "steps": given.steps,
        "surrogate": f"Triangle(width={given.width:g})",
        "threads": given.threads,
        "held": HELD,
        "before": quiet,
        "fits": {
            name: {
                what: dict(zip(("fixed_ms", "ns_per_synaptic_event"), line(points, what), strict=True))
                for what in TIMES
            }
            for name, points in results.items()
        },
        "sweeps": results,
        "switch": switch,
    }
    write("density", lines, details, folder)
    print(f"written: {draw(results, folder / 'density.png')}")
    print(f"written: {draw_switch(switch, folder / 'density_switch.png')}")


if __name__ == "__main__":
    main()
