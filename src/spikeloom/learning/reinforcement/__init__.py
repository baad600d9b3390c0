"""Learning from reward: agents of spikes in Gymnasium's environments."""

from spikeloom.learning.reinforcement.agents import ActorCritic, Agent, PolicyGradient
from spikeloom.learning.reinforcement.decoders import ActionDecoder, PopulationVector, Softmax, Winner
from spikeloom.learning.reinforcement.encoders import (
    Categories,
    EventStream,
    ObservationEncoder,
    PlaceCells,
    PopulationCode,
    Tiles,
)
from spikeloom.learning.reinforcement.evaluation import Earned, evaluate
from spikeloom.learning.reinforcement.loop import Episode, episodes
from spikeloom.learning.reinforcement.result import ReinforcementResult
from spikeloom.learning.reinforcement.side_by_side import train_side_by_side
from spikeloom.learning.reinforcement.together import Round, rounds
from spikeloom.learning.reinforcement.training import train

__all__ = [
    "ActionDecoder", "ActorCritic", "Agent", "Categories", "Earned", "Episode", "EventStream", "ObservationEncoder",
    "PlaceCells", "PolicyGradient", "PopulationCode", "PopulationVector", "ReinforcementResult", "Round", "Softmax",
    "Tiles", "Winner", "episodes", "evaluate", "rounds", "train", "train_side_by_side",
]  # fmt: skip
