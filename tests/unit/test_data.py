"""Data sets: what is embedded, MNIST's files, the user's arrays and spikes, and each way in which they can be wrong."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spikeloom.core.errors import FormatError, InvalidValueError, UnknownNameError
from spikeloom.core.spikes import Spikes
from spikeloom.data import Dataset, as_dataset, digits, load, mnist, names, stratified
from spikeloom.data.mnist import SHA256, SIZES


# --------------------------------------------------------------------------------------------------------- the split
@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=60),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**40),
)
def test_a_split_keeps_the_share_of_every_class(labels: list[int], fraction: float, seed: int) -> None:
    sizes = np.bincount(labels, minlength=5)
    if (sizes < 2).all():
        with pytest.raises(InvalidValueError, match="too few"):
            stratified(labels, fraction, seed=seed)
        return
    stay, held_out = stratified(labels, fraction, seed=seed)
    assert np.array_equal(np.sort(np.concatenate([stay, held_out])), np.arange(len(labels)))
    assert (np.diff(stay) > 0).all()
    assert (np.diff(held_out) > 0).all()
    for label, size in enumerate(sizes):
        many = int((np.array(labels)[held_out] == label).sum())
        assert many == (min(max(round(fraction * size), 1), size - 1) if size else 0)
    again = stratified(np.array(labels), fraction, seed=seed)
    assert np.array_equal(again[1], held_out)


def test_a_split_depends_on_seed_and_name() -> None:
    labels = np.repeat([0, 1], 50)
    first = stratified(labels, 0.3, seed=0)[1]
    assert not np.array_equal(stratified(labels, 0.3, seed=1)[1], first)
    assert not np.array_equal(stratified(labels, 0.3, seed=0, name="validation")[1], first)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan"), "half", None])
def test_a_fraction_lies_between_nothing_and_everything(fraction: Any) -> None:
    with pytest.raises(InvalidValueError, match="fraction to hold out must lie between 0 and 1; given"):
        stratified([0, 0, 1, 1], fraction)


# ------------------------------------------------------------------------------------------------------------- digits
def test_digits_are_all_of_them_in_a_fixed_split() -> None:
    data = digits()
    assert repr(data) == "Dataset('digits': 1438 training and 359 test samples, 64 features, 10 classes)"
    assert isinstance(data.x_train, np.ndarray)
    assert isinstance(data.x_test, np.ndarray)
    assert data.x_train.dtype == np.float32
    assert data.x_train.min() == 0
    assert data.x_train.max() == 1
    assert data.image_shape == (8, 8)
    assert data.classes == tuple("0123456789")
    assert data.licence
    assert data.citation
    assert data.source
    shares = np.bincount(data.y_test) / (np.bincount(data.y_test) + np.bincount(data.y_train))
    assert np.allclose(shares, 0.2, atol=0.005)
    rows = {row.tobytes() for row in data.x_train}
    assert len([row for row in data.x_test if row.tobytes() in rows]) == 0
    again, other = digits(), digits(seed=1)
    assert np.asarray(again.x_test).tobytes() == data.x_test.tobytes()
    assert np.asarray(other.x_test).tobytes() != data.x_test.tobytes()
    assert sorted(other.y_test) == sorted(data.y_test)


def test_the_split_of_digits_is_the_same_everywhere() -> None:
    """A published accuracy is of this split: its first labels and the sum of its pixels are pinned."""
    data = digits()
    assert data.y_test[:12].tolist() == [0, 6, 3, 6, 7, 8, 6, 7, 8, 8, 0, 2]
    assert float(np.asarray(data.x_test, np.float64).sum()) == 7026.8125


# -------------------------------------------------------------------------------------------------------- by its name
def test_data_sets_are_found_by_name() -> None:
    assert names() == ["digits", "mnist"]
    assert np.array_equal(load("digits", seed=3).y_test, digits(seed=3).y_test)
    assert load("Digits").name == "digits"


@pytest.mark.parametrize(("name", "nearest"), [("mnits", "mnist"), ("digit", "digits"), ("MINST", "mnist")])
def test_an_unknown_name_is_answered_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(
        UnknownNameError, match=rf"no dataset named '{name}'; did you mean '{nearest}'\? Known: digits, mnist"
    ):
        load(name)


def test_an_embedded_data_set_takes_no_path(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="digits is embedded and is read from no folder"):
        load("digits", path=tmp_path)


# -------------------------------------------------------------------------------------------------------------- mnist
def content(name: str, samples: int = 20) -> bytes:
    """A small file in MNIST's format: images that count up, labels 0 to 9 in turn."""
    if "images" in name:
        pixels = (np.arange(samples * 784) % 256).astype(np.uint8)
        return b"\0\0\x08\x03" + np.array([samples, 28, 28], ">u4").tobytes() + pixels.tobytes()
    return b"\0\0\x08\x01" + np.array([samples], ">u4").tobytes() + (np.arange(samples) % 10).astype(np.uint8).tobytes()


