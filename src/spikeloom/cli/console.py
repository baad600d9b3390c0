"""How the program speaks: results on standard output, everything else on standard error, errors as one line."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from spikeloom.core.errors import SpikeloomError

FAILED, INTERRUPTED = 2, 128


@contextlib.contextmanager
def clean_errors() -> Iterator[None]:
    """Turn the errors that Spikeloom raises on purpose into one line and exit code 2, an interruption into 128 +
    its signal.
    """
    try:
        yield
    except SpikeloomError as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt as error:
        complain(str(error) or "interrupted", "stopped")
        raise typer.Exit(INTERRUPTED + getattr(error, "signal", 2)) from None


def complain(message: str, word: str = "error") -> None:
    """One line on standard error."""
    line = Text.assemble((f"{word}: ", "bold red" if word == "error" else "bold yellow"), " ".join(message.split()))
    Console(file=sys.stderr).print(line, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """``value`` as one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")


def print_table(rows: Mapping[str, str], title: str) -> None:
    """Names and values, a line for each, on standard output; lines are never broken, so that paths can be copied."""
    console = Console()
    console.print(Text(title, style="bold"), soft_wrap=True)
    width = max(map(len, rows))
    for name, value in rows.items():
        console.print(Text.assemble((f"{name:<{width}}  ", "dim"), value), soft_wrap=True)


def cost_rows(result: Mapping[str, Any]) -> dict[str, str]:
    """The rows of a table that say what a sample costs."""
    spiking, dense = result["energy_pj_per_sample"] / 1e3, result["energy"]["dense_pj"] / 1e3
    return {
        "spikes per sample": f"{result['spikes_per_sample']:,.1f}",
        "input spikes per sample": f"{result['input_spikes_per_sample']:,.1f}",
        "synaptic events per sample": f"{result['synaptic_events_per_sample']:,.0f}",
        "energy per sample": f"{spiking:,.2f} nJ estimated for synapses; {dense:,.2f} nJ for one dense pass",
    }
