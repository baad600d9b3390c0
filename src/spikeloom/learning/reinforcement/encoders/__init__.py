"""From what an agent observes to spikes; one encoder per file."""

from spikeloom.learning.reinforcement.encoders.base import ObservationEncoder, encoder_from_description
from spikeloom.learning.reinforcement.encoders.categories import Categories
from spikeloom.learning.reinforcement.encoders.event_stream import EventStream
from spikeloom.learning.reinforcement.encoders.place_cells import PlaceCells
from spikeloom.learning.reinforcement.encoders.population_code import PopulationCode
from spikeloom.learning.reinforcement.encoders.tiles import Tiles

__all__ = [
    "Categories", "EventStream", "ObservationEncoder", "PlaceCells", "PopulationCode", "Tiles",
    "encoder_from_description",
]  # fmt: skip
