"""Published results that the library reproduces: each states its claims, runs, and says which of them hold."""

from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.catalogue import get, names
from spikeloom.experiments.claim import Claim, Judged
from spikeloom.experiments.outcome import Outcome, reproduce
from spikeloom.experiments.tolerance import Absolute, Inequality, Interval, Relative, Tolerance

__all__ = [
    "Absolute",
    "Claim",
    "Experiment",
    "Inequality",
    "Interval",
    "Judged",
    "Outcome",
    "Progress",
    "Relative",
    "Result",
    "Tolerance",
    "get",
    "names",
    "reproduce",
]
