"""A result file as a page: what was found, where it comes from, and tables that are too long for the README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from measurement import disturbed, show


def page(result: Path, *parts: str) -> Path:
    """Write ``<name>.md`` beside the result file ``<name>.json``; returns its path."""
    content = json.loads(result.read_text(encoding="utf-8"))
    where = content["machine"]
    rows = [
        [one["quantity"], f"{show(one['value'])} {one['unit']}".strip(), one["aim"] or "", _mark(one["holds"])]
        for one in content["findings"]
    ]
    commit, noise = content["commit"] or "unknown", disturbed(content.get("before"))
    source = (
        f"`{content['command']}`, {content['date']}, commit {commit}, {where['cores']} cores of {where['processor']}, "
        f"{where['memory_GiB']:g} GiB, Python {where['python']}, Numba {where.get('numba', '?')}"
        + (" (**other processes ran meanwhile**)" if noise else "")
    )
    head = [f"# {content['benchmark'].capitalize()}", source, table(["quantity", "result", "aim", ""], rows)]
    path = result.with_suffix(".md")
    path.write_text("\n\n".join([*head, *parts]) + "\n", encoding="utf-8")
    return path


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown; numbers with four significant digits."""
    lines = [heads, ["---"] * len(heads)]
    lines += [[show(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _mark(holds: bool | None) -> str:
    return {None: "", True: "reached", False: "**not reached**"}[holds]
