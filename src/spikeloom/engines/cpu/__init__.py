"""The cpu engine: compiled, event-driven kernels."""

from spikeloom.engines.cpu.engine import CpuEngine

__all__ = ["CpuEngine"]
