"""Classical conditioning by one shared error: what the Rescorla-Wagner model explains, and what takes more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.analysis.conditioning import (
    Associations,
    Course,
    Mackintosh,
    PearceHall,
    RescorlaWagner,
    TemporalDifference,
)
from spikeloom.core.parameters import Model, parameter
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Tolerance
from spikeloom.protocols import classical

EXACT: Final = Absolute(1e-9)
SETTLED: Final = 1000
"""Trials of each kind after which conditioned inhibition has come to rest: what is left falls by 4 % in each."""


@final
class RescorlaWagnerConfig(Model):
    """Trials and learning rate."""

    rate: float = parameter(default=0.1, positive=True, maximum=0.5, doc="alpha beta")
    us: float = parameter(default=1.0, positive=True, doc="lambda")
    trials: float = parameter(default=40, minimum=10, smooth=False, doc="of each kind in a phase")
    few: float = parameter(default=10, minimum=2, smooth=False, doc="of extinction, and of second order conditioning")
    late: float = parameter(default=5, minimum=2, smooth=False, doc="with the US, after a cue came without it")

    def protocols(self) -> dict[str, str]:
        """Each protocol with this many trials."""
        usual = classical(trials=round(self.trials), few=round(self.few), late=round(self.late))
        return usual | {"conditioned inhibition": f"{SETTLED} A+/AB-"}


@final
class RescorlaWagnerExperiment(Experiment[RescorlaWagnerConfig]):
    r"""Acquisition, extinction, blocking, overexpectation and conditioned inhibition, against closed forms.

    .. math:: \Delta V_i = \alpha\beta\,\Big(\lambda - \sum_j V_j\Big)

    k cues that always come together share what is left of the error, which falls by (1 - k alpha beta) in each trial;
    so all of them have closed forms. Two phenomena the model cannot have, and the claims hold it to that: a cue that
    comes before a conditioned one gains (Rizley & Rescorla 1972, doi:10.1037/h0033333), where the model, which knows no
    time within a trial, makes it an inhibitor; and a cue that was followed by nothing is slow to learn (latent
    inhibition, Lubow & Moore 1959, doi:10.1037/h0046700), where the model sees no difference. Temporal-difference
    learning has the first, and associability that depends on surprise (Pearce & Hall 1980) or on prediction
    (Mackintosh 1975) the second.
    """

    name = "rescorla-wagner-1972"
    title = "Classical conditioning by a shared error, and two phenomena that take more"
    citation = (
        "R. A. Rescorla & A. R. Wagner (1972). A theory of Pavlovian conditioning: variations in the effectiveness of "
        "reinforcement and nonreinforcement. In A. H. Black & W. F. Prokasy (eds.), Classical Conditioning II, 64-99; "
        "J. M. Pearce & G. Hall (1980). Psychol Rev 87, 532-552. doi:10.1037/0033-295X.87.6.532; "
        "N. J. Mackintosh (1975). Psychol Rev 82, 276-298. doi:10.1037/h0076778"
    )
    config = RescorlaWagnerConfig()

    def claims(self, config: RescorlaWagnerConfig) -> list[Claim]:
        def claim(quantity: str, published: Any, source: str, tolerance: Tolerance) -> Claim:
            return Claim(quantity=quantity, published=published, source=source, tolerance=tolerance)

        n, few, a, us = round(config.trials), round(config.few), config.rate, config.us
        learned = us * (1 - (1 - a) ** n)
        shared = (1 - (1 - 2 * a) ** n) / 2  # what each of two cues takes of an error
        form = "closed form"
        kamin = "Kamin 1969: suppression ratio .45 against .05"
        return [
            claim("acquisition: V_A", learned, f"{form}: lambda (1 - (1 - ab)^n)", EXACT),
            claim("acquisition: largest distance of the curve", 0.0, f"{form}, in each trial", EXACT),
            claim("extinction: V_A", learned * (1 - a) ** few, form, EXACT),
            claim("blocking: V_A", learned + (us - learned) * shared, form, EXACT),
            claim("blocking: V_B", (us - learned) * shared, form, EXACT),
            claim("blocking control: V_B", us * shared, form, EXACT),
            claim("V_B blocked, part of the control", "less", kamin, Inequality("<", 0.1)),
            claim("overexpectation: V_A", learned + (us - 2 * learned) * shared, form, EXACT),
            claim("overexpectation: V_B", learned + (us - 2 * learned) * shared, form, EXACT),
            claim("conditioned inhibition: V_A", us, "at rest: A alone predicts lambda", EXACT),
            claim("conditioned inhibition: V_B", -us, "at rest: A and B together predict 0", EXACT),
            claim(
                "largest distance of temporal differences in one step, all of the above", 0.0,
                "Sutton & Barto 1990: the same model where a trial is one step", EXACT,
            ),
            claim("second order, Rescorla-Wagner: V_B", -learned * (1 - (1 - 2 * a) ** few) / 2, form, EXACT),
            claim(
                "second order, temporal differences: V_B", few * a * TEMPORAL.gamma * learned * (1 - a) ** (few - 1),
                f"{form}; Rizley & Rescorla 1972: > 0", EXACT,
            ),
            claim("latent inhibition, Rescorla-Wagner: V_A, part of the control", 1.0, "it has none", EXACT),
            claim(
                "latent inhibition, Pearce-Hall: first change of V_A, part of the control", (1 - HALL.gamma) ** n,
                f"{form}: (1 - gamma)^n", EXACT,
            ),
            *(
                claim(
                    f"latent inhibition, {name}: V_A, part of the control", "< 1", "Lubow & Moore 1959",
                    Inequality("<", 0.5),
                )
                for name in ("Pearce-Hall", "Mackintosh")
            ),
        ]  # fmt: skip

    def run(self, config: RescorlaWagnerConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "protocols")
        models: dict[str, Associations] = {
            "Rescorla-Wagner": RescorlaWagner(rate=config.rate, us=config.us),
            "Pearce-Hall": HALL.replace(us=config.us),
            "Mackintosh": Mackintosh(us=config.us),
        }
        plans = config.protocols()
        courses = {name: {p: model.run(text) for p, text in plans.items()} for name, model in models.items()}
        temporal = TEMPORAL.replace(rate=config.rate, us=config.us)
        courses["temporal differences"] = {p: temporal.run(text) for p, text in plans.items()}
        shared = courses["Rescorla-Wagner"]
        return Result(measured=measured(config, courses, shared), data={"courses": courses})

    def figures(self, result: Result) -> Mapping[str, Any]:
        return {"curves": curves(result.data["courses"]), "models": models(result.data["courses"])}


TEMPORAL: Final = TemporalDifference(steps=1)
HALL: Final = PearceHall()
PLAIN: Final = (
    "acquisition",
    "extinction",
    "blocking",
    "blocking control",
    "overexpectation",
    "conditioned inhibition",
)
"""Protocols in which nothing depends on the time within a trial."""


def measured(
    config: RescorlaWagnerConfig, courses: Mapping[str, Mapping[str, Course]], shared: Mapping[str, Course]
) -> dict[str, Any]:
    """A value for each claim."""
    temporal, late = courses["temporal differences"], round(config.late)
    curve = config.us * (1 - (1 - config.rate) ** np.arange(len(shared["acquisition"]["A"])))
    found: dict[str, Any] = {
        f"{name}: V_{cue}": shared[name].after()[cue]
        for name, cues in zip(PLAIN, ("A", "A", "AB", "B", "AB", "AB"), strict=True)
        for cue in cues
    }
    found |= {
        "acquisition: largest distance of the curve": np.abs(shared["acquisition"]["A"] - curve).max(),
        "V_B blocked, part of the control": shared["blocking"].after()["B"] / shared["blocking control"].after()["B"],
        "largest distance of temporal differences in one step, all of the above": max(
            np.abs(temporal[name].strength - shared[name].strength).max() for name in PLAIN
        ),
        "second order, Rescorla-Wagner: V_B": shared["second order"].after()["B"],
        "second order, temporal differences: V_B": temporal["second order"].after()["B"],
    }
    for name in ("Rescorla-Wagner", "Pearce-Hall", "Mackintosh"):
        before, control = (courses[name][f"latent inhibition{c}"]["A"] for c in ("", " control"))
        found[f"latent inhibition, {name}: V_A, part of the control"] = before[-1] / control[-1]
        found[f"latent inhibition, {name}: first change of V_A, part of the control"] = before[-late] / control[-late]
    wanted = {c.quantity for c in RescorlaWagnerExperiment().claims(config)}
    return {quantity: float(value) for quantity, value in found.items() if quantity in wanted}


def curves(courses: Mapping[str, Mapping[str, Course]]) -> Any:
    """The course of every cue under the Rescorla-Wagner model."""
    from spikeloom.plots.style import colour, figure, label_ends, styled

    with styled():
        drawing = figure(7.2, 4.0)
        panels = drawing.subplots(2, 3, sharey=True)
        for axes, name in zip(panels.flat, PLAIN, strict=True):
            course = courses["Rescorla-Wagner"][name]
            shown = slice(0, 201)
            ends = []
            for k, cue in enumerate(course.cues):
                trace = course[cue][shown]
                axes.plot(trace, color=colour(k))
                ends.append((float(trace[-1]), cue, colour(k)))
            for end in course.ends[:-1]:
                axes.axvline(end, color="0.8", linewidth=0.7)
            axes.set(title=name, xlabel="trial", ylim=(-1.15, 1.15), xlim=(0, len(course[course.cues[0]][shown]) - 1))
            label_ends(axes, axes.get_xlim()[1], ends)
        for axes in panels[:, 0]:
            axes.set_ylabel("V (of lambda)")
    return drawing


def models(courses: Mapping[str, Mapping[str, Course]]) -> Any:
    """What the models make of second order conditioning and of latent inhibition."""
    from spikeloom.plots.style import colour, figure, styled

    with styled():
        drawing = figure(7.2, 2.6)
        left, right = drawing.subplots(1, 2)
        for k, name in enumerate(("Rescorla-Wagner", "temporal differences")):
            course = courses[name]["second order"]
            left.plot(course["B"][course.ends[0] :], color=colour(k), label=name)
        left.axhline(0, color="0.8", linewidth=0.7)
        left.set(title="second order: B before A", xlabel="trial of B, then A", ylabel="V of B (of lambda)")
        for k, name in enumerate(("Rescorla-Wagner", "Pearce-Hall", "Mackintosh")):
            for condition, style in (("", "-"), (" control", ":")):
                course = courses[name][f"latent inhibition{condition}"]
                label = name if not condition else None
                right.plot(course["A"][course.ends[0] :], style, color=colour(k), label=label)
        right.set(
            title="latent inhibition; dotted: control", xlabel="trial of A with the US", ylabel="V of A (of lambda)"
        )
        left.legend(loc="center right")
        right.legend(loc="upper left")
    return drawing
