"""Units for users: ``from spikeloom.units import ms, mV, pA``; see :mod:`spikeloom.core.units`."""

from spikeloom.core.units import GOhm, Hz, MOhm, V, kHz, minute, ms, mV, nA, nF, nS, pA, pF, second, uA, uS, us, uV

__all__ = [
    "GOhm", "Hz", "MOhm", "V", "kHz", "minute", "ms", "mV", "nA", "nF", "nS", "pA", "pF", "second",
    "uA", "us", "uS", "uV",
]  # fmt: skip
