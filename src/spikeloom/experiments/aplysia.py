"""Aplysia: habituation, sensitisation and conditioning of a reflex, all at the terminals of its sensory neurons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.experiments import aplysia_sessions as sessions
from spikeloom.experiments.aplysia_circuit import TERMINAL
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Inequality, Interval, Tolerance

HAWKINS: Final = "Hawkins & Kandel 1984; Hawkins, Abrams, Carew & Kandel 1983"
GLUCK: Final = "Gluck & Thompson 1987; Rescorla & Wagner 1972"
MARCUS: Final = "Marcus, Nolen, Rankin & Carew 1988: dissociated by onset and by intensity"
CONTROL: Final = "what each process is for"

CLEAR: Final = 0.1
"""What counts as a change after a shock, and what is none: a part of a first response."""

WHEN: Final = {
    "habituated": "shock between habituation and a touch after 90 s (dishabituation)",
    "early": "rested, shock, touch after 90 s (inhibition)",
    "late": "rested, shock, touch after 20 min (sensitisation)",
}

SHOCKS: Final = {"none": TERMINAL, "weak": TERMINAL, "strong": TERMINAL}
ABLATED: Final = {
    "weak, no mobilisation": ("weak", TERMINAL.replace(mobilised=0.0)),
    "weak, no facilitation": ("weak", TERMINAL.replace(facilitated=0.0)),
    "strong, no facilitation": ("strong", TERMINAL.replace(facilitated=0.0)),
}

Found = Mapping[str, Any]
Measure = Callable[[Found], float]
Row = tuple[str, Any, str, Tolerance, Measure]
"""Quantity, what was published, where, the tolerance, and how it is read off an animal."""


def over(name: str, other: str) -> Measure:
    """The ratio of two numbers of an animal."""
    return lambda of: float(of[name] / max(of[other], 1e-9))


def gained(shock: str, when: str) -> Measure:
    """What a shock adds to a response (``when``: one of ``WHEN``), as a part of a first one."""

    def last(of: Found) -> float:
        return float(np.atleast_1d(of[when])[-1])

    return lambda of: last(of[shock]) - last(of["none"])


def _conditioning() -> list[Row]:
    above, below = (lambda x: Inequality(">", x)), (lambda x: Inequality("<", x))
    forward = "shock after 0.5 s"
    return [
        ("habituated: last of 20 / first", "< 1", HAWKINS, below(0.7), lambda of: of["none"]["habituated"][-2]),
        ("conditioned: paired / unpaired", "> 1", HAWKINS, above(1.5), over("paired", "unpaired")),
        ("sensitised: unpaired / touched alone", "> 1", HAWKINS, above(1.2), over("unpaired", "alone")),
        ("differential: CS+ / CS-", "> 1", HAWKINS, above(1.5), over("CS+", "CS-")),
        ("E, shock 2 s after / 0.5 s after", "< 1", HAWKINS, below(0.5), over("shock after 2 s", forward)),
        ("E, shock 1 s before / 0.5 s after", "< 1", HAWKINS, below(0.5), over("shock after -1 s", forward)),
        ("acquisition: R^2 of Rescorla & Wagner's curve", 1.0, GLUCK, above(0.95), _fits),
        ("acquisition: E of trials 9 to 16 / of 1 to 8", "< 1", GLUCK, below(0.7), _slowing),
        ("blocking: E of B, blocked / control", 0.00739 / 0.49993, GLUCK, below(0.5), over("blocked", "control")),
        ("overshadowing: E of B, with A / without", 0.5, GLUCK, below(0.8), over("control", "B without A")),
        ("extinction: after 40 touches / before", "< 1", GLUCK, below(0.5), over("extinguished", "before")),
        ("recovery: 20 min later / extinguished", "> 1", GLUCK, above(1.5), over("recovered", "extinguished")),
    ]


def _shocks() -> list[Row]:
    more, less = Inequality(">", CLEAR), Inequality("<", -CLEAR)
    none = Interval(-CLEAR, CLEAR)
    rows = [
        ("weak", "habituated", "> 0", MARCUS, more),
        ("weak", "early", "0", MARCUS, none),
        ("weak", "late", "0", MARCUS, none),
        ("strong", "habituated", "> 0", MARCUS, more),
        ("strong", "early", "< 0", MARCUS, less),
        ("strong", "late", "> 0", MARCUS, more),
        ("weak, no mobilisation", "habituated", "0", CONTROL, none),
        ("weak, no facilitation", "habituated", "> 0", CONTROL, more),
        ("strong, no facilitation", "late", "0", CONTROL, none),
    ]
    return [(f"{shock}: {WHEN[when]}", sign, source, t, gained(shock, when)) for shock, when, sign, source, t in rows]


def _rows() -> list[Row]:
    return [*_conditioning(), *_shocks()]


def _fits(of: Found) -> float:
    return sessions.acquisition(of["curve"])[1]


def _slowing(of: Found) -> float:
    at = dict(zip(sessions.CURVE, of["curve"], strict=True))
    return float((at[16] - at[8]) / at[8])


@final
class AplysiaConfig(Model):
    """How many animals are trained in each group."""

    animals: float = parameter(default=2, minimum=1, doc="each with weights and thresholds of its own")


@final
class Aplysia(Experiment[AplysiaConfig]):
    r"""One synapse that learns in four ways, and what kinds of learning an animal shows for it.

    The terminals of the sensory neurons tire; serotonin from facilitatory interneurons mobilises their transmitter,
    facilitates them for half an hour, and enhances those for good that had just fired
    (:class:`~spikeloom.plasticity.SensoryTerminal`). A touch that predicts a shock comes to inhibit the interneurons,
    so that what a shock teaches is :math:`\lambda - \sum V`: acquisition, blocking and overshadowing as in the rule of
    Rescorla and Wagner. Interneurons cannot fire less than not at all, so there is no extinction by a negative error;
    as Gluck and Thompson say, touches without a shock are habituation, and rest brings the response back. Inhibition of
    the motor neurons by the shock passes before facilitation does, and mobilisation helps tired terminals only: so
    dishabituation, sensitisation and inhibition come apart. Of each claim the animal counts that is furthest from it.
    """

    name = "aplysia"
    title = "Habituation, sensitisation and conditioning of a spiking gill-withdrawal reflex"
    citation = (
        "R. D. Hawkins & E. R. Kandel (1984). Is there a cell-biological alphabet for simple forms of learning? "
        "Psychological Review 91, 375-391. doi:10.1037/0033-295X.91.3.375; "
        "M. A. Gluck & R. F. Thompson (1987). Modeling the neural substrates of associative learning and memory: a "
        "computational approach. Psychological Review 94, 176-191. doi:10.1037/0033-295X.94.2.176; "
        "E. A. Marcus, T. G. Nolen, C. H. Rankin & T. J. Carew (1988). Behavioral dissociation of dishabituation, "
        "sensitization, and inhibition in Aplysia. Science 241, 210-213. doi:10.1126/science.3388032"
    )
    config = AplysiaConfig()
    full = AplysiaConfig(animals=10)

    def claims(self, config: AplysiaConfig) -> list[Claim]:
        return [
            Claim(quantity=quantity, published=published, source=source, tolerance=tolerance)
            for quantity, published, source, tolerance, _ in _rows()
        ]

    def run(self, config: AplysiaConfig, seed: int, progress: Progress) -> Result:
        animals: list[Found] = []
        for k in range(int(config.animals)):
            own = 1000 * seed + k
            progress(k / config.animals, f"animal {k + 1}: conditioning")
            found: dict[str, Any] = sessions.conditioned(own)
            progress((k + 0.6) / config.animals, f"animal {k + 1}: shocks")
            found |= {shock: sessions.shocked(own, shock, terminal) for shock, terminal in SHOCKS.items()}
            found |= {name: sessions.shocked(own, shock, terminal) for name, (shock, terminal) in ABLATED.items()}
            animals.append(found)
        measured = {name: furthest([of(a) for a in animals], tolerance) for name, _, _, tolerance, of in _rows()}
        return Result(measured=measured, data={"animals": animals})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.experiments.aplysia_pictures import draw

        return {"aplysia": draw(result.data["animals"])}


def furthest(values: Sequence[float], tolerance: Tolerance) -> float:
    """The value of several that is the least favourable to a claim.

    >>> furthest([1.0, 2.0], Inequality(">", 0.5)), furthest([1.0, 2.0], Inequality("<", 0.5))
    (1.0, 2.0)
    >>> furthest([0.02, -0.05], Interval(-0.1, 0.1))
    -0.05
    """
    if isinstance(tolerance, Inequality):
        return min(values) if tolerance.relation.startswith(">") else max(values)
    return max(values, key=abs)
