"""The energy estimate: published numbers, and arithmetic that can be checked by hand."""

import pytest

from spikeloom.core.errors import InvalidValueError
from spikeloom.energy import Table, estimate, horowitz_2014


def test_published_numbers():
    assert (horowitz_2014.pj_per_add, horowitz_2014.pj_per_multiply) == (0.9, 3.7)
    assert horowitz_2014.pj_per_mac == 4.6
    assert horowitz_2014.pj_per_synaptic_event == 0.9
    assert "10.1109/ISSCC.2014.6757323" in horowitz_2014.citation


def test_estimate_by_hand():
    found = estimate(synaptic_events=1200.5, dense_macs=64 * 128 + 128 * 10, steps=25)
    assert found.spiking_pj == pytest.approx(1080.45)
    assert found.dense_pj == pytest.approx(9472 * 4.6)
    assert found.dense_every_step_pj == pytest.approx(25 * 9472 * 4.6)
    described = found.describe()
    assert described["table"] == horowitz_2014.citation
    assert (described["spiking_pj"], described["dense_pj"]) == (found.spiking_pj, found.dense_pj)


def test_another_table():
    cheap = Table(name="cheap", citation="none", pj_per_add=0.03, pj_per_multiply=0.2)
    assert estimate(100, 10, steps=1, table=cheap).spiking_pj == pytest.approx(3.0)
    assert cheap.pj_per_mac == 0.23


@pytest.mark.parametrize("arguments", [(-1, 1, 1), (1, -1, 1), (1, 1, 0), (float("nan"), 1, 1)])
def test_impossible_counts(arguments):
    with pytest.raises(InvalidValueError, match="synaptic_events >= 0"):
        estimate(*arguments)


def test_impossible_table():
    with pytest.raises(InvalidValueError, match="pj_per_add"):
        Table(name="x", citation="x", pj_per_add=0, pj_per_multiply=1)
