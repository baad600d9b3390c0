"""Generated kernels: written once, compiled once, found again by the next process, readable, and never stale."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from spikeloom.core import generate
from spikeloom.engines.cpu import template
from spikeloom.neurons import LIF
from spikeloom.surrogates import FastSigmoid, Triangle

# Calls a kernel and says how often Numba found compiled code on disk, and how often it did not.
SCRIPT = """
import json
from spikeloom.core import generate
from spikeloom.engines.cpu import compiled
imported = "from spikeloom.engines.cpu.compiled import compiled"
lines = [imported, "@compiled(cache=True)", "def forward(x):", "    return x + x"]
text = chr(10).join(lines)
module, _ = generate.load("doubling", text, [compiled])
assert module.forward(21) == 42
found = {
    "hits": sum(module.forward.stats.cache_hits.values()),
    "misses": sum(module.forward.stats.cache_misses.values()),
    "files": [module.__file__],
}
print(json.dumps(found))
"""


def start(**environment: str) -> dict[str, object]:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below ``folder`` but the byte code, with its size and the time of its last change."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc")
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in files}


def test_a_second_process_does_not_compile_again(kernel_cache: Path) -> None:
    first = start()
    assert (first["hits"], first["misses"]) == (0, 1)
    files = listing(kernel_cache)
    assert any(name.endswith(".nbi") for name in files)
    assert all(str(f).startswith(str(kernel_cache)) for f in first["files"])  # pyright: ignore[reportGeneralTypeIssues]
    second = start()
    assert (second["hits"], second["misses"]) == (1, 0)
    assert listing(kernel_cache) == files


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    found = start(SPIKELOOM_CACHE=str(blocked))
    assert found["misses"] == 1
    assert blocked.read_text() == "not a folder"
    for file in found["files"]:  # pyright: ignore[reportGeneralTypeIssues]
        assert not Path(file).parent.exists()  # a folder of that process, gone with it


def test_where_kernels_are_kept(kernel_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate.cache_folder() == kernel_cache / "kernels"
    monkeypatch.delenv("SPIKELOOM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert generate.cache_folder() == tmp_path / "xdg" / "spikeloom" / "kernels"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert generate.cache_folder() == tmp_path / "home" / ".cache" / "spikeloom" / "kernels"


def test_a_module_is_written_once_and_repaired(kernel_cache: Path) -> None:
    module, fresh = generate.load("example", "value = 'ħ'\n")
    assert (module.value, fresh) == ("ħ", True)
    assert generate.load("example", "value = 'ħ'\n") == (module, False)
    path = Path(str(module.__file__))
    assert path.parent == kernel_cache / "kernels"
    assert path.read_text(encoding="utf-8") == "value = 'ħ'\n"
    other, _ = generate.load("example", "value = 2\n")
    assert other.value == 2
    assert sorted(p.suffix for p in path.parent.iterdir() if p.is_file()) == [".py", ".py"]
    # Another process finds the file damaged: it is written again.
    path.write_text("value = 'dam")
    del sys.modules[module.__name__]
    again, fresh = generate.load("example", "value = 'ħ'\n")
    assert (again.value, fresh) == ("ħ", True)


@pytest.mark.usefixtures("kernel_cache")
def test_a_kernel_is_another_when_what_it_calls_has_changed(tmp_path: Path) -> None:
    def module(text: str) -> ModuleType:
        path = tmp_path / f"used{len(list(tmp_path.iterdir()))}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
        return found

    first, _ = generate.load("calls", "x = 1\n", uses=[module("def f(): return 1\n")])
    second, fresh = generate.load("calls", "x = 1\n", uses=[module("def f(): return 2\n")])
    third, _ = generate.load("calls", "x = 1\n", uses=[module("def f(): return 1\n")])
    assert fresh
    assert first.__file__ != second.__file__
    assert first is third


def test_the_text_of_a_kernel_can_be_read() -> None:
    shape = template.Shape(LIF, (("subtract", False), ("refractory", True)), (), 1, 0, False, Triangle, (), "float32")
    for which in ("forward", "backward"):
        text = template.source(shape, which)
        compile(text, "kernel", "exec")
        assert f"def {which}(" in text
        assert "real = np.float32" in text
        assert "# The step of LIF:" in text
        assert "integrated = v + leak * (rest - v) + gain * x" in text
        assert "float64" not in text
        assert template.source(shape, which) == text


def test_kernels_that_need_not_differ_are_the_same() -> None:
    shape = template.Shape(LIF, (("subtract", False), ("refractory", True)), (), 1, 0, False, Triangle, (), "float32")

    def changed(which: str, **changes: object) -> bool:
        return template.source(dataclasses.replace(shape, **changes), which) != template.source(shape, which)

    assert changed("forward", surrogate=FastSigmoid)
    assert not changed("backward", surrogate=FastSigmoid)
    assert not changed("forward", outputs=2)
    assert changed("backward", outputs=2)
    assert changed("forward", options=(("subtract", True), ("refractory", True)))
