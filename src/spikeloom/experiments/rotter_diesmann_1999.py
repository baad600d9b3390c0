"""The membrane below threshold, integrated exactly: closed forms, and the values that NEST's own tests hold it to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
import torch

from spikeloom.connections import OneToOne
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, mV, pA, pF
from spikeloom.engines import run
from spikeloom.experiments import exact_responses as published
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Relative
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.synapses import AlphaCurrent, ExponentialCurrent, Synapse

STEPS: Final = tuple(2.0**-k for k in range(14))
"""Lengths of a step [ms] at which a constant current is checked."""
GRID: Final = (0.1, 0.2, 0.5, 1.0)
CURRENT, TAU_M, C_M = 1000 * pA, 10 * ms, 250 * pF


@final
class RotterDiesmannConfig(Model):
    """How long a constant current is followed."""

    late: float = parameter(default=500 * ms, unit="ms", minimum=10, maximum=1000, doc="the later of two times")


@final
class RotterDiesmann(Experiment[RotterDiesmannConfig]):
    r"""A linear membrane moves from step to step by a matrix, without an error that grows with the step.

    .. math:: y_{k+1} = e^{A h} y_k + x_{k+1}

    Held to closed forms under a constant current, an alpha current and an exponential one, also where the membrane and
    the synapse have the same time constant, for steps of 1 ms down to 2^-13 ms.
    """

    name = "rotter-diesmann-1999"
    title = "Exact integration of linear membranes"
    citation = (
        "S. Rotter & M. Diesmann (1999). Exact digital simulation of time-invariant linear systems with applications "
        "to neuronal modeling. Biol Cybern 81, 381-402. doi:10.1007/s004220050570"
    )
    config = RotterDiesmannConfig()

    def claims(self, config: RotterDiesmannConfig) -> list[Claim]:
        direct = published.SOURCE.format("test_iaf_ps_dc_accuracy.py")
        alpha = published.SOURCE.format("test_iaf_psc_alpha.py")
        spike = published.SOURCE.format("test_iaf_psc_alpha_1to2.py")
        found = [
            Claim(quantity=_late(t), published=0.0, source=direct, tolerance=Absolute(width))
            for t, width in ((5.0, 1e-13), (config.late, 1e-9))
        ]
        found += [
            Claim(quantity=_driven(t), published=v, source=alpha, tolerance=Absolute(5e-5))
            for t, v in published.ALPHA_UNDER_CURRENT.items()
        ]
        found.append(
            Claim(quantity="first spike under 1000 pA [ms]", published=4.8, source=alpha, tolerance=Absolute(1e-9))
        )
        found += [
            Claim(quantity=_after(t, dt), published=v, source=spike, tolerance=Absolute(5e-5))
            for dt in GRID
            for t, v in published.ALPHA_AFTER_SPIKE.items()
            if _on(t, dt)
        ]
        closed = "Rotter & Diesmann 1999, closed form"
        found += [
            Claim(quantity=_closed(kind, tau), published=0.0, source=closed, tolerance=Absolute(1e-12))
            for kind in ("alpha", "exponential")
            for tau in (0.3, 2.0, 10.0, 10.0 * (1 + 1e-8))
        ]
        charge = Relative(1e-9)
        return [*found, Claim(quantity="charge of 100 pA, 2 ms [fC]", published=200.0, source=closed, tolerance=charge)]

    def run(self, config: RotterDiesmannConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "constant current, steps of 1 to 2^-13 ms")
        measured: dict[str, Any] = {}
        for t in (5.0, config.late):
            exact = published.constant_current(t, current=CURRENT, tau_m=TAU_M, c_m=C_M)
            measured[_late(t)] = max(abs(_constant(t, dt) - exact) for dt in STEPS)
        progress(0.6, "one cell under 1000 pA")
        v, fired = _alpha_cell(0.1, current=published.ALPHA_CELL["current"])
        measured |= {_driven(t): v[round(t / 0.1) - 1] for t in published.ALPHA_UNDER_CURRENT}
        measured["first spike under 1000 pA [ms]"] = fired
        progress(0.8, "single spikes")
        for dt in GRID:
            v, _ = _alpha_cell(dt, spike=2.0)
            measured |= {_after(t, dt): v[round(t / dt) - 1] for t in published.ALPHA_AFTER_SPIKE if _on(t, dt)}
        curves: dict[str, Any] = {}
        for kind, form in (("alpha", published.after_alpha), ("exponential", published.after_exponential)):
            for tau in (0.3, 2.0, 10.0, 10.0 * (1 + 1e-8)):
                synapse = AlphaCurrent(tau=tau) if kind == "alpha" else ExponentialCurrent(tau=tau)
                time, v = _response(synapse, 100.0)
                expected = form(time, weight=100.0, tau_m=TAU_M, tau_s=tau, c_m=C_M)
                measured[_closed(kind, tau)] = np.abs(v - expected).max()
                curves[f"{kind}, {tau:g} ms"] = v
        current = _current(ExponentialCurrent(tau=2 * ms), 100.0)
        measured["charge of 100 pA, 2 ms [fC]"] = current
        return Result(measured=measured, data={"time": time, "curves": curves})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(4.6, 3.0)
            axes = drawing.add_subplot()
            for i, (name, v) in enumerate(list(result.data["curves"].items())[:3]):
                axes.plot(result.data["time"], 1000 * v, color=colour(i), label=name)
            axes.set(xlabel="time after the spike arrived [ms]", ylabel="potential above rest [µV]", xlim=(0, 60))
            axes.legend()
        return {"responses": drawing}


def _late(t: float) -> str:
    return f"largest error of the potential under 1000 pA after {t:g} ms, over all steps [mV]"


def _driven(t: float) -> str:
    return f"potential of iaf_psc_alpha under 1000 pA after {t:g} ms [mV]"


def _after(t: float, dt: float) -> str:
    return f"potential after a spike at 2 ms, at {t:g} ms, steps of {dt:g} ms [mV]"


def _closed(kind: str, tau: float) -> str:
    return f"largest distance from the closed form, {kind} current of {tau:.9g} ms [mV]"


def _on(t: float, dt: float) -> bool:
    """Whether a time lies on the grid."""
    return abs(t / dt - round(t / dt)) < 1e-9


def _cell(**changes: Any) -> LIF:
    return LIF(tau_m=TAU_M, resistance=TAU_M / C_M, theta=1e6 * mV, input="current", **changes)


def _constant(t: float, dt: float) -> float:
    """The potential after ``t`` ms of constant current in steps of ``dt``."""
    net = Network(dt=dt, dtype=torch.float64)
    net.population("cell", _cell(i_e=CURRENT), 1)
    return float(run(net, duration=t, progress=False).state["cell"]["v"])


def _alpha_cell(dt: float, current: float = 0.0, spike: float | None = None) -> tuple[np.ndarray, float]:
    """Potential after each step, and the time of the first spike, of NEST's iaf_psc_alpha at its defaults."""
    own = published.ALPHA_CELL
    net = Network(dt=dt, dtype=torch.float64)
    cell = LIF(
        tau_m=own["tau_m"],
        theta=own["theta"],
        v_rest=own["e_l"],
        v_reset=own["v_reset"],
        t_ref=own["t_ref"],
        resistance=own["tau_m"] / own["c_m"],
        i_e=current,
        input="current",
    )
    net.input("spike", 1)
    net.population("cell", cell, 1)
    # A time t is the end of step t / dt - 1. What is sent in that step with a delay of 1 ms acts from t + 1 ms on.
    net.connect("spike", "cell", OneToOne(), weight=100 * pA, delay=1 * ms, synapse=AlphaCurrent(tau=own["tau_s"]))
    steps = [] if spike is None else [round(spike / dt) - 1]
    given = Spikes.from_events(steps, [0] * len(steps), shape=(round(8 / dt), 1, 1), dt=dt)
    record = run(net, given, record=["cell.v", "cell.spikes"], engine="steps", progress=False)
    fired = record["cell.spikes"].step
    return record["cell.v"][:, 0, 0].numpy(), (int(fired[0]) + 1) * dt if len(fired) else np.inf


