"""``spikeloom reproduce``."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spikeloom.cli.console import FAILED, clean_errors, complain, print_json
from spikeloom.core.errors import InvalidValueError, RunFolderError, SpikeloomError

if TYPE_CHECKING:
    from spikeloom.experiments import Outcome

NOT_HELD = 1
PATIENCE = 2.0  # seconds before a bar appears


def reproduce(
    experiment: Annotated[
        str | None,
        typer.Argument(help="Name of an experiment, see spikeloom list experiments; or all.", metavar="NAME|all"),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="At the size of the paper, where the usual run is smaller.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of everything that is random.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="New or empty folder for result.json and pictures.", metavar="FOLDER")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object (all: a list), and nothing else.")
    ] = False,
) -> None:
    """Run a published result again, and say which of its claims hold.

    Exit code 1 if one does not.
    """
    with clean_errors():
        from spikeloom import experiments
        from spikeloom.learning.run_folder import RunFolder

        known = experiments.names()
        if experiment is None:
            raise InvalidValueError(
                f"say what to reproduce: spikeloom reproduce {known[0]}, or all; there are {', '.join(known)}"
            )
        everything = experiment.lower() == "all"
        chosen = known if everything else [experiments.get(experiment).name]
        if out is not None:
            RunFolder(out).check_free()
        outcomes, failed = [], False
        for name in chosen:
            try:
                with shown(name) as progress:
                    outcomes.append(experiments.reproduce(name, full=full, seed=seed, progress=progress))
                if not json:
                    print_outcome(outcomes[-1])
                if out is not None:
                    write(outcomes[-1], out / name if everything else out)
            except SpikeloomError as error:
                complain(f"{name}: {error}")  # the others can still be run, and what has been measured is printed
                failed = True
        if json:
            described = [outcome.describe() for outcome in outcomes]
            if everything or described:
                print_json(described if everything else described[0])
        if failed:
            raise typer.Exit(FAILED)
        if not all(outcome.holds for outcome in outcomes):
            raise typer.Exit(NOT_HELD)


@contextmanager
def shown(name: str) -> Generator[Any]:
    """A function to tell how far a run is: on a terminal a bar shows it, after two seconds; elsewhere nothing does."""
    if not sys.stderr.isatty():
        yield lambda done, doing, /: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from spikeloom.core import notice

    columns = (TextColumn("[bold]{task.description}"), BarColumn(), TextColumn("{task.fields[doing]}"))
    bar = Progress(
        *columns, TimeElapsedColumn(), console=Console(file=sys.stderr), refresh_per_second=4, transient=True
    )
    task = bar.add_task(name, total=1.0, doing="")

    def tell(done: float, doing: str, /) -> None:
        bar.update(task, completed=done, doing=doing)

    @contextmanager
    def waiting(text: str) -> Generator[None]:
        before = bar.tasks[0].fields["doing"]
        bar.update(task, doing=text)
        try:
            yield
        finally:
            bar.update(task, doing=before)

    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        with notice.shown_by(waiting):
            yield tell
    finally:
        timer.cancel()
        timer.join()
        bar.stop()


# ------------------------------------------------------------------------------------------------------------- written
def write(outcome: Outcome, folder: Path) -> None:
    """``result.json`` and the pictures of an experiment that has run.

    Raises:
        RunFolderError: the folder cannot be written.
    """
    from json import dumps

    from spikeloom.core.files import write_atomically
    from spikeloom.learning import provenance

    about = {
        "title": outcome.experiment.title,
        "citation": outcome.experiment.citation,
        "config": outcome.config.describe(),
        "holds": outcome.holds,
        "command": provenance.command(),
        "versions": provenance.versions(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"{folder} cannot be made: {error.strerror}; choose another with --out") from error
    write_atomically(folder / "result.json", dumps(outcome.describe() | about, indent=1, allow_nan=False) + "\n")
    for name, figure in outcome.experiment.figures(outcome.result).items():
        write_atomically(folder / f"{name}.png", _png(figure))


def _png(figure: Any) -> bytes:
    import io

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()


# ------------------------------------------------------------------------------------------------------------- printed
def print_outcome(outcome: Outcome) -> None:
    """One row for each claim, and below them a line that counts them, on standard output."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 180)
    title = f"{outcome.experiment.name}: {outcome.experiment.title}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("quantity", ratio=4)
    for heading in ("published", "tolerance", "measured"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("holds")
    table.add_column("source", ratio=3, style="dim")
    for claim in outcome.claims:
        stated = claim.claim
        table.add_row(
            Text(stated.quantity),
            Text(_shown(stated.published)),
            Text(str(stated.tolerance)),
            Text(_shown(claim.measured)),
            Text("yes", style="green") if claim.holds else Text("NO", style="bold red"),
            Text(stated.source),
        )
    console.print(table)
    held = sum(claim.holds for claim in outcome.claims)
    how = f"{outcome.seconds:.1f} s, seed {outcome.seed}"
    console.print(Text(f"{held} of {len(outcome.claims)} claims hold ({how})", style="bold"), soft_wrap=True)
    console.print(Text(outcome.experiment.citation, style="dim"), soft_wrap=True)
    console.print()


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.7g}" if isinstance(value, float) else str(value)
