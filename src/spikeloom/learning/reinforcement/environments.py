"""Environments by name, and how a run folder names one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from spikeloom.core.errors import InvalidValueError, MissingPackageError, RunFolderError, unknown_name


def known() -> dict[str, Any]:
    """Everything that Gymnasium knows by name, with the tasks of this project.

    Raises:
        MissingPackageError: Gymnasium is not installed.
    """
    try:
        import gymnasium
    except ImportError as error:
        raise MissingPackageError(
            'agents act in environments of Gymnasium, which is not installed: pip install "spikeloom[rl]"'
        ) from error
    import spikeloom.tasks as own

    assert own.tasks  # importing them makes Gymnasium know them
    return dict(gymnasium.registry)


def make(env: Any, **settings: Any) -> Any:
    """``env`` itself, or the environment of that name, such as ``"CartPole-v1"``.

    Raises:
        UnknownNameError: Gymnasium knows none of that name; the message suggests the nearest.
        InvalidValueError: neither a name nor an environment.
    """
    names = known()
    import gymnasium

    if isinstance(env, str):
        if env not in names:
            raise unknown_name("environment", env, names)
        return gymnasium.make(env, **settings)
    if not isinstance(env, gymnasium.Env):
        raise InvalidValueError(
            f"env={env!r} is no environment; give one of gymnasium.make(...), or a name such as 'CartPole-v1'"
        )
    return env


def described(env: Any) -> dict[str, Any]:
    """``id`` and settings of an environment, if :func:`again` can make it from them; otherwise ``own`` is true."""
    spec = env.spec
    if spec is None:
        return {"id": type(env.unwrapped).__name__, "own": True}
    settings = {k: v for k, v in spec.kwargs.items() if k != "render_mode"}
    registered = known().get(spec.id)
    plain = not spec.additional_wrappers and _is_plain(settings)
    if registered is None or not plain or spec.entry_point != registered.entry_point:
        return {"id": spec.id, "own": True}
    found: dict[str, Any] = {"id": spec.id, "settings": settings}
    if spec.max_episode_steps != registered.max_episode_steps:
        found["max_episode_steps"] = spec.max_episode_steps
    return found


def again(description: Mapping[str, Any], where: Any, **more: Any) -> Any:
    """The environment that :func:`described` described; ``where`` is the run folder, for the error.

    Raises:
        RunFolderError: it was one of the caller's own.
    """
    if description.get("own") or not isinstance(description.get("id"), str):
        raise RunFolderError(
            f"{where} was trained from Python in an environment of its own ({description.get('id')!r}); go on from "
            f"Python, with the same one: spikeloom.learning.reinforcement.train(agent, env, ..., out={str(where)!r}, "
            "resume=True)"
        )
    settings = {**description.get("settings", {}), **more}
    if "max_episode_steps" in description:
        settings["max_episode_steps"] = description["max_episode_steps"]
    return make(description["id"], **settings)


def short(name: str) -> str:
    """The name of an environment without its namespace and version.

    >>> short("spikeloom/LinearTrack-v0")
    'LinearTrack'
    """
    return re.sub(r"-v\d+$", "", name.split("/")[-1])


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))
