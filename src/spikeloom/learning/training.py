"""Training a network on labelled data, with one call."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.notice import shown_by
from spikeloom.data import Dataset, as_dataset, stratified
from spikeloom.encoding import Encoder
from spikeloom.engines import Engine
from spikeloom.engines import get as get_engine
from spikeloom.learning import provenance
from spikeloom.learning.augmentations import Augmentation
from spikeloom.learning.evaluation import measure
from spikeloom.learning.feed import Feed, encoder_for, take
from spikeloom.learning.interrupt import Interrupt, InterruptedTraining
from spikeloom.learning.loop import Loop
from spikeloom.learning.progress import Progress
from spikeloom.learning.progress import progress as progress_shown
from spikeloom.learning.result import TrainResult, measured
from spikeloom.learning.rules import Rule, SurrogateGradient
from spikeloom.learning.run_folder import SAMPLES, RunFolder
from spikeloom.learning.showcase import showcase
from spikeloom.network import Network


def train(
    net: Network,
    data: Any,
    rule: Rule | None = None,
    *,
    epochs: int = 20,
    batch_size: int = 64,
    encoder: Encoder | None = None,
    augment: Sequence[Augmentation] = (),
    validation: float = 0.1,
    patience: int | None = None,
    seed: int = 0,
    engine: str | Engine = "auto",
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool | Progress = True,
    checkpoint_every: float = 10.0,
    origin: Mapping[str, Any] | None = None,
) -> TrainResult:
    """Train ``net`` on ``data``; its parameters are changed in place.

    The same arguments give the same weights to the bit, with any number of threads, and also if the training was
    interrupted or killed in between and resumed.

    Args:
        net: the network; its last population has one neuron per class.
        data: a ``Dataset``, or ``(X, y)`` with X (samples, features), or ``(Spikes, y)``; see
            :func:`spikeloom.data.as_dataset`.
        rule: how to learn; :class:`SurrogateGradient` if not given.
        epochs: passes over the training samples.
        batch_size: samples of a step.
        encoder: from features to spikes; 25 ms of latency code if not given. Not for ``Spikes``.
        augment: random changes to what is shown, such as ``[Shift(pixels=1), SpikeDropout(probability=0.1)]``.
        validation: share of the training samples to set aside, each class giving its share; 0 for none.
        patience: end after so many epochs without a better validation accuracy, and take the weights of the
            best epoch; without it, all epochs are done and the last weights are kept.
        seed: of everything that is random, but the weights (they have the network's).
        engine: ``"auto"``, ``"cpu"``, ``"reference"``, or an engine object.
        out: the run folder, new or empty; without it nothing is written.
        resume: go on with the run in ``out``; all other arguments have to be those that it was begun with.
        progress: whether to show the progress, on standard error.
        checkpoint_every: seconds between checkpoints.
        origin: entries for ``config.toml`` about where the training came from: ``"command"``, and ``"dataset"``
            with the ``name``, ``path`` and ``seed`` of :func:`spikeloom.data.load`.

    Raises:
        InvalidValueError: data, labels or options that cannot be; nothing is written.
        UnsupportedError: the engine or the rule cannot train this network; the message names one that can.
        RunFolderError: ``out`` already holds a run, or cannot be written, or the disk is full.
        CheckpointError: with ``resume``, a damaged checkpoint, or other arguments than the run was begun with.
        DivergedError: the loss is no longer finite; the last checkpoint is from before that.
        InterruptedTraining: the user pressed Ctrl-C; a checkpoint was written, and ``resume=True`` goes on from there.
    """
    rule = SurrogateGradient() if rule is None else rule
    _check_options(rule, epochs, batch_size, patience, validation, checkpoint_every, augment)
    if resume and out is None:
        raise InvalidValueError("resume=True needs the folder of the run to go on with: out='runs/NAME'")
    data = as_dataset(data, seed=seed)
    classes = net.populations[net.output].size
    if classes != len(data.classes):
        raise InvalidValueError(
            f"the data have {len(data.classes)} classes, but {net.output!r} has {classes} neurons; make one for each "
            f"class, or name all classes with spikeloom.data.as_dataset(..., classes={classes})"
        )
    encoder = encoder_for(net, data.x_train, encoder)
    chosen = rule.computes(get_engine(engine, rule.runs(net)))

    device = next((p.device for p in net.parameters()), torch.device("cpu"))
    options: dict[str, Any] = {"encoder": encoder, "seed": seed, "device": device}
    stay, aside = slice(None), None
    if validation:
        stay, aside = stratified(data.y_train, validation, seed=seed, name="validation")
    feed = _part(data, stay, **options, augment=augment, image_shape=data.image_shape)
    held_out = None if aside is None else _part(data, aside, **options)
    test = Feed(data.x_test, data.y_test, **options)
    steps = epochs * -(-len(feed) // batch_size)
    loop = Loop(
        net, rule.learner(net, chosen, steps), chosen, rule.decoder, feed, held_out,
        epochs=epochs, batch_size=batch_size, patience=patience, seed=seed, respond=rule.respond,
    )  # fmt: skip

    about = {"command": provenance.command(), **(origin or {})}
    settings: dict[str, Any] = {
        "network": net.describe(),
        "encoder": None if encoder is None else encoder.describe(),
        "rule": rule.describe(),
        "training": {
            "epochs": epochs, "batch_size": batch_size, "validation": validation, "patience": patience, "seed": seed,
            "engine": chosen.name, "augment": [a.describe() for a in augment],
        },
    }  # fmt: skip
    versions = provenance.versions()
    folder = None if out is None else RunFolder(out)
    shown = progress_shown(progress)
    with contextlib.ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        if folder is not None:
            settings = {"data": provenance.fingerprint(data), **settings}
            if resume:
                folder.open()
            else:
                dataset = {"name": data.name, **about.get("dataset", {})}
                folder.create({**about, "dataset": dataset, "versions": versions, **settings})
            stack.callback(folder.discard_unless_begun if not resume else folder.release)
            if resume:
                about["command"] = folder.config().get("command", about["command"])
                if (saved := folder.last(settings)) is not None:
                    loop.restore(saved)
        stack.enter_context(shown)
        stack.enter_context(shown_by(shown.waiting))
        shown.say(_opening(net, data, feed, rule, chosen, loop))

        def save() -> None:
            if folder is not None:
                tensors, state = loop.state()
                folder.write_checkpoint(tensors, {**settings, **state, "versions": versions})

        try:
            loop.run(shown, interrupt, save, checkpoint_every)
            found = measure(net, test, rule.decoder, chosen, batch_size, lambda: _pause(interrupt), rule.respond)
        except InterruptedTraining as error:
            how = "nothing was saved, since no run folder was given (out=...)"
            if folder is not None:
                how = f"go on with: spikeloom train --resume {folder.path}"
            raise InterruptedTraining(f"{error}; {how}", error.signal) from None
        result = TrainResult(
            dataset=data.name, rule=rule.name, seconds=loop.seconds, run=None if out is None else os.fspath(out),
            engine=chosen.name, seed=seed, command=about["command"], versions=versions, classes=list(data.classes),
            image_shape=None if data.image_shape is None else list(data.image_shape), epochs=len(loop.history),
            best_epoch=None if loop.best is None else loop.best["epoch"], history=loop.history, **measured(net, found),
        )  # fmt: skip
        if folder is not None:
            seen = showcase(net, data, test, rule.decoder, chosen, rule.respond, loop.growth())
            folder.write_result(result.describe(), {SAMPLES: seen})
    return result


def _check_options(
    rule: Any, epochs: Any, batch_size: Any, patience: Any, validation: Any, every: Any, augment: Any
) -> None:
    if not isinstance(rule, Rule):
        raise InvalidValueError(
            f"rule={rule!r} is no learning rule; give one, such as spikeloom.learning.SurrogateGradient()"
        )
    whole(epochs, "epochs")
    whole(batch_size, "batch_size")
    if isinstance(validation, bool) or not isinstance(validation, (int, float)) or not 0 <= validation < 1:
        raise InvalidValueError(
            f"validation={validation!r} is not possible; allowed: the share of samples to set aside, >= 0 and < 1"
        )
    if patience is not None:
        whole(patience, "patience")
        if not validation:
            raise InvalidValueError("patience needs samples to judge by: give validation=0.1, or leave patience out")
    if isinstance(every, bool) or not isinstance(every, (int, float)) or not every >= 0:
        raise InvalidValueError(f"checkpoint_every={every!r} is not possible; allowed: seconds >= 0")
    for a in augment:
        if not isinstance(a, Augmentation):
            raise InvalidValueError(
                f"augment: {a!r} is no augmentation; give a list such as [spikeloom.learning.Shift(pixels=1)]"
            )


def _part(data: Dataset, rows: Any, **options: Any) -> Feed:
    """The training samples at ``rows``, each keeping its number in the data."""
    return Feed(take(data.x_train, rows), data.y_train[rows], np.arange(len(data.y_train))[rows], **options)


def _pause(interrupt: Interrupt) -> None:
    if interrupt.requested is not None:
        raise InterruptedTraining("interrupted after the last epoch, before the test", interrupt.requested)


def _opening(net: Network, data: Dataset, feed: Feed, rule: Rule, engine: Engine, loop: Loop) -> str:
    sizes = " - ".join(
        str(size) for size in (*(i.size for i in net.inputs.values()), *(p.size for p in net.populations.values()))
    )
    text = f"{data.name}: {len(feed)} samples, network {sizes}, rule {rule.name}, engine {engine.name}"
    if loop.finished:
        return f"{text}; finished before"
    return (
        text if (loop.epoch, loop.step) == (1, 0) else f"{text}; going on in epoch {loop.epoch}, after step {loop.step}"
    )
