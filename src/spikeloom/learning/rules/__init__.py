"""Ways to train a network, one per file."""

from spikeloom.learning.rules.base import Rule, find_rule, rule_from_description
from spikeloom.learning.rules.surrogate_gradient import SurrogateGradient

__all__ = ["Rule", "SurrogateGradient", "find_rule", "rule_from_description"]
