"""Reading the pages of documentation: their code, their commands, their links."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w+-]*)[^\n]*\n(?P<code>.*?)^(?P=indent)``` *$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)[^)]*\)|(?:src|href|srcset)=\"(?P<attribute>[^\"]+)\"")


@dataclass(frozen=True)
class Block:
    """A fenced block of code: its language, its text, and the line of the page on which the text begins."""

    language: str
    code: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        indent = match["indent"]
        code = "".join(line.removeprefix(indent) for line in match["code"].splitlines(keepends=True))
        found.append(Block(match["language"], code, text.count("\n", 0, match.start("code")) + 1))
    return found


def module(page: Path) -> str:
    """The Python blocks of a page as one module, each on the lines where it stands in the page."""
    lines: list[str] = []
    for block in blocks(page):
        if block.language == "python":
            lines += [""] * (block.line - 1 - len(lines))
            lines += block.code.splitlines()
    return "\n".join(lines) + "\n"


def commands(page: Path) -> list[list[str]]:
    """The commands in the shell blocks of a page, as words; comments, prompts and continuations taken off."""
    found = []
    for block in blocks(page):
        if block.language in ("bash", "sh", "shell", "console"):
            for line in block.code.replace("\\\n", " ").splitlines():
                words = shlex.split(line.removeprefix("$ "), comments=True)
                if words:
                    found.append(words)
    return found


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures that lie in this repository."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [match["target"] or match["attribute"] for match in _LINK.finditer(text)]
    return [
        target.split("#")[0] for target in targets if "://" not in target and not target.startswith(("#", "mailto:"))
    ]
