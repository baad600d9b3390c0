"""Agents: networks of spiking neurons that act, and learn from what their acts bring."""

from spikeloom.learning.reinforcement.agents.actor_critic import ActorCritic
from spikeloom.learning.reinforcement.agents.base import Agent, Life, State

__all__ = ["ActorCritic", "Agent", "Life", "State"]
