"""What every benchmark shares: is the machine quiet, processes to run, and results that say where they come from."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("spikeloom", "torch", "numba", "llvmlite", "numpy")
BUSY, LOAD = 0.15, 0.5
"""Share of the processors in use, and load average per processor, above which times are called disturbed."""
MARKS = ("<!-- results: written by the scripts, do not edit -->", "<!-- end of results -->")


@dataclass(frozen=True)
class Finding:
    """One line of the table of results: what was measured, and the aim it is held to, if there is one.

    ``aim`` reads ``">= 12"`` or ``"<= 60"``.
    """

    quantity: str
    value: float
    unit: str
    aim: str | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the value reaches the aim."""
        if self.aim is None:
            return None
        relation, _, bound = self.aim.partition(" ")
        return self.value >= float(bound) if relation == ">=" else self.value <= float(bound)

    def describe(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return asdict(self) | {"holds": self.holds}


def parser(description: str) -> argparse.ArgumentParser:
    """An argument parser with what all scripts understand."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument(
        "--results", type=Path, default=RESULTS, help="folder for the result files; the README beside it gets the table"
    )
    return made


def busy(seconds: float = 1.0) -> float:
    """Share of the processors that is in use while this process sleeps; NaN where the system does not tell."""
    before = _processor_times()
    time.sleep(seconds)
    after = _processor_times()
    if before is None or after is None or after[1] <= before[1]:
        return math.nan
    return (after[0] - before[0]) / (after[1] - before[1])


def _processor_times() -> tuple[int, int] | None:
    """Ticks in use and ticks in all, since the system started (Linux)."""
    try:
        ticks = [int(word) for word in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]]
    except (OSError, ValueError, IndexError):
        return None
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def warn_if_busy() -> dict[str, float | None]:
    """Print a warning if other processes run, and return what was seen: PyTorch stalls tenfold beside one."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan
    seen = {"busy": _number(busy()), "load_average": _number(load)}
    _warn(seen)
    return seen


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def disturbed(seen: Mapping[str, float | None] | None) -> bool:
    """Whether other processes ran when a measurement began."""
    seen = seen or {}
    return (seen.get("busy") or 0.0) > BUSY or (seen.get("load_average") or 0.0) > LOAD * (os.cpu_count() or 1)


def _warn(seen: Mapping[str, float | None] | None) -> None:
    if seen is not None and disturbed(seen):
        print(
            f"WARNING: the machine was not quiet when this began: {seen['busy'] or 0:.0%} of the processors in use, "
            f"load average {seen['load_average']}. Times are too long, unevenly so; measure when nothing else runs.",
            file=sys.stderr,
            flush=True,
        )


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> str:
    """Standard output of a process that is run to its end.

    Raises:
        SystemExit: it failed; its last words are shown.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SystemExit(f"cannot run {words[0]}: {error}") from error
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(words)} failed ({done.returncode}):\n{done.stderr[-3000:]}")
    return done.stdout


def versions_of(python: str | Path, packages: Sequence[str]) -> dict[str, str]:
    """Versions of packages in the environment of another interpreter."""
    program = (
        "import json, platform, sys\nfrom importlib import metadata\nfound = {'python': platform.python_version()}\n"
        "for name in sys.argv[1:]:\n    try:\n        found[name] = metadata.version(name)\n"
        "    except metadata.PackageNotFoundError:\n        pass\nprint(json.dumps(found))"
    )
    return json.loads(run([python, "-c", program, *packages]))


def machine() -> dict[str, Any]:
    """The machine and the versions that the numbers depend on."""
    found: dict[str, Any] = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_GiB": round(_memory() / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def commit() -> str:
    """The commit that was measured, with ``+`` if files that it tracks were changed; empty outside a repository."""
    git = ["git", "-C", str(ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no", "--", "src"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def command() -> str:
    """The command that was given, as it reads from the root of the repository: without folders of this machine."""
    given = list(sys.argv[1:])
    if "--results" in given:
        at = given.index("--results")
        del given[at : at + 2]
    return shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *(_without_folder(word) for word in given)])


def _without_folder(word: str) -> str:
    return "/".join(Path(word).parts[-3:]) if os.path.isabs(word) else word


def write(name: str, findings: Sequence[Finding], details: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Write ``<folder>/<name>.json``, update the table in the README beside the folder, print the findings."""
    content = {
        "benchmark": name,
        "command": command(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": commit(),
        "machine": machine(),
        "findings": [finding.describe() for finding in findings],
        **details,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    _replace(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
    page = folder.parent / "README.md"
    if page.exists():
        _replace(page, with_table(page.read_text(encoding="utf-8"), folder))
    print()
    for finding in findings:
        verdict = (
            "" if finding.holds is None else f"   aim {finding.aim}: {'reached' if finding.holds else 'NOT REACHED'}"
        )
        print(f"{finding.quantity:60s} {show(finding.value):>10s} {finding.unit}{verdict}")
    _warn(details.get("before"))
    print(f"\nwritten: {path}")
    return path


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def show(value: float) -> str:
    """A number with four significant digits, and thousands apart."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(folder: Path) -> str:
    """All results of a folder as one table."""
    lines = ["| benchmark | quantity | result | aim | |", "|---|---|---|---|---|"]
    sources: list[str] = []
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for finding in content["findings"]:
            mark = {None: "", True: "reached", False: "**not reached**"}[finding["holds"]]
            aim = "" if finding["aim"] is None else finding["aim"].replace(">=", "≥").replace("<=", "≤")
            value = f"{show(finding['value'])} {finding['unit']}".strip()
            lines.append(f"| `{content['benchmark']}` | {finding['quantity']} | {value} | {aim} | {mark} |")
        where, noise = content["machine"], disturbed(content.get("before"))
        sources.append(
            f"- `{content['benchmark']}`: `{content['command']}`, {content['date']}, "
            f"commit {content['commit'] or 'unknown'}, "
            f"{where['cores']} cores of {where['processor']}, {where['memory_GiB']:g} GiB, Python {where['python']}, "
            f"torch {where.get('torch', '?')}, Numba {where.get('numba', '?')}"
            + (" (**other processes ran meanwhile**)" if noise else "")
        )
    return "\n".join([*lines, "", *sources]) if sources else "No results yet."


def with_table(page: str, folder: Path) -> str:
    """``page`` with the table of ``folder`` between its marks."""
    begin, end = MARKS
    if begin not in page or end not in page:
        return page
    return re.sub(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n\n{table(folder)}\n\n{end}",
        page,
        flags=re.DOTALL,
    )
