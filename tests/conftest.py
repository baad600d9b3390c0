"""What every test may use: real data where there is some, a kernel cache of its own, and reproducible random cases."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI", "false") not in ("", "false") else "local")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data, with one folder per data set; the test is skipped where there is none."""
    named = os.environ.get("SPIKELOOM_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if named and not folder.is_dir():
        pytest.fail(f"SPIKELOOM_DATA names {named!r}, which is not a folder")
    if not folder.is_dir():
        pytest.skip("real data not present: set SPIKELOOM_DATA")
    return folder


@pytest.fixture
def kernel_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for generated kernels, used by this test and the processes it starts.

    Only for tests about the cache itself: all others share the user's, since compiling a kernel takes seconds.
    """
    folder = tmp_path / "kernels"
    monkeypatch.setenv("SPIKELOOM_CACHE", str(folder))
    return folder
