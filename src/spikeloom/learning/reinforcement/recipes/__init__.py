"""Tasks that an agent is known to learn: one file of plain settings for each."""

from spikeloom.learning.reinforcement.recipes.base import TaskRecipe, names, recipe

__all__ = ["TaskRecipe", "names", "recipe"]
