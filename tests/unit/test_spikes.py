"""Spikes and Current: every way in and out agrees with a plain dense array, and bad events are named."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spikeloom.core.current import Current
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes
from spikeloom.core.units import ms, second


def shapes() -> st.SearchStrategy[tuple[int, int, int]]:
    return st.tuples(st.integers(1, 7), st.integers(0, 5), st.integers(1, 9))


@st.composite
def counts(draw: st.DrawFn) -> np.ndarray:
    """(T, B, N) spike counts, mostly zero, some above one."""
    return draw(arrays.arrays(np.int64, draw(shapes()), elements=st.integers(0, 3), fill=st.just(0)))


def listed(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(step, sample, neuron) of each event of ``dense``, in the order of (sample, step, neuron), found the slow way."""
    t, b, n = dense.shape
    events = [
        (step, sample, neuron)
        for sample in range(b)
        for step in range(t)
        for neuron in range(n)
        for _ in range(int(dense[step, sample, neuron]))
    ]
    columns = np.array(events, np.int64).reshape(-1, 3).T
    return columns[0], columns[1], columns[2]


# ------------------------------------------------------------------------------------------------------- in and out
@given(counts(), st.sampled_from([np.uint8, np.int32, np.int64, np.float32, np.float64]))
def test_dense_goes_in_and_comes_out(dense: np.ndarray, dtype: Any) -> None:
    spikes = Spikes.from_dense(dense.astype(dtype), dt=0.5)
    assert spikes.shape == dense.shape
    assert len(spikes) == dense.sum()
    assert np.array_equal(spikes.dense().numpy(), dense)
    assert Spikes.from_dense(torch.from_numpy(dense), dt=0.5) == spikes
    step, sample, neuron = listed(dense)
    assert spikes.step.tolist() == step.tolist()
    assert spikes.sample.tolist() == sample.tolist()
    assert spikes.neuron.tolist() == neuron.tolist()
    assert spikes.offsets.dtype == np.int64
    assert spikes.indices.dtype == np.int32


@given(counts(), st.randoms(use_true_random=False))
def test_events_in_any_order_give_the_same_spikes(dense: np.ndarray, random: Any) -> None:
    expected = Spikes.from_dense(dense, dt=1 * ms)
    step, sample, neuron = listed(dense)
    assert Spikes.from_events(step, neuron, sample, shape=dense.shape, dt=1 * ms) == expected
    order = list(range(len(step)))
    random.shuffle(order)
    shuffled = Spikes.from_events(step[order], neuron[order], sample[order], shape=dense.shape, dt=1 * ms, sort=True)
    assert shuffled == expected
    within = np.lexsort((np.array([random.random() for _ in order]), step, sample))  # neurons of a row in disorder
    assert Spikes.from_events(step[within], neuron[within], sample[within], shape=dense.shape, dt=1 * ms) == expected


@given(counts(), st.sampled_from([0.1, 0.25, 1.0, 1 / 3, 7.0]))
def test_times_are_the_beginnings_of_steps(dense: np.ndarray, dt: float) -> None:
    spikes = Spikes.from_dense(dense, dt)
    assert np.allclose(spikes.time, spikes.step * dt)
    again = Spikes.from_times(spikes.time, spikes.neuron, spikes.sample, shape=spikes.shape, dt=dt)
    assert again == spikes
    middle = Spikes.from_times(spikes.time + dt / 2, spikes.neuron, spikes.sample, shape=spikes.shape, dt=dt)
    assert middle == spikes


def test_a_time_of_three_tenths_is_step_three() -> None:
    times = np.arange(1000) * 0.1  # 0.1 * 3 is a little more than 0.3, and 0.3 / 0.1 a little less than 3
    assert Spikes.from_times(times, [0] * 1000, shape=(1000, 1, 1), dt=0.1).step.tolist() == list(range(1000))
    assert Spikes.from_times([0.3, 0.4 - 1e-6], [0, 0], shape=(5, 1, 1), dt=0.1).step.tolist() == [3, 3]


