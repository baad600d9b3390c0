"""Protocols of conditioning that are read: by models of what is learned and by tasks alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.analysis.conditioning import Mackintosh, PearceHall, RescorlaWagner, TemporalDifference
from spikeloom.core.errors import InvalidValueError, UnknownNameError
from spikeloom.protocols import PROTOCOLS, Trial, classical, protocol
from spikeloom.tasks import Conditioning

cues = st.text("ABCZ", min_size=1, max_size=3).map(lambda text: "".join(dict.fromkeys(text)))
kinds = st.builds(Trial, st.lists(cues, max_size=3).map(tuple), st.booleans(), st.booleans())
phases = st.lists(st.tuples(st.integers(0, 5), st.lists(kinds, min_size=1, max_size=3)), min_size=1, max_size=3)


def written(plan: list[tuple[int, list[Trial]]]) -> str:
    return "; ".join(f"{times} " + "/".join(map(str, kinds)) for times, kinds in plan)


@given(phases)
def test_a_protocol_is_what_was_written(plan: Any) -> None:
    found = protocol(written(plan))
    expected = [kind for times, kinds in plan for _ in range(times) for kind in kinds]
    assert list(found) == expected
    assert len(found) == len(expected)
    assert [len(phase) for phase in found.phases] == [times * len(kinds) for times, kinds in plan]
    assert found.cues == "".join(sorted({cue for _, kinds in plan for kind in kinds for cue in "".join(kind.stimuli)}))


def test_a_kind_of_trial_in_each_of_its_parts() -> None:
    assert list(protocol("1 B>CA+/AB-!; 1 +/-")) == [
        Trial(("B", "CA"), True),
        Trial(("AB",), False, prevented=True),
        Trial((), True),
        Trial((), False),
    ]
    assert Trial(("B", "CA"), True).cues == "ABC"


def test_the_classical_ones_can_be_read() -> None:
    for name, text in PROTOCOLS.items():
        assert protocol(name) == protocol(text)
    few = {name: len(protocol(text)) for name, text in classical(trials=7, few=3, late=2).items()}
    assert few == {
        "acquisition": 7, "extinction": 10, "blocking": 14, "blocking control": 14, "overexpectation": 21,
        "conditioned inhibition": 14, "second order": 10, "latent inhibition": 9, "latent inhibition control": 9,
        "omission": 8, "response prevention": 14,
    }  # fmt: skip


BAD = [
    "40 A", "A+ 40", "40 a+", "40 A+;", "40 AA+", "40 A+/", "40 A>+", "4.5 A+", "A+", "3", "-3 A+", "40 A+ B+",
    "40 A+!!",
]  # fmt: skip


@pytest.mark.parametrize("read", [protocol, RescorlaWagner().run, lambda text: Conditioning(protocol=text)])
@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_read(text: str, read: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"cannot read.*'40 A\+; 40 AB\+'.*'40 A\+/AB-'"):
        read(text)


@pytest.mark.parametrize("read", [protocol, RescorlaWagner().run, lambda text: Conditioning(protocol=text)])
def test_a_name_that_is_nearly_one(read: Any) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'blocking'"):
        read("bloking")


@pytest.mark.parametrize("model", [RescorlaWagner(), PearceHall(), Mackintosh(), TemporalDifference()], ids=repr)
@given(times=st.integers(0, 5))
@settings(max_examples=6, deadline=None)
def test_trials_without_a_cue_teach_nothing_and_prevention_changes_nothing(model: Any, times: int) -> None:
    course = model.run(f"{times} +/-")
    assert course.strength.shape == (2 * times + 1, 0)
    among = model.run(f"3 A+; {times} +; 3 A-")["A"].tolist()
    alone = model.run("3 A+; 3 A-!")["A"].tolist()
    assert among[:4] + among[4 + times :] == alone
    assert among[3 : 4 + times] == [alone[3]] * (times + 1)
