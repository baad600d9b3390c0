"""Avoidance that outlives its reason, and the exposure that ends it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.analysis.conditioning import Avoider
from spikeloom.core.parameters import Model, parameter
from spikeloom.experiments import maia_2010_avoidance_pictures as pictures
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.maia_2010_avoidance_network import Actor, Animal
from spikeloom.experiments.tolerance import Absolute, Inequality, Tolerance

Array = NDArray[np.float64]
MAIA: Final = "Maia 2010: avoidance persists"
BAUM: Final = "response prevention (flooding): Baum 1970"
SOLOMON: Final = "Solomon & Wynne 1954: conservation of anxiety"


@final
class AvoidanceConfig(Model):
    """Trials of each phase, and how many animals."""

    model: Avoider = parameter(default=Avoider(), family="spikeloom.analysis.conditioning", doc="the table of values")
    animals: float = parameter(default=200, minimum=20, smooth=False, doc="animals that have the table")
    fear: float = parameter(default=20, minimum=1, smooth=False, doc="trials of fear conditioning, without an escape")
    training: float = parameter(default=50, minimum=25, smooth=False, doc="trials of avoidance, with shocks")
    safe: float = parameter(default=200, minimum=50, smooth=False, doc="trials without any shock")
    exposure: float = parameter(default=50, minimum=1, smooth=False, doc="trials of exposure with responses prevented")
    actor: Actor = parameter(default=Actor(), family="spikeloom.experiments", doc="an animal of spiking cells")
    cells: float = parameter(default=3, minimum=1, smooth=False, doc="animals of spiking cells")


@final
class Avoidance(Experiment[AvoidanceConfig]):
    r"""A warning signal is followed by a shock unless the animal responds; then the shocks stop, for good.

    First the signal is feared (no escape), then avoided. Who avoids never finds out that the shock is gone: avoiding
    prevents its own test, as in a panic attack. Half of the animals go on in 200 trials without a shock, and avoid;
    their twins are exposed first: 50 trials in which responses are prevented. These take the fear away, exactly as
    :meth:`~spikeloom.analysis.conditioning.Avoider.exposure` says, and soon the avoidance too, since a response costs
    something and nothing speaks for it any more. The actor-critic as a table; Mowrer's two factors, in which fear
    drives the response, so that avoidance ends by itself, as Maia objects; and an actor-critic of spiking cells
    (:class:`~spikeloom.experiments.maia_2010_avoidance_network.Actor`), of which the worst animal is judged. V(CS) is
    that of the step of the signal that is feared most; a shock is -1.
    """

    name = "maia-2010-avoidance"
    title = "Avoidance that prevents its own test, and exposure with response prevention"
    citation = (
        "T. V. Maia (2010). Two-factor theory, the actor-critic model, and conditioned avoidance. Learn Behav 38, "
        "50-67. doi:10.3758/LB.38.1.50; R. L. Solomon & L. C. Wynne (1954). Psychol Rev 61, 353-385; "
        "M. Baum (1970). Psychol Bull 74, 276-284"
    )
    config = AvoidanceConfig()
    full = AvoidanceConfig(animals=5000, cells=10)

    def claims(self, config: AvoidanceConfig) -> list[Claim]:
        def claim(quantity: str, published: Any, source: str, tolerance: Tolerance) -> Claim:
            return Claim(quantity=quantity, published=published, source=source, tolerance=tolerance)

        found = []
        for who in ("table", "cells"):
            found += [
                claim(f"{who}: V(CS) after fear conditioning", "< 0", MAIA, Inequality("<", -0.5)),
                claim(f"{who}: avoidance in the last 25 trials of training", "learned", MAIA, Inequality(">", 0.9)),
                claim(f"{who}: avoidance in all trials without shocks", "> 90 %", MAIA, Inequality(">", 0.9)),
                claim(f"{who}: avoidance in the last 50 of them", "> 90 %", MAIA, Inequality(">", 0.9)),
                claim(f"{who}: V(CS) after them", "protected", SOLOMON, Inequality("<", -0.1)),
                claim(f"{who}: V(CS) after exposure", "> -.1", BAUM, Inequality(">", -0.1)),
                claim(f"{who}: avoidance in the last 50 trials after exposure", "gone", BAUM, Inequality("<", 0.5)),
            ]
        two = "Mowrer 1947, as Maia 2010 objects: extinguishes"
        return [
            *found,
            claim("table: V at the onset of the signal, after trials without shocks, plus the effort", 0.0,
                  "at rest: who responds at once expects the effort alone", Absolute(0.05)),
            claim("table: V after exposure, largest distance", 0.0, "closed form: V M^n", Absolute(1e-9)),
            claim("two factors: avoidance in the last 25 trials of training", "learned", two, Inequality(">", 0.9)),
            claim("two factors: avoidance in the last 50 trials without shocks", "extinguished", two,
                  Inequality("<", 0.5)),
        ]  # fmt: skip

    def run(self, config: AvoidanceConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, "tables of values")
        courses = {"table": table(config, config.model, seed)}
        courses["two factors"] = table(config, config.model.replace(motive="fear"), seed)
        animals, part = [], 1 / round(config.cells)
        for k in range(round(config.cells)):
            progress(0.1 + 0.9 * k * part, f"animal of spiking cells {k + 1}")
            animals.append(cells(config, seed, f"animal {k}"))
        return Result(measured=judged(config, courses, animals), data={"courses": courses, "animals": animals})

    def figures(self, result: Result) -> Mapping[str, Any]:
        return {
            "table": pictures.table(result.data["courses"]),
            "cells": pictures.cells(result.data["animals"]),
        }


@final
class Course:
    """What was avoided in each phase, by its name: (trials, animals); and V of each step after each: (steps,)."""

    def __init__(self) -> None:
        self.avoided: dict[str, Array] = {}
        self.value: dict[str, Array] = {}
        self.distance = np.nan
        """Of V after exposure from its closed form, largest of all."""

    def add(self, phase: str, avoided: NDArray[np.bool_], value: Array) -> None:
        """Add a phase."""
        self.avoided[phase], self.value[phase] = avoided.reshape(len(avoided), -1).astype(float), value

    def fear(self, phase: str) -> float:
        """V of the step that is feared most, after a phase."""
        return float(self.value[phase].min())


def table(config: AvoidanceConfig, model: Avoider, seed: int) -> Course:
    """Animals with a table, in all phases; exposure and what follows it is of their twins."""
    course, animals = Course(), model.begin(round(config.animals), seed)

    def phase(name: str, who: Any, times: float, **how: bool) -> None:
        course.add(name, model.trials(who, round(times), **how), who.value.mean(axis=0))

    phase("fear", animals, config.fear, shock=True, prevented=True)
    phase("training", animals, config.training, shock=True)
    twins = copy.deepcopy(animals)
    phase("safe", animals, config.safe, shock=False)
    before = twins.value.copy()
    phase("exposure", twins, config.exposure, shock=False, prevented=True)
    course.distance = float(np.abs(before @ model.exposure(round(config.exposure)) - twins.value).max())
    phase("after exposure", twins, config.safe, shock=False)
    return course


def cells(config: AvoidanceConfig, seed: int, name: str) -> Course:
    """One animal of spiking cells, and its twin."""
    course, animal = Course(), Animal.new(config.actor, seed, name)

    def phase(name: str, who: Animal, times: float, **how: bool) -> None:
        course.add(name, who.trials(round(times), **how), who.value())

    phase("fear", animal, config.fear, shock=True, prevented=True)
    phase("training", animal, config.training, shock=True)
    twin = animal.twin()
    phase("safe", animal, config.safe, shock=False)
    phase("exposure", twin, config.exposure, shock=False, prevented=True)
    phase("after exposure", twin, config.safe, shock=False)
    return course


def judged(config: AvoidanceConfig, courses: Mapping[str, Course], animals: list[Course]) -> dict[str, Any]:
    """A value for each claim; of spiking animals that of the worst."""
    found: dict[str, Any] = {}
    for who, group in (("table", [courses["table"]]), ("cells", animals)):
        found |= {
            f"{who}: V(CS) after fear conditioning": max(c.fear("fear") for c in group),
            f"{who}: avoidance in the last 25 trials of training": min(last(c, "training", 25) for c in group),
            f"{who}: avoidance in all trials without shocks": min(float(c.avoided["safe"].mean()) for c in group),
            f"{who}: avoidance in the last 50 of them": min(last(c, "safe", 50) for c in group),
            f"{who}: V(CS) after them": max(c.fear("safe") for c in group),
            f"{who}: V(CS) after exposure": min(c.fear("exposure") for c in group),
            f"{who}: avoidance in the last 50 trials after exposure": max(last(c, "after exposure", 50) for c in group),
        }
    one, two = courses["table"], courses["two factors"]
    return found | {
        "table: V at the onset of the signal, after trials without shocks, plus the effort": float(
            one.value["safe"][0] + config.model.cost
        ),
        "table: V after exposure, largest distance": one.distance,
        "two factors: avoidance in the last 25 trials of training": last(two, "training", 25),
        "two factors: avoidance in the last 50 trials without shocks": last(two, "safe", 50),
    }


def last(course: Course, phase: str, trials: int) -> float:
    """The part of the last trials of a phase in which animals avoided."""
    return float(course.avoided[phase][-trials:].mean())