@given(counts())
def test_counts_rates_and_density(dense: np.ndarray) -> None:
    spikes = Spikes.from_dense(dense, dt=2 * ms)
    assert np.array_equal(spikes.counts(), dense.sum(axis=0))
    assert spikes.counts().dtype == np.int64
    seconds = dense.shape[0] * 2 * ms / second
    assert np.allclose(spikes.rate(), dense.sum(axis=0) / seconds)
    assert spikes.density == (dense.sum() / dense.size if dense.size else 0)


@given(counts(), st.data())
def test_select_is_indexing_along_samples(dense: np.ndarray, data: st.DataObject) -> None:
    spikes, b = Spikes.from_dense(dense, dt=1.0), dense.shape[1]
    index = data.draw(st.lists(st.integers(-b, b - 1), max_size=8) if b else st.just([]))
    chosen = np.array(index, np.int64)
    assert spikes.select(index) == Spikes.from_dense(dense[:, chosen], dt=1.0)
    assert spikes.select(torch.tensor(chosen)) == spikes.select(chosen)
    part = slice(*data.draw(st.tuples(st.integers(-6, 6), st.integers(-6, 6), st.sampled_from([None, 1, 2, -1]))))
    assert spikes.select(part) == Spikes.from_dense(dense[:, part], dt=1.0)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=b, max_size=b)), np.bool_)
    assert spikes.select(mask) == Spikes.from_dense(dense[:, mask], dt=1.0)
    if b:
        assert spikes.select(b - 1) == Spikes.from_dense(dense[:, -1:], dt=1.0)


@given(counts(), st.data())
def test_concatenate_puts_halves_together(dense: np.ndarray, data: st.DataObject) -> None:
    spikes = Spikes.from_dense(dense, dt=1.0)
    cut = data.draw(st.integers(0, dense.shape[1]))
    assert Spikes.concatenate([spikes.select(slice(cut)), spikes.select(slice(cut, None))]) == spikes
    assert Spikes.concatenate([spikes, spikes]) == Spikes.from_dense(np.concatenate([dense, dense], axis=1), dt=1.0)


@given(counts(), st.data())
def test_window_is_slicing_along_steps(dense: np.ndarray, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, dense.shape[0] - 1))
    stop = data.draw(st.integers(start + 1, dense.shape[0]))
    assert Spikes.from_dense(dense, dt=1.0).window(start, stop) == Spikes.from_dense(dense[start:stop], dt=1.0)


@given(counts())
def test_the_arrays_themselves_go_in_again(dense: np.ndarray) -> None:
    spikes = Spikes.from_dense(dense, dt=1.0)
    assert Spikes(spikes.offsets, spikes.indices, spikes.shape, dt=1.0) == spikes
    assert pickle.loads(pickle.dumps(spikes)) == spikes
    assert copy.deepcopy(spikes) == spikes
    offsets, indices = spikes.buffers()
    assert offsets.flags.writeable
    assert indices.flags.writeable
    assert np.array_equal(offsets, spikes.offsets)
    assert np.array_equal(indices, spikes.indices)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64])
def test_dense_takes_a_dtype(dtype: torch.dtype) -> None:
    dense = torch.zeros(4, 2, 3, dtype=dtype)
    dense[1, 0, 2] = 2
    out = Spikes.from_dense(dense, dt=1.0).dense(dtype)
    assert out.dtype == dtype
    assert torch.equal(out, dense)


def test_a_tensor_that_requires_grad_may_hold_spikes() -> None:
    dense = torch.ones(2, 1, 1, requires_grad=True)
    assert len(Spikes.from_dense(dense, dt=1.0)) == 2


def test_nothing_is_copied_that_fits() -> None:
    offsets, indices = np.array([0, 1, 2]), np.array([0, 3], np.int32)
    spikes = Spikes(offsets, indices, (2, 1, 4), dt=1.0)
    assert np.shares_memory(spikes.offsets, offsets)
    assert np.shares_memory(spikes.indices, indices)
    assert np.shares_memory(spikes.select(slice(0, 1)).indices, indices)
    assert indices.flags.writeable  # protecting ours must not protect the caller's


