"""What makes an agent try what it does not know; one source of variety per file, and schedules for all of them."""

from spikeloom.learning.reinforcement.exploration.base import Exploration, exploration_from_description
from spikeloom.learning.reinforcement.exploration.membrane_noise import MembraneNoise
from spikeloom.learning.reinforcement.exploration.schedules import Constant, Exponential, Linear, Schedule
from spikeloom.learning.reinforcement.exploration.temperature import Temperature
from spikeloom.learning.reinforcement.exploration.threshold_tremor import ThresholdTremor
from spikeloom.learning.reinforcement.exploration.weight_perturbation import WeightPerturbation

__all__ = [
    "Constant", "Exploration", "Exponential", "Linear", "MembraneNoise", "Schedule", "Temperature", "ThresholdTremor",
    "WeightPerturbation", "exploration_from_description",
]  # fmt: skip
