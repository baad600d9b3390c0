"""The firing rate of the leaky integrate-and-fire neuron under constant current, against its closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
import torch

from spikeloom.analysis.mean_field import noiseless_rate
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import Hz, ms, mV, second
from spikeloom.engines import ExactEngine, Times, run
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Interval, Relative
from spikeloom.network import Network
from spikeloom.neurons import LIF
from spikeloom.synapses import ExponentialCurrent

TAU_M, THETA, T_REF = 20 * ms, 20 * mV, 2 * ms
RESETS: Final = (0 * mV, 10 * mV)
CURVE: Final = {  # R I [mV], and f [Hz] for a reset to 0 and to 10 mV
    20.0: (0.0, 0.0),
    20.5: (13.111067, 15.900666),
    21.0: (15.900666, 20.016852),
    25.0: (29.249381, 41.714907),
    30.0: (41.714907, 63.040002),
    40.0: (63.040002, 98.918796),
    60.0: (98.918796, 154.729995),
}
SOURCE: Final = "Gerstner et al. 2014, chapter 1"


@final
class LIFCurveConfig(Model):
    """How the curve is measured."""

    dt: float = parameter(default=0.1 * ms, unit="ms", positive=True, maximum=2.0, doc="length of a step")
    duration: float = parameter(default=2 * second, unit="ms", minimum=1000, doc="model time of a cell")


@final
class LIFCurve(Experiment[LIFCurveConfig]):
    r"""The f-I curve of the leaky integrate-and-fire neuron.

    .. math:: f = \left(t_{ref} + \tau_m \ln\frac{RI - V_r}{RI - \theta}\right)^{-1}, \qquad f = 0 \text{ for } RI \le
              \theta

    with tau_m = 20 ms, theta = 20 mV and t_ref = 2 ms (Gerstner, Kistler, Naud & Paninski 2014,
    doi:10.1017/CBO9781107447615, chapter 1). On a grid of steps of dt the cell fires at the end of the step in which it
    crosses: each interval is the exact one, rounded up to whole steps, so that f lies between 1 / (interval + dt) and
    1 / interval. From event to event, without a grid, the rate is the closed form's.
    """

    name = "lif-fi-curve"
    title = "Firing rate of the leaky integrate-and-fire neuron under constant current"
    citation = (
        "W. Gerstner, W. M. Kistler, R. Naud & L. Paninski (2014). Neuronal Dynamics, chapter 1. Cambridge University "
        "Press. doi:10.1017/CBO9781107447615"
    )
    config = LIFCurveConfig()

    def claims(self, config: LIFCurveConfig) -> list[Claim]:
        found = []
        for drive, reset, published in rows():
            where = label(drive, reset)
            same = Relative(1e-6) if published else Absolute(0)
            on_grid, steps = Absolute(0), 0
            if published:
                interval = 1 / (closed_form(drive, reset) * Hz)  # ms
                steps = math.ceil(round(interval / config.dt, 9))
                on_grid = Interval(1 / (interval + config.dt) / Hz, 1 / interval / Hz)
            found += [
                Claim(quantity=f"closed form {where} [Hz]", published=published, source=SOURCE, tolerance=same),
                Claim(quantity=f"rate on the grid {where} [Hz]", published=published, source=SOURCE, tolerance=on_grid),
            ]
            if published:
                source = f"{SOURCE}, in steps of {config.dt:g} ms"
                quantity = f"interval on the grid {where} [steps]"
                found.append(Claim(quantity=quantity, published=steps, source=source, tolerance=Absolute(0)))
            solved = Relative(1e-9) if published else Absolute(0)
            exact, quantity = float(closed_form(drive, reset)), f"rate from event to event {where} [Hz]"
            found.append(Claim(quantity=quantity, published=exact, source=SOURCE, tolerance=solved))
        return found

    def run(self, config: LIFCurveConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "cells under constant current")
        drives, resets = (np.array([row[i] for row in rows()]) for i in (0, 1))
        trains = spike_steps(drives, resets, config)
        solved = ExactEngine().run(network(drives, resets, config.dt), {"nothing": SILENCE}, duration=config.duration)
        measured: dict[str, Any] = {}
        rates = []
        for i, (train, (drive, reset, published)) in enumerate(zip(trains, rows(), strict=True)):
            where = label(drive, reset)
            times = solved["cells"].times[solved["cells"].neurons == i]
            rate = (len(times) - 1) / (times[-1] - times[0]) / Hz if len(times) > 1 else float(len(times))
            measured[f"rate from event to event {where} [Hz]"] = rate
            gaps = np.diff(train)  # all equal if the cell does what it should; else the mean is no whole number
            rates.append(1 / (gaps.mean() * config.dt) / Hz if len(gaps) else len(train) / config.duration / Hz)
            measured[f"closed form {where} [Hz]"] = closed_form(drive, reset)
            measured[f"rate on the grid {where} [Hz]"] = rates[-1]
            if published:
                measured[f"interval on the grid {where} [steps]"] = gaps.mean() if len(gaps) else math.inf
        return Result(measured=measured, data={"drive": drives, "reset": resets, "rate": np.array(rates)})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(4.6, 3.0)
            axes = drawing.add_subplot()
            fine = np.linspace(15.0, 62.0, 2000)
            for i, reset in enumerate(RESETS):
                chosen = result.data["reset"] == reset
                axes.plot(fine, closed_form(fine, reset), color=colour(i), label=f"closed form, reset to {reset:g} mV")
                axes.plot(result.data["drive"][chosen], result.data["rate"][chosen], "o", color=colour(i), markersize=4)
            axes.plot([], [], "o", color="grey", markersize=4, label="measured on the grid")
            axes.set(xlabel="drive R I [mV]", ylabel="firing rate f [Hz]")
            axes.legend()
        return {"curve": drawing}


def rows() -> list[tuple[float, float, float]]:
    """Drive [mV], reset [mV] and published rate [Hz] of each cell."""
    return [(drive, reset, rates[i]) for i, reset in enumerate(RESETS) for drive, rates in CURVE.items()]


def label(drive: float, reset: float) -> str:
    """How a cell is called in the claims."""
    return f"at RI = {drive:g} mV, V_r = {reset:g} mV"


def closed_form(drive: Any, reset: float) -> Any:
    """The rate [Hz] by the formula."""
    return noiseless_rate(drive, tau_m=TAU_M, theta=THETA, v_reset=reset, t_ref=T_REF)


SILENCE: Final = Times(np.zeros(0), np.zeros(0, np.int64), 1)


def network(drives: np.ndarray, resets: np.ndarray, dt: float) -> Network:
    """One population, each cell with a current and a reset of its own."""
    net = Network(dt=dt, dtype=torch.float64)
    cells = LIF(tau_m=TAU_M, theta=THETA, t_ref=T_REF, v_reset=resets, i_e=drives, input="current")
    synapse = ExponentialCurrent(tau=2 * ms)
    net.connect(net.input("nothing", 1), net.population("cells", cells, len(drives)), weight=0.0, synapse=synapse)
    return net


def spike_steps(drives: np.ndarray, resets: np.ndarray, config: LIFCurveConfig) -> list[np.ndarray]:
    """The steps at which each cell fires."""
    silence = Spikes.from_events([], [], shape=(round(config.duration / config.dt), 1, 1), dt=config.dt)
    spikes = run(network(drives, resets, config.dt), silence, record=["cells.spikes"], progress=False)["cells.spikes"]
    return [spikes.step[spikes.neuron == i] for i in range(len(drives))]
