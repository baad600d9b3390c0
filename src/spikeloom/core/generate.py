"""Generated kernels as modules on disk: written once into the user's cache, imported, compiled once.

A compiler's disk cache belongs to a file. So a kernel is not built in memory but written, named by the hash of its
text and of the versions that compile it, into ``$SPIKELOOM_CACHE`` (else ``$XDG_CACHE_HOME/spikeloom``, else
``~/.cache/spikeloom``), and imported from there: the second process starts at once, and a user can read what runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import inspect
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import numba
import numpy as np

_lock = threading.Lock()
_fallback: list[tempfile.TemporaryDirectory[str]] = []


def cache_folder() -> Path:
    """The folder of generated kernels; a temporary one if the user's cache cannot be written."""
    named = os.environ.get("SPIKELOOM_CACHE")
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spikeloom"
    folder = base / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        if not _fallback:
            _fallback.append(tempfile.TemporaryDirectory(prefix="spikeloom-kernels-"))
        return Path(_fallback[0].name)


def load(
    name: str,
    source: str,
    uses: Sequence[ModuleType] = (),
    shown: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
) -> tuple[ModuleType, bool]:
    """The module with this ``source``, and whether it was not in the cache folder and has been written just now.

    ``shown`` makes a context for the import of a new one, which may take a while: one that tells who waits.

    ``uses`` are the modules whose compiled functions it calls: when their text changes, it is another module. (Compiled
    code holds a copy of what it calls, and Numba's own cache would not notice.)
    """
    versions = f"{sys.version_info[:2]} numba {numba.__version__} numpy {np.__version__}"
    texts = "\n".join([versions, source, *map(inspect.getsource, uses)])
    digest = hashlib.sha256(texts.encode()).hexdigest()[:20]
    qualified = f"spikeloom_kernel_{name}_{digest}"
    with _lock:  # a second thread waits for a module that is being made
        return _module(qualified, name, digest, source, shown)


def _module(
    qualified: str, name: str, digest: str, source: str, shown: Callable[[], AbstractContextManager[None]]
) -> tuple[ModuleType, bool]:
    if qualified in sys.modules:
        return sys.modules[qualified], False
    path = cache_folder() / f"{name}_{digest}.py"
    fresh = not path.exists() or path.read_text(encoding="utf-8") != source
    if fresh:
        # A name of its own for each process: two may generate the same kernel at once, and either file will do.
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_text(source, encoding="utf-8")
        partial.replace(path)
    spec = importlib.util.spec_from_file_location(qualified, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module
    with shown() if fresh else contextlib.nullcontext():
        spec.loader.exec_module(module)
    return module, fresh
