"""``spikeloom evaluate``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from spikeloom.cli import tasks
from spikeloom.cli.console import clean_errors, cost_rows, print_json, print_table


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run folder, such as runs/digits-1.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data set, if it is not where it was.", metavar="PATH")
    ] = None,
    engine: Annotated[str, typer.Option(help="auto, cpu or reference.")] = "auto",
    episodes: Annotated[int, typer.Option(help="Episodes of a task.", min=1)] = 100,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object, and nothing else.")
    ] = False,
) -> None:
    """Run the network of a run folder on its test set again, or the agent in its task, without learning."""
    with clean_errors():
        if tasks.is_task(run):
            tasks.evaluate(run, episodes, json)
            return
        from spikeloom import engines, learning
        from spikeloom.learning.rebuild import Rebuilt
        from spikeloom.learning.result import measured

        begun = time.monotonic()
        built = Rebuilt.from_folder(run, data)
        net, loaded, rule = built.trained(), built.data(), built.rule()
        chosen = rule.computes(engines.get(engine, net))
        options = built.options()
        found = learning.evaluate(
            net,
            loaded.x_test,
            loaded.y_test,
            encoder=options["encoder"],
            decoder=rule.decoder,
            batch_size=options["batch_size"],
            engine=chosen,
            seed=options["seed"],
            respond=rule.respond,
        )
        result = {"dataset": loaded.name, "rule": rule.name, **measured(net, found)}
        seconds = time.monotonic() - begun
        if json:
            keys = (
                "dataset",
                "rule",
                "test_accuracy",
                "test_loss",
                "spikes_per_sample",
                "synaptic_events_per_sample",
                "energy_pj_per_sample",
            )
            print_json(
                {k: result[k] for k in keys}
                | {"samples": len(loaded.y_test), "engine": chosen.name, "seconds": seconds, "run": str(run)}
            )
            return
        print_table(
            {
                "test accuracy": f"{found.accuracy:.2%} of {len(loaded.y_test)} samples",
                **cost_rows(result),
                "training": built.progress(),
                "time": f"{seconds:.1f} s on engine {chosen.name}",
            },
            f"{run}: {loaded.name}, rule {rule.name}",
        )
