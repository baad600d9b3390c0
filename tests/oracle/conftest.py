"""The judge: NEST, in an environment of its own, as a process that answers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

WORKER = Path(__file__).with_name("nest_worker.py")

Nest = Callable[[dict[str, Any]], dict[str, Any]]
"""From a description to what NEST makes of it (see ``nest_worker.py``)."""


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    """NEST; where ``SPIKELOOM_NEST`` does not name a Python that has it, the test is skipped."""
    python = os.environ.get("SPIKELOOM_NEST")
    if not python:
        pytest.skip("NEST is the judge here: set SPIKELOOM_NEST to a Python that has it (CONTRIBUTING.md says how)")
    if not Path(python).is_file():
        pytest.fail(f"SPIKELOOM_NEST names {python!r}, which is not a file")
    process = subprocess.Popen([python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    asked, answers = process.stdin, process.stdout
    assert asked is not None
    assert answers is not None

    def ask(description: dict[str, Any]) -> dict[str, Any]:
        asked.write(json.dumps(description) + "\n")
        asked.flush()
        line = answers.readline()
        if not line:
            pytest.fail("NEST ended; is SPIKELOOM_NEST the Python of an environment with nest-simulator==3.10.0?")
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer

    try:
        yield ask
    finally:
        asked.close()
        process.wait(30)
