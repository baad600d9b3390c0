"""The page: every figure that the run has something for, around its headline numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from spikeloom.core.files import write_atomically
from spikeloom.network import Network
from spikeloom.reports.run import Run, load
from spikeloom.reports.text import count, duration, energy, percent

SECTIONS = {
    "learning": ("Learning", "What changed from epoch to epoch."),
    "samples": (
        "A few test samples",
        "Each dot is a spike. Time runs from left to right through every layer; below, the read-out makes up its mind.",
    ),
    "inside": ("Inside the network", "What single neurons do, what they listen to, and how they share the work."),
    "mistakes": ("On the whole test set", "What it knows well, and what it takes for what."),
    "cost": ("What a sample costs", "Spikes, the synapses they pass, and the arithmetic that follows."),
}


@final
@dataclass(frozen=True)
class Headline:
    """One of the large numbers at the top."""

    value: str
    name: str
    note: str = ""


def write(folder: str | Path) -> Path:
    """Make ``report.html`` from the files of the run in ``folder``, and return its path.

    The page stands alone: it loads nothing, runs nothing, and reads in light and dark, on a screen and on a phone.
    Equal runs give equal pages. An older report is replaced in one step, or stays as it was.

    Raises:
        RunFolderError: a file of the run is missing, or the folder cannot be written.
        FormatError: a file of the run is damaged.
        CheckpointError: the checkpoint is damaged or belongs to another network.
    """
    from spikeloom.reports import lives

    page = lives.render(lives.load(folder)) if lives.is_life(folder) else render(load(folder))
    path = Path(folder) / "report.html"
    write_atomically(path, page)
    return path


def render(run: Run) -> str:
    """The page of a run, as HTML."""
    result = run.result
    return filled(
        name=result["dataset"],
        shape=architecture(run.network),
        rule=result["rule"],
        seed=result["seed"],
        command=result["command"],
        network=run.network,
        headlines=headlines(run),
        sections=[(name, *SECTIONS[name], drawn) for name, drawn in pictures(run).items() if drawn],
        cost=cost(run),
        provenance=provenance(run),
        settings=settings(run.config),
    )


def filled(**parts: Any) -> str:
    """The page with these parts, as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from spikeloom.plots.theme import DARK, LIGHT

    environment = Environment(
        loader=PackageLoader("spikeloom.reports", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(light=LIGHT.css(), dark=DARK.css(), **parts)


def pictures(run: Run) -> dict[str, list[Any]]:
    """The drawings of the run by section, in the order of the page."""
    from spikeloom.core.registry import members
    from spikeloom.plots.style import styled
    from spikeloom.reports.figure import Figure

    drawn: dict[str, list[Any]] = {name: [] for name in SECTIONS}
    figures = [member() for member in members("spikeloom.reports.figures", Figure).values()]
    with styled():
        for figure in sorted(figures, key=lambda f: f.order):
            drawn[figure.section] += figure.pictures(run)
    return drawn


def headlines(run: Run) -> list[Headline]:
    """The numbers that matter first."""
    result = run.result
    tested = int(run.confusion.sum())
    right = int(run.confusion.trace())
    table = result["energy"]
    factor = table["dense_pj"] / table["spiking_pj"] if table["spiking_pj"] > 0 else None
    return [
        Headline(
            percent(result["test_accuracy"]), "test accuracy", f"{count(right)} of {count(tested)} test samples right"
        ),
        Headline(count(result["spikes_per_sample"]), "spikes per sample", "of all neurons, without the input"),
        Headline(
            count(result["synaptic_events_per_sample"]),
            "synaptic events per sample",
            "spikes times the synapses they pass",
        ),
        Headline(
            energy(result["energy_pj_per_sample"]),
            "energy per sample",
            "estimated" if factor is None else f"estimated; {compared(factor)}",
        ),
        Headline(duration(result["seconds"]), "training time", f"{result['epochs']} epochs, engine {result['engine']}"),
    ]


def compared(factor: float) -> str:
    """How many times less the spiking network takes than a dense one, in words."""
    return f"{factor:.2g} times less than dense" if factor >= 1 else f"{1 / factor:.2g} times more than dense"


def architecture(network: Network) -> str:
    """The network in a line: ``64 → 128 LIF → 10 LeakyIntegrator``."""
    parts = [str(i.size) for i in network.inputs.values()]
    loops = {p.target for p in network.projections.values() if p.recurrent}
    for p in network.populations.values():
        parts.append(f"{p.size} {type(p.neuron).__name__}" + (" ↺" if p.name in loops else ""))
    return " → ".join(parts)


def cost(run: Run) -> list[tuple[str, str, str]]:
    """The bill of one sample: quantity, value, how it comes about."""
    result, table = run.result, run.result["energy"]
    rows = [
        ("Spikes", count(result["spikes_per_sample"]), "of all neurons, without the input; mean over the test samples"),
        (
            "Synaptic events",
            count(result["synaptic_events_per_sample"]),
            "each spike, those of the input too, times the synapses it passes",
        ),
        (
            "Dense multiply-accumulates",
            count(result["dense_macs_per_sample"]),
            "one evaluation of every connection, as a network without spikes needs",
        ),
        (
            "Energy, spiking",
            energy(table["spiking_pj"]),
            f"{table['pj_per_synaptic_event']} pJ for each synaptic event",
        ),
        ("Energy, dense", energy(table["dense_pj"]), f"{table['pj_per_mac']} pJ for each multiply-accumulate"),
    ]
    if "dense_every_step_pj" in table:
        every = energy(table["dense_every_step_pj"])
        rows.append(
            (
                "Energy, dense in every step",
                every,
                f"the same spiking network, computed with dense products in its {run.samples.steps} steps",
            )
        )
    return rows


def provenance(run: Run) -> list[tuple[str, str]]:
    """Where the run comes from."""
    result = run.result
    versions = " · ".join(f"{name} {version}" for name, version in result["versions"].items())
    return [
        ("Data set", result["dataset"]), ("Rule", result["rule"]), ("Engine", result["engine"]),
        ("Seed", str(result["seed"])),
        ("Simulated", f"{run.samples.steps} steps of {run.samples.dt:g} ms"), ("Versions", versions),
    ]  # fmt: skip


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
