"""How much an agent explores in each episode; one schedule per file."""

from spikeloom.learning.reinforcement.exploration.schedules.base import Schedule, as_schedule
from spikeloom.learning.reinforcement.exploration.schedules.constant import Constant
from spikeloom.learning.reinforcement.exploration.schedules.exponential import Exponential
from spikeloom.learning.reinforcement.exploration.schedules.linear import Linear

__all__ = ["Constant", "Exponential", "Linear", "Schedule", "as_schedule"]
