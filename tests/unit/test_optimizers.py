"""Optimisers: every one of torch goes into a checkpoint and comes out to the bit; so do their nested values."""

import math
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spikeloom.core.errors import InvalidValueError, UnknownNameError, UnsupportedError
from spikeloom.learning import optimizers
from spikeloom.learning.trees import flatten, unflatten
from spikeloom.network import checkpoint


class Model(torch.nn.Module):
    def __init__(self, dtype, seed=0):
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.a = torch.nn.Parameter(torch.randn(7, 5, generator=random).to(dtype))
        self.b = torch.nn.Parameter(torch.randn(5, 3, generator=random).to(dtype))

    def steps(self, optimizer, numbers):
        for n in numbers:
            x = torch.randn(9, 7, generator=torch.Generator().manual_seed(n)).to(self.a.dtype)

            def closure(x=x):
                optimizer.zero_grad()
                loss = (torch.tanh(x @ self.a) @ self.b).square().mean()
                loss.backward()
                return loss

            optimizer.step(closure)

    def bits(self):
        return [p.detach().reshape(-1).view(torch.uint8).tolist() for p in self.parameters()]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", sorted(optimizers.known()))
def test_saved_and_restored_to_the_bit(tmp_path, name, dtype):
    def make(model):
        decays = name not in ("lbfgs", "rprop")
        return optimizers.make(name, model, 0.01, 0.01 if decays else 0.0)

    whole = Model(dtype)
    whole.steps(make(whole), range(8))

    first = Model(dtype)
    optimizer = make(first)
    first.steps(optimizer, range(5))
    tree, tensors = flatten(optimizer.state_dict(), "optimizer")
    tensors |= dict(first.named_parameters())
    checkpoint.write(tmp_path / "c", tensors, {"optimizer": tree})

    saved, second = checkpoint.read(tmp_path / "c"), Model(dtype, seed=9)
    second.load_state_dict({name: saved.tensors[name] for name in ("a", "b")})
    optimizer = make(second)
    optimizers.restore(optimizer, unflatten(saved.state["optimizer"], saved.tensors))
    second.steps(optimizer, range(5, 8))
    assert second.bits() == whole.bits()


def test_a_function_may_make_the_optimizer(tmp_path):
    def two_groups(parameters):
        a, b = parameters
        return torch.optim.SGD([{"params": [a], "lr": 0.1, "momentum": 0.9}, {"params": [b]}], lr=0.01)

    model = Model(torch.float32)
    optimizer = optimizers.make(two_groups, model, 1.0, 0.0)
    assert [g["lr"] for g in optimizer.param_groups] == [0.1, 0.01]
    assert optimizers.describe(two_groups).endswith("two_groups")
    with pytest.raises(InvalidValueError, match=r"must return a torch.optim.Optimizer; it returned int"):
        optimizers.make(lambda p: 3, model, 1.0, 0.0)  # pyright: ignore[reportArgumentType]


def test_fused_where_there_is_one():
    assert optimizers.make("adam", Model(torch.float32), 0.1, 0.0).defaults["fused"]


def test_names():
    assert {"adam", "adamw", "sgd", "lbfgs", "rmsprop"} <= set(optimizers.known())
    assert "sparseadam" not in optimizers.known()
    assert optimizers.kind_of("AdamW") is torch.optim.AdamW
    with pytest.raises(UnknownNameError, match="did you mean 'adamw'"):
        optimizers.kind_of("adamm w")
    with pytest.raises(InvalidValueError, match="knows no weight decay"):
        optimizers.make("lbfgs", Model(torch.float32), 0.1, 0.1)
    with pytest.raises(InvalidValueError, match="nothing to train"):
        optimizers.make("adam", torch.nn.Identity(), 0.1, 0.0)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers() | st.text(max_size=4) | st.booleans(), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(plain)
@settings(max_examples=100)
def test_any_nested_values_come_back(tree):
    flat, tensors = flatten(tree, "x")
    assert tensors == {}
    back = unflatten(flat, tensors)
    assert back == tree
    assert repr(back) == repr(tree)  # tuples stay tuples, 1 and True and 1.0 stay apart


def test_tensors_and_odd_numbers_come_back():
    tree = {
        0: {"m": torch.arange(3), "n": torch.tensor(2.5)},
        "inf": -math.inf,
        "nan": math.nan,
        "l": [torch.ones(2, 2)],
    }
    flat, tensors = flatten(tree, "o")
    assert set(tensors) == {"o/0/m", "o/0/n", "o/l/0"}
    back = unflatten(flat, tensors)
    assert torch.equal(back[0]["m"], tree[0]["m"])
    assert torch.equal(back[0]["n"], tree[0]["n"])
    assert torch.equal(back["l"][0], tree["l"][0])
    assert back["inf"] == -math.inf
    assert math.isnan(back["nan"])
    back[0]["m"].add_(1)
    assert tensors["o/0/m"].tolist() == [0, 1, 2]


def test_what_a_checkpoint_cannot_hold():
    with pytest.raises(UnsupportedError, match="x/a/1 is a function"):
        flatten({"a": [1, test_names]}, "x")


def test_no_warning_on_the_way():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Model(torch.float32).steps(optimizers.make("adam", model := Model(torch.float32), 0.1, 0.0), [])
        model.steps(optimizers.make("adam", model, 0.1, 0.0), range(2))
