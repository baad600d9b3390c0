"""Training an agent by reward, with one call."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from typing import Any

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError, TaskError
from spikeloom.core.notice import shown_by
from spikeloom.learning import provenance
from spikeloom.learning.interrupt import Interrupt, InterruptedTraining
from spikeloom.learning.reinforcement import environments
from spikeloom.learning.reinforcement.agents import Agent
from spikeloom.learning.reinforcement.course import Course
from spikeloom.learning.reinforcement.film import Film, filmed
from spikeloom.learning.reinforcement.progress import Episodes
from spikeloom.learning.reinforcement.result import ReinforcementResult
from spikeloom.learning.reinforcement.watched import Watched
from spikeloom.learning.run_folder import RunFolder

HOW = "go on with: spikeloom train --resume {}"


def train(
    agent: Agent,
    env: Any,
    *,
    episodes: int = 500,
    seed: int = 0,
    until: float | None = None,
    over: int = 100,
    patience: float | None = 60.0,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    checkpoint_every: float = 10.0,
    film: bool = True,
    origin: Mapping[str, Any] | None = None,
) -> ReinforcementResult:
    """Let ``agent`` learn in ``env``.

    The same arguments give the same life to the bit, with any number of threads, and also if the training was
    interrupted or killed in between and resumed: episode k begins with ``env.reset(seed=...)``, by a seed that follows
    from ``seed`` and k.

    Args:
        agent: what learns, such as :class:`~spikeloom.learning.reinforcement.agents.ActorCritic`.
        env: an environment of Gymnasium, or its name.
        episodes: how many at most.
        seed: of everything that is random.
        until: end where the mean return of the last ``over`` episodes reaches this.
        over: how many episodes the mean is taken over.
        patience: how long one call of the environment may take [s], before it counts as one that hangs; ``None`` waits.
        out: the run folder, new or empty; without it nothing is written.
        resume: go on with the run in ``out``; ``episodes`` may be more than it was begun with, all else has to be what
            it was.
        progress: whether to show the progress, on standard error.
        checkpoint_every: seconds between checkpoints.
        film: whether to film one more episode for the report, where the environment can be drawn and ``out`` is given.
        origin: entries for ``config.toml`` about where the training came from, such as ``"command"``.

    Raises:
        InvalidValueError, UnsupportedError: the agent does not fit the environment; nothing is written.
        TaskError: the environment raised, hung or gave a reward that is no number; with ``out`` the run can be resumed.
        RunFolderError: ``out`` already holds a run, or cannot be written, or the disk is full.
        CheckpointError: with ``resume``, a damaged checkpoint, or other arguments than the run was begun with.
        InterruptedTraining: the user pressed Ctrl-C; a checkpoint was written, and ``resume=True`` goes on from there.
    """
    _check(agent, episodes, over, until, patience, checkpoint_every, resume, out)
    world = Watched(environments.make(env), patience)
    where = environments.described(world.env)
    course = Course(agent, world, episodes=episodes, until=until, over=over, seed=seed, state=None)
    about = {"command": provenance.command(), **(origin or {})}
    settings: dict[str, Any] = {
        "training": {"seed": seed, "until": until, "over": over},
        "environment": where,
        "agent": agent.describe(),
        "network": course.life.net.describe(),
    }
    versions = provenance.versions()
    folder = None if out is None else RunFolder(out)
    with contextlib.ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        if folder is not None:
            if resume:
                folder.open()
                about["command"] = folder.config().get("command", about["command"])
            else:
                limits = {"episodes": episodes, "patience": patience}
                folder.create({**about, "versions": versions, **settings, "limits": limits})
            stack.callback(folder.release if resume else folder.discard_unless_begun)
            if resume and (saved := folder.last(settings)) is not None:
                course.restore(saved)
        stack.enter_context(world)
        shown = stack.enter_context(Episodes(progress, episodes))
        stack.enter_context(shown_by(shown.waiting))
        shown.say(_opening(where["id"], agent, course))

        def save() -> None:
            if folder is not None:
                tensors, state = course.state()
                folder.write_checkpoint(tensors, {**settings, **state, "versions": versions})

        how = "nothing was saved, since no run folder was given (out=...)" if folder is None else HOW.format(out)
        try:
            course.run(shown, interrupt, save, checkpoint_every)
        except InterruptedTraining as error:
            raise InterruptedTraining(f"{error}; {how}", error.signal) from None
        except TaskError as error:
            raise TaskError(f"{str(error).rstrip('.')}; {how}") from error.__cause__
        wanted = film and folder is not None
        taken = filmed(agent, where, course.kept, seed) if wanted else Film("none was asked for")
        result = ReinforcementResult(
            environment=where["id"], rule=kind_of(agent), agent=agent.describe(), over=over, until=until,
            returns=course.returns, lengths=course.lengths, errors=course.errors, solved_at=course.solved_at,
            seconds=course.seconds, environment_seconds=course.environment_seconds,
            run=None if out is None else os.fspath(out), engine="steps", seed=seed, command=about["command"],
            versions=versions, network=settings["network"], film=taken.describe(),
        )  # fmt: skip
        if folder is not None:
            folder.write_result(result.describe(), taken.files())
    return result


def kind_of(agent: Agent) -> str:
    """The name of an agent's kind on the command line: ``actor-critic`` of an ``ActorCritic``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(agent).__name__).lower()


def _check(agent: Any, episodes: Any, over: Any, until: Any, patience: Any, every: Any, resume: bool, out: Any) -> None:
    if not isinstance(agent, Agent):
        raise InvalidValueError(
            f"agent={agent!r} is no agent; give one, such as spikeloom.learning.reinforcement.ActorCritic(...)"
        )
    whole(episodes, "episodes")
    whole(over, "over")
    for name, value, least in (("until", until, None), ("patience", patience, 0.0), ("checkpoint_every", every, 0.0)):
        if value is None and name != "checkpoint_every":
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or value != value
            or (least is not None and value < least)
        ):
            raise InvalidValueError(
                f"{name}={value!r} is not possible; allowed: a number" + (" >= 0" if least == 0 else "")
            )
    if resume and out is None:
        raise InvalidValueError("resume=True needs the folder of the run to go on with: out='runs/NAME'")


def _opening(environment: str, agent: Agent, course: Course) -> str:
    net = course.life.net
    sizes = " - ".join(str(part.size) for part in (*net.inputs.values(), *net.populations.values()))
    text = f"{environment}: network {sizes}, {kind_of(agent)}, up to {course.episodes} episodes"
    if course.finished:
        return f"{text}; finished before"
    return f"{text}; going on after episode {len(course.returns)}" if course.returns else text