# ------------------------------------------------------------------------------------------------------ an object
def example() -> Spikes:
    return Spikes.from_events([0, 2, 2], [1, 0, 3], [0, 0, 1], shape=(5, 2, 4), dt=1.0)


def test_spikes_are_immutable() -> None:
    spikes = example()
    with pytest.raises(AttributeError, match="immutable"):
        spikes.dt = 2.0
    with pytest.raises(ValueError, match="read-only"):
        spikes.indices[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        spikes.offsets[0] = 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(spikes)


def test_spikes_are_compared_by_value() -> None:
    assert example() == example()
    assert example() != Spikes.from_events([0, 2, 2], [1, 0, 3], [0, 0, 1], shape=(5, 2, 4), dt=2.0)
    assert example() != Spikes.from_events([0, 2, 2], [1, 0, 2], [0, 0, 1], shape=(5, 2, 4), dt=1.0)
    assert example() != Spikes.from_events([0, 2, 2], [1, 0, 3], [0, 0, 1], shape=(5, 2, 5), dt=1.0)
    assert example() != "spikes"


def test_repr_says_shape_and_density() -> None:
    assert repr(example()) == "Spikes(T=5, B=2, N=4, dt=1 ms, 3 events, density 7.5 %)"


def test_silence_is_a_batch_too() -> None:
    silent = Spikes.from_dense(np.zeros((3, 2, 4)), dt=1.0)
    assert len(silent) == 0
    assert silent
    assert silent.density == 0
    assert silent.dense().sum() == 0
    assert Spikes.from_events([], [], [], shape=(3, 2, 4), dt=1.0) == silent


# ----------------------------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize("dt", [0, -1.0, float("nan"), float("inf"), "1", None, True])
def test_dt_is_a_time(dt: Any) -> None:
    for make in (
        lambda: Spikes([0, 0], [], (1, 1, 1), dt=dt),
        lambda: Spikes.from_dense(np.zeros((1, 1, 1)), dt),
        lambda: Spikes.from_events([], [], shape=(1, 1, 1), dt=dt),
        lambda: Spikes.from_times([], [], shape=(1, 1, 1), dt=dt),
        lambda: Current([[1.0]], 3, dt=dt),
    ):
        with pytest.raises(InvalidValueError, match=r"dt must be a finite number above 0; given .* Write dt=1 \* ms"):
            make()


@pytest.mark.parametrize("shape", [(1, 1), (0, 1, 1), (1, -1, 1), (1, 1, 0), (1.5, 1, 1), (True, 1, 1), 3, None, "abc"])
def test_a_shape_is_three_sizes(shape: Any) -> None:
    with pytest.raises(InvalidValueError, match="shape"):
        Spikes.from_events([], [], [], shape=shape, dt=1.0)
    with pytest.raises(InvalidValueError, match="shape"):
        Spikes([0], [], shape, dt=1.0)


@pytest.mark.parametrize("shape", [(2**40, 2**20, 2**10), (1, 1, 2**31)])
def test_a_shape_that_cannot_be_counted_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidValueError, match="too large"):
        Spikes.from_events([], [], [], shape=shape, dt=1.0)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (([5], [0], [0]), r"step\[0\] is 5; allowed is 0 to 4 \(T = 5"),
        (([0, -1], [0, 0], [0, 0]), r"step\[1\] is -1; allowed is 0 to 4"),
        (([0], [4], [0]), r"neuron\[0\] is 4; allowed is 0 to 3 \(N = 4"),
        (([0, 0], [0, 2**40], [0, 0]), r"neuron\[1\] is 1099511627776"),
        (([0], [0], [2]), r"sample\[0\] is 2; allowed is 0 to 1 \(B = 2"),
        (([0, 1], [0], [0]), "one entry per event; given 2, 1 and 1"),
        (([0.5], [0], [0]), r"step must be whole numbers; step\[0\] is 0.5"),
        (([0], [float("nan")], [0]), r"neuron must be whole numbers; neuron\[0\] is nan"),
        (([0], [0], [float("inf")]), r"sample must be whole numbers; sample\[0\] is inf"),
        (([True], [0], [0]), "step must be integers; given truth values"),
        (([[0]], [0], [0]), r"step must be one-dimensional; given shape \(1, 1\)"),
        ((["a"], [0], [0]), "step must be an array of real numbers"),
        (
            ([0, 3, 2], [0, 0, 1], [0, 0, 0]),
            r"event 2 \(sample 0, step 2\) follows event 1 \(sample 0, step 3\).*sort=True",
        ),
        (([0, 0], [0, 0], [1, 0]), r"event 1 \(sample 0, step 0\) follows event 0 \(sample 1, step 0\)"),
        (([0], [0], None), "shape .* has 2 samples: say which one"),
    ],
)
def test_bad_events_are_named(events: tuple[Any, Any, Any], message: str) -> None:
    step, neuron, sample = events
    with pytest.raises(InvalidValueError, match=message):
        Spikes.from_events(step, neuron, sample, shape=(5, 2, 4), dt=1.0)


