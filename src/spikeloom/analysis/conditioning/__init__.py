"""Models of conditioning in plain numbers.

Associations by trial (:class:`RescorlaWagner`, :class:`PearceHall`, :class:`Mackintosh`), values within a trial
(:class:`TemporalDifference`), and signalled avoidance (:class:`Avoider`). They go through protocols in the
notation of :mod:`spikeloom.protocols`: ``RescorlaWagner().run("40 A+; 40 AB+")``.
"""

from spikeloom.analysis.conditioning.avoidance import Animals, Avoider
from spikeloom.analysis.conditioning.base import Associations, Course
from spikeloom.analysis.conditioning.mackintosh import Mackintosh
from spikeloom.analysis.conditioning.pearce_hall import PearceHall
from spikeloom.analysis.conditioning.rescorla_wagner import RescorlaWagner
from spikeloom.analysis.conditioning.temporal_difference import Steps, TemporalDifference, serial_value

__all__ = [
    "Animals", "Associations", "Avoider", "Course", "Mackintosh", "PearceHall", "RescorlaWagner", "Steps",
    "TemporalDifference", "serial_value",
]  # fmt: skip
