"""The house rules that a reader relies on: small files, documented names, packages that only re-export, one version."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import re
from pathlib import Path

import pytest

import spikeloom

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
FILES = sorted((SOURCE / "spikeloom").rglob("*.py"))
PACKAGES = [path for path in FILES if path.name == "__init__.py"]
TEMPLATES = sorted((SOURCE / "spikeloom").rglob("*.jinja"))  # of kernels


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[module_name(path) for path in paths])


@each([*FILES, *TEMPLATES])
def test_a_file_is_small_enough_to_see_whole(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@each(FILES)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.strip()


def test_every_folder_of_modules_is_a_package() -> None:
    """A namespace package would be seen by neither the registry nor import-linter."""
    folders = {path.parent for path in FILES}
    assert folders == {path.parent for path in PACKAGES}


def is_reexport(node: ast.stmt) -> bool:
    """Whether a statement of an ``__init__`` only passes names on; late imports (PEP 562) are a way of doing so."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "__version__")]):
            return True
        case ast.Assign(targets=[ast.Tuple(elts=names)]):
            return all(
                isinstance(name, ast.Name) and name.id in ("__getattr__", "__dir__", "__all__") for name in names
            )
        case ast.AnnAssign(target=ast.Name(id="__all__" | "__version__")):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=[]):
            return all(isinstance(inner, ast.Import | ast.ImportFrom) for inner in body)
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


@each(PACKAGES)
def test_a_package_only_reexports(path: Path) -> None:
    others = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if not is_reexport(node)]
    assert not others, f"{path.name}:{others[0].lineno} does more than pass names on: {ast.unparse(others[0])[:80]}"


def own_docstring(thing: object) -> str:
    """The docstring that was written for ``thing``: neither inherited nor the signature that dataclasses fill in."""
    text = (vars(thing).get("__doc__") if inspect.isclass(thing) else getattr(thing, "__doc__", None)) or ""
    generated = inspect.isclass(thing) and text.startswith(f"{thing.__name__}(")
    return "" if generated else text.strip()


@each(PACKAGES)
def test_what_a_package_exports_exists_and_is_documented(path: Path) -> None:
    package = importlib.import_module(module_name(path))
    names = getattr(package, "__all__", [name for name in vars(package) if not name.startswith("_")])
    missing = [name for name in names if not hasattr(package, name)]
    assert not missing
    documented = {name: getattr(package, name) for name in names}
    silent = [
        name
        for name, value in documented.items()
        if (inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)) and not own_docstring(value)
    ]
    assert not silent, f"without a docstring: {silent}"


def test_the_version_is_written_in_one_place() -> None:
    """``src/spikeloom/__init__.py`` has it; the changelog names past ones; everything else asks for it."""
    version = spikeloom.__version__
    assert importlib.metadata.version("spikeloom") == version
    written = re.compile(rf"(?<![\d.]){re.escape(version)}(?![\w.]*\d)")
    files = [path for path in ROOT.iterdir() if path.suffix in (".md", ".toml", ".cff", ".yaml", ".py")]
    for folder in ("src", "docs", "scripts", "tests"):
        files += [
            path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".md", ".sh", ".toml", ".html", "")
        ]
    places = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.is_file() and path.name != "CHANGELOG.md" and written.search(path.read_text(encoding="utf-8"))
    ]
    assert places == ["src/spikeloom/__init__.py"]
