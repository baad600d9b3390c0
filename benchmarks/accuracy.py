"""Trains with the command line, once for each seed, and says how good, how quick and how sparse the networks are.

    python benchmarks/accuracy.py digits --seeds 5
    python benchmarks/accuracy.py mnist --seeds 3 --data FOLDER

Each seed is one `spikeloom train ... --json`, one after another. The first starts with an empty kernel cache. MNIST is
read from --data, or SPIKELOOM_DATA, or a folder shared/data/mnist beside the repository.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measurement import ROOT, Finding, parser, run, warn_if_busy, write

AIMS = {"digits": (">= 0.97", "<= 60"), "mnist": (">= 0.98", "<= 180")}
"""Mean test accuracy, and seconds of the slowest run, a cold kernel cache included."""


def program() -> list[str]:
    """The command ``spikeloom`` of this environment."""
    beside = Path(sys.executable).with_name("spikeloom")
    return [str(beside)] if beside.exists() else [sys.executable, "-c", "from spikeloom.cli import main; main()"]


def data_options(dataset: str, given: Path | None) -> list[str]:
    """``--data`` if it was given, or if the data lie beside the repository and nothing else names them."""
    beside = ROOT.parent / "shared" / "data" / dataset
    if given is None and dataset == "mnist" and "SPIKELOOM_DATA" not in os.environ and beside.is_dir():
        given = beside
    return [] if given is None else ["--data", str(given)]


def measure(given: Any) -> list[dict[str, Any]]:
    """One training for each seed; what it printed, with the seconds of its process."""
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="spikeloom-accuracy-") as name:
        scratch = Path(name)
        cache = {"SPIKELOOM_CACHE": str(scratch / "generated"), "NUMBA_CACHE_DIR": str(scratch / "compiled")}
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            folder = scratch / f"run-{seed}"
            command = [*program(), "train", given.dataset, "--seed", str(seed), "--out", str(folder), "--json"]
            command += data_options(given.dataset, given.data)
            for option in ("rule", "epochs", "engine"):
                if getattr(given, option) is not None:
                    command += [f"--{option}", str(getattr(given, option))]
            begun = time.perf_counter()
            printed = json.loads(run(command, env=cache))
            seconds = time.perf_counter() - begun
            whole = json.loads((folder / "result.json").read_text(encoding="utf-8"))
            keep = (
                "test_accuracy",
                "spikes_per_sample",
                "synaptic_events_per_sample",
                "energy_pj_per_sample",
                "seconds",
            )
            more = ("input_spikes_per_sample", "dense_macs_per_sample", "epochs", "engine", "rule")
            result = {
                "seed": seed,
                "process_s": seconds,
                **{k: printed[k] for k in keep},
                **{k: whole[k] for k in more},
            }
            results.append(result)
            print(
                f"seed {seed}: test accuracy {result['test_accuracy']:.4f}, {seconds:.1f} s in all "
                f"({result['seconds']:.1f} s training), {result['spikes_per_sample']:.1f} spikes and "
                f"{result['synaptic_events_per_sample']:,.0f} synaptic events per sample",
                flush=True,
            )
            if given.keep is not None:
                shutil.copytree(folder, given.keep / f"{given.dataset}-{seed}", dirs_exist_ok=True)
    return results


def findings(dataset: str, results: list[dict[str, Any]]) -> list[Finding]:
    """The lines of the table."""

    def mean(key: str) -> float:
        return statistics.fmean(result[key] for result in results)

    accuracies = [result["test_accuracy"] for result in results]
    accuracy_aim, seconds_aim = AIMS[dataset]
    spread = (
        [Finding("test accuracy, standard deviation over the seeds", statistics.stdev(accuracies), "")]
        if len(results) > 1
        else []
    )
    return [
        Finding(f"test accuracy, mean of {len(results)} seeds", mean("test_accuracy"), "", accuracy_aim),
        *spread,
        Finding("test accuracy, least of the seeds", min(accuracies), ""),
        Finding("whole command, empty kernel cache", results[0]["process_s"], "s", seconds_aim),
        Finding(
            "whole command, slowest of all seeds", max(result["process_s"] for result in results), "s", seconds_aim
        ),
        Finding("input spikes per test sample", mean("input_spikes_per_sample"), ""),
        Finding("spikes of the network per test sample", mean("spikes_per_sample"), ""),
        Finding("synaptic events per test sample", mean("synaptic_events_per_sample"), ""),
        Finding("multiply-accumulates of the same layers without spikes", mean("dense_macs_per_sample"), ""),
    ]


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("dataset", choices=tuple(AIMS))
    made.add_argument("--seeds", type=int, default=5, help="how many networks")
    made.add_argument("--first-seed", type=int, default=0)
    made.add_argument("--data", type=Path, help="folder of the data set")
    made.add_argument("--rule", help="rule, if not the default")
    made.add_argument("--epochs", type=int, help="epochs, if not the recipe's")
    made.add_argument("--engine", help="engine, if not auto")
    made.add_argument("--keep", type=Path, help="folder to copy the run folders to")
    given = made.parse_args()
    quiet = warn_if_busy()
    results = measure(given)
    name = "_".join(x for x in ("accuracy", given.dataset, given.rule) if x)
    write(name, findings(given.dataset, results), {"before": quiet, "runs": results}, given.results)


if __name__ == "__main__":
    main()
