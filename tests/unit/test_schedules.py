"""Schedules of the learning rate: their shapes."""

from itertools import pairwise

import pytest

from spikeloom.core.errors import UnknownNameError
from spikeloom.learning.schedules import SCHEDULES, factor


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_begins_at_one_and_never_leaves_its_bounds(name):
    values = [factor(name, step, 100) for step in range(100)]
    assert values[0] == 1.0
    assert all(0 <= v <= 1 for v in values)
    assert all(a >= b for a, b in pairwise(values))


def test_shapes():
    assert [factor("constant", s, 4) for s in range(4)] == [1.0] * 4
    assert [factor("linear", s, 4) for s in range(4)] == [1.0, 0.75, 0.5, 0.25]
    assert factor("cosine", 50, 100) == pytest.approx(0.5)
    assert factor("cosine", 99, 100) == pytest.approx(0.000247, rel=1e-2)


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_warmup_rises_evenly_to_one(name):
    assert [factor(name, s, 20, warmup=0.25) for s in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert [factor(name, s, 3, warmup=1.0) for s in range(3)] == pytest.approx([1 / 3, 2 / 3, 1])


def test_one_step():
    assert factor("cosine", 0, 1) == 1.0


def test_unknown():
    with pytest.raises(UnknownNameError, match="did you mean 'cosine'"):
        factor("cosinus", 0, 1)
