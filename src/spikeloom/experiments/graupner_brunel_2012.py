"""Calcium-based plasticity: windows of pairs, and how they depend on frequency."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import numpy as np
import torch

from spikeloom.connections import Dense, OneToOne
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV
from spikeloom.engines import run
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.graupner_brunel_2012_theory import (
    CORTEX,
    FIG_2,
    FREQUENCIES,
    FREQUENCY,
    PUBLISHED,
    WINDOWS,
    Fit,
    change,
    transition,
)
from spikeloom.experiments.tolerance import Absolute
from spikeloom.network import Network
from spikeloom.neurons import LIF

WINDOW_PAIRS, FREQUENCY_PAIRS = 60, 75
START: Final = 100 * ms
FEEBLE: Final = 1e-6 * mV


@final
class GraupnerBrunelConfig(Model):
    """How the transitions are counted."""

    synapses: int = parameter(default=12_000, minimum=100, doc="of each state, for each protocol")
    dt: float = parameter(default=0.1 * ms, unit="ms", positive=True, maximum=0.2, doc="length of a step")


@final
class CalciumPlasticity(Experiment[GraupnerBrunelConfig]):
    r"""Pairs of spikes move a synapse with two states through the calcium that they leave.

    The analytic result neglects the potential (the cubic term) during the protocol, takes calcium as periodic and its
    effects as spread over time, and gives the change of strength from the probabilities to go up or down. Beside it
    the engine runs the full rule, ``GraupnerBrunel``, for thousands of synapses with noise, and counts those that went
    over: up to 0.015 less, since in each pair what depresses comes last.
    """

    name = "graupner-brunel-2012"
    title = "A calcium-based rule: six windows of spike pairs, and their dependence on frequency"
    citation = (
        "M. Graupner & N. Brunel (2012). Calcium-based plasticity model explains sensitivity of synaptic changes to "
        "spike pattern, rate, and dendritic location. PNAS 109, 3991-3996. doi:10.1073/pnas.1109359109"
    )
    config = GraupnerBrunelConfig()
    full = GraupnerBrunelConfig(synapses=50_000)

    def claims(self, config: GraupnerBrunelConfig) -> list[Claim]:
        found = []
        for what, value, figure in rows():
            source = f"Graupner & Brunel 2012, {figure}; {PUBLISHED}"
            found += [
                Claim(quantity=f"{what}, analytic", published=value, source=source, tolerance=Absolute(1e-3)),
                Claim(quantity=f"{what}, counted", published=value, source=source, tolerance=Absolute(0.03)),
            ]
        return found

    def run(self, config: GraupnerBrunelConfig, seed: int, progress: Progress) -> Result:
        measured: dict[str, Any] = {}
        windows: dict[str, Any] = {}
        for k, (name, values) in enumerate(WINDOWS.items()):
            progress(0.9 * k / len(WINDOWS), f"window {name}")
            lags, found = [lag * ms for lag in values], FIG_2[name]
            windows[name] = counted(found, lags, 1 * Hz, WINDOW_PAIRS, config, seed)
            for lag, there in zip(lags, windows[name], strict=True):
                what = window(name, lag)
                measured[f"{what}, analytic"] = change(found, *transition(found, lag, 1 / (1 * Hz), WINDOW_PAIRS))
                measured[f"{what}, counted"] = there
        curves: dict[int, list[float]] = {lag: [] for lag in FREQUENCY}
        for k, rate in enumerate(FREQUENCIES):
            progress(0.9 + 0.1 * k / len(FREQUENCIES), f"pairs at {rate} Hz")
            lags = [lag * ms for lag in FREQUENCY]
            there = counted(CORTEX, lags, rate * Hz, FREQUENCY_PAIRS, config, seed)
            for lag, value in zip(FREQUENCY, there, strict=True):
                curves[lag].append(value)
                what = pairs_at(rate, lag)
                theory = change(CORTEX, *transition(CORTEX, lag * ms, 1 / (rate * Hz), FREQUENCY_PAIRS))
                measured[f"{what}, analytic"], measured[f"{what}, counted"] = theory, value
        return Result(measured=measured, data={"windows": windows, "frequency": curves})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            windows = figure(8.0, 4.2)
            lags = np.linspace(-100, 100, 401)
            for panel, (name, found) in zip(
                windows.subplots(2, 3, sharex=True).reshape(-1), FIG_2.items(), strict=True
            ):
                theory = [change(found, *transition(found, lag, 1 / (1 * Hz), WINDOW_PAIRS)) for lag in lags]
                panel.axhline(1, color="grey", linewidth=0.6)
                panel.plot(lags, theory, color=colour(0), label="analytic")
                panel.plot(list(WINDOWS[name]), result.data["windows"][name], "o", color=colour(1), markersize=3.5,
                           label="counted")  # fmt: skip
                panel.set_title(name)
            for panel in windows.axes[3:]:
                panel.set_xlabel("target's spike after source's [ms]")
            for panel in windows.axes[::3]:
                panel.set_ylabel("strength after / before")
            windows.axes[0].legend()
            curves = figure(4.6, 3.0)
            axes = curves.add_subplot()
            rates = np.linspace(0.5, 55, 200)
            for i, (lag, there) in enumerate(result.data["frequency"].items()):
                theory = [change(CORTEX, *transition(CORTEX, lag, 1 / (r * Hz), FREQUENCY_PAIRS)) for r in rates]
                axes.plot(rates, theory, color=colour(i), label=f"{lag:+g} ms")
                axes.plot(FREQUENCIES, there, "o", color=colour(i), markersize=3.5)
            axes.set(xlabel="pairs per second [Hz]", ylabel="strength after / before")
            axes.legend()
        return {"windows": windows, "frequency": curves}


def rows() -> list[tuple[str, float, str]]:
    """Each protocol, the change of strength that was published for it, and where."""
    found = [(window(name, lag), value, "Fig. 2") for name, values in WINDOWS.items() for lag, value in values.items()]
    for lag, values in FREQUENCY.items():
        found += [(pairs_at(rate, lag), value, "Fig. 4B") for rate, value in zip(FREQUENCIES, values, strict=True)]
    return found


def window(name: str, lag: float) -> str:
    """How the claims call a protocol of figure 2."""
    return f"strength after / before, {name}, {lag:+g} ms"


def pairs_at(rate: float, lag: float) -> str:
    """How the claims call a protocol of figure 4B."""
    return f"strength after / before, cortex at {rate:g} Hz, {lag:+g} ms"


def counted(
    found: Fit, lags: Sequence[float], rate: float, pairs: int, config: GraupnerBrunelConfig, seed: int
) -> list[float]:
    """The change of strength that the engine finds: one target for each of the ``lags`` [ms].

    As many sources as there are synapses fire together, first those whose synapses begin DOWN, then UP; a last spike
    brings all synapses up to date at the end of the protocol. They are too feeble to move the targets, which other
    spikes make fire.
    """
    dt, n, m = config.dt, int(config.synapses), len(lags)
    net = Network(dt=dt, dtype=torch.float64, seed=seed)
    target = net.population("target", LIF(theta=15 * mV), m)
    for name, rho_0 in (("down", 0.0), ("up", 1.0)):
        rule = dataclasses.replace(found.rule, rho_0=rho_0, w_max=FEEBLE)
        net.connect(net.input(name, n), target, Dense(), weight=0.0, rule=rule)
    net.connect(net.input("kick", m), target, OneToOne(), weight=100 * mV)
    begin = START + np.arange(pairs) / rate
    end = START + pairs / rate
    steps = round((end + found.rule.d) / dt) + 2
    sent = np.rint(np.append(begin, end) / dt).astype(np.int64)
    given = {
        k: Spikes.from_events(np.repeat(sent, n), np.tile(np.arange(n), len(sent)), shape=(steps, 1, n), dt=dt)
        for k in ("down", "up")
    }
    kicks = np.rint(np.add.outer(begin, lags) / dt).astype(np.int64).reshape(-1)
    given["kick"] = Spikes.from_events(kicks, np.tile(np.arange(m), pairs), shape=(steps, 1, m), dt=dt, sort=True)
    state = run(net, given, engine="steps").state
    rho = {name: state[f"{name}->target"]["synapse_p0__rho"].numpy() for name in ("down", "up")}
    up, down = (rho["down"] > 0.5).mean(0), (rho["up"] < 0.5).mean(0)
    return [change(found, float(u), float(d)) for u, d in zip(up, down, strict=True)]
