"""``spikeloom report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spikeloom.cli.console import clean_errors


def report(run: Annotated[Path, typer.Argument(help="Run folder, such as runs/digits-1.")]) -> None:
    """Write report.html of a run folder again, from the files in it; print its path."""
    with clean_errors():
        from spikeloom import reports

        typer.echo(str(reports.write(run)))
