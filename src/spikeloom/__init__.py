"""Spikeloom: learning with spikes."""

__version__ = "0.1.0"
