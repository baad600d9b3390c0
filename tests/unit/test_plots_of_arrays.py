"""Traces, connections, intervals, spectra and correlograms: what is drawn is what was given or computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spikeloom import analysis, plots
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second
from spikeloom.plots.theme import LIGHT
from tests.unit.drawings import drawn, steps, texts
from tests.unit.trains import renewal

SPIKES = renewal(1, rate=20, neurons=12, duration=1 * second, seed=20)
TRACES = np.random.default_rng(21).normal(-60, 3, (200, 1, 3))
SOURCE, TARGET = np.random.default_rng(22).integers(0, 30, (2, 200))


# ------------------------------------------------------------------------------------------------------------ traces
def test_traces_with_threshold_and_spikes() -> None:
    spikes = Spikes.from_times([10.0, 30.0, 60.0, 99.0], [4, 9, 4, 7], shape=(1000, 1, 12), dt=0.1)
    figure = plots.traces(torch.from_numpy(TRACES), 0.5, neurons=[4, 7, 9], spikes=spikes, threshold=-50.0, stop=90.0)
    axes = drawn(figure)
    for i, line in enumerate(axes.lines[:3]):
        np.testing.assert_allclose(line.get_xdata(), 0.5 * np.arange(180))
        np.testing.assert_allclose(line.get_ydata(), TRACES[:180, 0, i])
    times = [sorted(path.vertices[0, 0] for path in lines.get_paths()) for lines in axes.collections]
    assert times == [[10.0, 60.0], [30.0]]  # neuron 7 fires after the window
    assert axes.collections[0].get_paths()[0].vertices[0, 1] == TRACES[20, 0, 0]
    assert [line.get_ydata()[0] for line in axes.lines if line.get_color() == LIGHT.muted] == [-50.0]
    assert texts(axes) == {"neuron 4", "neuron 7", "neuron 9", "threshold"}


@pytest.mark.parametrize("shape", [(50,), (50, 2), (50, 3, 2)])
def test_traces_of_any_axes(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(25).normal(size=shape)
    axes = drawn(plots.traces(values, 1.0, variable="g_ex", unit="nS", sample=2 if len(shape) == 3 else 0))
    assert axes.get_ylabel() == "g_ex (nS)"
    shown = np.stack([line.get_ydata() for line in axes.lines], axis=1)
    np.testing.assert_allclose(shown, values[:, 2] if len(shape) == 3 else values.reshape(50, -1))


def test_wrong_traces_are_refused() -> None:
    for wrong, what in (
        ({"values": np.zeros((5, 1, 2, 3))}, "values"), ({"values": np.zeros((0, 2))}, "values"),
        ({"sample": 1}, "sample=1 is not there"), ({"dt": 0.0}, "dt"), ({"start": 100.0}, "no value lies"),
        ({"neurons": [1, 2]}, "3 are there, given 2"), ({"neurons": [1, 2, 12], "spikes": SPIKES}, "0 to 11"),
    ):  # fmt: skip
        given: dict[str, Any] = {"values": TRACES, "dt": 0.5} | wrong
        with pytest.raises(InvalidValueError, match=what):
            plots.traces(**given)


# ------------------------------------------------------------------------------------------------------- connections
def test_the_matrix_adds_up_parallel_synapses() -> None:
    weight = np.random.default_rng(26).normal(size=200)
    figure = plots.connectivity(SOURCE, TARGET, weight, shape=(30, 40), unit="pA")
    expected = np.zeros((30, 40))
    np.add.at(expected, (SOURCE, TARGET), weight)
    image = drawn(figure).images[0]
    np.testing.assert_allclose(image.get_array(), expected)
    assert image.get_clim() == pytest.approx((-np.abs(expected).max(), np.abs(expected).max()))
    assert figure.axes[1].get_ylabel() == "weight (pA)"
    counted = plots.connectivity(SOURCE, TARGET, shape=(30, 40))
    assert drawn(counted).images[0].get_array().sum() == 200
    assert counted.axes[1].get_ylabel() == "synapses"


def test_a_large_matrix_is_shown_in_blocks_of_means() -> None:
    figure = plots.connectivity(SOURCE, TARGET, shape=(31, 30), blocks=10)
    values = np.asarray(drawn(figure).images[0].get_array())
    assert values.shape == (10, 10)
    assert figure.axes[1].get_ylabel() == "mean synapses per pair"
    rows = np.bincount(np.arange(31) * 10 // 31)
    assert (values * np.outer(rows, np.full(10, 3))).sum() == pytest.approx(200)
    block = ((SOURCE * 10 // 31 == 4) & (TARGET // 3 == 7)).sum()
    assert values[4, 7] == pytest.approx(block / (rows[4] * 3))


def test_nothing_is_paper_and_the_weakest_weight_is_not() -> None:
    image = plots.connectivity([0, 1, 2], [0, 0, 0], [1.0, -1.0, 0.01], shape=(3, 2)).axes[0].images[0]
    none, weak = (image.cmap(image.norm(value))[:3] for value in (0.0, 0.01))
    assert max(abs(a - int(LIGHT.card[i : i + 2], 16) / 255) for a, i in zip(none, (1, 3, 5))) < 0.01
    assert max(abs(a - b) for a, b in zip(none, weak)) > 0.1


def test_in_degrees_count_neurons_without_synapses() -> None:
    axes = drawn(plots.in_degrees([0, 0, 0, 1, 2], 5))
    assert [round(patch.get_height()) for patch in axes.patches] == [2, 2, 0, 1]
    assert axes.get_title(loc="left") == "1 ± 1.1 synapses"
    drawn(plots.in_degrees([], 5))


def test_wrong_connections_are_refused() -> None:
    for source, target, weight, shape, what in (
        ([0, 30], [0, 0], None, (30, 30), "source"), ([0, 0], [0, -1], None, (30, 30), "target"),
        ([0, 0], [0], None, (30, 30), "one entry per synapse"),
        ([0, 0], [0, 0], [1.0], (30, 30), "one entry per synapse"),
        ([0], [0], None, (30,), "shape"), ([0], [0], None, (0, 30), "sources of shape"),
    ):  # fmt: skip
        wrong: Any = shape
        with pytest.raises(InvalidValueError, match=what):
            plots.connectivity(source, target, weight, shape=wrong)
    with pytest.raises(InvalidValueError, match="target"):
        plots.in_degrees([5], 5)


# ------------------------------------------------------------------------------- intervals, spectra and correlograms
@pytest.mark.parametrize("log", [False, True])
def test_the_histogram_holds_every_interval(log: bool) -> None:
    axes = drawn(plots.isi_histogram(SPIKES, log=log))
    assert sum(patch.get_height() for patch in axes.patches) == len(analysis.isi(SPIKES))
    assert axes.get_title(loc="left") == f"CV {analysis.mean_cv(SPIKES):.2f}, the mean of 12 neurons"
    assert axes.get_xscale() == ("log" if log else "linear")
    alone = drawn(plots.isi_histogram(SPIKES, log=log, neuron=3))
    assert sum(patch.get_height() for patch in alone.patches) == len(analysis.isi(SPIKES, neuron=3))
    assert alone.get_title(loc="left") == f"neuron 3: CV {analysis.cv(SPIKES)[3]:.2f}"
    with pytest.raises(InvalidValueError, match="bins"):
        plots.isi_histogram(SPIKES, bins=0)


def test_the_spectrum_marks_the_peak_in_the_band() -> None:
    axes = drawn(plots.spectrum({"a": SPIKES, "b": SPIKES}, 1 * ms, band=(20, 200)))
    frequency, power = analysis.power_spectrum(SPIKES, 1 * ms)
    inside = (frequency >= 20) & (frequency <= 200)
    np.testing.assert_allclose(axes.lines[0].get_xydata(), np.stack([frequency[inside], power[inside]], axis=1))
    peak = analysis.peak_frequency(SPIKES, 1 * ms, (20, 200))
    assert axes.lines[1].get_xdata() == [peak]
    assert axes.lines[1].get_ydata() == [power[inside].max()]
    assert texts(axes) == {f"{peak:.0f} Hz"}
    assert axes.get_xlim() == (20, 200)


def test_correlograms_show_chance() -> None:
    axes = drawn(plots.correlogram(SPIKES, 1 * ms, 20 * ms))
    lag, rate = analysis.autocorrelogram(SPIKES, 1 * ms, 20 * ms)
    np.testing.assert_allclose(steps(axes)[0], rate)
    np.testing.assert_allclose(axes.lines[0].get_xdata(), lag)
    corrected = analysis.autocorrelogram(SPIKES, 1 * ms, 20 * ms, corrected=True)[1]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), rate - corrected)
    axes = drawn(plots.correlogram(SPIKES, 1 * ms, 20 * ms, neurons=(0, 1), unit="count", corrected=True))
    given: dict[str, Any] = {"neurons": (0, 1), "unit": "count", "corrected": True}
    np.testing.assert_allclose(steps(axes)[0], analysis.cross_correlogram(SPIKES, SPIKES, 1.0, 20.0, **given)[1])
    assert not axes.lines[0].get_ydata().any()
    assert axes.get_ylabel() == "pairs of spikes, minus chance"