def _response(synapse: Synapse, weight: float, dt: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Times since the arrival of one event, and the potential above rest."""
    net = Network(dt=dt, dtype=torch.float64)
    net.input("spike", 1)
    net.population("cell", _cell(), 1)
    net.connect("spike", "cell", OneToOne(), weight=weight, synapse=synapse)
    given = Spikes.from_events([0], [0], shape=(1000, 1, 1), dt=dt)
    v = run(net, given, record=["cell.v"], engine="steps", progress=False)["cell.v"][:, 0, 0].numpy()
    return np.arange(len(v)) * dt, v


def _current(synapse: Synapse, weight: float, dt: float = 0.1) -> float:
    """The charge of one event [fC]: what it adds to a membrane without a leak, times its capacitance."""
    net = Network(dt=dt, dtype=torch.float64)
    net.input("spike", 1)
    cell = LIF(tau_m=1e13 * ms, resistance=1e13 / C_M, theta=1e6 * mV, input="current")
    net.population("cell", cell, 1)
    net.connect("spike", "cell", OneToOne(), weight=weight, synapse=synapse)
    given = Spikes.from_events([0], [0], shape=(1000, 1, 1), dt=dt)
    return float(run(net, given, engine="steps", progress=False).state["cell"]["v"]) * C_M
