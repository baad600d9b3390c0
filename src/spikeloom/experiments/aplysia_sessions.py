"""What is done to the animals of the experiment on Aplysia, one after the other, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from spikeloom.core.units import minute, ms, second
from spikeloom.experiments.aplysia_circuit import TERMINAL, Animal, Array, Event

EVERY: Final = 30 * second
"""From trial to trial."""
GAP: Final = 500 * ms
"""From a touch to its shock."""
TRIALS: Final = 16
PROBE: Final = 5 * minute
"""From the last trial to the test."""
EARLY, LATE = 90 * second, 20 * minute
"""When Marcus et al. test after a shock."""
CURVE: Final = (1, 2, 4, 6, 8, 12, 16, 24)
"""Numbers of trials after which the strength of the association is read."""


def trials(many: int, touched: str, gap: float | None = GAP, begin: float = 2 * second) -> list[Event]:
    """So many touches (of several places at once) with a shock ``gap`` later, or before it, or without one."""
    found: list[Event] = []
    for k in range(many):
        found += [Event(begin + k * EVERY, place) for place in touched]
        found += [] if gap is None else [Event(begin + k * EVERY + gap, "tail")]
    return found


def then_tested(events: Sequence[Event], places: str = "A", wait: float = PROBE) -> list[Event]:
    """The same, and a touch of each place at the end, one minute apart."""
    last = max(e.time for e in events)
    return [*events, *(Event(last + wait + k * minute, place) for k, place in enumerate(places))]


def conditioned(seed: int) -> dict[str, Any]:
    """Classical conditioning of one animal of each group: responses in tests, and associations E."""
    animal = Animal(seed)
    paired = animal.session(then_tested(trials(TRIALS, "A")))
    mixed = [
        e
        for k in range(TRIALS)
        for e in (
            *trials(1, "A", begin=2 * second + 2 * k * EVERY),
            *trials(1, "B", None, begin=2 * second + (2 * k + 1) * EVERY),
        )
    ]
    plus, minus = animal.session(then_tested(mixed, "AB")).responses[-2:]
    found: dict[str, Any] = {
        "paired": paired.responses[-1],
        "unpaired": animal.session(then_tested(trials(TRIALS, "A", EVERY / 2))).responses[-1],
        "alone": animal.session(then_tested(trials(TRIALS, "A", None))).responses[-1],
        "CS+": plus,
        "CS-": minus,
    }
    for name, gap in (("0.5 s", GAP), ("2 s", 2 * second), ("-1 s", -1 * second)):
        found[f"shock after {name}"] = animal.session(trials(TRIALS, "A", gap)).enhancement["A"]
    found["curve"] = np.array([animal.session(trials(n, "A")).enhancement["A"] for n in CURVE])
    first = TRIALS * EVERY + 2 * second
    for name, before, then in (("blocked", "A", "AB"), ("control", "C", "AB"), ("B without A", "C", "B")):
        group = [*trials(TRIALS, before), *trials(TRIALS // 2, then, begin=first)]
        found[name] = animal.session(group).enhancement["B"]
    return found | extinguished(animal)


def extinguished(animal: Animal) -> dict[str, Any]:
    """Trials, a test, forty touches without a shock every ten seconds, and a test after a rest of 20 min."""
    trained = then_tested(trials(TRIALS, "A"))
    end = trained[-1].time
    alone = [Event(end + 10 * second * (k + 1), "A") for k in range(40)]
    course = animal.session([*trained, *alone, Event(alone[-1].time + 20 * minute, "A")]).responses[TRIALS:]
    return {"extinction": course, "before": course[0], "extinguished": course[-2], "recovered": course[-1]}


def shocked(seed: int, shock: str, terminal: Any = TERMINAL) -> dict[str, Any]:
    """Habituated and rested animals after a ``"weak"`` or a ``"strong"`` shock, or none, as parts of a first response.

    A weak shock is one of 3 fibres for half a second, a strong one four of all fibres for a second each.
    """
    animal = Animal(seed, terminal)

    def shocks(begin: float) -> list[Event]:
        weak, strong = [Event(begin, "tail", 3)], [Event(begin + 2 * second * k, "tail", 10, 1000) for k in range(4)]
        return {"none": [], "weak": weak, "strong": strong}[shock]

    touches = [Event(2 * second + 10 * second * k, "A") for k in range(20)]
    end = touches[-1].time + 5 * second
    habituated = animal.session([*touches, *shocks(end), Event(end + EARLY, "A")]).responses
    rested = animal.session([*shocks(2 * second), *(Event(2 * second + t, "A") for t in (EARLY, LATE))]).responses
    course: Array = habituated / habituated[0]
    return {"habituated": course, "early": rested[0] / habituated[0], "late": rested[1] / habituated[0]}


def acquisition(strength: Array) -> tuple[Array, float]:
    r"""Rescorla & Wagner's :math:`\lambda (1 - (1 - \alpha\beta)^n)` fitted to ``strength`` after ``CURVE``; and R^2.

    >>> round(acquisition(2 * (1 - 0.9 ** np.array(CURVE)))[1], 6)
    1.0
    """
    from scipy.optimize import curve_fit

    n = np.array(CURVE)

    def curve(n: Array, most: float, rate: float) -> Array:
        return most * (1 - np.exp(-rate * n))

    best, _ = curve_fit(curve, n, strength, p0=(strength[-1], 0.1), maxfev=10_000)
    fitted = curve(n, *best)
    return fitted, float(1 - ((strength - fitted) ** 2).sum() / ((strength - strength.mean()) ** 2).sum())
