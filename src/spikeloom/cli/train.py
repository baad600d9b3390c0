"""``spikeloom train``."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer

from spikeloom.cli import tasks
from spikeloom.cli.console import clean_errors, cost_rows, print_json, print_table
from spikeloom.core.errors import InvalidValueError, unknown_name


def train(
    dataset: Annotated[
        str | None,
        typer.Argument(help="What to learn: a data set, such as digits, or a task, such as cartpole.", metavar="NAME"),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="How to learn; see spikeloom list rules, or agents. (default: surrogate, or the task's)"),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data set, or else $SPIKELOOM_DATA.", metavar="PATH")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything that is random. (default: 0)", min=0)] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data. (default: the recipe's)", min=1)] = None,
    episodes: Annotated[
        int | None, typer.Option(help="Episodes of a task, at most. (default: the recipe's)", min=1)
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples of a step. (default: the recipe's)", min=1)] = None,
    engine: Annotated[str | None, typer.Option(help="auto, cpu or reference. (default: auto)")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder, new or empty. (default: runs/NAME-N)", metavar="PATH")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with the run in this folder, to the bit.", metavar="PATH")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Train a network on data, or an agent in a task, and write a run folder with weights, results and a report.

    Ctrl-C stops at the next step; spikeloom train --resume RUN goes on from there, also after a crash.
    """
    with clean_errors():
        chosen = {
            "dataset": dataset, "--rule": rule, "--seed": seed, "--epochs": epochs, "--batch-size": batch_size,
            "--engine": engine, "--out": out,
        }  # fmt: skip
        if resume is not None:
            given = [name for name, value in chosen.items() if value is not None]
            if given:
                raise InvalidValueError(f"--resume goes on with the settings of the run; leave out {', '.join(given)}")
            result = tasks.resume(resume, episodes) if tasks.is_task(resume) else _resume(resume, data, episodes)
        elif dataset is None:
            raise InvalidValueError(
                "say what to learn: spikeloom train digits, spikeloom train cartpole, or spikeloom train --resume "
                "runs/NAME"
            )
        elif dataset.lower() in tasks.names():
            given = {**chosen, "--data": data}
            name = dataset.lower()
            result = tasks.begin(
                name, rule, seed or 0, episodes, _free(Path("runs"), name) if out is None else out, given
            )
        else:
            _check_no(episodes, dataset)
            result = _begin(dataset, rule or "surrogate", data, seed or 0, epochs, batch_size, engine or "auto", out)

        from spikeloom import reports

        page = reports.write(Path(result.run))
        if json:
            print_json(result.summary())
        elif tasks.is_task(Path(result.run)):
            tasks.show(result, str(page))
        else:
            _show(result, str(page))


def _show(result: Any, page: str) -> None:
    print_table(
        {
            "test accuracy": f"{result.test_accuracy:.2%}",
            **cost_rows(result.describe()),
            "time": f"{result.seconds:.1f} s on engine {result.engine}, {result.epochs} epochs",
            "run": result.run,
            "report": page,
        },
        f"{result.dataset}, rule {result.rule}",
    )


def _check_no(episodes: int | None, name: str) -> None:
    if episodes is not None:
        raise InvalidValueError(f"--episodes is for tasks; {name!r} is a data set, or none: give --epochs")


def _begin(
    name: str,
    rule: str,
    path: Path | None,
    seed: int,
    epochs: int | None,
    batch_size: int | None,
    engine: str,
    out: Path | None,
) -> Any:
    from spikeloom import data, learning
    from spikeloom.learning.recipes import recipe
    from spikeloom.learning.run_folder import RunFolder

    name = name.lower()
    if name not in data.names():
        raise unknown_name("data set or task", name, [*data.names(), *tasks.names()])
    settings = recipe(name).for_rule(rule)
    options = settings.options()
    options |= {k: v for k, v in {"epochs": epochs, "batch_size": batch_size}.items() if v is not None}
    chosen = settings.rule(rule)
    folder = RunFolder(_free(Path("runs"), name) if out is None else out)
    folder.check_free()  # before the data are read
    loaded = data.load(name, path, seed)
    net = settings.network(loaded, seed)
    origin: dict[str, Any] = {"name": name, "seed": seed}
    if path is not None:
        origin["path"] = str(path.resolve())
    return learning.train(
        net, loaded, chosen, **options, seed=seed, engine=engine, out=folder.path, origin={"dataset": origin}
    )


def _resume(run: Path, path: Path | None, episodes: int | None) -> Any:
    _check_no(episodes, str(run))
    from spikeloom import learning
    from spikeloom.learning.rebuild import Rebuilt

    built = Rebuilt.from_folder(run, path)
    return learning.train(built.network(), built.data(), built.rule(), **built.options(), out=run, resume=True)


def _free(folder: Path, name: str) -> Path:
    """The first of ``folder/name-1``, ``-2`` ... that does not exist."""
    return next(path for n in count(1) if not (path := folder / f"{name}-{n}").exists())
