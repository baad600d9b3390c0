"""Each plot shows the numbers that it was given, on axes that say what they are and in which unit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from spikeloom import analysis, plots
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from spikeloom.plots.theme import SERIES
from tests.unit.drawings import dots, drawn, steps, texts
from tests.unit.trains import nothing, renewal, single

SPIKES = renewal(1, rate=20, neurons=12, duration=1 * second, seed=20)
TRACES = np.random.default_rng(21).normal(-60, 3, (200, 1, 3))
SOURCE, TARGET = np.random.default_rng(22).integers(0, 30, (2, 200))

EACH: dict[str, tuple[Callable[..., Any], str, str]] = {
    "raster": (lambda **g: plots.raster(SPIKES, **g), "time (ms)", "neuron"),
    "rate": (lambda **g: plots.rate(SPIKES, 10 * ms, **g), "time (ms)", "mean rate (Hz)"),
    "traces": (lambda **g: plots.traces(TRACES, 0.5 * ms, **g), "time (ms)", "v (mV)"),
    "connectivity": (
        lambda **g: plots.connectivity(SOURCE, TARGET, 0.1, shape=(30, 30), **g),
        "target neuron",
        "source neuron",
    ),
    "in_degrees": (lambda **g: plots.in_degrees(TARGET, 30, **g), "synapses onto a neuron", "neurons"),
    "isi_histogram": (lambda **g: plots.isi_histogram(SPIKES, **g), "interspike interval (ms)", "intervals"),
    "spectrum": (lambda **g: plots.spectrum(SPIKES, 1 * ms, **g), "frequency (Hz)", "power density (Hz²/Hz)"),
    "correlogram": (lambda **g: plots.correlogram(SPIKES, 1 * ms, 20 * ms, **g), "lag (ms)", "rate at this lag (Hz)"),
    "drift": (
        lambda **g: plots.drift([0.1, 0.2], [0.11, 0.19], **g),
        "predicted drift (weight per second)",
        "simulated drift (weight per second)",
    ),
    "window": (
        lambda **g: plots.window(lambda s: np.sign(s) * np.exp(-abs(s) / 20), unit="mV", **g),
        "t_post − t_pre (ms)",
        "change of the weight (mV)",
    ),
    "learning_curves": (
        lambda **g: plots.learning_curves([[1.0, 3.0, 4.0], [2.0, 3.0, 5.0]], **g),
        "episode",
        "return (sum of rewards)",
    ),
    "filters": (lambda **g: plots.filters(np.eye(4)[None].repeat(6, 0), **g), "6 filters of 4 x 4", ""),
}
each_plot = pytest.mark.parametrize("name", EACH)


# ------------------------------------------------------------------------------------------------------- every plot
def test_every_plot_is_tested() -> None:
    assert {*EACH, "growth"} == set(plots.__all__)


def test_growth_has_two_axes_with_one_time() -> None:
    given = {"E": [0.0, 0.04, 0.05], "I": [0.1, 0.2, 0.2]}
    made = plots.growth([0.0, 1000.0, 2000.0], given, {"E": [0, 10, 12]}, targets={"E": 0.05}, lesion=1500.0)
    upper, lower = made.axes
    assert (upper.get_ylabel(), lower.get_ylabel(), lower.get_xlabel()) == ("calcium", "synapses", "time (s)")
    np.testing.assert_array_equal(upper.lines[0].get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(lower.lines[0].get_ydata(), [0, 10, 12])
    with pytest.raises(InvalidValueError, match="E"):
        plots.growth([0.0, 1.0], given, {})


@each_plot
def test_axes_say_what_they_are(name: str) -> None:
    plot, x, y = EACH[name]
    axes = drawn(plot())
    assert (axes.get_xlabel(), axes.get_ylabel()) == (x, y)


@each_plot
def test_a_plot_goes_into_axes_of_the_users_and_changes_no_setting(name: str) -> None:
    before = dict(mpl.rcParams)
    own = Figure()
    left, right = own.subplots(1, 2)
    assert EACH[name][0](axes=right) is own
    assert right.has_data()
    assert not left.has_data()
    assert dict(mpl.rcParams) == before


@each_plot
def test_pyplot_is_not_touched(name: str) -> None:
    """A figure of pyplot's would stay in memory until it is closed."""
    known = sys.modules.get("matplotlib.pyplot")
    EACH[name][0]()
    assert sys.modules.get("matplotlib.pyplot") is known
    assert known is None or known.get_fignums() == []


