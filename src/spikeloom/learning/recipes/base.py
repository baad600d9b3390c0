"""What a recipe is, and how it is found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spikeloom.core.errors import unknown_name
from spikeloom.data import Dataset
from spikeloom.encoding import Encoder
from spikeloom.learning.augmentations import Augmentation
from spikeloom.learning.rules import Rule, find_rule
from spikeloom.network import Network, feedforward
from spikeloom.neurons import LIF, LeakyIntegrator, Neuron

PACKAGE = "spikeloom.learning.recipes"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings for one data set; the file ``recipes/<dataset>.py`` holds them as ``RECIPE``.

    Attributes:
        hidden: neurons of each hidden layer.
        neuron, readout: their model, and that of the last layer.
        gain: spread of a target's summed initial weights, one for all layers or one for each [mV].
        encoder: from features to spikes; ``None`` for data that are spikes.
        rules: settings for a rule, by its name on the command line; any other rule has its own.
        augment: what happens to samples in training.
        epochs, batch_size, validation, patience: as in :func:`spikeloom.learning.train`.
        build: makes the network from channels, ``hidden`` and classes, with dt and seed; layers if not given.
        instead: whole recipes for rules that need another network, by their names on the command line.
    """

    hidden: tuple[int, ...]
    neuron: Neuron = field(default_factory=lambda: LIF())
    readout: Neuron = field(default_factory=lambda: LeakyIntegrator())
    gain: float | tuple[float, ...] = 1.0
    encoder: Encoder | None
    rules: Mapping[str, Rule]
    augment: tuple[Augmentation, ...] = ()
    epochs: int
    batch_size: int
    validation: float = 0.0
    patience: int | None = None
    build: Callable[..., Network] | None = None
    instead: Mapping[str, Recipe] = field(default_factory=dict)

    def for_rule(self, name: str) -> Recipe:
        """The recipe for training by the rule of that name.

        Raises:
            UnknownNameError: there is no such rule; the message suggests the nearest.
        """
        return self.instead.get(find_rule(name).name, self)

    def network(self, data: Dataset, seed: int) -> Network:
        """A fresh network for ``data``, its weights drawn by ``seed``."""
        channels = data.features if self.encoder is None else self.encoder.outputs(data.features)
        dt = data.x_train.dt if self.encoder is None else self.encoder.values()["dt"]  # pyright: ignore[reportAttributeAccessIssue]
        if self.build is not None:
            return self.build(channels, *self.hidden, len(data.classes), dt=dt, seed=seed)
        return feedforward(
            [channels, *self.hidden, len(data.classes)],
            neuron=self.neuron,
            readout=self.readout,
            gain=self.gain,
            dt=dt,
            seed=seed,
        )

    def rule(self, name: str) -> Rule:
        """The rule of that name, with the settings for these data if there are any.

        Raises:
            UnknownNameError: there is no such rule; the message suggests the nearest.
        """
        kind = find_rule(name)
        return self.rules.get(kind.name) or kind()

    def options(self) -> dict[str, Any]:
        """What :func:`spikeloom.learning.train` is given beside network, data and rule."""
        return {
            "encoder": self.encoder,
            "augment": self.augment,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "validation": self.validation,
            "patience": self.patience,
        }


def names() -> list[str]:
    """The data sets that there is a recipe for."""
    package = importlib.import_module(PACKAGE)
    return sorted(info.name for info in pkgutil.iter_modules(package.__path__) if info.name != "base")


def recipe(dataset: str) -> Recipe:
    """The recipe for the data set of that name.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    if dataset not in names():
        raise unknown_name("recipe", dataset, names())
    return importlib.import_module(f"{PACKAGE}.{dataset}").RECIPE
