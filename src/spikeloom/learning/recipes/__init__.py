"""How to train well on a known data set: one file of plain settings for each."""

from spikeloom.learning.recipes.base import Recipe, names, recipe

__all__ = ["Recipe", "names", "recipe"]
