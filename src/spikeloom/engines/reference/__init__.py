"""The reference engine: torch, step by step, on any device. It is the meaning of every model."""

from spikeloom.engines.reference.engine import ReferenceEngine

__all__ = ["ReferenceEngine"]
