"""The kinds of runs that have a report: each is told by its configuration, and has figures for its own sections."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from safetensors.numpy import load_file, save_file

from spikeloom import reports
from spikeloom.core.errors import FormatError, InvalidValueError
from spikeloom.core.registry import members
from spikeloom.reports.figure import Figure
from spikeloom.reports.run import Run, load
from tests.unit.test_report import make_run, metadata_of

KINDS = members("spikeloom.reports.kinds", Run)
FIGURES = members("spikeloom.reports.figures", Figure)
FIELDS, SAMPLES = "growth.input->hidden.fields", "growth.input->hidden.samples"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_a_figure_in_each_of_its_sections_and_nowhere_else(name: str) -> None:
    kind = KINDS[name]
    sections = {figure.section for figure in FIGURES.values() if figure.fits(object.__new__(kind))}
    assert sections == set(kind.sections)


def test_no_configuration_is_of_two_kinds(tmp_path: Path) -> None:
    found = [set(kind.told_by) for kind in KINDS.values()]
    assert all(not a <= b for a in found for b in found if a is not b)
    assert type(load(make_run(tmp_path / "r"))).__name__ == "Labelled"


def test_a_configuration_of_no_kind(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r")
    (folder / "config.toml").write_text(tomli_w.dumps({"dataset": {"name": "digits"}}))
    told = r"config.toml is damaged: it must have the sections \[dataset\] and \[rule\] or \[agent\]"
    with pytest.raises(FormatError, match=told):
        reports.write(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"growth.a->b.fields": np.ones((1, 2, 64)), "growth.a->b.samples": np.ones(1, int)}, "no projection"),
        ({FIELDS: np.ones((1, 2, 64))}, "a number of samples for each time"),
        ({FIELDS: np.full((1, 2, 64), np.nan), SAMPLES: np.ones(1, int)}, "must hold finite numbers"),
        ({FIELDS: np.ones((2, 64)), SAMPLES: np.ones(2, int)}, "must hold finite numbers"),
    ],
)
def test_growth_that_cannot_be(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    folder = make_run(tmp_path / "r")
    path = folder / "samples.safetensors"
    metadata, tensors = metadata_of(path), load_file(path)
    save_file({**tensors, **change}, path, metadata)
    with pytest.raises(FormatError, match=told):
        reports.write(folder)


def test_growth_of_neurons_is_shown(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r")
    path = folder / "samples.safetensors"
    metadata, tensors = metadata_of(path), load_file(path)
    fields = np.random.default_rng(0).normal(size=(14, 5, 64)).astype(np.float32)
    samples = 2 ** np.arange(14)
    save_file({**tensors, FIELDS: fields, SAMPLES: samples}, path, metadata)
    page = reports.write(folder).read_text(encoding="utf-8")
    assert "The input weights of 5 neurons, a row for each" in page
    assert ">8,192</text>" in page  # the last one always
    assert ">4,096</text>" not in page  # for which there is no room


def test_the_picture_of_a_run_is_for_labelled_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("spikeloom.reports.showcase")
    monkeypatch.setattr(module, "load", lambda folder: object.__new__(KINDS["Rewarded"]))
    with pytest.raises(InvalidValueError, match="holds no training on labelled data"):
        reports.showcase(tmp_path, tmp_path / "picture.png")
