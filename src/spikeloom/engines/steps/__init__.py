"""The step-by-step engine: any graph of populations and projections, with delays, driven by its spikes."""

from spikeloom.engines.steps.engine import StepEngine

__all__ = ["StepEngine"]
