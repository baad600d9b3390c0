"""Units for users: ``from spikeloom.units import ms, mV, pA``; see :mod:`spikeloom.core.units`."""

from spikeloom.core.units import (
    GOhm,
    Hz,
    MOhm,
    V,
    kHz,
    minute,
    mm,
    ms,
    mV,
    nA,
    nF,
    nM,
    nS,
    pA,
    pF,
    second,
    uA,
    uM,
    um,
    uS,
    us,
    uV,
)  # fmt: skip

__all__ = [
    "GOhm", "Hz", "MOhm", "V", "kHz", "minute", "mm", "ms", "mV", "nA", "nF", "nM", "nS", "pA", "pF",
    "second", "uA", "uM", "um", "us", "uS", "uV",
]  # fmt: skip
