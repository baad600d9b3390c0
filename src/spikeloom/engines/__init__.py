"""Engines: reference (torch, the meaning of every model) and cpu (compiled, event-driven), with the same answer."""

from spikeloom.engines.base import Engine
from spikeloom.engines.choose import ENGINES, get, run
from spikeloom.engines.cpu import CpuEngine
from spikeloom.engines.exact import ExactEngine, Times
from spikeloom.engines.record import Record, State, recordable
from spikeloom.engines.reference import ReferenceEngine
from spikeloom.engines.steps import StepEngine
from spikeloom.engines.steps.by_hand import At
from spikeloom.engines.steps.listing import Synapses, synapses
from spikeloom.engines.steps.live import Live, live
from spikeloom.engines.steps.recorders import Trace
from spikeloom.engines.structural import Grown, grow

__all__ = [
    "ENGINES",
    "At",
    "CpuEngine",
    "Engine",
    "ExactEngine",
    "Grown",
    "Live",
    "Record",
    "ReferenceEngine",
    "State",
    "StepEngine",
    "Synapses",
    "Times",
    "Trace",
    "get",
    "grow",
    "live",
    "recordable",
    "run",
    "synapses",
]
