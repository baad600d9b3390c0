"""The page: every figure that the run has something for, around its headline numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spikeloom.core.files import write_atomically
from spikeloom.network import Network
from spikeloom.reports.run import Run, load


def write(folder: str | Path) -> Path:
    """Make ``report.html`` from the files of the run in ``folder``, and return its path.

    The page stands alone: it loads nothing, runs nothing, and reads in light and dark, on a screen and on a phone.
    Equal runs give equal pages. An older report is replaced in one step, or stays as it was.

    Raises:
        RunFolderError: a file of the run is missing, or the folder cannot be written.
        FormatError: a file of the run is damaged.
        CheckpointError: the checkpoint is damaged or belongs to another network.
    """
    page = render(load(folder))
    path = Path(folder) / "report.html"
    write_atomically(path, page)
    return path


def render(run: Run) -> str:
    """The page of a run of any kind, as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from spikeloom.plots.theme import DARK, LIGHT

    environment = Environment(
        loader=PackageLoader("spikeloom.reports", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        light=LIGHT.css(),
        dark=DARK.css(),
        name=run.result[run.subject[1]],
        shape=architecture(run.network),
        rule=run.result["rule"],
        seed=run.result["seed"],
        command=run.result["command"],
        network=run.network,
        headlines=run.headlines(),
        sections=[(name, *run.sections[name], drawn) for name, drawn in pictures(run).items() if drawn],
        cost=run.cost(),
        provenance=provenance(run),
        settings=settings(run.config),
    )


def pictures(run: Run) -> dict[str, list[Any]]:
    """The drawings of the run by section, in the order of the page."""
    from spikeloom.core.registry import members
    from spikeloom.plots.style import styled
    from spikeloom.reports.figure import Figure

    drawn: dict[str, list[Any]] = {name: [] for name in run.sections}
    figures = [member() for member in members("spikeloom.reports.figures", Figure).values() if member.fits(run)]
    with styled():
        for figure in sorted(figures, key=lambda f: f.order):
            drawn[figure.section] += figure.pictures(run)
    return drawn


def architecture(network: Network) -> str:
    """The network in a line: ``64 → 128 LIF → 10 LeakyIntegrator``."""
    parts = [str(i.size) for i in network.inputs.values()]
    loops = {p.target for p in network.projections.values() if p.recurrent}
    for p in network.populations.values():
        parts.append(f"{p.size} {type(p.neuron).__name__}" + (" ↺" if p.name in loops else ""))
    return " → ".join(parts)


def provenance(run: Run) -> list[tuple[str, str]]:
    """Where the run comes from."""
    result, (subject, name) = run.result, run.subject
    versions = " · ".join(f"{name} {version}" for name, version in result["versions"].items())
    return [
        (subject, result[name]),
        *run.details(),
        ("Rule", result["rule"]),
        ("Engine", result["engine"]),
        ("Seed", str(result["seed"])),
        ("Versions", versions),
    ]


def settings(config: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """``config.toml`` flattened: ``training.epochs`` and its value; the network has a table of its own."""
    rows: list[tuple[str, str]] = []
    for name, value in config.items():
        if isinstance(value, Mapping):
            if name != "network":
                rows += settings(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", f"{value:g}" if isinstance(value, float) else str(value)))
    return rows
