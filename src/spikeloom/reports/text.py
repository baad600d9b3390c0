"""Numbers as people like to read them."""

from __future__ import annotations

import math


def count(value: float) -> str:
    """``1234567.8`` as ``1 234 568`` (narrow no-break spaces); small numbers keep two or three figures."""
    if not math.isfinite(value):
        return "–"
    if abs(value) < 100 and value != int(value):
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:,.0f}".replace(",", "\u202f")


def percent(value: float, digits: int = 1) -> str:
    """``0.97222`` as ``97.2 %``."""
    return f"{100 * value:.{digits}f}\u202f%" if math.isfinite(value) else "–"


def energy(picojoules: float) -> str:
    """Energy with the prefix that leaves one to three digits before the point: ``12345`` pJ as ``12.3 nJ``."""
    units = ((1e12, "J"), (1e9, "mJ"), (1e6, "µJ"), (1e3, "nJ"))
    scale, unit = next((u for u in units if abs(picojoules) >= u[0]), (1.0, "pJ"))
    return f"{picojoules / scale:.3g}\u202f{unit}"


def duration(seconds: float) -> str:
    """``21.4`` as ``21 s``, ``4000`` as ``1 h 7 min``."""
    if seconds < 10:
        return f"{seconds:.1f}\u202fs"
    if seconds < 120:
        return f"{seconds:.0f}\u202fs"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes}\u202fmin"
    return f"{minutes // 60}\u202fh {minutes % 60}\u202fmin"


def short(name: str) -> str:
    """A class name that fits beside an axis."""
    return name if len(name) <= 14 else name[:13] + "…"


def number(value: float) -> str:
    """``-3.14159`` as ``−3.142``: four figures."""
    return f"{value:.4g}".replace("-", "\u2212")
