"""A small training with everything that has a state: for the tests of resuming, in this process and in others.

As a program: ``python -m tests.learning.small OUT DEATH [OUT DEATH ...]`` trains or resumes in each folder OUT and
prints the result as JSON. DEATH says how the process kills itself with SIGKILL: ``step:N``, or while it writes its
N-th checkpoint ``half:N``, ``before:N`` or ``after:N`` the rename; ``slow`` makes every step take 20 ms, for
whoever wants to kill it from outside; ``never``. With several pairs all but the last train in a forked process, and
its exit code is printed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import spikeloom as sl
from spikeloom.learning import RateAbove, RateBelow, Shift, SpikeDropout, SurrogateGradient

STEPS_PER_EPOCH, EPOCHS = 6, 3


def data() -> sl.data.Dataset:
    """100 images of 2 x 4 pixels in 3 classes."""
    random = np.random.default_rng(5)
    y = np.arange(100) % 3
    x = np.clip(random.normal(0.5 + 0.3 * np.cos(y[:, None] * 2 + np.arange(8)), 0.2), 0, 1).astype(np.float32)
    return sl.data.Dataset(
        name="small",
        x_train=x[:70],
        y_train=y[:70],
        x_test=x[70:],
        y_test=y[70:],
        classes=("a", "b", "c"),
        image_shape=(2, 4),
    )


def net() -> sl.Network:
    return sl.feedforward([8, 9, 3], gain=[4.0, 2.0], recurrent=True, seed=3)


def options(**changes: Any) -> dict[str, Any]:
    """Arguments of ``train``: a random encoder, augmentations, regularisers, a schedule, a validation set with
    patience.
    """
    rule = SurrogateGradient(
        learning_rate=0.02,
        schedule="cosine",
        warmup=0.1,
        label_smoothing=0.1,
        regularisers=[RateAbove(limit=1), RateBelow(limit=1)],
    )
    return {
        "rule": rule,
        "epochs": EPOCHS,
        "batch_size": 11,
        "encoder": sl.encoding.PoissonRate(steps=6, max_rate=0.5),
        "augment": [Shift(pixels=1), SpikeDropout(probability=0.2)],
        "validation": 0.1,
        "patience": 2,
        "seed": 7,
        "engine": "reference",
        "progress": False,
        "checkpoint_every": 1e9,
    } | changes


def outcome(network: sl.Network, result: Any) -> dict[str, Any]:
    """All of a result that has to be equal, however often the training was interrupted; weights to the bit."""
    described = result.describe()
    for key in ("seconds", "run", "command"):
        described.pop(key)
    for entry in described["history"]:
        del entry["seconds"], entry["samples_per_second"]
    described["weights"] = {k: v.numpy().tobytes().hex() for k, v in network.state_dict().items()}
    return described


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(death: str) -> None:
    from spikeloom.learning.gradient_learner import GradientLearner

    how, _, number = death.partition(":")
    calls = 0

    def count() -> bool:
        nonlocal calls
        calls += 1
        return calls == int(number)

    step, replace, write = GradientLearner.step, os.replace, os.write

    def dying_step(self: Any, *arguments: Any) -> Any:
        if how == "slow":
            time.sleep(0.02)
        elif count():
            _die()
        return step(self, *arguments)

    def dying_replace(source: Any, target: Any) -> None:
        last = Path(target).name == "checkpoint.safetensors" and count()
        if last and how == "before":
            _die()
        replace(source, target)
        if last:
            _die()

    def dying_write(descriptor: int, content: Any) -> int:
        if Path(f"/proc/self/fd/{descriptor}").resolve().name == "checkpoint.safetensors.partial" and count():
            write(descriptor, content[: len(content) // 2])
            _die()
        return write(descriptor, content)

    if how in ("step", "slow"):
        GradientLearner.step = dying_step  # pyright: ignore[reportAttributeAccessIssue]
    elif how in ("before", "after"):
        os.replace = dying_replace
    elif how == "half":
        os.write = dying_write


def fork_and_die(out: str, death: str) -> int:
    """Train in a forked process that kills itself; the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            train(out, death)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Every pair of arguments but the last in a forked process, the last in this one (imports take seconds)."""
    *forked, last = zip(sys.argv[1::2], sys.argv[2::2], strict=True)
    torch.set_num_threads(1)  # a fork has no other threads
    sl.train(
        net(), data(), **options(epochs=1)
    )  # torch imports some of itself when it is first used, which takes seconds
    for pair in forked:
        print(fork_and_die(*pair), flush=True)
    train(*last)


def train(out: str, death: str) -> None:
    _arm(death)
    network = net()
    result = sl.train(network, data(), out=out, resume=Path(out).exists(), **options(checkpoint_every=0))
    print(json.dumps(outcome(network, result)))


if __name__ == "__main__":
    main()
