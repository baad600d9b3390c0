"""Ways to train a network, one per file."""

from spikeloom.learning.rules.base import Rule, find_rule, rule_from_description
from spikeloom.learning.rules.competitive import Competitive
from spikeloom.learning.rules.deep_r import DeepR
from spikeloom.learning.rules.local import Local
from spikeloom.learning.rules.surrogate_gradient import SurrogateGradient

__all__ = ["Competitive", "DeepR", "Local", "Rule", "SurrogateGradient", "find_rule", "rule_from_description"]
