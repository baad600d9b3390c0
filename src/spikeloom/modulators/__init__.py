"""What modulators tell: reward, prediction errors, surprise; from what happens to an amount that is released."""

from spikeloom.modulators import field
from spikeloom.modulators.amounts import burst, pulses
from spikeloom.modulators.base import Memory, ModulatorSignal, Outcome
from spikeloom.modulators.novelty import Novelty
from spikeloom.modulators.punishment import Punishment
from spikeloom.modulators.reward import Reward
from spikeloom.modulators.reward_minus_mean import RewardMinusMean
from spikeloom.modulators.surprise import Surprise
from spikeloom.modulators.temporal_difference import TemporalDifference

__all__ = [
    "Memory",
    "ModulatorSignal",
    "Novelty",
    "Outcome",
    "Punishment",
    "Reward",
    "RewardMinusMean",
    "Surprise",
    "TemporalDifference",
    "burst",
    "field",
    "pulses",
]
