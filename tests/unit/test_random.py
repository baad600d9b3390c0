"""Random numbers: the published test vectors, and the same number whatever the batch, order or process."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.philox import philox4x32
from spikeloom.core.random import stream, uniform

# Known answers of Philox4x32-10 from Random123 (kat_vectors of D. E. Shaw Research): counter, key, result.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]

places = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers(
    counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    words = philox4x32(*(np.uint64(word) for word in (*counter, *key)))
    assert tuple(int(word) for word in words) == answer


@given(seed=st.integers(0, 2**70), step=st.integers(0, 2**64 - 1), index=places, data=st.data())
def test_uniform_depends_on_its_place_alone(seed: int, step: int, index: list[int], data: st.DataObject) -> None:
    whole = uniform(seed, "noise", step, np.array(index, np.uint64))
    order = data.draw(st.permutations(range(len(index))))
    shuffled = uniform(seed, "noise", step, np.array([index[i] for i in order], np.uint64))
    alone = [float(uniform(seed, "noise", np.uint64(step), np.uint64(i))) for i in index]
    assert np.array_equal(shuffled, whole[list(order)])
    assert whole.tolist() == alone
    assert ((whole >= 0) & (whole < 1)).all()


def test_uniform_broadcasts_step_and_index() -> None:
    table = uniform(3, "noise", np.arange(4)[:, None], np.arange(5))
    assert table.shape == (4, 5)
    assert table.dtype == np.float64
    for step in range(4):
        assert np.array_equal(table[step], uniform(3, "noise", step, np.arange(5)))
    assert len(np.unique(table)) == 20


def test_uniform_is_uniform_and_independent_of_its_neighbours() -> None:
    u = uniform(0, "noise", 0, np.arange(200_000))
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 0.01
    for other in (
        uniform(1, "noise", 0, np.arange(200_000)),
        uniform(0, "other", 0, np.arange(200_000)),
        uniform(0, "noise", 1, np.arange(200_000)),
    ):
        assert abs(np.corrcoef(u, other)[0, 1]) < 0.01


def test_uniform_and_stream_are_the_same_in_another_process() -> None:
    program = (
        "from spikeloom.core.random import stream, uniform\n"
        "print(uniform(5, 'noise', 2, [0, 7, 2**40]).tolist(), stream(5, 'shuffle', 3).permutation(6).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    here = uniform(5, "noise", 2, [0, 7, 2**40]).tolist(), stream(5, "shuffle", 3).permutation(6).tolist()
    assert done.stdout.strip() == f"{here[0]} {here[1]}"


def test_uniform_of_nothing_is_nothing() -> None:
    assert uniform(0, "noise", 0, []).shape == (0,)


@given(seed=st.integers(0, 2**70), counters=st.lists(st.integers(0, 2**64 - 1), max_size=3))
def test_a_stream_does_not_depend_on_what_was_drawn_before(seed: int, counters: list[int]) -> None:
    first = stream(seed, "shuffle", *counters).random(3)
    stream(seed, "weights").random(1000)
    assert np.array_equal(stream(seed, "shuffle", *counters).random(3), first)


def test_streams_differ_in_seed_name_counters_and_their_number() -> None:
    streams = [
        stream(0, "a"), stream(1, "a"), stream(0, "b"), stream(0, "a", 0), stream(0, "a", 1), stream(0, "a", 0, 0),
        stream(0, "a", 0, 1), stream(0, "a", 1, 0), stream(0, "a", 0, 0, 0), stream(0, "a", 0, 0, 1),
    ]  # fmt: skip
    drawn = [tuple(s.integers(0, 2**63, 4)) for s in streams]
    assert len(set(drawn)) == len(drawn)


def test_streams_of_neighbouring_counters_do_not_overlap() -> None:
    drawn = np.concatenate([stream(0, "shuffle", epoch).integers(0, 2**63, 5000) for epoch in range(4)])
    assert len(np.unique(drawn)) == drawn.size


@pytest.mark.parametrize("seed", [-1, 0.5, True, "0", None])
def test_a_seed_is_a_whole_number(seed: object) -> None:
    for make in (lambda: stream(seed, "a"), lambda: uniform(seed, "a", 0, 0)):  # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidValueError, match="seed must be a whole number"):
            make()


def test_bad_places_are_named() -> None:
    with pytest.raises(InvalidValueError, match=r"index must be whole numbers >= 0; given int64 from -2 to 1"):
        uniform(0, "a", 0, [1, -2])
    with pytest.raises(InvalidValueError, match="step must be whole numbers"):
        uniform(0, "a", 0.5, 0)
    with pytest.raises(InvalidValueError, match=r"broadcast; given the shapes \(2,\) and \(3,\)"):
        uniform(0, "a", [0, 1], [0, 1, 2])
    with pytest.raises(InvalidValueError, match=r"at most three counters, .*; given \(1, 2, 3, 4\)"):
        stream(0, "a", 1, 2, 3, 4)
    with pytest.raises(InvalidValueError, match=r"each below 2\*\*64"):
        stream(0, "a", 2**64)
    with pytest.raises(InvalidValueError, match="counter 1 of stream 'a' must be a whole number"):
        stream(0, "a", -1)
