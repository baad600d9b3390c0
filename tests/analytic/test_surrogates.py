"""Surrogate derivatives: heights, supports, areas, and the functions that they are the derivatives of."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from spikeloom.surrogates import ArcTan, Boxcar, FastSigmoid, SigmoidDerivative, Surrogate, Triangle

# Each with its area.
MEMBERS: list[tuple[Surrogate, float]] = [
    (Triangle(), 1.0),
    (Triangle(width=0.7, height=0.3), 0.21),
    (Boxcar(), 1.0),
    (Boxcar(width=0.2, height=3.0), 1.2),
    (FastSigmoid(), 2 / 25),
    (FastSigmoid(slope=2.0, height=0.5), 0.5),
    (ArcTan(), 1.0),
    (ArcTan(alpha=5.0, height=2.5), 1.0),
    (SigmoidDerivative(), 1.0),
    (SigmoidDerivative(slope=8.0, height=0.5), 0.25),
]
each = pytest.mark.parametrize(("surrogate", "area"), MEMBERS, ids=lambda v: repr(v))


@each
def test_height_and_area(surrogate: Surrogate, area: float) -> None:
    assert surrogate.derivative(0.0) == surrogate.values()["height"]
    far = min(surrogate.support, math.inf)
    found, _ = quad(surrogate.derivative, 0, far, epsabs=1e-12, epsrel=1e-10, limit=500)
    assert 2 * found == pytest.approx(area, rel=1e-8)


@each
def test_support(surrogate: Surrogate, area: float) -> None:
    width = surrogate.support
    assert math.isinf(width) == (type(surrogate).__name__ not in ("Triangle", "Boxcar"))
    if math.isinf(width):
        assert surrogate.derivative(1000.0) > 0 or isinstance(surrogate, SigmoidDerivative)
        return
    for edge in (width, -width, math.nextafter(width, 9), 2 * width, -1e9):
        assert surrogate.derivative(edge) == 0
    assert surrogate.derivative(0.999 * width) > 0
    assert surrogate.derivative(-0.999 * width) > 0


def test_the_defaults_have_unit_height() -> None:
    assert [s.derivative(0.0) for s in (Triangle(), Boxcar(), FastSigmoid(), ArcTan(), SigmoidDerivative())] == [
        1.0
    ] * 5


@pytest.mark.parametrize("u", [-2.0, -0.3, -0.01, 0.0, 0.02, 0.5, 3.0])
def test_they_are_derivatives(u: float) -> None:
    def slope(f: Callable[[float], float], at: float) -> float:
        h = 1e-4
        return (f(at + h) - f(at - h)) / (2 * h)

    k = 3.0
    sigmoid = SigmoidDerivative(slope=k, height=k / 4)
    assert sigmoid.derivative(u) == pytest.approx(slope(lambda x: 1 / (1 + math.exp(-k * x)), u), rel=1e-6)
    arc = ArcTan(alpha=k, height=k / 2)
    assert arc.derivative(u) == pytest.approx(slope(lambda x: math.atan(math.pi / 2 * k * x) / math.pi, u), rel=1e-6)
    fast = FastSigmoid(slope=k)
    # Its slope has a kink at 0, where a central difference errs by its width.
    assert fast.derivative(u) == pytest.approx(slope(lambda x: x / (1 + k * abs(x)), u), rel=1e-3)


def test_shapes_in_between() -> None:
    assert Triangle(width=2.0).derivative(0.5) == 0.75
    assert Boxcar(width=2.0, height=0.3).derivative(-1.9) == 0.3
    assert FastSigmoid(slope=2.0).derivative(0.5) == 0.25
    assert ArcTan(alpha=2 / math.pi).derivative(1.0) == pytest.approx(0.5, rel=1e-15)
    u = np.linspace(-3, 3, 61)
    one = np.array([SigmoidDerivative(slope=2.0).derivative(x) for x in u])
    np.testing.assert_allclose(one, 1 / np.cosh(u) ** 2, rtol=1e-13)
