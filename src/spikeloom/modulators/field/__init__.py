"""Volume transmission: substances that diffuse between cells, are taken up, and are read where they are."""

from spikeloom.modulators.field.closed import continuous, instantaneous, peak, peak_time, steady
from spikeloom.modulators.field.medium import DOPAMINE, VESICLE, Medium
from spikeloom.modulators.field.solver import Solver
from spikeloom.modulators.field.space import Ball, Box

__all__ = [
    "DOPAMINE",
    "VESICLE",
    "Ball",
    "Box",
    "Medium",
    "Solver",
    "continuous",
    "instantaneous",
    "peak",
    "peak_time",
    "steady",
]
