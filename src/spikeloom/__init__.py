"""Spikeloom: learning with spikes."""

from typing import TYPE_CHECKING

from spikeloom.core.lazy import lazy

if TYPE_CHECKING:
    from spikeloom import connections as connections
    from spikeloom import data as data
    from spikeloom import encoding as encoding
    from spikeloom import energy as energy
    from spikeloom import engines as engines
    from spikeloom import learning as learning
    from spikeloom import network as network
    from spikeloom import neurons as neurons
    from spikeloom import reports as reports
    from spikeloom import surrogates as surrogates
    from spikeloom import units as units
    from spikeloom.core.current import Current as Current
    from spikeloom.core.parameters import trainable as trainable
    from spikeloom.core.spikes import Spikes as Spikes
    from spikeloom.engines import run as run
    from spikeloom.learning import evaluate as evaluate
    from spikeloom.learning import train as train
    from spikeloom.network import Network as Network
    from spikeloom.network import feedforward as feedforward

__version__ = "0.1.0"

# Late, so that the command line answers at once: importing torch alone takes a second.
__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Current": "spikeloom.core.current",
        "Network": "spikeloom.network",
        "Spikes": "spikeloom.core.spikes",
        "connections": "",
        "data": "",
        "encoding": "",
        "energy": "",
        "engines": "",
        "evaluate": "spikeloom.learning",
        "feedforward": "spikeloom.network",
        "learning": "",
        "network": "",
        "neurons": "",
        "reports": "",
        "run": "spikeloom.engines",
        "surrogates": "",
        "train": "spikeloom.learning",
        "trainable": "spikeloom.core.parameters",
        "units": "",
    },
)
