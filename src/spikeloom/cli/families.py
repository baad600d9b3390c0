"""``spikeloom list``: every member of every family, as the code itself describes them."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from spikeloom.cli.console import clean_errors, print_json

_SOURCE = re.compile(r"doi:10\.\d{4,9}/(?:\([\w.-]+\)|[^\s,;()\]\"'`])+|arXiv:\d{4}\.\d{4,5}")


def _classes(package: str, base: str) -> Callable[[], dict[str, Any]]:
    def members() -> dict[str, Any]:
        from importlib import import_module

        from spikeloom.core import registry

        return dict(registry.members(f"spikeloom.{package}", getattr(import_module(f"spikeloom.{package}.base"), base)))

    return members


def _both(*families: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The members of several families as those of one."""
    return lambda: {name: member for family in families for name, member in family().items()}


def _rules() -> dict[str, Any]:
    return {kind.name: kind for kind in _classes("learning.rules", "Rule")().values()}


def _datasets() -> dict[str, Any]:
    from importlib import import_module

    from spikeloom import data

    return {name: getattr(import_module(f"spikeloom.data.{name}"), name) for name in data.names()}


def _engines() -> dict[str, Any]:
    from spikeloom.engines import ENGINES

    return dict(ENGINES)


def _synapses() -> dict[str, Any]:
    from spikeloom.core import registry
    from spikeloom.synapses import ShortTerm

    return {**_classes("synapses", "Synapse")(), **registry.members("spikeloom.synapses", ShortTerm)}


def _experiments() -> dict[str, Any]:
    from spikeloom.experiments.catalogue import experiments

    return dict(experiments())


def _tasks() -> dict[str, Any]:
    from spikeloom.tasks import tasks

    return dict(tasks())


FAMILIES: dict[str, Callable[[], dict[str, Any]]] = {
    "neurons": _classes("neurons", "Neuron"),
    "synapses": _synapses,
    "sources": _classes("sources", "Source"),
    "connections": _classes("connections", "Connection"),
    "surrogates": _classes("surrogates", "Surrogate"),
    "rules": _rules,
    "plasticity": _classes("plasticity", "Plasticity"),
    "modulators": _classes("modulators", "ModulatorSignal"),
    "encoders": _both(
        _classes("encoding", "Encoder"), _classes("learning.reinforcement.encoders", "ObservationEncoder")
    ),
    "decoders": _both(
        _classes("learning.decoders", "Decoder"), _classes("learning.reinforcement.decoders", "ActionDecoder")
    ),
    "agents": _classes("learning.reinforcement.agents", "Agent"),
    "exploration": _both(
        _classes("learning.reinforcement.exploration", "Exploration"),
        _classes("learning.reinforcement.exploration.schedules", "Schedule"),
    ),
    "regularisers": _classes("learning.regularisers", "Regulariser"),
    "augmentations": _classes("learning.augmentations", "Augmentation"),
    "datasets": _datasets,
    "engines": _engines,
    "tasks": _tasks,
    "experiments": _experiments,
}
"""How the members of each family are found, by name."""


def show(
    family: Annotated[
        str | None, typer.Argument(help="One of " + ", ".join(FAMILIES) + "; all if left out.", metavar="FAMILY")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the list as one JSON object, and nothing else.")] = False,
) -> None:
    """List what there is: neurons, rules, data sets and more, each with its sources."""
    with clean_errors():
        from spikeloom.core.errors import MissingPackageError, unknown_name

        if family is not None and family.lower() not in FAMILIES:
            raise unknown_name("family", family, FAMILIES)
        chosen = list(FAMILIES) if family is None else [family.lower()]
        if json and chosen == ["experiments"]:  # their names and no more: what a script hands to reproduce
            print_json(list(FAMILIES["experiments"]()))
            return
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for name in chosen:
            try:
                found[name] = {member: about(thing) for member, thing in FAMILIES[name]().items()}
            except MissingPackageError:
                if family is not None:
                    raise  # of all families, those that cannot be used here are left out
        if json:
            print_json(found)
        else:
            _print(found)


def about(thing: Any) -> dict[str, Any]:
    """What a class or function says of itself: the first sentence of its docstring, and the sources that its
    file cites.
    """
    text = inspect.cleandoc(thing.__doc__ or "")
    first = " ".join(re.sub(r"`+|:\w+:", "", text.split("\n\n")[0]).split())
    sentence = re.split(r"(?<=[.])\s", first, maxsplit=1)[0].rstrip(":")
    source = Path(inspect.getfile(thing)).read_text(encoding="utf-8")
    return {
        "description": sentence,
        "sources": list(dict.fromkeys(s.rstrip(".:") for s in _SOURCE.findall(source))),
    }


def _print(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 160)
    for family, members in found.items():
        table = Table(
            title=family, title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 2, 0, 0)
        )
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(ratio=3)
        table.add_column(ratio=2, style="dim", overflow="fold")
        for name, entry in members.items():
            table.add_row(name, Text(entry["description"]), Text("  ".join(entry["sources"])))
        console.print(table)
        console.print()
