"""From event to event: spike times solved, not gridded."""

from spikeloom.engines.exact.engine import ExactEngine, Times

__all__ = ["ExactEngine", "Times"]
