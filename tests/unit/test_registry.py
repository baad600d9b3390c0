"""A member is found by its name, and by its file alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from spikeloom import neurons, surrogates
from spikeloom.core import registry
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.core.parameters import Model
from spikeloom.neurons import LIF, Neuron
from spikeloom.surrogates import Surrogate


def test_members_are_the_models_that_the_package_exports() -> None:
    for package, base in ((neurons, Neuron), (surrogates, Surrogate)):
        found = registry.members(package.__name__, base)
        assert list(found) == sorted(found)
        assert set(found) == set(package.__all__) - {base.__name__}


def test_names_are_found_in_any_case() -> None:
    assert registry.find("spikeloom.neurons", Neuron, "lif") is LIF
    assert registry.find("spikeloom.neurons", Neuron, "LIF") is LIF


@pytest.mark.parametrize(("name", "near"), [("LIFF", "LIF"), ("leaky", "LeakyIntegrator"), ("cuba", "CubaLIF")])
def test_the_nearest_name_is_suggested(name: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=f"no neuron named {name!r}; did you mean {near!r}.*Known: ALIF, AdEx, "):
        registry.find("spikeloom.neurons", Neuron, name)


@pytest.mark.parametrize("name", [None, 3, LIF])
def test_a_name_is_a_string(name: Any) -> None:
    with pytest.raises(InvalidValueError, match="a name is expected, such as 'ALIF'"):
        registry.find("spikeloom.neurons", Neuron, name)


def test_a_new_file_is_a_new_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "a_family_of_models"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text(
        "import abc\n"
        "from spikeloom.core.parameters import Model\n"
        "class One(Model): pass\n"
        "class _Hidden(Model): pass\n"
        "class Abstract(Model, abc.ABC):\n"
        "    @abc.abstractmethod\n"
        "    def method(self): ...\n"
        "class Shared(One, abc.ABC): pass\n"
    )
    (package / "two.py").write_text(
        "from a_family_of_models.one import Shared\nclass Two(Shared): pass\nclass Three: pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        assert list(registry.members("a_family_of_models", Model)) == ["One", "Two"]
    finally:
        for name in [n for n in sys.modules if n.startswith("a_family_of_models")]:
            del sys.modules[name]