def test_whole_numbers_may_come_as_floats() -> None:
    assert Spikes.from_events([0.0, 2.0], [1.0, 3.0], shape=(3, 1, 4), dt=1.0).neuron.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([5.0], r"times\[0\] is 5 ms; allowed is \[0, 5\) ms: 10 steps of 0.5 ms"),
        ([0.0, -0.1], r"times\[1\] is -0.1 ms"),
        ([float("nan")], "times must be finite; nan stands at event 0"),
        ([1e300], r"times\[0\] is 1e\+300 ms"),
        ([[0.0]], "times must be one-dimensional"),
    ],
)
def test_bad_times_are_named(times: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Spikes.from_times(times, np.zeros(len(times), np.int64), shape=(10, 1, 1), dt=0.5)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.5, "it has 0.5 at step 1, sample 0, neuron 2"),
        (-1, "it has -1"),
        (float("nan"), "it has nan"),
        (float("inf"), "it has inf"),
    ],
)
def test_a_dense_array_holds_counts(value: float, message: str) -> None:
    dense = np.zeros((2, 1, 3))
    dense[1, 0, 2] = value
    with pytest.raises(InvalidValueError, match=message):
        Spikes.from_dense(dense, dt=1.0)


def test_a_dense_array_has_three_axes() -> None:
    with pytest.raises(InvalidValueError, match=r"axes \(T, B, N\).*its shape is \(3, 4\)"):
        Spikes.from_dense(np.zeros((3, 4)), dt=1.0)
    with pytest.raises(InvalidValueError, match="rectangular"):
        Spikes.from_dense([[[1, 2], [3]]], dt=1.0)
    with pytest.raises(InvalidValueError, match="real numbers; given dtype complex128"):
        Spikes.from_dense(np.zeros((1, 1, 1), complex), dt=1.0)


