"""Imports point down."""

from __future__ import annotations

import ast
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


def test_no_module_reaches_up_through_the_face_of_the_package(root: Path) -> None:
    """``import spikeloom`` gives everything, late, where import-linter cannot see it; a module names what it needs."""
    package = root / "src" / "spikeloom"
    allowed = {"__version__", *(path.stem for path in package.iterdir())}
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                assert "spikeloom" not in [alias.name for alias in node.names], where
            if isinstance(node, ast.ImportFrom) and node.module == "spikeloom":
                assert {alias.name for alias in node.names} <= allowed, where
