"""Habituation: two processes in closed form, and the ten hallmarks in a spiking reflex whose terminals tire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from scipy.optimize import brentq

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.experiments import habituation_dual_process as dual_process
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.habituation_circuit import TERMINAL, VOLLEYS, Circuit
from spikeloom.experiments.habituation_hallmarks import EVERY, HALLMARKS, MANY, potentiation, repeated
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative
from spikeloom.plasticity import SensoryTerminal

GROVES: Final = "Groves & Thompson 1970, in linear form"
RANKIN: Final = "Rankin et al. 2009, table 1"
SMART: Final = "Staddon & Higa 1996; Smart, Shvartsman & Monnigmann 2024: one time constant is not enough"

SPIKES_ERROR = "dual process, stimuli as spikes: largest distance from the closed form"
HELD_ERROR = "dual process, a held stimulus: largest distance from the closed form"
RATE = "dual process: rate of spontaneous recovery, over a"
HIGHEST, LAST = "dual process, a held stimulus: highest response / R_0", "... and response at its end / R_0"
SINGLE = "single time constants, of five in each circuit, that show hallmark 3"
WITHOUT = "8 dishabituation, without serotonin"
LONG_AGO = "10 long-term habituation, fast resource only"


def hallmark(name: str) -> str:
    """How the claims call a hallmark."""
    return f"hallmark {name}, in every circuit"


@final
class HabituationConfig(Model):
    """How many circuits are asked."""

    circuits: float = parameter(default=3, minimum=1, doc="each with weights and thresholds of its own")


@final
class Habituation(Experiment[HabituationConfig]):
    r"""A reflex forgets what is repeated: which of ten hallmarks hold, and what each of them needs.

    .. math:: R = R_0\, (1 - H) + S, \qquad \dot H = -a H + c I, \quad \dot S = -b S + d I

    The dual process of Groves & Thompson runs event by event, and is compared with its closed form. The hallmarks are
    asked of a circuit of spiking neurons (``habituation_circuit``) whose sensory terminals have a fast and a slow
    resource, and which serotonin restores. Each is a yes or a no, with margins stated before
    (``habituation_hallmarks``). Potentiation over series is then asked of terminals with one resource, of five time
    constants from the fast to the slow one, that lose as much in a first series: after a recovery by half such a
    synapse has hardly any memory of the series before the last.
    """

    name = "habituation"
    title = "Habituation and its ten hallmarks in a spiking reflex"
    citation = (
        "C. H. Rankin et al. (2009). Habituation revisited: an updated and revised description of the behavioral "
        "characteristics of habituation. Neurobiology of Learning and Memory 92, 135-138. "
        "doi:10.1016/j.nlm.2008.09.012; "
        "P. M. Groves & R. F. Thompson (1970). Habituation: a dual-process theory. Psychological Review 77, 419-450. "
        "doi:10.1037/h0029810"
    )
    config = HabituationConfig()
    full = HabituationConfig(circuits=20)

    def claims(self, config: HabituationConfig) -> list[Claim]:
        found = [
            Claim(quantity=SPIKES_ERROR, published=0.0, source=GROVES, tolerance=Absolute(1e-9)),
            Claim(quantity=HELD_ERROR, published=0.0, source=GROVES, tolerance=Absolute(1e-9)),
            Claim(quantity=RATE, published=1.0, source=f"{GROVES}: e^(-a t)", tolerance=Relative(1e-9)),
            Claim(quantity=HIGHEST, published="> 1", source=GROVES, tolerance=Inequality(">", 1.05)),
            Claim(quantity=LAST, published="< 1", source=GROVES, tolerance=Inequality("<", 0.95)),
        ]
        found += [Claim(quantity=hallmark(n), published=True, source=RANKIN, tolerance=Absolute(0)) for n in HALLMARKS]
        return [
            *found,
            Claim(quantity=SINGLE, published=0, source=SMART, tolerance=Absolute(0)),
            Claim(quantity=LONG_AGO, published=False, source="30 time constants later", tolerance=Absolute(0)),
            Claim(quantity=WITHOUT, published=False, source="what restores is the modulator", tolerance=Absolute(0)),
        ]

    def run(self, config: HabituationConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "dual process")
        spiking, held = dual_process.spiking(seed), dual_process.held()
        models = {
            "two time constants": TERMINAL,
            "fast only": alone(TERMINAL.tau_fast),
            "slow only": alone(TERMINAL.tau_slow),
            "no serotonin": TERMINAL.replace(mobilised=0.0, facilitated=0.0),
        }
        seeds = [1000 * seed + k for k in range(int(config.circuits))]
        held_by: dict[str, dict[str, bool]] = {name: {} for name in models}
        for k, (name, terminal) in enumerate(models.items()):
            progress(0.05 + 0.7 * k / len(models), f"hallmarks: {name}")
            for what, asked in HALLMARKS.items():
                asked_of = seeds if terminal is TERMINAL else seeds[:1]
                held_by[name][what] = all(asked(Circuit(s, terminal).respond) for s in asked_of)
        progress(0.75, "single time constants")
        single = [alone(tau) for tau in np.geomspace(TERMINAL.tau_fast, TERMINAL.tau_slow, 5)]
        series = {n: Circuit(seeds[0], models[n]).respond(repeated(4)).reshape(4, MANY) for n in list(models)[:3]}
        measured: dict[str, Any] = {
            SPIKES_ERROR: np.abs(spiking["response"] - spiking["closed"]).max(),
            HELD_ERROR: np.abs(held["response"] - held["closed"]).max(),
            RATE: spiking["rate"],
            HIGHEST: held["response"].max(),
            LAST: held["response"][held["times"] <= dual_process.HELD[1]][-1],
            SINGLE: sum(potentiation(Circuit(s, terminal).respond) for s in seeds for terminal in single),
            WITHOUT: any_circuit("8 dishabituation", models["no serotonin"], seeds),
            LONG_AGO: any_circuit("10 long-term habituation", models["fast only"], seeds),
        }
        measured |= {hallmark(n): found for n, found in held_by["two time constants"].items()}
        return Result(
            measured=measured, data={"spiking": spiking, "held": held, "hallmarks": held_by, "series": series}
        )

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        with styled():
            drawing = figure(7.2, 5.4)
            above, below = drawing.subfigures(2, 1)
            for part in (above, below):
                part.set_facecolor("none")
            upper, (left, right) = above.subplots(1, 2), below.subplots(1, 2, width_ratios=(1.1, 1))
            for k, name in enumerate(("spiking", "held")):
                part, axes = result.data[name], upper[k]
                axes.plot(part["times"] / second, part["response"], color=colour(0), label="run")
                axes.plot(part["times"] / second, part["closed"], ":", color=colour(1), label="closed form")
                axes.axhline(1, color="grey", linewidth=0.6)
                axes.set(xlabel="time [s]", ylabel="response / R_0", title=("stimuli as spikes", "a held stimulus")[k])
            upper[1].legend(loc="upper right")
            for k, (name, rows) in enumerate(result.data["series"].items()):
                for n, row in enumerate(rows):
                    x = 1 + np.arange(MANY) + n * (MANY + 4)
                    left.plot(x, row, ".-", color=colour(k), markersize=3, label=name if n == 0 else None)
            left.set(xlabel="touch, in four series with rests of 3 min", ylabel="spikes of a motor neuron")
            left.set(ylim=(0, 1.35 * max(rows.max() for rows in result.data["series"].values())))
            left.legend(loc="upper right")
            _grid(right, result.data["hallmarks"])
        return {"habituation": drawing}


def _grid(axes: Any, found: Mapping[str, Mapping[str, bool]]) -> None:
    from spikeloom.plots.style import colour

    for k, of_model in enumerate(found.values()):
        for n, (_, holds) in enumerate(of_model.items()):
            fill = colour(0) if holds else "none"
            axes.plot(k, n, "o", markersize=6, markerfacecolor=fill, markeredgecolor=colour(0))
    axes.set(xlim=(-0.6, len(found) - 0.4), ylim=(len(HALLMARKS) - 0.4, -0.6), title="which hallmarks hold (filled)")
    axes.set_xticks(range(len(found)), [name.replace(" ", "\n") for name in found])
    axes.set_yticks(range(len(HALLMARKS)), list(HALLMARKS))


def any_circuit(name: str, terminal: SensoryTerminal, seeds: list[int]) -> bool:
    """Whether a hallmark holds in any circuit with such terminals."""
    return any(HALLMARKS[name](Circuit(s, terminal).respond) for s in seeds)


def alone(tau: float) -> SensoryTerminal:
    """Terminals with one resource, which loses as much in a first series as the two of the circuit do."""

    def kept(use: float, time_constant: float) -> float:
        resource = 1.0
        for _ in range(MANY - 1):
            resource = 1 - (1 - resource * (1 - use) ** VOLLEYS) * np.exp(-EVERY / time_constant)
        return resource

    goal = kept(TERMINAL.use_fast, TERMINAL.tau_fast) * kept(TERMINAL.use_slow, TERMINAL.tau_slow)
    use = brentq(lambda u: kept(u, tau) - goal, 1e-6, 0.9)
    return TERMINAL.replace(use_fast=use, tau_fast=tau, use_slow=0.0)
