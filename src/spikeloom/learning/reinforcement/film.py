"""Pictures of an episode: a strip of some moments, and a film of them all."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import SpikeloomError
from spikeloom.learning.reinforcement import environments
from spikeloom.learning.reinforcement.agents import Agent, State
from spikeloom.learning.reinforcement.loop import play
from spikeloom.learning.reinforcement.painters import PAINTERS

STRIP, MOVIE = "episode.png", "episode.gif"
WIDTH = 240
"""Pixels of a picture, at most."""
FRAMES = 120
"""Pictures that are kept of an episode, at most: of a longer one every second, every fourth ..."""
SHOWN = 6
"""Moments on the strip."""
LONGEST = 2000
"""Steps after which an episode is filmed no longer."""


@final
@dataclass
class Film:
    """What was filmed.

    Attributes:
        why: why there are no pictures, or nothing.
        frames: the pictures, (height, width, 3).
        steps: the step of the episode that each was taken after.
        total: the return of the episode.
    """

    why: str = ""
    frames: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])
    steps: list[int] = field(default_factory=list[int])
    total: float = 0.0

    def describe(self) -> dict[str, Any]:
        """As plain JSON values, without the pictures; the strip shows the moments after the steps ``shown``."""
        if not self.frames:
            return {"frames": 0, "why": self.why}
        shown = [self.steps[i] for i in self._chosen()]
        return {"frames": len(self.frames), "steps": self.steps[-1], "return": self.total, "shown": shown}

    def files(self) -> dict[str, bytes]:
        """The strip and the film, by the names of their files; nothing where nothing was filmed."""
        return {STRIP: self.strip(), MOVIE: self.movie()} if self.frames else {}

    def strip(self) -> bytes:
        """Some moments beside each other, the first and the last among them: a PNG."""
        from PIL import Image

        chosen = [self.frames[i] for i in self._chosen()]
        gap = np.full((chosen[0].shape[0], 6, 3), 255, np.uint8)
        parts = [part for frame in chosen for part in (gap, frame)][1:]
        buffer = io.BytesIO()
        Image.fromarray(np.concatenate(parts, axis=1)).save(buffer, format="png", optimize=True)
        return buffer.getvalue()

    def movie(self) -> bytes:
        """All pictures, one after another: a GIF of 20 in a second."""
        from PIL import Image

        first, *rest = (Image.fromarray(frame).quantize(64) for frame in self.frames)
        buffer = io.BytesIO()
        first.save(buffer, format="gif", save_all=True, append_images=rest, duration=50, loop=0, optimize=True)
        return buffer.getvalue()

    def _chosen(self) -> list[int]:
        count = min(SHOWN, len(self.frames))
        return np.unique(np.linspace(0, len(self.frames) - 1, count).round().astype(int)).tolist()


def filmed(agent: Agent, where: Mapping[str, Any], state: State, seed: int) -> Film:
    """The next episode of an agent, in which it learns nothing.

    Args:
        agent: who acts.
        where: the description of the environment.
        state: where the agent's life stands.
        seed: of the training.
    """
    try:
        painter = PAINTERS.get(environments.short(str(where["id"])))
        if painter is None:
            env = environments.again(where, "this run", render_mode="rgb_array")
        else:
            env = environments.again(where, "this run")
        camera = _Camera(env, painter)
        life = agent.begin(env.observation_space, env.action_space, seed=seed, state=state, learning=False)
        play(life, camera)
        env.close()
    except SpikeloomError as error:
        return Film(str(error))
    except Exception as error:  # whatever an environment's drawing may raise; the training is over, and good
        return Film(f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}")
    film = camera.film
    return film if film.frames else Film("the environment gives no pictures")


@final
class _Camera:
    """An environment that is drawn after every step."""

    def __init__(self, env: Any, painter: Any) -> None:
        self.env, self.painter, self.film = env, painter, Film()
        self.every, self.now = 1, 0

    def reset(self, **options: Any) -> Any:
        found = self.env.reset(**options)
        self._take(found[0])
        return found

    def step(self, action: Any) -> Any:
        found = self.env.step(action)
        self.now += 1
        self.film.total += float(found[1])
        over = bool(found[2] or found[3]) or self.now >= LONGEST
        if self.now % self.every == 0 or over:
            self._take(found[0])
        return found if self.now < LONGEST else (*found[:3], True, found[4])

    def _take(self, observation: Any) -> None:
        frame = self.env.render() if self.painter is None else self.painter(np.asarray(observation))
        if isinstance(frame, np.ndarray) and frame.ndim == 3:
            self.film.frames.append(_small(frame))
            self.film.steps.append(self.now)
        if len(self.film.frames) > FRAMES:
            self.film.frames, self.film.steps = self.film.frames[::2], self.film.steps[::2]
            self.every *= 2


def _small(frame: NDArray[Any]) -> NDArray[np.uint8]:
    from PIL import Image

    height, width = frame.shape[:2]
    if width <= WIDTH:
        return np.ascontiguousarray(frame[..., :3], np.uint8)
    size = (WIDTH, max(1, round(height * WIDTH / width)))
    picture = Image.fromarray(np.ascontiguousarray(frame[..., :3], np.uint8))
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), np.uint8)
