"""Agents: networks of spiking neurons that act, and learn from what their acts bring."""

from spikeloom.learning.reinforcement.agents.actor_critic import ActorCritic
from spikeloom.learning.reinforcement.agents.base import Agent, Life, State
from spikeloom.learning.reinforcement.agents.policy_gradient import PolicyGradient

__all__ = ["ActorCritic", "Agent", "Life", "PolicyGradient", "State"]
