"""Fields and places that cannot be, and where a grid stands."""

from __future__ import annotations

import numpy as np
import pytest

import spikeloom as sl
from spikeloom.connections import Distance
from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.engines import At, Trace
from spikeloom.modulators.field import DOPAMINE
from spikeloom.network import Network
from spikeloom.plasticity import Gated, Modulated
from tests.unit.fields import BOX, PAIR, pairs, two


def test_a_grid_stands_as_on_a_sheet() -> None:
    net = Network()
    net.population("cells", sl.neurons.LIF(), 12)
    found = net.place("cells", (3, 4), extent=(8.0, 9.0))
    sheet = Distance(gaussian=1.0, peak=1.0, source=(3, 4), extent=(8.0, 9.0))
    np.testing.assert_allclose(found, sheet.places("source", 12))
    assert Distance(gaussian=1.0, peak=1.0, source=found).places("source", 12).shape == (12, 2)
    assert net.place("cells", (2, 3, 2), extent=(4.0, 3.0, 2.0))[-1].tolist() == [3.0, 2.5, 1.5]
    lonely = net.place("cells", "random", extent=(5.0,))
    assert lonely.shape == (12, 1)
    assert 0 <= lonely.min() <= lonely.max() <= 5


def refused(how: str) -> None:
    """Something that cannot be."""
    net = two()
    if how == "no place":
        net.population("others", sl.neurons.LIF(), 3)
        net.release("others", "dopamine")
    elif how == "outside":
        net.place("cell", [[6.0], [41.0]])
        sl.run(net, pairs(200), released={"dopamine": np.zeros(200)})
    elif how == "interval":
        net = two(interval=1.5)
        sl.run(net, pairs(200), released={"dopamine": np.zeros(200)})
    elif how == "seldom":
        net = two(Modulated(rule=PAIR, by="dopamine", tau_e=20.0), interval=100.0)
        sl.run(net, pairs(200), released={"dopamine": np.zeros(200)})
    elif how == "never set":
        sl.run(net, pairs(200))
    elif how == "negative":
        sl.run(net, pairs(200), released={"dopamine": np.full(200, -1.0)})
    elif how == "negative at":
        sl.run(net, pairs(200), released={"dopamine": At([[3.0]], np.full((200, 1), -1.0))})
    elif how == "few":
        sl.run(net, pairs(200), released={"dopamine": At([[3.0]], np.zeros((199, 1)))})
    elif how == "alike":
        net.modulator("reward")
        sl.run(net, pairs(200), released={"reward": At([[3.0]], np.zeros((200, 1)))})
    elif how == "uptake by spikes":
        net.release("cell", "dopamine", amount=-1)
    elif how == "medium":
        net.field("other", **BOX, medium=DOPAMINE)
    elif how == "typing":
        net.field("other", extent=(4.0,), spacing=1.0, uptke=0.02)
    elif how == "product":
        net.modulator("reward", tau=10.0, baseline=1.0)
        net = two(Gated(rule=Modulated(rule=PAIR, by="dopamine"), by="dopamine"))
        sl.run(net, pairs(200), released={"dopamine": np.zeros(200)})
    elif how == "state":
        state = sl.run(two(extent=(48.0,)), pairs(200), released={"dopamine": np.zeros(200)}).state
        sl.run(net, pairs(200), state, released={"dopamine": np.zeros(200)})
    elif how == "trace":
        sl.run(net, pairs(200), released={"dopamine": np.zeros(200)}, record=[Trace("dopamine.level", neurons=[10])])
    elif how == "grid":
        net.place("cell", (3, 1), extent=(4.0, 4.0))


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("no place", r"'others' meets the field 'dopamine', and has no place in it: net\.place\('others'"),
        ("outside", r"the places of 'cell'\[1\] = \[41\.0\] um lies outside the field"),
        ("interval", r"every 1\.5 ms, which is no whole number of steps of 1 ms"),
        ("seldom", "moves on too seldom for 'pre->cell'.* allowed: an interval up to 60 ms"),
        ("never set", "learns by 'dopamine', and nothing ever sets it"),
        ("negative", "a field takes rises >= 0 nM"),
        ("negative at", "molecules >= 0"),
        ("few", "allowed: one for each of 200 steps and 1 points"),
        ("alike", r"At\(\.\.\.\) is for fields"),
        ("uptake by spikes", "a dip is a pause of what is released"),
        ("medium", "not both"),
        ("typing", "uptke"),
        ("product", "by the product of 'dopamine' and 'dopamine', and 'dopamine' is a field"),
        ("state", "the state of 'dopamine' has 12 cells; this field has 10"),
        ("trace", "names cell 10; 'dopamine' has cells 0 to 9"),
        ("grid", "makes a grid of 3 places; there are 2"),
    ],
)
def test_what_cannot_be(how: str, error: str) -> None:
    with pytest.raises((InvalidValueError, UnsupportedError, UnknownNameError), match=error):
        refused(how)