@pytest.mark.parametrize(
    ("offsets", "indices", "message"),
    [
        ([0, 1], [0], r"offsets must have B \* T \+ 1 = 3 entries; given 2"),
        ([0, 1, 1], [0, 1], "begin at 0 and end at 2"),
        ([1, 1, 2], [0, 1], "begin at 0 and end at 2"),
        ([0, 3, 2], [0, 1], r"must not fall; offsets\[2\] is 2 after 3"),
        ([0, 2, 2], [1, 0], r"event 1 \(neuron 0\) follows event 0 \(neuron 1\) in sample 0, step 0.*sort=True"),
        ([0, 1, 2], [0, 5], r"indices\[1\] is 5; allowed is 0 to 3"),
        ([0, 1, 2], [-1, 0], r"indices\[0\] is -1"),
        ([0, 0.5, 2], [0, 1], "offsets must be whole numbers"),
        ([0, -1, 2], [0, 1], "must not fall"),
    ],
)
def test_rows_that_do_not_fit_are_named(offsets: Any, indices: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Spikes(offsets, indices, (2, 1, 4), dt=1.0)


def test_a_row_may_begin_lower_than_the_last_one_ended() -> None:
    spikes = Spikes([0, 2, 2, 4], [2, 3, 0, 0], (3, 1, 4), dt=1.0)
    assert spikes.dense()[2, 0].tolist() == [2, 0, 0, 0]


@given(st.lists(st.integers(-2, 8), max_size=8), st.lists(st.integers(-2, 6), max_size=8), shapes())
def test_random_arrays_are_spikes_or_an_error(offsets: list[int], indices: list[int], shape: Any) -> None:
    try:
        spikes = Spikes(np.array(offsets, np.int64), np.array(indices, np.int64), shape, dt=1.0)
    except InvalidValueError:
        return
    assert Spikes.from_dense(spikes.dense(), dt=1.0) == spikes


def test_parts_that_are_not_there() -> None:
    spikes = example()
    for samples in ([2], [0.0], [[0]], "a", [True], -3):
        with pytest.raises(InvalidValueError, match="samples must be"):
            spikes.select(samples)
    for start, stop in ((-1, 2), (2, 2), (0, 6), (0, 1.5)):
        with pytest.raises(InvalidValueError, match=r"start|stop"):
            spikes.window(start, stop)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValueError, match="nothing to concatenate"):
        Spikes.concatenate([])
    with pytest.raises(InvalidValueError, match="must be the same"):
        Spikes.concatenate([spikes, spikes.window(0, 2)])


# ------------------------------------------------------------------------------------------------------- currents
def test_a_current_is_the_same_at_every_step() -> None:
    values = np.array([[0.0, 0.5, 1.0], [1.0, -2.0, 0.25]], np.float32)
    current = Current(values, 4, dt=0.5)
    assert current.shape == (4, 2, 3)
    assert current.dense().dtype == torch.float32
    for block in current.dense():
        assert np.array_equal(block.numpy(), values)
    assert current.select([1]) == Current(values[1:], 4, dt=0.5)
    assert current.select(0) == Current(values[:1], 4, dt=0.5)
    assert current.select([]).shape == (4, 0, 3)
    assert repr(current) == "Current(T=4, B=2, N=3, dt=0.5 ms, -2 to 1)"
    assert pickle.loads(pickle.dumps(current)) == current
    assert current != Current(values, 5, dt=0.5)
    assert current != 1


def test_a_current_keeps_its_precision() -> None:
    assert Current(np.zeros((1, 2)), 1, dt=1.0).values.dtype == np.float64
    assert Current(torch.zeros(1, 2), 1, dt=1.0).values.dtype == np.float32
    assert Current([[1, 2]], 1, dt=1.0).values.dtype == np.float32
    assert Current(np.full((1, 2), 0.1), 1, dt=1.0).dense(torch.float64)[0, 0, 0] == 0.1


def test_a_current_is_immutable_and_leaves_the_given_array_alone() -> None:
    values = np.ones((2, 2), np.float32)
    current = Current(values, 3, dt=1.0)
    with pytest.raises(ValueError, match="read-only"):
        current.values[0, 0] = 2
    with pytest.raises(AttributeError, match="immutable"):
        current.steps = 4
    assert values.flags.writeable


@pytest.mark.parametrize(
    ("values", "steps", "message"),
    [
        ([[0.0, float("nan")]], 1, "values must be finite; nan stands at sample 0, channel 1"),
        ([[0.0], [float("inf")]], 1, "inf stands at sample 1, channel 0"),
        ([0.0], 1, r"axes \(B, N\).*given shape \(1,\)"),
        (np.zeros((2, 0)), 1, "given shape"),
        ([[0.0]], 0, "steps must be a whole number, at least 1; given 0"),
        ([[0.0]], 1.5, "steps must be a whole number"),
    ],
)
def test_bad_currents_are_named(values: Any, steps: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Current(values, steps, dt=1.0)
