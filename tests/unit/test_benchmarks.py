"""The benchmarks run, on sizes that take no time, and write result files that say where they come from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks"

WORKLOAD = """
import numpy as np


def spikes(kind, batch=4, steps=12, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((batch, steps, 20)) < 0.2).astype(np.float32), rng.integers(0, 3, batch), 16, 3, 6.0


def best_ms(step, repeats=2, warmup=1):
    step()
    return 1.5
"""

PEERS = """
import sys

if __name__ == "__main__":
    print(f"{sys.argv[1]} spikingjelly   train     30.0 ms  infer     15.0 ms  rate 0.044")
    raise SystemExit

import torch.nn as nn


class SpikingJelly(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(C, H, bias=False), nn.Linear(H, O, bias=False)

    def forward(self):
        z = (self.fc1(X) > 0.5).float() + self.fc1(X)
        return self.fc2(z).max(0)[0], z.detach().mean()
"""


def script(name: str, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(FOLDER / name), *map(str, words)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=250,
    )


def result(name: str, benchmark: str, folder: Path, *words: object, **environment: str) -> dict[str, Any]:
    """The result file of a script that has run to its end."""
    done = script(name, *words, "--results", folder, **environment)
    assert done.returncode == 0, done.stderr
    content = json.loads((folder / f"{benchmark}.json").read_text(encoding="utf-8"))
    assert content["benchmark"] == benchmark
    assert content["command"].startswith(f"python benchmarks/{name}")
    assert str(folder.parent) not in content["command"]
    assert len(content["date"]) == len("2026-01-31")
    assert content["machine"]["cores"] >= 1
    assert content["machine"]["torch"]
    assert content["machine"]["spikeloom"]
    for finding in content["findings"]:
        assert finding["quantity"] in done.stdout
        assert isinstance(finding["value"], int | float)
        assert finding["holds"] is None if finding["aim"] is None else isinstance(finding["holds"], bool)
    return content


def found(content: dict[str, Any], quantity: str) -> dict[str, Any]:
    return next(finding for finding in content["findings"] if finding["quantity"].startswith(quantity))


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder like that of the peers' workloads, with small spikes and a peer that only prints."""
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "workload.py").write_text(WORKLOAD, encoding="utf-8")
    (folder / "torch_peers.py").write_text(PEERS, encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the resident set is read from /proc")
def test_a_training_step_is_compared_with_its_peers_in_time_and_memory(bench: Path, tmp_path: Path) -> None:
    words = ("latency", "--peers", sys.executable, "--rounds", 1)
    content = result("train_step.py", "train_step_latency", tmp_path / "results", *words, SPIKELOOM_BENCH=str(bench))
    assert [len(times["train_ms"]) for times in content["times"].values()] == [1, 1]
    assert found(content, "training step")["value"] == 1.5
    ratio = found(content, "training step: times faster than spikingjelly")
    assert (ratio["value"], ratio["aim"], ratio["holds"]) == (20.0, ">= 12", True)
    assert content["peers"]["torch"]["torch"] == content["machine"]["torch"]
    assert content["times"]["spikeloom"]["synaptic_events"] > 0
    for library in ("spikeloom", "spikingjelly"):
        memory = content["memory"][library]
        assert memory["peak_MiB"] >= memory["before_MiB"] > 10


@pytest.mark.slow
def test_time_is_measured_against_density(tmp_path: Path) -> None:
    small = ("--batch", 2, "--steps", 8, "--hidden", 16, "--channels", 30, "--rounds", 1, "--repeats", 1)
    words = ("--densities", 0.02, 0.1, 0.2, "--counts", 0.3, 1.5, "--most", 1, "--least", 0, *small)
    content = result("density.py", "density", tmp_path / "results", *words)
    assert (tmp_path / "results" / "density.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "results" / "density_switch.png").read_bytes().startswith(b"\x89PNG")
    for point in content["switch"]:
        assert point["events"]["train_ms"] > 0
        assert point["products"]["infer_ms"] > 0
    for name, points in content["sweeps"].items():
        densities = [point[f"{name}_density"] for point in points]
        assert densities == sorted(densities)
        for point in points:
            assert point["cpu"]["train_ms"] > 0
            assert point["reference"]["infer_ms"] > 0
            assert point["synaptic_events_per_s"]["infer"] * point["cpu"]["infer_ms"] / 1e3 == pytest.approx(
                point["synaptic_events"]
            )


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_start_up_with_an_empty_cache_compiles_and_with_a_filled_one_does_not(tmp_path: Path) -> None:
    content = result("start_up.py", "start_up", tmp_path / "results", "--rounds", 1)
    empty, filled = content["processes"]["empty"][0], content["processes"]["filled"][0]
    assert any(one["function"].startswith("lif_") for one in empty["compiled"])
    assert all(one["seconds"] >= 0 for one in empty["compiled"])
    assert filled["compiled"] == []
    assert list(empty["stages_s"]) == list(filled["stages_s"])


@pytest.mark.slow
def test_accuracy_is_that_of_the_command_line(tmp_path: Path) -> None:
    words = ("digits", "--seeds", 1, "--first-seed", 3, "--epochs", 1, "--engine", "reference")  # nothing to compile
    content = result("accuracy.py", "accuracy_digits", tmp_path / "results", *words, "--keep", tmp_path / "runs")
    (run,) = content["runs"]
    assert run["seed"] == 3
    assert run["process_s"] > run["seconds"] > 0
    kept = json.loads((tmp_path / "runs" / "digits-3" / "result.json").read_text(encoding="utf-8"))
    assert kept["seed"] == 3
    assert kept["engine"] == run["engine"] == "reference"
    assert kept["test_accuracy"] == run["test_accuracy"]


def test_accuracy_of_several_seeds_is_their_mean_spread_and_least() -> None:
    keys = (
        "process_s",
        "input_spikes_per_sample",
        "spikes_per_sample",
        "synaptic_events_per_sample",
        "dense_macs_per_sample",
    )
    program = (
        f"import accuracy\nkeys = {keys!r}\n"
        "seen = ((0.96, 70.0), (0.98, 50.0), (0.97, 30.0))\n"
        "runs = [{'test_accuracy': a, **dict.fromkeys(keys, s)} for a, s in seen]\n"
        "for one in accuracy.findings('digits', runs)[:5]:\n    print(one.value, one.holds)\n"
    )
    lines = [line.split() for line in measurement(program).splitlines()]
    assert [float(value) for value, _ in lines] == pytest.approx([0.97, 0.01, 0.96, 70, 70])
    assert [holds for _, holds in lines] == ["True", "None", "None", "False", "False"]


def test_a_crossing_lies_between_the_densities_around_it() -> None:
    program = (
        "from density_switch import crossing\n"
        "x = [0.01, 0.05, 0.2]\n"
        "for k in (slice(0, 3), slice(0, 2), slice(2, 3)):\n"
        "    print(crossing(x[k], [10 * v for v in x[k]], [1.0] * len(x[k])))\n"
    )
    between, never, always = measurement(program).split()
    assert float(between) == pytest.approx(0.1)
    assert never == "None"
    assert float(always) == 0.2


def test_rounds_go_on_until_no_time_falls_and_dense_inputs_are_counts() -> None:
    program = (
        "from density import random_counts, settled\n"
        "old = [{'train_ms': 10.0, 'infer_ms': 5.0}, {'train_ms': 20.0, 'infer_ms': 6.0}]\n"
        "slightly, much = ([old[0], {'train_ms': 20.0, 'infer_ms': ms}] for ms in (5.9, 5.8))\n"
        "print(settled(old, old), settled(old, slightly), settled(old, much), settled([{}, {}], old))\n"
        "spikes = random_counts(1.6, samples=30, steps=20, channels=40)\n"
        "print(*spikes.shape, len(spikes) / (30 * 20 * 40), int(spikes.dense().max()))\n"
    )
    calm, counts = measurement(program).splitlines()
    assert calm.split() == ["True", "True", "False", "False"]
    *shape, mean, most = map(float, counts.split())
    assert shape == [20, 30, 40]
    assert mean == pytest.approx(1.6, rel=0.03)  # 24,000 counts: the standard error of their mean is 0.5 %
    assert most > 3


@pytest.mark.slow
def test_the_microcircuit_is_timed_and_weighed(tmp_path: Path) -> None:
    words = ("--scale", 0.02, "--duration", 60, "--transient", 40, "--rounds", 2)
    content = result("microcircuit.py", "microcircuit", tmp_path / "results", *words)
    assert content["cells"] == found(content, "cells (scale 0.02)")["value"] == 1544
    assert content["synapses"] == found(content, "synapses")["value"] == 119_548
    assert len(content["seconds"]) == 2
    factor = found(content, "real-time factor")
    assert factor["value"] == pytest.approx(min(content["seconds"]) / 0.06)
    assert factor["aim"] is None  # that of the whole circuit
    assert 0.05 < found(content, "peak memory of the process")["value"] < 2
    spikes = found(content, "spikes")["value"]
    assert spikes == sum(content["spikes"].values()) > 0
    assert content["events"] / spikes == pytest.approx(content["synapses"] / content["cells"], rel=0.5)
    text = (tmp_path / "results" / "microcircuit.md").read_text(encoding="utf-8")
    assert f"| L5E | {content['spikes']['L5E']:,} |" in text
    assert content["command"] in text


def test_the_aims_of_the_microcircuit_are_for_all_of_it() -> None:
    program = (
        "from microcircuit import findings\n"
        "seen = {'seconds': [12.0, 9.0], 'synapses': 3 * 10**8, 'build_s': 20.0, 'cells': 77_169, 'events': 9e8}\n"
        "seen |= {'spikes': {'a': 200_000}, 'bytes_before': 0, 'bytes_after': 2_400_000_000, 'peak_bytes': 9 * 2**30}\n"
        "for scale in (1.0, 0.5):\n"
        "    for one in findings({'scale': scale, **seen}, 600.0):\n"
        "        print(one.quantity, one.value, one.holds, sep=';')\n"
    )
    lines = [line.split(";") for line in measurement(program).splitlines()]
    whole, half = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    judged = {quantity: (float(value), holds) for quantity, value, holds in whole if holds != "None"}
    assert judged == {
        "real-time factor": (15.0, "True"),
        "peak memory of the process": (9.0, "False"),
        "memory of a synapse, once built": (8.0, "True"),
    }
    assert {holds for _, _, holds in half} == {"None"}
    assert float({q: v for q, v, _ in whole}["synaptic events"]) == 100


@pytest.mark.slow
def test_growth_is_measured_and_explained(tmp_path: Path) -> None:
    content = result("growth.py", "growth", tmp_path / "results", "--quick")
    assert (tmp_path / "results" / "growth.png").read_bytes().startswith(b"\x89PNG")
    assert [len(points) for points in content["sweeps"].values()] == [3, 2, 2]
    for points in content["sweeps"].values():
        for point in points:
            assert point["seconds"] == min(point["all_seconds"]) > 0
            assert point["updates"] == point["neurons"] * 200
            spikes = point["rate_Hz"] * point["neurons"] * 0.02
            assert point["events"] == pytest.approx(spikes * point["indegree"])  # each cell sends as much as it gets
    assert [point["indegree"] for point in content["sweeps"]["indegree"]] == [10, 40]
    assert content["bytes"] == {"target": 2, "weight": 0, "delay": 0, "ring": 16}
    assert found(content, "bytes of a synaptic event")["value"] == 18
    assert 0 < content["memory"]["increment"] < 1e-6
    assert 1e8 < content["memory"]["bandwidth"] < 1e13
    text = (tmp_path / "results" / "growth.md").read_text(encoding="utf-8")
    assert content["bounds"]["said"][1:] in text
    assert text.count("\n| 1,000 | 40 |") == 1


def test_a_fit_finds_the_costs_it_was_made_of_and_memory_bounds_them() -> None:
    program = (
        "from growth_model import Memory, bounds, bytes_of_event, fit\n"
        "points = [{'updates': n * 100, 'events': n * k, 'steps': 100} for n in (10, 100, 1000) for k in (1, 30)]\n"
        "for p in points:\n"
        "    p['seconds'] = 3e-9 * p['updates'] + 5e-10 * p['events'] + 2e-5 * p['steps']\n"
        "found = fit(points)\n"
        "print(found.update, found.event, found.step, found.worst_miss)\n"
        "for p in points:\n"
        "    p['seconds'] = 1e-9 * p['events']\n"
        "print(fit(points).update, fit(points).event, fit(points).step, fit(points).mean_miss)\n"
        "print(*bytes_of_event(2**16, drawn_weights=True, delay_steps=255).values())\n"
        "print(*bytes_of_event(2**16 + 1, delay_steps=256).values())\n"
        "machine = Memory(threads=2, bandwidth=2e10, increment=3e-10, receptors=100, far=5e-9)\n"
        "for event in (4e-10, 2e-9, 0.0):\n"
        "    print(bounds(event, bytes_of_event(100), machine)['said'])\n"
    )
    mixed, alone, drawn, long, near, far, none = measurement(program).splitlines()
    assert [float(v) for v in mixed.split()] == pytest.approx([3e-9, 5e-10, 2e-5, 0], rel=1e-6, abs=1e-12)
    assert [float(v) for v in alone.split()] == pytest.approx([0, 1e-9, 0, 0], rel=1e-6, abs=1e-12)
    assert (drawn, long) == ("2 4 1 16", "4 0 2 16")
    assert "stays in the cache; bounded by increments at random: 75%" in near
    assert "bounded by none of these; nearest are increments at random: 15%" in far
    assert "took no time" in none


@pytest.mark.slow
def test_the_drive_of_growth_is_that_of_the_theory() -> None:
    from spikeloom.analysis.mean_field import BrunelNetwork

    program = "from growth import eta\nfor k, rate in ((50, 1.0), (1600, 60.0)):\n    print(eta(k, rate))\n"
    for drive, excitatory, rate in zip(measurement(program).split(), (40, 1280), (1.0, 60.0), strict=True):
        net = BrunelNetwork(g=5.0, eta=float(drive), c_e=excitatory, v_reset=0.0)
        assert net.fixed_points()[-1].rate == pytest.approx(rate, rel=1e-3)


def test_a_script_says_where_it_looked_for_the_workloads(tmp_path: Path) -> None:
    done = script("train_step.py", "speech", "--bench", tmp_path / "nowhere")
    assert done.returncode != 0
    assert "nowhere" in done.stderr
    assert "SPIKELOOM_BENCH" in done.stderr


def measurement(program: str) -> str:
    """What a program prints that imports the module all benchmarks share, as they do: from its folder."""
    done = subprocess.run([sys.executable, "-c", program], cwd=FOLDER, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_of_the_readme_is_that_of_the_result_files() -> None:
    measurement(
        "import measurement\n"
        "page = (measurement.ROOT / 'benchmarks' / 'README.md').read_text(encoding='utf-8')\n"
        "assert all(mark in page for mark in measurement.MARKS)\n"
        "assert measurement.with_table(page, measurement.RESULTS) == page, 'the table is not that of the results'\n"
    )


def test_results_become_lines_of_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    (tmp_path / "README.md").write_text(
        "# A\n\n<!-- results: written by the scripts, do not edit -->\nold\n<!-- end of results -->\nz\n"
    )
    measurement(
        "from pathlib import Path\nfrom measurement import Finding, write\n"
        "lines = [Finding('speed', 12.345, 'x', '>= 12'), Finding('memory', 130, 'MiB', '<= 121.1')]\n"
        "lines += [Finding('n', 1e6, '')]\n"
        f"write('one', lines, {{'before': {{'busy': 0.9, 'load_average': 3.0}}}}, Path({str(folder)!r}))\n"
    )
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| `one` | speed | 12.35 x | ≥ 12 | reached |" in page
    assert "| `one` | memory | 130 MiB | ≤ 121.1 | **not reached** |" in page
    assert "| `one` | n | 1,000,000 |  |  |" in page
    assert "other processes ran meanwhile" in page
    assert "old" not in page
    assert page.endswith("z\n")


@pytest.mark.slow
def test_an_hour_of_distal_reward_is_timed(tmp_path: Path) -> None:
    content = result("izhikevich_2007.py", "izhikevich_2007", tmp_path / "results", "--seconds", "20", "--rounds", "1")
    (one,) = content["runs"]["spikeloom"]
    assert found(content, "Spikeloom, an hour of model time")["value"] == pytest.approx(3600 * one["seconds"])
    assert found(content, "mean rate")["value"] == pytest.approx(1.25, rel=0.15)
    assert 0 < one["processor_s"] < 1
