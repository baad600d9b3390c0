"""Tasks in the interface of Gymnasium: what an agent sees, does and is rewarded for.

Importing this package makes Gymnasium know them: ``gymnasium.make("spikeloom/TMaze-v0")``. Gymnasium comes with
``pip install "spikeloom[rl]"``.
"""

from spikeloom.tasks.base import Task
from spikeloom.tasks.conditioning import Conditioning
from spikeloom.tasks.delayed_lever_press import DelayedLeverPress
from spikeloom.tasks.event_tracking import EventTracking
from spikeloom.tasks.guarded import Guarded
from spikeloom.tasks.habituation import Habituation
from spikeloom.tasks.linear_track import LinearTrack
from spikeloom.tasks.morris_water_maze import MorrisWaterMaze
from spikeloom.tasks.registration import tasks
from spikeloom.tasks.t_maze import TMaze
from spikeloom.tasks.timed_trial import TimedTrial
from spikeloom.tasks.two_armed_bandit import TwoArmedBandit

__all__ = [
    "Conditioning", "DelayedLeverPress", "EventTracking", "Guarded", "Habituation", "LinearTrack",
    "MorrisWaterMaze", "TMaze", "Task", "TimedTrial", "TwoArmedBandit", "tasks",
]  # fmt: skip
