"""Penalties on the activity of the hidden neurons, added to the loss; one per file."""

from spikeloom.learning.regularisers.base import Regulariser, regulariser_from_description
from spikeloom.learning.regularisers.rate_above import RateAbove
from spikeloom.learning.regularisers.rate_below import RateBelow

__all__ = ["RateAbove", "RateBelow", "Regulariser", "regulariser_from_description"]
