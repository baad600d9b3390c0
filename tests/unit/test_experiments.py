"""Experiments: claims are stated before a run and judged after it; `spikeloom reproduce` says which hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, final

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import spikeloom as sl
from spikeloom import experiments
from spikeloom.cli import reproduce as command
from spikeloom.cli.app import app
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.core.parameters import Model, declarations, parameter
from spikeloom.engines.steps import progress as progress_of_runs
from spikeloom.experiments import (
    Absolute,
    Claim,
    Experiment,
    Inequality,
    Interval,
    Progress,
    Relative,
    Result,
    Tolerance,
    brunel_2000,
    catalogue,
    potjans_diesmann_2014,
)
from spikeloom.experiments.base import part

NUMBERS = st.floats(-1e6, 1e6)
KEYS = ["quantity", "published", "source", "tolerance", "measured", "holds"]


@final
class CoinConfig(Model):
    """How often the coin is thrown."""

    throws: float = parameter(default=100, minimum=1, doc="throws")


class Coin(Experiment[CoinConfig]):
    """A coin shows heads half of the time. (Nobody 1999, doi:10.1000/coin.)"""

    name = "coin-1999"
    title = "A fair coin"
    citation = "Nobody (1999). Coins. doi:10.1000/coin"
    config = CoinConfig()
    full = CoinConfig(throws=10_000)
    biased = 0.5

    def claims(self, config: CoinConfig) -> list[Claim]:
        width = 5 / math.sqrt(config.throws)
        return [
            Claim(quantity="heads", published=0.5, source="Table 1", tolerance=Absolute(width)),
            Claim(quantity="has two sides", published=True, source="Fig. 2", tolerance=Absolute(0)),
        ]

    def run(self, config: CoinConfig, seed: int, progress: Progress) -> Result:
        progress(0.5, "throwing")
        heads = (np.random.default_rng(seed).random(int(config.throws)) < self.biased).mean()
        return Result(measured={"heads": heads, "has two sides": np.bool_(True)}, data={"heads": heads})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from matplotlib.figure import Figure

        drawing = Figure(figsize=(1, 1))
        drawing.add_subplot().bar(["heads"], [result.data["heads"]])
        return {"heads": drawing}


@pytest.fixture
def coins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only experiments there are: a fair coin, and one that always falls on the same side."""

    class Loaded(Coin):
        name = "loaded-coin"
        biased = 0.99

    found = {"coin-1999": Coin, "loaded-coin": Loaded}
    monkeypatch.setattr(catalogue, "experiments", lambda: found)


def call(*words: str | Path) -> Any:
    return CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False)


# --- tolerances -----------------------------------------------------------------------------------------------------


@given(published=NUMBERS, width=st.floats(0, 1e6), off=st.floats(-2, 2))
def test_absolute_is_a_distance(published: float, width: float, off: float) -> None:
    measured = published + off * width
    assert Absolute(width).holds(measured, published) == (abs(measured - published) <= width)
    assert Absolute(width).holds(published, published)


@given(published=NUMBERS, width=st.floats(0, 10), measured=NUMBERS)
def test_relative_is_absolute_times_the_published_value(published: float, width: float, measured: float) -> None:
    expected = Absolute(width * abs(published)).holds(measured, published)
    assert Relative(width).holds(measured, published) == expected


@given(bounds=st.lists(NUMBERS, min_size=2, max_size=2).map(sorted), measured=NUMBERS)
def test_an_interval_is_two_inequalities(bounds: list[float], measured: float) -> None:
    low, high = bounds
    both = Inequality(">=", low).holds(measured, None) and Inequality("<=", high).holds(measured, None)
    assert Interval(low, high).holds(measured, None) == both


@given(bound=NUMBERS, measured=NUMBERS)
def test_inequalities_are_each_others_contrary(bound: float, measured: float) -> None:
    for one, other in (("<", ">="), (">", "<=")):
        assert Inequality(one, bound).holds(measured, None) != Inequality(other, bound).holds(measured, None)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("tolerance", [Absolute(1e9), Relative(1e9), Interval(-1e9, 1e9), Inequality("<", 1e9)])
