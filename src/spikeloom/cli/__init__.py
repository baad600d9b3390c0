"""The command line: ``spikeloom train``, ``evaluate``, ``report``, ``list``. Thin: no science here."""

from spikeloom.cli.app import main

__all__ = ["main"]
