"""The program ``spikeloom``: its commands, and how it ends."""

from __future__ import annotations

from typing import Annotated

import typer

from spikeloom.cli.evaluate import evaluate
from spikeloom.cli.families import show
from spikeloom.cli.report import report
from spikeloom.cli.reproduce import reproduce
from spikeloom.cli.train import train

app = typer.Typer(
    name="spikeloom",
    help="Train networks of spiking neurons, and see what they learned.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(train)
app.command()(evaluate)
app.command()(report)
app.command()(reproduce)
app.command("list")(show)


def _version(asked: bool) -> None:
    if asked:
        from spikeloom import __version__

        typer.echo(f"spikeloom {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Train networks of spiking neurons, and see what they learned."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 a claim that does not hold, 2 a wrong or impossible request, 130
    interrupted.
    """
    app()
