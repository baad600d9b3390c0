"""The networks that are timed: Spikeloom's version of the peers' workloads, and training steps on given spikes."""

from __future__ import annotations

import importlib.util
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from measurement import ROOT

import spikeloom as sl
from spikeloom import engines
from spikeloom.learning.learner import Batch
from spikeloom.learning.threads import one_thread

TAU = -1.0 / math.log(0.95)
"""Time constant [ms] whose decay over a step of 1 ms is the peers' 0.95."""


def bench_folder(given: Path | None) -> Path:
    """The folder of ``workload.py`` and the peers' scripts: as given, $SPIKELOOM_BENCH, or beside the repository.

    Raises:
        SystemExit: there is none.
    """
    named = os.environ.get("SPIKELOOM_BENCH")
    folder = given or (Path(named) if named else ROOT.parent / "shared" / "bench")
    if not (folder / "workload.py").is_file():
        raise SystemExit(
            f"no workload.py in {folder}: name the folder of the workloads with --bench FOLDER or SPIKELOOM_BENCH"
        )
    return folder


def workload(folder: Path) -> ModuleType:
    """The module ``workload.py``, with ``spikes`` and ``best_ms``."""
    spec = importlib.util.spec_from_file_location("workload", folder / "workload.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Work:
    """A network with its input: one training step (forward, backward, Adam), and one inference."""

    net: Any
    spikes: Any
    labels: torch.Tensor
    surrogate: Any
    engine: Any

    fired: float = 0.0  # spikes of the hidden layer in the last step

    @cached_property
    def learner(self) -> Any:
        """What ``sl.train`` has at work: forward, decoder and loss, backward, and Adam, in one step."""
        rule = sl.learning.SurrogateGradient(surrogate=self.surrogate, learning_rate=1e-3)
        return rule.learner(self.net, self.engine, 1)

    @property
    def batch(self) -> Batch:
        """All samples as one batch."""
        return Batch(self.spikes, self.labels, np.arange(len(self.labels)))

    def step(self) -> torch.Tensor:
        """One training step, the library's own; returns the loss before it."""
        outcome = self.learner.step(self.batch, 0)
        self.fired = float(outcome.spikes)
        return outcome.loss

    def infer(self) -> torch.Tensor:
        """One inference; returns the scores."""
        with torch.no_grad():
            record = self.engine.run(self.net, self.spikes, record=["readout.v"])
            with one_thread(self.engine.own_threads):
                return record["readout.v"].max(0)[0]

    def on(self, engine: str) -> Work:
        """The same network and input on another engine, with an optimiser of its own."""
        return Work(self.net, self.spikes, self.labels, self.surrogate, engines.get(engine, self.net))

    def activity(self) -> dict[str, float]:
        """What the network does on its input: densities, share of neurons near threshold, synaptic events of a pass."""
        steps, samples, channels = self.spikes.shape
        with torch.no_grad():
            record = self.engine.run(self.net, self.spikes, record=["hidden.v", "hidden.train"])
        fired, neuron = record["hidden.train"], self.net.populations["hidden"].neuron
        u = record["hidden.v"] + fired * neuron.theta - neuron.theta  # before the reset by subtraction
        events = {"input": float(len(self.spikes)), "hidden": float(fired.sum())}
        fan_out = dict.fromkeys(events, 0)
        for projection in self.net.projections.values():
            fan_out[projection.source] += self.net.size(projection.target)
        return {
            "input_density": events["input"] / (steps * samples * channels),
            "hidden_density": float(fired.mean()),
            "near_density": float((u.abs() < self.surrogate.support).float().mean()),
            "synaptic_events": sum(events[source] * fan_out[source] for source in events),
        }


def best_ms(call: Callable[[], Any], repeats: int = 7, warmup: int = 2) -> float:
    """Fastest of ``repeats`` calls, in ms: the least disturbed one."""
    for _ in range(warmup):
        call()
    times: list[float] = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return 1e3 * min(times)


def prepare(threads: int) -> None:
    """The settings of the peers: so many threads, and no denormal numbers."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def build(
    sizes: tuple[int, int, int],
    spikes: Any,
    labels: np.ndarray,
    *,
    gain: float,
    recurrent: bool,
    width: float,
    engine: str = "cpu",
    theta: float = 1.0,
) -> Work:
    """The peers' classifier: LIF neurons reset by subtraction, and a leaky read-out of which the maximum counts."""
    net = sl.feedforward(
        sizes,
        neuron=sl.neurons.LIF(tau_m=TAU, theta=theta, reset="subtract"),
        readout=sl.neurons.LeakyIntegrator(tau_m=TAU),
        recurrent=recurrent,
        gain=[gain, 1.0],
        recurrent_gain=0.3,
    )
    return Work(net, spikes, torch.as_tensor(labels), sl.surrogates.Triangle(width=width), engines.get(engine, net))


def peer_work(folder: Path, kind: str, width: float) -> tuple[Work, Callable[..., float]]:
    """Spikeloom on the workload ``latency`` or ``speech`` of the peers, and their way of timing."""
    module = workload(folder)
    x, y, hidden, outputs, gain = module.spikes(kind)
    spikes = sl.Spikes.from_dense(x.transpose(1, 0, 2), dt=1.0)
    sizes = (x.shape[2], hidden, outputs)
    return build(sizes, spikes, y, gain=gain, recurrent=kind == "speech", width=width), module.best_ms
