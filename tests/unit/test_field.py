"""Diffusion and uptake: closed forms against each other, and the solver against them; its order is measured."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError
from spikeloom.modulators import field
from spikeloom.modulators.field import Ball, Box, Medium, Solver
from spikeloom.modulators.field.axes import shells, straight
from spikeloom.units import nM, second, um

TAKEN_UP = Medium(uptake=19.5 / second)
DIMENSIONS = (1, 2, 3)


def test_dopamine_has_the_published_rate_and_length() -> None:
    assert field.DOPAMINE.apparent == pytest.approx(298e-3, rel=1e-3)
    assert field.DOPAMINE.rate * second == pytest.approx(19.52, rel=1e-3)
    assert field.DOPAMINE.length == pytest.approx(3.91, rel=1e-3)
    assert Medium().length == math.inf
    assert Medium(volume_fraction=1.0).raised(602.214076, 1 * um) == pytest.approx(1000 * nM)


# --- closed forms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_what_was_released_is_somewhere(dimensions: int) -> None:
    """The integral of the concentration over all space is what uptake has left."""
    t = 7.0
    sphere = {1: lambda r: 2.0, 2: lambda r: 2 * math.pi * r, 3: lambda r: 4 * math.pi * r * r}[dimensions]
    found = scipy.integrate.quad(
        lambda r: sphere(r) * field.instantaneous(TAKEN_UP, 500, r, t, thickness=2.0, dimensions=dimensions), 0, 40
    )[0]
    left = 500 * math.exp(-TAKEN_UP.rate * t)
    assert found * 2.0 ** (3 - dimensions) == pytest.approx(TAKEN_UP.raised(left, 1.0), rel=1e-9)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_a_steady_source_is_the_sum_of_many_releases(dimensions: int) -> None:
    how: Any = {"thickness": 3.0, "dimensions": dimensions}
    for r in (0.5, 4.0, 9.0):
        summed = scipy.integrate.quad(
            lambda s, r=r: math.exp(s) * field.instantaneous(TAKEN_UP, 10, r, math.exp(s), **how), -12, 9, limit=200
        )[0]
        assert field.steady(TAKEN_UP, 10, r, **how) == pytest.approx(summed, rel=1e-6)


def test_a_continuous_source_grows_from_nothing_to_the_steady_one() -> None:
    t = 30.0
    summed = scipy.integrate.quad(lambda s: field.instantaneous(TAKEN_UP, 10, 5.0, s), 1e-9, t)[0]
    assert field.continuous(TAKEN_UP, 10, 5.0, t) == pytest.approx(summed, rel=1e-7)
    assert field.continuous(TAKEN_UP, 10, 5.0, 1e4) == pytest.approx(field.steady(TAKEN_UP, 10, 5.0), rel=1e-9)


@pytest.mark.parametrize("dimensions", DIMENSIONS)
@pytest.mark.parametrize("medium", [Medium(), TAKEN_UP], ids=["no uptake", "uptake"])
def test_the_peak_is_where_the_slope_is_zero(medium: Medium, dimensions: int) -> None:
    for r in (1.0, 7.0):
        t = float(field.peak_time(medium, r, dimensions=dimensions))
        at = field.instantaneous(medium, 1, r, t * np.array([1 - 1e-4, 1, 1 + 1e-4]), dimensions=dimensions)
        assert at[1] > at[0]
        assert at[1] > at[2]
    assert field.peak_time(Medium(), 2.0) == pytest.approx(4 / (6 * Medium().apparent))


def test_closed_forms_that_cannot_be() -> None:
    with pytest.raises(InvalidValueError, match="a steady source fills all"):
        field.steady(Medium(), 1, 1.0, dimensions=2)
    with pytest.raises(InvalidValueError, match="allowed: 1, 2 or 3"):
        field.instantaneous(Medium(), 1, 1.0, 1.0, dimensions=4)
    with pytest.raises(InvalidValueError, match="a volume > 0"):
        Medium().raised(1, 0.0)


# --- the solver -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "axis", [straight(7, 0.5, e) for e in ("reflecting", "absorbing", "periodic")] + [shells(9, 0.4)]
)
@pytest.mark.parametrize("spread", [1e-3, 0.4, 30.0])
def test_the_matrix_of_an_axis_is_the_exponential(axis: Any, spread: float) -> None:
    np.testing.assert_allclose(axis.after(spread), scipy.linalg.expm(axis.moves * spread), rtol=1e-9, atol=1e-14)


def test_a_release_spreads_in_a_ball_as_in_the_closed_form_to_second_order() -> None:
    errors = []
    for spacing in (0.4, 0.2):
        solver = Solver(TAKEN_UP, Ball(24 * um, spacing), 6.0)
        c = solver.advance(solver.release(solver.resting(), None, 3000))
        r = solver.space.centres()
        near = (r > 1) & (r < 5)
        errors.append(np.abs(c[near] / field.instantaneous(TAKEN_UP, 3000, r[near], 6.0) - 1).max())
    assert errors[-1] < 8e-3
    assert (np.log2(np.array(errors[:-1]) / errors[1:]) > 1.8).all(), errors


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_a_release_spreads_in_a_box_as_in_the_closed_form_to_second_order(dimensions: int) -> None:
    errors = []
    for cells in (25, 75) if dimensions == 3 else (35, 105):  # odd: one of them is in the middle
        box = Box((21.0,) * dimensions, 21 / cells, thickness=1.5)
        solver = Solver(TAKEN_UP, box, 5.0)
        c = solver.advance(solver.release(solver.resting(), [[10.5] * dimensions], 3000))
        r = np.linalg.norm(box.centres() - 10.5, axis=1)
        near = r < 4
        expected = field.instantaneous(TAKEN_UP, 3000, r[near], 5.0, thickness=1.5, dimensions=dimensions)
        errors.append(np.abs(c[near] / expected - 1).max())
    assert errors[1] < 0.02
    assert 1.8 < math.log(errors[0] / errors[1], 3) < 2.3, errors


def test_a_continuous_release_comes_to_the_steady_state() -> None:
    solver = Solver(TAKEN_UP, Ball(40 * um, 0.2 * um), 0.25)
    source = np.zeros(solver.space.cells)
    source[0] = 2.0
    c = solver.advance(solver.resting(), 1600, source=source)
    r = solver.space.centres()
    near = (r > 2) & (r < 15)
    np.testing.assert_allclose(c[near], field.steady(TAKEN_UP, 2.0, r[near]), rtol=5e-3)


def test_without_transporters_there_is_no_error_in_time() -> None:
    box = Box((12.0, 8.0), 1.0)
    begun = np.random.default_rng(0).random(box.cells)
    one = Solver(TAKEN_UP, box, 8.0).advance(begun)
    np.testing.assert_allclose(Solver(TAKEN_UP, box, 0.5).advance(begun, 16), one, rtol=1e-12)


def test_with_transporters_it_is_of_second_order_in_time() -> None:
    medium, box = Medium(v_max=40.0, k_m=100.0, uptake=0.01), Box((24.0,), 1.0)
    begun = 3000 * np.exp(-(((box.centres()[:, 0] - 12) / 4) ** 2))
    found = [Solver(medium, box, h).advance(begun, round(16 / h)) for h in (2.0, 1.0, 0.5, 0.25, 1 / 64)]
    errors = [np.abs(c - found[-1]).max() for c in found[:-1]]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (np.abs(orders[-2:] - 2) < 0.15).all(), orders


@pytest.mark.parametrize("edges", ["reflecting", "absorbing", "periodic"])
def test_it_is_of_second_order_in_space(edges: str) -> None:
    """A standing wave keeps its shape and falls as exp(-D (2 pi / wavelength)^2 t), to the order of the differences."""
    medium, length, t = Medium(), 20.0, 10.0
    number = {"reflecting": 3, "absorbing": 3, "periodic": 4}[edges] * math.pi / length
    errors = []
    for n in (20, 40, 80):
        box = Box((length,), length / n, edges=edges)
        x = number * box.centres()[:, 0]
        wave = np.sin(x) if edges == "absorbing" else np.cos(x)  # below 0 too: without transporters all is linear
        expected = 2 + math.exp(-medium.apparent * number**2 * t) * wave
        errors.append(np.abs(Solver(medium, box, t, rest=2.0).advance(2 + wave) - expected).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (np.abs(orders - 2) < 0.1).all(), orders


def test_uptake_alone_is_that_of_the_differential_equation() -> None:
    medium = Medium(v_max=4.1, k_m=210.0, decay=0.003)
    solver = Solver(medium, Box((1.0,), 1.0), 0.5, rest=30.0)
    begun = np.array([2000.0])
    found = solver.advance(begun, 400)[0]

    def slope(t: float, c: Any) -> Any:
        loss = 0.003 * c + 4.1 * c / (210 + c)
        return 0.003 * 30 + 4.1 * 30 / 240 - loss

    exact = scipy.integrate.solve_ivp(slope, (0, 200), begun, rtol=1e-10, atol=1e-10).y[0, -1]
    assert found == pytest.approx(exact, rel=1e-5)
    assert np.array_equal(solver.advance(solver.resting(), 50), solver.resting())


@given(
    cells=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    edges=st.sampled_from(["reflecting", "absorbing", "periodic"]),
    interval=st.floats(1e-3, 1e3),
    v_max=st.sampled_from([0.0, 5.0, 1e4]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_nothing_becomes_negative_and_no_maximum_grows(
    cells: list[int], edges: str, interval: float, v_max: float, seed: int
) -> None:
    box = Box([float(n) for n in cells], 1.0, edges=edges)
    begun = np.random.default_rng(seed).exponential(100.0, box.cells) * (np.arange(box.cells) % 2)
    solver = Solver(Medium(v_max=v_max), box, interval)
    later = solver.advance(begun, 3)
    assert (later >= 0).all()
    assert later.max() <= begun.max() * (1 + 1e-12)
    if v_max == 0 and edges != "absorbing":
        assert later.sum() == pytest.approx(begun.sum(), rel=1e-11)
    assert np.array_equal(later, solver.advance(solver.advance(begun, 2)))


def test_what_falls_below_what_counts_is_forgotten() -> None:
    solver = Solver(TAKEN_UP, Box((4.0,), 1.0), 100.0, rest=4.0)
    c = solver.release(solver.resting(), [[0.5]], 10)
    assert (solver.advance(c, 3) > 4.0).all()
    assert np.array_equal(solver.advance(c, 30), solver.resting())


# --- places -----------------------------------------------------------------------------------------------------------


@given(cells=st.lists(st.integers(1, 5), min_size=1, max_size=3), spacing=st.floats(0.1, 10.0), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_place_lies_in_its_cell(cells: list[int], spacing: float, seed: int) -> None:
    box = Box([n * spacing for n in cells], spacing)
    assert box.shape == tuple(cells)
    assert np.array_equal(box.sites(box.centres()), np.arange(box.cells))
    places = np.random.default_rng(seed).random((20, len(cells))) * box.extent
    apart = np.abs(places - box.centres()[box.sites(places)])
    assert (apart <= spacing / 2 * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Box((10.0, 5.5), 1.0), r"no whole number of cells of 1 um; allowed: multiples"),
        (lambda: Box((10.0,) * 4, 1.0), "allowed: one to three lengths"),
        (lambda: Box((10.0,), 1.0, edges="open"), "allowed: 'reflecting', 'absorbing', 'periodic'"),
        (lambda: Box((1000.0,) * 3, 1.0), "1,000,000,000 cells is too large"),
        (lambda: Box((2001.0,), 1.0), "2,000 along a dimension"),
        (lambda: Ball(40.0, 0.01), "a ball of 4,000 shells is too large"),
        (lambda: Box((10.0, 10.0), 1.0).sites([[1.0, 11.0]]), r"\[0\] = \[1\.0, 11\.0\] um lies outside"),
        (lambda: Box((10.0, 10.0), 1.0).sites([[1.0]]), r"allowed is \(N, 2\)"),
        (lambda: Solver(Medium(), Box((4.0,), 1.0), 1.0, rest=-1), "a concentration >= 0 nM"),
        (lambda: Solver(Medium(), Box((4.0,), 1.0), 1.0).advance([1.0, 2.0]), "this field has 4 cells"),
        (lambda: Solver("water", Box((4.0,), 1.0), 1.0), "such as Medium"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_fields_that_cannot_be(make: Any, error: str) -> None:
    with pytest.raises(InvalidValueError, match=error):
        make()