@pytest.mark.parametrize("few", [nothing(), single()], ids=["no spike", "one spike"])
def test_plots_of_too_few_spikes(few: Spikes) -> None:
    for figure in (
        plots.raster(few), plots.raster({"a": few, "b": few}, bin=5.0), plots.rate(few, 5.0), plots.isi_histogram(few),
        plots.isi_histogram(few, log=True), plots.spectrum(few, 1.0, band=(0, 500)), plots.correlogram(few, 1.0, 5.0),
        plots.correlogram(few, 1.0, 5.0, second=few, corrected=True),
    ):  # fmt: skip
        drawn(figure)
    assert plots.isi_histogram(few).axes[0].get_title(loc="left") == "too few spikes for a CV"


@pytest.mark.parametrize("plot", [plots.raster, plots.rate, plots.spectrum])
@pytest.mark.parametrize("wrong", [{}, {"exc": 3}, [SPIKES], np.zeros((3, 1, 2)), None])
def test_what_is_no_population_is_refused(plot: Any, wrong: Any) -> None:
    given = {} if plot is plots.raster else {"bin": 1.0}
    with pytest.raises(InvalidValueError, match=r"must be a Spikes object, or several by name|no population"):
        plot(wrong, **given)


# ------------------------------------------------------------------------------------------------- rasters and rates
def test_a_raster_has_a_dot_for_each_spike() -> None:
    axes = drawn(plots.raster(SPIKES, start=200.0, stop=700.0))
    inside = (SPIKES.time >= 200) & (SPIKES.time < 700)
    expected = {(round(t, 6), int(i)) for t, i in zip(SPIKES.time[inside], SPIKES.neuron[inside])}
    assert dots(axes) == expected
    assert axes.get_xlim() == (200, 700)
    assert axes.get_ylim() == (-0.5, 11.5)


def test_populations_stand_above_each_other_in_colours() -> None:
    other = renewal(1, rate=30, neurons=5, duration=1 * second, seed=23)
    figure = plots.raster({"exc": SPIKES, "inh": other}, bin=20 * ms)
    top, below = figure.axes
    drawn(figure)
    expected = {(round(t, 6), int(i) + 5) for t, i in zip(SPIKES.time, SPIKES.neuron)}
    assert dots(top) == expected | {(round(t, 6), int(i)) for t, i in zip(other.time, other.neuron)}
    assert texts(top) == {"exc", "inh"}
    assert [text.get_color() for text in top.texts if text.get_text() == "exc"] == [SERIES[0]]
    assert below.get_ylabel() == "mean rate (Hz)"
    assert below.get_xlabel() == "time (ms)"
    assert top.get_xlabel() == ""
    for values, population in zip(steps(below), (SPIKES, other)):
        np.testing.assert_allclose(values, analysis.population_rate(population, 20 * ms)[1])


def test_a_raster_of_some_neurons() -> None:
    axes = drawn(plots.raster(SPIKES, neurons=4))
    chosen = {0: 0, 3: 1, 6: 2, 9: 3}
    assert dots(axes) == {(round(t, 6), chosen[int(i)]) for t, i in zip(SPIKES.time, SPIKES.neuron) if int(i) in chosen}
    assert axes.get_ylabel() == "neuron (some)"
    labels = {round(place): label.get_text() for place, label in zip(axes.get_yticks(), axes.get_yticklabels())}
    assert labels[1] == "3"
    with pytest.raises(InvalidValueError, match="neurons must be a whole number, at least 1"):
        plots.raster(SPIKES, neurons=0)


def test_many_spikes_are_a_picture_inside_the_drawing() -> None:
    many = renewal(1, rate=100, neurons=250, duration=1 * second, seed=24)
    axes = plots.raster(many).axes[0]
    line = next(line for line in axes.lines if len(line.get_xdata()) == len(many))
    assert line.get_rasterized()


def test_a_raster_with_rates_needs_two_axes() -> None:
    figure = Figure()
    pair = figure.subplots(2, 1)
    assert plots.raster(SPIKES, bin=10.0, axes=list(pair)) is figure
    with pytest.raises(InvalidValueError, match="axes must be two"):
        plots.raster(SPIKES, bin=10.0, axes=pair[0])
    with pytest.raises(InvalidValueError, match="axes must be one"):
        plots.raster(SPIKES, axes=list(pair))


def test_rates_are_those_of_the_analysis() -> None:
    axes = drawn(plots.rate({"a": SPIKES, "b": SPIKES}, 25 * ms, start=500.0))
    time, rate = analysis.population_rate(SPIKES, 25 * ms, start=500.0)
    for values in steps(axes):
        np.testing.assert_allclose(values, rate)
    np.testing.assert_allclose(axes.get_xlim(), (time[0] - 12.5, time[-1] + 12.5))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert drawn(plots.rate(SPIKES, 25 * ms)).get_legend() is None
