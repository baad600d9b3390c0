"""The response of dopamine cells moves from reward to cue, and dips where reward is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.conditioning import Steps, TemporalDifference, serial_value
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.random import stream
from spikeloom.core.spikes import Spikes
from spikeloom.engines import run
from spikeloom.experiments import dopamine_transfer_pictures as pictures
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.spiking_critic import Critic
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative, Tolerance
from spikeloom.protocols import Trial

Array = NDArray[np.float64]
CUE, US, LENGTH, EARLY = 5, 15, 25, 1
"""Steps of a trial of spiking cells: onset of the cue, US, end; and a US that comes before the cue instead."""
FIRST, LAST, EVERY = 5, 30, 5
"""Trials that are "before" and "after" learning; one in so many of those with probes leaves the US out."""
SCHULTZ: Final = "Schultz, Dayan & Montague 1997, Fig. 1"


@final
class DopamineConfig(Model):
    """How many trials, and how many animals made of spiking cells."""

    model: TemporalDifference = parameter(
        default=TemporalDifference(), family="spikeloom.analysis.conditioning", doc="the model of plain numbers"
    )
    table: float = parameter(default=300, minimum=100, smooth=False, doc="trials of the model of plain numbers")
    trials: float = parameter(default=120, minimum=20, smooth=False, doc="trials of learning of spiking cells")
    probes: float = parameter(default=8, minimum=4, smooth=False, doc="trials without the US, among five times as many")
    animals: float = parameter(default=5, minimum=1, smooth=False, doc="circuits of spiking cells, each with a seed")
    critic: Critic = parameter(default=Critic(), family="spikeloom.experiments", doc="the circuit of spiking cells")


@final
class DopamineTransfer(Experiment[DopamineConfig]):
    r"""The error of temporal differences, in plain numbers and as the rate of a population of spiking cells.

    .. math:: \delta(t) = r(t) + \gamma V(t) - V(t - 1)

    In plain numbers the error at the US falls as :math:`r (1 - \alpha)^{n-1}`, and the one at the cue, k steps before,
    rises as :math:`\gamma^k r P(B \ge k)` with B binomial; left out, the US leaves the error -V. A cue that is
    blocked evokes none (Waelti, Dickinson & Schultz 2001, doi:10.1038/35083500). Then
    :class:`~spikeloom.experiments.spiking_critic.Critic`: value cells learn from dopamine, which the spikes of error
    cells release; these are excited by the US and by value cells, and inhibited by the same value cells a step later.
    A response is the rate in the 200 ms since an event, less the rate at rest; of several animals the worst one is
    judged. Where the US comes before the cue nothing moves.
    """

    name = "dopamine-transfer"
    title = "Dopamine's response moves from reward to cue, and dips at omission"
    citation = (
        "W. Schultz, P. Dayan & P. R. Montague (1997). A neural substrate of prediction and reward. Science 275, "
        "1593-1599. doi:10.1126/science.275.5306.1593; P. R. Montague, P. Dayan & T. J. Sejnowski (1996). J Neurosci "
        "16, 1936-1947. doi:10.1523/JNEUROSCI.16-05-01936.1996"
    )
    config = DopamineConfig()
    full = DopamineConfig(trials=300, probes=20, animals=20)

    def claims(self, config: DopamineConfig) -> list[Claim]:
        def claim(quantity: str, published: Any, source: str, tolerance: Tolerance) -> Claim:
            return Claim(quantity=quantity, published=published, source=source, tolerance=tolerance)

        exact, waelti = Absolute(1e-9), "Waelti, Dickinson & Schultz 2001, Fig. 3"
        of_us = "part of that to the US before"
        return [
            claim("model: error at the US, largest distance", 0.0, "closed form: r (1 - alpha)^(n - 1)", exact),
            claim("model: error at the cue, largest distance", 0.0, "closed form: gamma^k r P(B >= k)", exact),
            claim("model: error at the cue after learning", "near r", SCHULTZ, Inequality(">", 0.75)),
            claim("model: error at the US after learning", "none", SCHULTZ, Inequality("<", 0.01)),
            claim("model: error where the US is left out, plus V", 0.0, "-V(t - 1)", exact),
            claim("model: error at a blocked cue, part of the control", "none", waelti, Inequality("<", 0.05)),
            claim("cells: response to the US before [Hz]", "excited", SCHULTZ, Inequality(">", 0.25 * per(config))),
            claim(f"cells: response to the cue before, {of_us}", "none", SCHULTZ, Inequality("<", 0.25)),
            claim(f"cells: response to the cue after, {of_us}", "excited", SCHULTZ, Inequality(">", 0.5)),
            claim(f"cells: response to the US after, {of_us}", "none", SCHULTZ, Inequality("<", 0.25)),
            claim("cells: rate where the US is left out, part of that at rest", "below", SCHULTZ, Inequality("<", 0.5)),
            claim("cells: step with the lowest rate where the US is left out, after the US", 0, SCHULTZ, Absolute(1)),
            claim(
                "value cells: rate in the step before the US, mean of animals [Hz]", per(config), "V = r", Relative(0.2)
            ),
            claim(f"cells: response to a cue that follows the US, {of_us}", "none", SCHULTZ, Inequality("<", 0.25)),
        ]

    def run(self, config: DopamineConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "plain numbers")
        found, seen = table(config)
        paired: list[Session] = []
        early: list[Session] = []
        animals = round(config.animals)
        for k in range(animals):
            begin, middle, end = ((2 * k + j) / (2 * animals) for j in range(3))
            tell = part(progress, begin, middle, f"animal {k + 1}")
            paired.append(session(config, seed, f"paired {k}", US, tell))
            early.append(session(config, seed, f"early {k}", EARLY, part(progress, middle, end, "its control")))
        found |= judged(config, paired, early)
        return Result(measured=found, data={"table": seen, "paired": paired, "early": early, "config": config})

    def figures(self, result: Result) -> Mapping[str, Any]:
        data = result.data
        return {
            "model": pictures.errors(data["table"]),
            "cells": pictures.responses(data["paired"][0], data["config"]),
            "learning": pictures.learning(data["paired"], data["early"], data["config"]),
        }


def per(config: DopamineConfig) -> float:
    """What a US adds to the rate of error cells [Hz]."""
    return float(config.critic.burst * 1000)


# ------------------------------------------------------------------------------------------------------- plain numbers
def table(config: DopamineConfig) -> tuple[dict[str, Any], list[Steps]]:
    """What the model of plain numbers does, and its trials; the last one leaves the US out."""
    model, n = config.model, round(config.table)
    seen = model.learn(f"{n} A+")[1]
    steps = int(model.steps)
    at_us = np.array([trial.error[trial.us] for trial in seen])
    at_cue = np.array([trial.error[1] for trial in seen])
    moved = [model.gamma * serial_value(steps - 1, k, rate=model.rate, gamma=model.gamma, us=model.us)
             for k in range(n)]  # fmt: skip
    left_out = model.trial(Trial(("A",), False), seen[-1].weights, learning=False)
    blocked, control = (
        model.trial(Trial(("B",), False), model.learn(text)[1][-1].weights, learning=False).error[1]
        for text in (f"{n} A+; {n} AB+", f"{n} C+; {n} AB+")
    )
    return {
        "model: error at the US, largest distance": np.abs(at_us - model.us * (1 - model.rate) ** np.arange(n)).max(),
        "model: error at the cue, largest distance": np.abs(at_cue - moved).max(),
        "model: error at the cue after learning": at_cue[-1] / model.us,
        "model: error at the US after learning": at_us[-1] / model.us,
        "model: error where the US is left out, plus V": left_out.error[left_out.us] + left_out.value[left_out.us - 1],
        "model: error at a blocked cue, part of the control": blocked / control,
    }, [*seen, left_out]


# -------------------------------------------------------------------------------------------------------- spiking cells
@final
class Session:
    """All trials of one animal.

    Attributes:
        error, value: rates [Hz] of error cells and of value cells in each step: (trials, steps of a trial).
        spikes: of the error cells.
        rewarded: in which trials the US came.
        us: its step.
    """

    def __init__(self, critic: Critic, spikes: Spikes, value: Spikes, rewarded: NDArray[np.bool_], us: int) -> None:
        self.spikes, self.rewarded, self.us = spikes, rewarded, us
        self.error, self.value = (rates(critic, found, len(rewarded)) for found in (spikes, value))

    def response(self, event: int, trials: slice) -> float:
        """Rate of error cells in the 200 ms since a step, in rewarded trials, less that before the cue and the US."""
        chosen = self.error[trials][self.rewarded[trials]]
        return float(chosen[:, event : event + 2].mean() - self.rest)

    @property
    def rest(self) -> float:
        """Rate of error cells [Hz] in the last steps of all trials, in which nothing happens."""
        return float(self.error[:, -3:].mean())


def session(config: DopamineConfig, seed: int, name: str, us: int, tell: Any) -> Session:
    """An animal goes through all its trials."""
    critic, random = config.critic, stream(seed, name)
    learning, probing = round(config.trials), EVERY * round(config.probes)
    rewarded = np.ones(learning + probing, bool)
    rewarded[learning + EVERY - 1 :: EVERY] = False
    step = round(critic.step / critic.dt)
    cues, given = [], []
    for k, comes in enumerate(rewarded):
        begin = k * LENGTH
        cues += [((begin + CUE + e) * step, *critic.element(e, random)) for e in range(round(critic.elements))]
        given += [((begin + us) * step, *critic.element(0, random))] if comes else []
    steps = len(rewarded) * LENGTH * step
    inputs = {
        "cue": critic.spikes(cues, steps, critic.inputs),
        "us": critic.spikes(given, steps, round(critic.channels)),
    }
    net = critic.build(int(random.integers(2**31)))
    record = run(net, inputs, record=["error.spikes", "value.spikes"], progress=tell)
    return Session(critic, record["error.spikes"], record["value.spikes"], rewarded, us)


def rates(critic: Critic, spikes: Spikes, trials: int) -> Array:
    """The rate of a population [Hz] in each step of each trial."""
    step = round(critic.step / critic.dt)
    counts = np.bincount(spikes.step // step, minlength=trials * LENGTH)
    return counts.reshape(trials, LENGTH) * 1000 / (round(critic.cells) * critic.step)


def judged(config: DopamineConfig, paired: list[Session], early: list[Session]) -> dict[str, Any]:
    """What the claims on cells ask for, of the worst animal."""
    before, after = slice(0, FIRST), slice(-LAST, None)
    of_us = "part of that to the US before"
    us = [s.response(US, before) for s in paired]
    without = [s.error[~s.rewarded].mean(axis=0) for s in paired]
    lowest = [int(np.argmin(rate[CUE:])) + CUE - US for rate in without]
    return {
        "cells: response to the US before [Hz]": min(us),
        f"cells: response to the cue before, {of_us}": worst(paired, CUE, before, us),
        f"cells: response to the cue after, {of_us}": min(
            s.response(CUE, after) / u for s, u in zip(paired, us, strict=True)
        ),
        f"cells: response to the US after, {of_us}": worst(paired, US, after, us),
        "cells: rate where the US is left out, part of that at rest": max(
            rate[US : US + 2].mean() / s.rest for rate, s in zip(without, paired, strict=True)
        ),
        "cells: step with the lowest rate where the US is left out, after the US": max(lowest, key=abs),
        "value cells: rate in the step before the US, mean of animals [Hz]": float(
            np.mean([s.value[after, US - 1].mean() for s in paired])
        ),
        f"cells: response to a cue that follows the US, {of_us}": worst(early, CUE, after, us),
    }


def worst(sessions: list[Session], event: int, trials: slice, us: list[float]) -> float:
    """The largest response, whatever its sign, as part of that to the US."""
    return max(abs(s.response(event, trials)) / u for s, u in zip(sessions, us, strict=True))