def write_mnist(folder: Path, changed: dict[str, bytes | None] | None = None, suffix: str = "") -> Path:
    """The four files in ``folder``, some with a content of their own or missing."""
    folder.mkdir(exist_ok=True)
    for name in SHA256:
        data = (changed or {}).get(name, content(name))
        if data is not None:
            (folder / f"{name}{suffix}").write_bytes(gzip.compress(data, 1) if suffix == ".gz" else data)
    return folder


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_mnist_is_read_from_its_files(tmp_path: Path, suffix: str) -> None:
    write_mnist(tmp_path, suffix=suffix)
    data = mnist(tmp_path)
    assert repr(data) == "Dataset('mnist': 20 training and 20 test samples, 784 features, 10 classes)"
    assert isinstance(data.x_train, np.ndarray)
    assert data.x_train.dtype == np.float32
    assert np.array_equal(data.x_train[0, :256], np.arange(256, dtype=np.float32) / np.float32(255))
    assert data.y_train.tolist() == [*range(10), *range(10)]
    assert data.image_shape == (28, 28)


def test_mnist_is_found_where_it_usually_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path / "mnist")
    assert mnist(tmp_path).name == "mnist"
    assert load("mnist", path=str(tmp_path)).name == "mnist"
    monkeypatch.setenv("SPIKELOOM_DATA", str(tmp_path))
    assert mnist().name == "mnist"
    monkeypatch.setenv("SPIKELOOM_DATA", str(tmp_path / "mnist"))
    assert mnist().name == "mnist"


def test_the_spelling_with_a_dot_is_known(tmp_path: Path) -> None:
    for name in SHA256:
        (tmp_path / name.replace("-idx", ".idx")).write_bytes(content(name))
    assert mnist(tmp_path).features == 784


def test_where_there_is_no_mnist_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIKELOOM_DATA", raising=False)
    with pytest.raises(InvalidValueError, match=r"--data FOLDER, or set SPIKELOOM_DATA"):
        mnist()
    with pytest.raises(InvalidValueError, match=r"no MNIST in .*mnist: expected are the files train-images-idx3-ubyte"):
        mnist(tmp_path)
    with pytest.raises(InvalidValueError, match="no MNIST in"):
        mnist(tmp_path / "absent")
    write_mnist(tmp_path, {"t10k-labels-idx1-ubyte": None})
    with pytest.raises(InvalidValueError, match=r"lacks t10k-labels-idx1-ubyte \(or t10k-labels-idx1-ubyte.gz\)"):
        mnist(tmp_path)


TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (TRAIN_IMAGES, content(TRAIN_IMAGES)[:-1], "train-images-idx3-ubyte is truncated"),
        (TRAIN_LABELS, content(TRAIN_LABELS) + b"\0", "has bytes behind its end"),
        (TRAIN_IMAGES, content(TRAIN_LABELS), r"does not hold MNIST's images, .*; it holds uint8 of the sizes 20$"),
        (
            TRAIN_LABELS,
            content(TRAIN_IMAGES),
            r"does not hold MNIST's labels, n bytes; it holds uint8 of the sizes 20 x 28",
        ),
        (TRAIN_LABELS, content(TRAIN_LABELS, 21), "20 images, but .*train-labels-idx1-ubyte 21 labels"),
        (TRAIN_LABELS, content(TRAIN_LABELS)[:-1] + b"\x0a", "holds the label 10 at place 19; MNIST's are 0 to 9"),
        (TRAIN_IMAGES, b"\0\0\x08\x03" + np.array([0, 28, 28], ">u4").tobytes(), "does not hold MNIST's images"),
        (TRAIN_IMAGES, b"\0\0\x08\x03" + np.array([1, 2, 2], ">u4").tobytes() + b"abcd", "n x 28 x 28; it holds uint8"),
        (TRAIN_IMAGES, b"<html>404</html>", "not an idx file"),
        (TRAIN_IMAGES, b"", "truncated: it has 0 bytes"),
    ],
)
def test_a_wrong_file_of_mnist_is_named(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        mnist(write_mnist(tmp_path, {name: data}))


def test_files_of_the_size_of_mnist_must_be_mnist(tmp_path: Path) -> None:
    """Fashion-MNIST has the same names and sizes; a result on it must not be called one on MNIST."""
    changed: dict[str, bytes | None] = {
        name: content(name, SIZES[name.split("-")[0]]) for name in SHA256 if "t10k" in name
    }
    with pytest.raises(FormatError, match=r"t10k-images-idx3-ubyte has the size of MNIST's file but not its content"):
        mnist(write_mnist(tmp_path, changed))


def test_the_real_mnist(data_dir: Path) -> None:
    if not (data_dir / "mnist").is_dir():
        pytest.skip("real MNIST not present: put its four files into $SPIKELOOM_DATA/mnist")
    data = mnist(data_dir / "mnist")
    assert isinstance(data.x_train, np.ndarray)
    assert data.x_train.shape == (60_000, 784)
    assert data.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(data.y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert abs(float(data.x_train.mean(dtype=np.float64)) - 0.1307) < 1e-4


# ---------------------------------------------------------------------------------------------------- the user's own
X = np.random.default_rng(0).random((40, 6))
Y = np.arange(40) % 4


def test_arrays_become_a_data_set() -> None:
    data = as_dataset((X, Y))
    assert repr(data) == "Dataset('arrays': 32 training and 8 test samples, 6 features, 4 classes)"
    assert isinstance(data.x_train, np.ndarray)
    assert data.classes == ("0", "1", "2", "3")
    assert data.y_test.tolist().count(0) == 2
    for row, label in zip(data.x_test, data.y_test, strict=True):  # pyright: ignore[reportArgumentType]
        place = int(np.flatnonzero((X.astype(np.float32) == row).all(axis=1))[0])
        assert Y[place] == label


@pytest.mark.parametrize(
    "pair",
    [
        [X.tolist(), Y.tolist()],
        (torch.from_numpy(X), torch.from_numpy(Y)),
        (X, Y.astype(float)),
        (X.astype(np.float32), Y.astype(np.uint8)),
        (X, [f"class {label}" for label in Y]),
        (X, np.array([f"class {label}" for label in Y])),
        (X, np.array([f"class {label}" for label in Y], object)),
    ],
)
def test_every_way_of_giving_the_same_arrays(pair: Any) -> None:
    expected, data = as_dataset((X, Y)), as_dataset(pair)
    assert np.array_equal(data.x_train, expected.x_train)  # pyright: ignore[reportArgumentType]
    assert np.array_equal(data.y_train, expected.y_train)
    assert np.array_equal(data.y_test, expected.y_test)


def test_strings_name_their_classes() -> None:
    assert as_dataset((X, [["cat", "dog"][i % 2] for i in range(40)])).classes == ("cat", "dog")
    assert as_dataset((X, Y), classes=["a", "b", "c", "d", "e"]).classes == ("a", "b", "c", "d", "e")
    assert as_dataset((X, Y), classes=6).classes == ("0", "1", "2", "3", "4", "5")
    with pytest.raises(InvalidValueError, match=r"y\[1\] is 'dog'; allowed are the classes cat, cow"):
        as_dataset((X, ["cat", "dog"] * 20), classes=["cat", "cow"])


def test_spikes_with_labels_become_a_data_set() -> None:
    spikes = Spikes.from_dense(np.random.default_rng(0).integers(0, 2, (5, 40, 3)), dt=1.0)
    data = as_dataset((spikes, Y), seed=2)
    assert repr(data) == "Dataset('arrays': 32 training and 8 test samples, 3 spike trains, 4 classes)"
    stay, held_out = stratified(Y, 0.2, seed=2, name="test split")
    assert data.x_train == spikes.select(stay)
    assert data.x_test == spikes.select(held_out)
    assert np.array_equal(data.y_test, Y[held_out])


def test_a_data_set_stays_what_it_is() -> None:
    data = as_dataset((X, Y))
    assert as_dataset(data) is data


NAN = X.copy()
NAN[7, 3] = np.nan


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((NAN, Y), r"X must be finite; nan stands at sample 7, feature 3 \(1 of 240 values are not\)"),
        ((X * 1e300, Y), "X must be finite; inf stands at sample 0"),
        ((X, Y[:-1]), "y must hold one label per sample; given 39 labels for 40 samples"),
        ((X, Y - 1), r"y\[0\] is -1; allowed is 0 to"),
        ((X, Y + 0.5), r"y must be whole numbers; y\[0\] is 0.5"),
        ((X, np.where(Y, Y, np.nan)), r"y must be whole numbers; y\[0\] is nan"),
        ((X, Y[:, None]), r"y must be one-dimensional; given shape \(40, 1\)"),
        ((X, np.eye(4)[Y]), r"y must be one-dimensional; given shape \(40, 4\)"),
        ((X, Y == 0), "y must be integers; given truth values"),
        ((X, [None] * 40), "y must be an array of real numbers"),
        ((X[:0], Y[:0]), "X is empty: 0 samples of 6 features"),
        ((X[:, :0], Y), "X is empty: 40 samples of 0 features"),
        (([], []), r"X must have the axes \(samples, features\); given shape \(0,\)"),
        ((X.reshape(40, 2, 3), Y), r"given shape \(40, 2, 3\); flatten each sample with X.reshape\(len\(X\), -1\)"),
        ((X[0], Y), r"must have the axes \(samples, features\); given shape \(6,\)$"),
        (([[1.0], [1.0, 2.0]], [0, 1]), "X must be a rectangular array of numbers"),
        (([["a"], ["b"]], [0, 1]), "X must be an array of real numbers"),
        ((X[:4], Y[:4]), "4 samples are too few to hold some out"),
        (X, r"data must be a Dataset.*given ndarray of shape \(40, 6\)"),
        ((X, Y, X), "data must be a Dataset, .*given a tuple of 3"),
        ("digits", "data must be a Dataset, such as spikeloom.data.digits.*given 'digits'"),
        (None, "given None"),
        (Spikes.from_dense(np.zeros((2, 3, 4)), dt=1.0), r"given Spikes of shape \(2, 3, 4\)"),
        ((Spikes.from_dense(np.zeros((2, 0, 4)), dt=1.0), []), "X is empty: 0 samples of 4 features"),
    ],
)
def test_bad_data_are_named(data: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        as_dataset(data)


def test_labels_beyond_the_classes_are_named() -> None:
    with pytest.raises(InvalidValueError, match=r"y\[3\] is 3; allowed is 0 to 2 \(3 classes\)"):
        as_dataset((X, Y), classes=3)
    with pytest.raises(InvalidValueError, match=r"y\[2\] is 2; allowed is 0 to 1 \(2 classes\)"):
        as_dataset((X, Y), classes=["a", "b"])


def parts(**changes: Any) -> dict[str, Any]:
    return {
        "name": "own",
        "x_train": X,
        "y_train": Y,
        "x_test": X[:8],
        "y_test": Y[:8],
        "classes": ("a", "b", "c", "d"),
    } | changes


def test_a_data_set_can_be_put_together_by_hand() -> None:
    data = Dataset(**parts(image_shape=(2, 3)))
    assert data.features == 6
    assert isinstance(data.x_test, np.ndarray)
    assert data.x_test.dtype == np.float32
    assert data.y_test.dtype == np.int64
    with pytest.raises(AttributeError):
        data.name = "other"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": Y[:8] + 1}, r"y_test\[3\] is 4; allowed is 0 to 3 \(4 classes\)"),
        ({"y_train": Y[:3]}, "y_train must hold one label per sample; given 3 labels for 40 samples"),
        ({"x_test": X[:8, :5]}, "same features; given 6 and 5"),
        ({"x_test": X[:0], "y_test": Y[:0]}, "x_test is empty"),
        ({"x_test": Spikes.from_dense(np.zeros((2, 8, 6)), dt=1.0)}, "of one kind: both arrays, or both Spikes"),
        ({"image_shape": (2, 2)}, r"image_shape \(2, 2\) does not hold 6 features"),
        ({"x_train": NAN}, "x_train must be finite; nan stands at sample 7, feature 3"),
    ],
)
def test_parts_that_do_not_fit_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Dataset(**parts(**changes))
