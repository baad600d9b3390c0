"""scripts/test and scripts/demo: what they run, when they install, and how they end. A recorder plays Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the scripts are for bash")

RECORDER = """#!/bin/sh
case $1 in
  -c | --version) exec {python} "$@" ;;
esac
echo "$@" >> {log}
case "$*" in
  $FAIL) exit 3 ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    """A copy of the scripts, with an environment whose Python writes down what it is asked to run."""

    root: Path

    @property
    def log(self) -> Path:
        return self.root / "log"

    def run(
        self, script: str, *arguments: str, fail: str = "nothing"
    ) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        """Runs a script, with the commands that match ``fail`` failing; gives how it ended and what it ran."""
        self.log.write_text("")
        done = subprocess.run(
            [str(self.root / script), *arguments],
            env=os.environ | {"FAIL": fail},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done, self.log.read_text().replace(f"{self.root}/", "").splitlines()


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Checkout:
    here = tmp_path / "a folder"
    for folder in ("scripts", ".ci"):
        shutil.copytree(root / folder, here / folder)
    (here / "src" / "spikeloom").mkdir(parents=True)
    (here / "src" / "spikeloom" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (here / "pyproject.toml").write_text("[project]\n")
    recorder = here / ".venv" / "bin" / "python"
    recorder.parent.mkdir(parents=True)
    recorder.write_text(RECORDER.format(python=f"'{sys.executable}'", log=f"'{here}/log'"))
    recorder.chmod(0o755)
    return Checkout(here)


CHECKS = [
    "-m ruff check",
    "-m ruff format --check",
    "-m pyright --pythonpath .venv/bin/python",
    ".venv/bin/lint-imports --no-logo --no-cache",
    "-m pytest -m not slow -n auto --dist loadfile",
]


def installs(ran: list[str]) -> list[str]:
    return [line for line in ran if "pip install" in line]


def test_everything_runs_and_succeeds(checkout: Checkout) -> None:
    done, ran = checkout.run("scripts/test")
    assert done.returncode == 0, done.stderr
    assert ran[-5:] == CHECKS
    assert [line.endswith("--editable .[dev]") for line in installs(ran)] == [True]


@pytest.mark.parametrize("failing", CHECKS)
def test_a_failing_check_stops_no_other_and_shows_in_the_exit_code(checkout: Checkout, failing: str) -> None:
    done, ran = checkout.run("scripts/test", fail=failing.replace(".venv", "*.venv"))
    assert done.returncode == 1
    assert ran[-5:] == CHECKS
    assert done.stderr.strip().splitlines()[-1].startswith("failed: ")


def test_all_runs_the_slow_tests_and_arguments_reach_pytest(checkout: Checkout) -> None:
    _, ran = checkout.run("scripts/test", "--all", "tests/unit", "-k", "a b")
    assert ran[-1] == "-m pytest tests/unit -k a b"
    _, ran = checkout.run(".ci/run", "-x")
    assert ran[-1] == "-m pytest -m not slow -x"


def test_a_second_start_installs_nothing_until_the_declaration_changes(checkout: Checkout) -> None:
    assert installs(checkout.run("scripts/test")[1])
    assert not installs(checkout.run("scripts/test")[1])
    assert not installs(checkout.run("scripts/demo")[1])  # what tests need includes what the demo needs
    (checkout.root / "pyproject.toml").write_text("[project]\ndependencies = ['other']\n")
    assert installs(checkout.run("scripts/demo")[1])
    assert installs(checkout.run("scripts/test")[1])  # but not the other way round
    (checkout.root / "src" / "spikeloom" / "__init__.py").write_text('__version__ = "1.2.4"\n')
    assert installs(checkout.run("scripts/test")[1])


def test_a_failed_installation_is_reported_and_tried_again(checkout: Checkout) -> None:
    done, ran = checkout.run("scripts/test", fail="*pip install*")
    assert done.returncode == 1
    assert "the installation failed" in done.stderr
    assert not [line for line in ran if "pytest" in line]
    assert installs(checkout.run("scripts/test")[1])


def test_the_demo_trains_on_digits_with_the_options_given(checkout: Checkout) -> None:
    done, ran = checkout.run("scripts/demo", "--seed", "3", fail="*train digits*")
    assert ran[-1] == ".venv/bin/spikeloom train digits --seed 3"
    assert done.returncode == 3


def test_an_old_python_is_named(checkout: Checkout) -> None:
    recorder = checkout.root / ".venv" / "bin" / "python"
    recorder.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1\nexit 1\n')
    done, _ = checkout.run("scripts/demo")
    assert done.returncode == 1
    assert "Python 3.9.1" in done.stderr
    assert "3.11" in done.stderr