@pytest.mark.parametrize("measured", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_never_holds(tolerance: Tolerance, measured: Any) -> None:
    assert not tolerance.holds(measured, 1.0)


def test_words_and_truth_values_are_compared_as_they_are() -> None:
    assert Absolute(0).holds("regular", "regular")
    assert not Absolute(0).holds("irregular", "regular")
    assert not Absolute(0).holds(False, True)


@pytest.mark.parametrize(
    ("tolerance", "text"),
    [
        (Absolute(0.5), "± 0.5"),
        (Absolute(0), "exactly"),
        (Relative(0.12), "± 12 %"),
        (Relative(1e-6), "± 1e-06 of it"),
        (Interval(170, 200), "170 to 200"),
        (Inequality("<=", 3), "<= 3"),
    ],
)
def test_a_tolerance_says_what_it_allows(tolerance: Tolerance, text: str) -> None:
    assert str(tolerance) == text


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Absolute(-1), "Absolute(-1)"),
        (lambda: Relative(math.nan), "Relative(nan)"),
        (lambda: Interval(2, 1), "Interval(2, 1) is empty"),
        (lambda: Inequality("=", 1), "Inequality('=', 1)"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_a_tolerance_that_is_none(make: Any, said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert said in str(caught.value)


# --- claims ---------------------------------------------------------------------------------------------------------

HEADS = Claim(quantity="heads", published=0.5, source="Table 1", tolerance=Absolute(0.1))


@pytest.mark.parametrize("measured", [0.55, np.float32(0.55), np.array(0.55), torch.tensor(0.55)])
def test_a_measured_value_becomes_a_plain_number(measured: Any) -> None:
    judged = HEADS.judge(measured)
    assert judged.holds
    assert type(judged.measured) is float
    assert list(judged.describe()) == KEYS
    json.dumps(judged.describe(), allow_nan=False)


@pytest.mark.parametrize("measured", [math.nan, np.nan, np.float64(math.inf)])
def test_what_could_not_be_measured_is_none_and_does_not_hold(measured: Any) -> None:
    assert HEADS.judge(measured).describe() | {"measured": None, "holds": False} == HEADS.judge(measured).describe()


@pytest.mark.parametrize("measured", [None, np.zeros(2), [0.5], 0.5j])
def test_what_is_no_value_is_refused(measured: Any) -> None:
    with pytest.raises(InvalidValueError, match="'heads' was measured as"):
        HEADS.judge(measured)


# --- running --------------------------------------------------------------------------------------------------------


def test_an_outcome_tells_all() -> None:
    told: list[tuple[float, str]] = []
    outcome = experiments.reproduce(Coin(), seed=3, progress=lambda done, doing: told.append((done, doing)))
    assert told == [(0.5, "throwing")]
    assert outcome.holds
    described = outcome.describe()
    assert list(described) == ["experiment", "seed", "seconds", "claims"]
    assert (described["experiment"], described["seed"]) == ("coin-1999", 3)
    assert [c["quantity"] for c in described["claims"]] == ["heads", "has two sides"]
    assert described["claims"][1]["measured"] is True
    assert outcome.seconds > 0


def test_the_same_seed_measures_the_same() -> None:
    runs = [experiments.reproduce(Coin(), seed=seed).claims[0].measured for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_full_and_other_parameters() -> None:
    assert experiments.reproduce(Coin()).config is Coin.config
    full = experiments.reproduce(Coin(), full=True)
    assert full.config is Coin.full
    assert str(full.claims[0].claim.tolerance) == "± 0.05"
    assert experiments.reproduce(Coin(), config=CoinConfig(throws=400)).claims[0].claim.tolerance == Absolute(0.25)
    with pytest.raises(InvalidValueError, match="not both"):
        experiments.reproduce(Coin(), full=True, config=CoinConfig())
    with pytest.raises(InvalidValueError, match=r"runs with a CoinConfig; given LIFCurveConfig.*Write CoinConfig\(\)"):
        experiments.reproduce(Coin(), config=experiments.get("lif-fi-curve").config)
    with pytest.raises(InvalidValueError, match="seed"):
        experiments.reproduce(Coin(), seed=-1)


@pytest.mark.parametrize("measured", [{"heads": 0.5}, {"heads": 0.5, "has two sides": True, "weight [g]": 8.0}])
def test_each_claim_is_measured_and_nothing_else(measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Coin, "run", lambda *_: Result(measured=measured))
    with pytest.raises(InvalidValueError, match=r"each claim must be measured.*see (has two sides|weight \[g\])"):
        experiments.reproduce(Coin())


def test_a_claim_stands_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Coin, "claims", lambda *_: [HEADS, HEADS])
    monkeypatch.setattr(Coin, "run", lambda *_: Result(measured={"heads": 0.5}))
    with pytest.raises(InvalidValueError, match="see heads"):
        experiments.reproduce(Coin())


# --- how far a run within an experiment is --------------------------------------------------------------------------


def driven(cells: int = 20) -> sl.Network:
    """Two populations that fire."""
    net = sl.Network(dt=0.1, seed=3)
    for name in ("exc", "inh"):
        net.population(name, sl.neurons.LIF(theta=20.0, i_e=25.0, input="current"), cells)
        net.connect(name, name, sl.connections.Sparse(indegree=3), weight=0.1, delay=1.0)
    return net


@pytest.fixture
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run tells how far it is whenever it can: after a tenth of a second of model time at the latest."""
    monkeypatch.setattr(progress_of_runs, "OFTEN", 0.0)


@given(begin=st.floats(0, 1), end=st.floats(0, 1), done=st.floats(0, 1))
def test_a_part_is_told_as_so_much_of_the_whole(begin: float, end: float, done: float) -> None:
    told: list[tuple[float, str]] = []
    tell = part(lambda done, doing: told.append((done, doing)), begin, end, "state A")
    assert told == [(begin, "state A")]
    for fraction in (0.0, done, 1.0):
        tell(fraction)
    (_, first, between, last) = (value for value, _ in told)
    assert (first, last) == (begin, pytest.approx(end, abs=1e-15))
    assert between == pytest.approx((1 - done) * begin + done * end, abs=1e-15)
    assert {doing for _, doing in told} == {"state A"}


@pytest.mark.usefixtures("told_often")
def test_a_run_tells_how_far_it_is_and_does_the_same() -> None:
    told: list[float] = []
    record = sl.run(driven(), duration=1000.0, progress=told.append)
    assert told == sorted(told)
    assert len(told) >= 10
    assert 0 < told[0] <= 0.1
    assert told[-1] == 1.0
    silent = sl.run(driven(), duration=1000.0, progress=False)
    for name in ("exc.spikes", "inh.spikes"):
        assert len(record[name]) > 0
        assert torch.equal(record[name].dense(), silent[name].dense())


def test_a_run_tells_no_more_often_than_anybody_can_see(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(np.arange(0, 1000, 0.03))
    monkeypatch.setattr(progress_of_runs, "time", SimpleNamespace(perf_counter=lambda: float(next(now))))
    told: list[float] = []
    with progress_of_runs.Progress(100, 0.1, told.append) as bar:
        for step in range(1, 101):
            bar.at(step)
    assert told == [0.01, 0.05, 0.09, *[pytest.approx(k / 100) for k in range(13, 100, 4)], 1.0]


@pytest.mark.usefixtures("told_often")
def test_an_interrupted_run_tells_no_end() -> None:
    import signal

    told: list[float] = []

    def tell(done: float) -> None:
        told.append(done)
        if done > 0.5:
            signal.raise_signal(signal.SIGINT)

    outside = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background run ignores it
    try:
        with pytest.raises(KeyboardInterrupt):  # a run within something else ends with it
            sl.run(driven(), duration=1000.0, progress=tell)
        assert 0.5 < told[-1] < 0.7
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, outside)


def test_an_engine_that_runs_layer_by_layer_tells_the_end() -> None:
    net = sl.Network(dt=1.0, seed=1)
    net.input("in", 3)
    net.population("cells", sl.neurons.LIF(), 2)
    net.connect("in", "cells", weight=0.6)
    told: list[float] = []
    sl.run(net, torch.ones(5, 1, 3), engine="reference", progress=told.append)
    assert told == [1.0]


@pytest.mark.usefixtures("told_often")
def test_an_experiment_tells_how_far_it_is_during_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, str]] = []

    def tell(done: float, doing: str) -> None:
        told.append((done, doing))

    config = potjans_diesmann_2014.PotjansDiesmannConfig(scale=0.005, duration=1000.0)
    potjans_diesmann_2014.PotjansDiesmann().run(config, 0, tell)
    assert (told[0][0], told[-1][0]) == (0.0, 1.0)
    assert len({done for done, _ in told}) >= 10
    assert {doing for _, doing in told} == {"385 cells, 7,471 synapses"}

    told.clear()
    monkeypatch.setattr(brunel_2000, "network", lambda *_: driven())
    monkeypatch.setattr(brunel_2000.published, "measures", lambda runs, _: {"states": len(runs)})
    states = brunel_2000.Brunel().run(brunel_2000.BrunelConfig(duration=500.0), 0, tell).measured["states"]
    fractions = [done for done, _ in told]
    assert fractions == sorted(fractions)
    for k in range(states):
        assert sum(k / states < done < (k + 1) / states for done in fractions) >= 4
    assert fractions[-1] == 1.0


# --- every experiment of the library --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", experiments.names())
def test_an_experiment_says_what_it_is(name: str) -> None:
    experiment = experiments.get(name.upper())
    assert experiment.name == name
    assert experiment.title
    assert "doi:" in experiment.citation
    for config in (experiment.config, experiment.full):
        if config is not None:
            assert all(declaration.doc for declaration in declarations(type(config)).values())
            claims = experiment.claims(config)
            assert claims
            assert len({claim.quantity for claim in claims}) == len(claims)
            assert all(claim.source for claim in claims)
            json.dumps([claim.judge(0.5).describe() for claim in claims], allow_nan=False)
    assert experiment.full is None or type(experiment.full) is type(experiment.config)


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no experiment named 'lif-curve'; did you mean 'lif-fi-curve'"):
        experiments.get("lif-curve")


# --- spikeloom reproduce --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("coins")
def test_json_prints_one_object_and_nothing_else() -> None:
    found = call("reproduce", "COIN-1999", "--seed", "5", "--json")
    assert found.exit_code == 0
    assert found.stdout.count("\n") == 1
    printed = json.loads(found.stdout)
    assert list(printed) == ["experiment", "seed", "seconds", "claims"]
    assert printed["seed"] == 5
    assert [list(claim) for claim in printed["claims"]] == [KEYS, KEYS]
    heads = {"quantity": "heads", "published": 0.5, "source": "Table 1", "tolerance": "± 0.5", "holds": True}
    assert printed["claims"][0] == heads | {"measured": printed["claims"][0]["measured"]}


@pytest.mark.usefixtures("coins")
def test_the_exit_code_says_whether_every_claim_holds() -> None:
    assert call("reproduce", "loaded-coin").exit_code == 0  # within 0.5 of it, too
    found = call("reproduce", "loaded-coin", "--full", "--json")
    assert found.exit_code == 1
    assert [claim["holds"] for claim in json.loads(found.stdout)["claims"]] == [False, True]


@pytest.mark.usefixtures("coins")
def test_the_table_has_a_row_for_each_claim() -> None:
    shown = call("reproduce", "loaded-coin", "--full").stdout
    heads, sides = (next(line for line in shown.splitlines() if line.startswith(q)) for q in ("heads", "has two"))
    assert [word for word in ("0.5", "± 0.05", "0.9", "NO", "Table 1") if word not in heads] == []
    assert [word for word in ("yes", "exactly", "Fig. 2") if word not in sides] == []
    assert "1 of 2 claims hold" in shown
    assert "doi:10.1000/coin" in shown


@pytest.mark.usefixtures("coins")
def test_all_is_a_list() -> None:
    found = call("reproduce", "all", "--full", "--json")
    assert found.exit_code == 1
    assert [outcome["experiment"] for outcome in json.loads(found.stdout)] == ["coin-1999", "loaded-coin"]
    assert call("reproduce", "all").exit_code == 0
    assert json.loads(call("list", "experiments", "--json").stdout) == ["coin-1999", "loaded-coin"]


@pytest.mark.usefixtures("coins")
def test_all_goes_on_after_one_that_cannot_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Coin, *_: Any) -> Result:
        if self.name == "coin-1999":
            raise InvalidValueError("there is no coin")
        return Result(measured={"heads": 0.5, "has two sides": True})

    monkeypatch.setattr(Coin, "run", broken)
    found = call("reproduce", "all", "--json")
    assert found.exit_code == 2
    assert found.stderr == "error: coin-1999: there is no coin\n"
    assert [outcome["experiment"] for outcome in json.loads(found.stdout)] == ["loaded-coin"]


@pytest.mark.usefixtures("coins")
def test_what_was_measured_is_printed_even_if_a_picture_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise InvalidValueError("no pencil")

    monkeypatch.setattr(Coin, "figures", broken)
    found = call("reproduce", "coin-1999", "--out", tmp_path / "coin", "--json")
    assert found.exit_code == 2
    assert found.stderr == "error: coin-1999: no pencil\n"
    assert json.loads(found.stdout)["experiment"] == "coin-1999"
    assert (tmp_path / "coin" / "result.json").is_file()


@pytest.mark.usefixtures("coins")
def test_a_folder_gets_the_result_and_the_pictures(tmp_path: Path) -> None:
    out = tmp_path / "here" / "coin"
    printed = json.loads(call("reproduce", "coin-1999", "--out", out, "--json").stdout)
    assert {path.name for path in out.iterdir()} == {"result.json", "heads.png"}
    written = json.loads((out / "result.json").read_text())
    assert written | printed == written
    assert written["config"] == {"class": "CoinConfig", "throws": 100.0}
    assert written["versions"]["numpy"] == np.__version__
    assert (out / "heads.png").read_bytes().startswith(b"\x89PNG")
    assert call("reproduce", "all", "--out", tmp_path / "all").exit_code == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} == {"coin-1999", "loaded-coin"}


@pytest.mark.usefixtures("coins")
def test_what_is_impossible_is_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Coin, "run", lambda *_: pytest.fail("ran"))
    (tmp_path / "mine").write_text("")
    refused = {
        ("coin-199",): "did you mean 'coin-1999'?",
        (): "say what to reproduce: spikeloom reproduce coin-1999, or all",
        ("coin-1999", "--out", str(tmp_path)): "holds other files",
        ("all", "--out", str(tmp_path / "mine")): "is a file",
    }
    for words, said in refused.items():
        found = call("reproduce", *words)
        assert found.exit_code == 2
        assert found.stdout == ""
        assert said in found.stderr
        assert len(found.stderr.splitlines()) == 1


@pytest.mark.usefixtures("coins")
def test_ctrl_c_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Result:
        raise KeyboardInterrupt

    monkeypatch.setattr(Coin, "run", interrupted)
    assert call("reproduce", "coin-1999").exit_code == 130


def test_a_long_run_shows_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import time

    from spikeloom.core import notice

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    for patience, expected in ((0.0, True), (60.0, False)):
        screen = Terminal()
        monkeypatch.setattr("sys.stderr", screen)
        monkeypatch.setattr(command, "PATIENCE", patience)
        with command.shown("coin-1999") as tell:
            tell(0.25, "throwing")
            with notice.waiting("compiling"):
                time.sleep(0.4)
        assert all(word in screen.getvalue() for word in ("coin-1999", "compiling")) == expected
        assert bool(screen.getvalue()) == expected


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with command.shown("coin-1999") as tell:
        tell(0.5, "throwing")
    assert capsys.readouterr().err == ""


def test_list_describes_the_experiments() -> None:
    names = json.loads(call("list", "experiments", "--json").stdout)
    assert names == experiments.names()
    assert "lif-fi-curve" in names
    everything = json.loads(call("list", "--json").stdout)["experiments"]
    assert list(everything) == names
    assert "doi:10.1017/CBO9781107447615" in everything["lif-fi-curve"]["sources"]
    shown = call("list", "experiments").stdout
    assert all(name in shown for name in names)
