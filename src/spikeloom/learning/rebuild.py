"""A run, built again from its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from spikeloom.core.errors import CheckpointError, FormatError, InvalidValueError, RunFolderError
from spikeloom.data import Dataset, load, names
from spikeloom.encoding import encoder_from_description
from spikeloom.learning.augmentations import augmentation_from_description
from spikeloom.learning.rules import Rule, rule_from_description
from spikeloom.learning.run_folder import CONFIG, RunFolder
from spikeloom.network import Network


@dataclass(frozen=True)
class Rebuilt:
    """What :func:`~spikeloom.learning.train` was given, from the ``config`` of a run folder.

    Each part is built when it is asked for, and raises :class:`~spikeloom.core.errors.FormatError` if the
    configuration does not describe one.
    """

    folder: RunFolder
    config: dict[str, Any]
    path: Path | None

    @classmethod
    def from_folder(cls, folder: str | os.PathLike[str], path: Path | None = None) -> Self:
        """The run in ``folder``; ``path`` is where the data lie, if not where they were.

        Raises:
            RunFolderError: there is no run.
            FormatError: its configuration is damaged.
        """
        opened = RunFolder(folder)
        return cls(opened, opened.config(), path)

    def data(self) -> Dataset:
        """The data set, read again.

        Raises:
            RunFolderError: the run was begun from Python, with data of its own.
        """
        about = self._section("dataset")
        name = about.get("name")
        if name not in names():
            raise RunFolderError(
                f"{self.folder.path} was trained from Python on data of its own ({name!r}); go on from Python, with "
                "the same data: "
                f"spikeloom.train(..., out={os.fspath(self.folder.path)!r}, resume=True)"
            )
        return load(name, self.path or about.get("path"), about.get("seed", 0))

    def network(self) -> Network:
        """The network as it was before training."""
        return self._build("network", Network.from_description)

    def trained(self) -> Network:
        """The network with the weights of the last checkpoint.

        Raises:
            CheckpointError: there is none yet, or it is damaged.
        """
        saved = self._saved
        if saved is None:
            raise CheckpointError(
                f"the run in {self.folder.path} ended before its first checkpoint; go on with: spikeloom train "
                f"--resume {self.folder.path}"
            )
        return saved.network()

    def progress(self) -> str:
        """In words, how far the training is."""
        position = {} if self._saved is None else self._saved.state.get("position", {})
        if position.get("finished"):
            return "finished"
        epoch, step = position.get("epoch", 1), position.get("step", 0)
        return f"not finished: epoch {epoch} of {self._section('training').get('epochs')}, after step {step}"

    def rule(self) -> Rule:
        """The learning rule."""
        return self._build("rule", rule_from_description)

    def options(self) -> dict[str, Any]:
        """The other arguments of :func:`~spikeloom.learning.train`."""
        training = dict(self._section("training"))
        augment = self._build(
            "training", lambda t: tuple(augmentation_from_description(a) for a in t.get("augment", []))
        )
        encoder = self._build("encoder", encoder_from_description) if "encoder" in self.config else None
        return {**training, "augment": augment, "encoder": encoder}

    @cached_property
    def _saved(self) -> Any:
        return self.folder.checkpoint()

    def _section(self, name: str) -> dict[str, Any]:
        section = self.config.get(name)
        if not isinstance(section, dict):
            raise FormatError(f"{self.folder.path / CONFIG} is damaged: it has no section [{name}]")
        return section

    def _build(self, name: str, build: Any) -> Any:
        section = self._section(name)
        try:
            return build(section)
        except (KeyError, TypeError, AttributeError, InvalidValueError) as error:
            problem = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise FormatError(
                f"{self.folder.path / CONFIG} is damaged: [{name}] describes nothing: {problem}"
            ) from error
