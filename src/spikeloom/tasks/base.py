"""What a task of this project is: an environment of Gymnasium whose whole state can be taken out and put back."""

from __future__ import annotations

import abc
from typing import Any, ClassVar, cast, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError, MissingPackageError
from spikeloom.core.parameters import Model

try:
    import gymnasium
    from gymnasium import spaces
except ImportError as error:
    raise MissingPackageError(
        'tasks have the interface of Gymnasium, which is not installed: pip install "spikeloom[rl]"'
    ) from error

Observation = NDArray[Any]


class Task(gymnasium.Env[Observation, Any], abc.ABC):
    """Base of the tasks: a member says what is seen, what an action does, and when it is over.

    Settings are given by name, to the class or to ``gymnasium.make``, and checked as all parameters are. Everything
    random comes from ``np_random``: the same seed and the same actions give the same episode. A step lasts
    :attr:`interval` ms of model time.

    Raises:
        InvalidValueError: a setting out of range, an action outside the action space, a step after the end.
        UnknownNameError: a setting that the task does not have.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 10}  # pyright: ignore

    Settings: ClassVar[type[Model]]
    """The parameters of the task, with units."""

    changing: ClassVar[tuple[str, ...]]
    """The attributes that an episode changes: numbers, lists and arrays, all of which ``__init__`` has set."""

    settings: Any
    steps: int
    """How many steps of the episode are over."""

    def __init__(self, *, render_mode: str | None = None, **settings: Any) -> None:
        allowed = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in allowed:
            raise InvalidValueError(
                f"{type(self).__name__}(render_mode={render_mode!r}) is not possible; allowed: None or "
                + ", ".join(map(repr, allowed))
            )
        self.render_mode = render_mode
        self.settings = self.Settings(**settings)
        self.steps, self.over = 0, True
        self.prepare()
        self.observation_space, self.action_space = self.spaces()

    @property
    def interval(self) -> float:
        """How long a step lasts, in ms of model time."""
        return self.settings.interval

    @final
    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict]:
        super().reset(seed=seed)
        self.steps, self.over = 0, False
        self.begin()
        return self.observe(), self.info()

    @final
    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        if self.over:
            raise InvalidValueError(f"the episode of {type(self).__name__} is over; begin another one with reset()")
        if not self.action_space.contains(action):
            raise InvalidValueError(
                f"{type(self).__name__}.step({action!r}) is not possible; allowed: {self.action_space}"
            )
        self.steps += 1
        reward, terminated = self.act(action)
        truncated = not terminated and self.steps >= self.limit()
        self.over = terminated or truncated
        return self.observe(), float(reward), bool(terminated), bool(truncated), self.info()

    @final
    def render(self) -> Any:
        return None if self.render_mode is None else self.picture()

    def state(self) -> dict[str, Any]:
        """Everything that the rest of the episode, and all later ones, depend on: plain values for JSON."""
        return {
            "task": type(self).__name__,
            "settings": self.described(),
            "steps": self.steps,
            "over": self.over,
            "random": self.np_random.bit_generator.state,
            **{name: _plain(getattr(self, name)) for name in self.changing},
        }

    def restore(self, state: dict[str, Any]) -> Observation:
        """Go on from where :meth:`state` was taken; returns what is seen there.

        Raises:
            InvalidValueError: it is the state of another task, or of the same with other settings.
        """
        own = {"task": type(self).__name__, "settings": self.described()}
        missing = [name for name in ("steps", "over", "random", *self.changing) if name not in state]
        if missing or any(state.get(name) != value for name, value in own.items()):
            raise InvalidValueError(
                f"this is no state of {own['task']} with these settings: given task {state.get('task')!r} with "
                f"{state.get('settings')!r}" + (f", without {', '.join(missing)}" if missing else "")
            )
        self.steps, self.over = state["steps"], state["over"]
        self.np_random.bit_generator.state = state["random"]
        for name in self.changing:
            old = getattr(self, name)
            value = state[name]
            setattr(self, name, np.array(value, old.dtype) if isinstance(old, np.ndarray) else _copy(value))
        return self.observe()

    @abc.abstractmethod
    def prepare(self) -> None:
        """Compute what the settings decide, and give every attribute of :attr:`changing` a first value."""

    @abc.abstractmethod
    def spaces(self) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        """The spaces of observations and of actions."""

    @abc.abstractmethod
    def begin(self) -> None:
        """Begin an episode."""

    @abc.abstractmethod
    def act(self, action: Any) -> tuple[float, bool]:
        """One step: its reward, and whether the task has come to its end."""

    @abc.abstractmethod
    def observe(self) -> Observation:
        """What is seen now; a new array."""

    @abc.abstractmethod
    def picture(self) -> NDArray[np.uint8]:
        """The task as it stands, shape (height, width, 3)."""

    def described(self) -> dict[str, Any]:
        """The settings as plain values."""
        return self.settings.describe()

    def limit(self) -> int:
        """The number of steps after which an episode is cut off: those of ``settings.duration``."""
        return self.in_steps(self.settings.duration)

    def info(self) -> dict[str, Any]:
        """What an observer may know and the agent does not."""
        return {}

    def in_steps(self, time: float) -> int:
        """The whole number of steps nearest to a ``time`` in ms."""
        return round(time / self.interval)


def flags(size: int) -> spaces.Box:
    """The space of ``size`` numbers from 0 to 1."""
    return spaces.Box(0.0, 1.0, (size,), np.float32)


def _plain(value: Any) -> Any:
    return cast("Any", value).tolist() if isinstance(value, np.ndarray | np.generic) else _copy(value)


def _copy(value: Any) -> Any:
    return [_copy(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
