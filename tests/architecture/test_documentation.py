"""What is written is run: the code of every page, the commands it names, its links, and the examples in docstrings."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MODULES = sorted((ROOT / "src" / "spikeloom").rglob("*.py"))


def each_page(having: str | None = None) -> pytest.MarkDecorator:
    """Every page, or every page with a block in the language ``having``."""
    chosen = [page for page in PAGES if having is None or any(block.language == having for block in pages.blocks(page))]
    return pytest.mark.parametrize("page", chosen, ids=[page.relative_to(ROOT).as_posix() for page in chosen])


@each_page(having="python")
@pytest.mark.timeout(600)
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In order, as one module that starts with nothing: a reader can paste the page from top to bottom.

    What stands in a fence of the language ``output`` is what the code prints, in this order.
    """
    name = f"page_{page.stem.replace('-', '_').lower()}"
    file = tmp_path / f"{name}.py"
    file.write_text(pages.module(page), encoding="utf-8")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    printed = capsys.readouterr().out
    for block in pages.blocks(page):
        if block.language == "output":
            assert block.code in printed, f"{page.name}:{block.line} is not what the code prints"
            printed = printed.split(block.code, 1)[1]


@cache
def help_of(*words: str) -> str:
    """What ``spikeloom <words> --help`` prints."""
    program = "from spikeloom.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "--help"],
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"there is no command `spikeloom {' '.join(words)}`:\n{done.stderr}"
    return done.stdout


def check_spikeloom(words: list[str]) -> None:
    """The subcommand exists, and knows each option that the page gives it."""
    subcommand = [word for word in words[:1] if not word.startswith("-")]
    text = help_of(*subcommand)
    for option in (word.split("=")[0] for word in words if word.startswith("-")):
        assert option in text.replace(",", " ").split(), f"`spikeloom {' '.join(words)}`: {option} is no option"


@each_page(having="bash")
def test_the_commands_of_a_page_exist(page: Path) -> None:
    """``spikeloom`` with its options, scripts of the repository, Python files; other programs are the reader's."""
    for command in pages.commands(page):
        program, *words = command
        if program == "spikeloom" or program.endswith("/spikeloom"):
            check_spikeloom(words)
        elif program.startswith(("scripts/", "./", "benchmarks/", ".ci/")):
            assert (ROOT / program).is_file(), f"{page.name} names {program}, which does not exist"
            if program == "scripts/demo":
                check_spikeloom(["train", *words])
        elif program.endswith("python"):
            for word in words:
                if word.endswith(".py"):
                    assert (ROOT / word).is_file(), f"{page.name} names {word}, which does not exist"


@each_page()
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = [target for target in pages.links(page) if not (page.parent / target).exists()]
    assert not broken


@pytest.mark.parametrize("path", MODULES, ids=[path.relative_to(ROOT / "src").as_posix() for path in MODULES])
def test_the_examples_in_docstrings_hold(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_every_page_shows_its_code_in_a_language() -> None:
    """A fence without a language would escape the tests above; say ``text`` for what is not to be run."""
    silent = [f"{page.name}:{block.line}" for page in PAGES for block in pages.blocks(page) if not block.language]
    assert not silent


def test_the_reader_of_pages_finds_code_commands_and_links(tmp_path: Path) -> None:
    """The tests above would pass on pages that nobody can read; so their reader is held to an example."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Title\n\n```python\nx = 1\n```\n\n- a list\n\n  ```python\n  y = x + 1\n  ```\n\n"
        "```bash\n$ spikeloom train digits \\\n    --seed 3  # comment\n```\n"
        '[a](other.md#part) ![b](b.png) <img src="c.png">\n'
        "[far](https://example.org) [here](#title)\n",
        encoding="utf-8",
    )
    assert pages.module(page).splitlines()[3] == "x = 1"
    assert pages.module(page).splitlines()[9] == "y = x + 1"
    assert pages.commands(page) == [["spikeloom", "train", "digits", "--seed", "3"]]
    assert pages.links(page) == ["other.md", "b.png", "c.png"]
