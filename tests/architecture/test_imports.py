"""Imports point down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_layers_hold(root: Path) -> None:
    """The contracts of ``[tool.importlinter]`` in pyproject.toml, by the same tool as scripts/test."""
    tool = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", tool, "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A file imports only what stands below it KEPT" in done.stdout
