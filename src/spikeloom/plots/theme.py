"""The colours of plots and reports, in one place; a report's page defines each twice (light and dark).

Roles keep one colour everywhere: input blue, hidden vermillion, read-out green. The three hues descend from Okabe & Ito
(2008, "Color universal design") and stay apart under red-green colour blindness; hue alone tells nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import final


@final
@dataclass(frozen=True)
class Theme:
    """One colour (``#rrggbb``) per role; no two roles share one, since the page finds a role again by its colour."""

    paper: str
    card: str
    ink: str
    muted: str
    line: str
    input: str
    hidden: str
    readout: str
    quiet: str

    def css(self) -> str:
        """The colours as CSS custom properties: ``--ink:#1c2226;...``."""
        return "".join(f"--{role}:{colour};" for role, colour in asdict(self).items())

    def to_variables(self, text: str) -> str:
        """``text`` with each colour of this theme replaced by its CSS property, so that a drawing follows the page."""
        for role, colour in asdict(self).items():
            text = text.replace(colour, f"var(--{role})")
        return text


LIGHT = Theme(
    paper="#f7f6f2",
    card="#fffffe",
    ink="#1c2226",
    muted="#66707a",
    line="#dcdfe1",
    input="#1f74b4",
    hidden="#b84e00",
    readout="#008061",
    quiet="#a3aab1",
)
DARK = Theme(
    paper="#121518",
    card="#191d21",
    ink="#e9ebed",
    muted="#98a2ac",
    line="#333a41",
    input="#62b1ea",
    hidden="#ff9552",
    readout="#41cf9f",
    quiet="#5d666f",
)

POSITIVE = (0.88, 0.42, 0.08)
"""RGB of positive values in pictures; strength is opacity, so that zero is the paper itself in light and in dark."""
NEGATIVE = (0.15, 0.50, 0.80)
"""RGB of negative values, and of one-sided pictures (images, counts)."""

SERIES = (LIGHT.input, LIGHT.hidden, LIGHT.readout, "#8a5aa8", "#a8761a", "#2f9db5", "#c1447e", "#5f6b76")
"""Colours of populations or neurons beside each other, in this order; they repeat after the eighth."""
