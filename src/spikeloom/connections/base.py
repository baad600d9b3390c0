"""What a connection is: who is connected to whom, and how the weights are shaped, drawn and applied."""

from __future__ import annotations

import math
import numbers
from typing import ClassVar, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError, UnsupportedError
from spikeloom.core.parameters import Model

Incoming = tuple[NDArray[np.int64], NDArray[np.int32]]
"""Offsets and sources: ``source[offsets[j]:offsets[j + 1]]`` are the sources of the j-th target, ascending."""

MOST = 2**31 - 1
"""The largest population that a list of synapses can name."""


class Connection(Model):
    """Base of the connections, each linear in its weights, each one final subclass in a file of its own.

    Every connection can list its synapses (:meth:`incoming`), for running step by step. Those that are ``dense`` keep
    their weights in an array besides, which running layer by layer needs: a parameter of the network,
    ``net.weights[name]``. :meth:`which` says where in it the weight of each synapse stands.
    """

    dense: ClassVar[bool] = False
    """Whether the weights are an array of :meth:`weight_shape`, and :meth:`apply` takes all of them at once."""

    shared: ClassVar[bool] = False
    """Whether several synapses have the same weight, so that the array has fewer weights than there are synapses;
    otherwise the array of a dense one is (sources, targets)."""

    # --- lists of synapses --------------------------------------------------------------------------------------------

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        """An error if ``sources`` and ``targets`` neurons cannot be connected so."""

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        """The number of synapses, or, where chance decides, its expectation, rounded."""
        raise NotImplementedError(f"{type(self).__name__} does not define expected")

    def incoming(
        self, sources: int, targets: int, key: int, first: int = 0, last: int | None = None, recurrent: bool = False
    ) -> Incoming:
        """The sources of the targets ``first`` ... ``last`` - 1: offsets (int64) and sources (int32).

        ``source[offsets[j]:offsets[j + 1]]`` are the sources of target ``first + j``, ascending; a source that makes
        several synapses stands there as often. Threads may each take a range of targets: any division gives the same
        synapses, and compiled code leaves the interpreter to others.

        Args:
            sources: neurons of the source population.
            targets: neurons of the target population.
            key: which stream of random numbers, 0 to 2**64 - 1.
            first: the first target wanted.
            last: behind the last target wanted; all if left out.
            recurrent: source and target are one population (a synapse of a neuron onto itself is an autapse).

        Raises:
            InvalidValueError: sizes that cannot be connected so, or a range that does not exist.
        """
        sources, targets, last = _range(sources, targets, first, last)
        if recurrent and sources != targets:
            raise InvalidValueError(f"recurrent: one population cannot have {sources} and {targets} neurons")
        if not 0 <= key < 2**64:
            raise InvalidValueError(f"key must be a whole number from 0 to 2**64 - 1; given {key!r}")
        self.check_sizes(sources, targets, recurrent)
        return self.synapses(sources, targets, key, first, last, recurrent)

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        """What :meth:`incoming` returns, for subclasses to define; the arguments have been checked."""
        raise NotImplementedError(f"{type(self).__name__} does not define synapses")

    # --- an array of weights ------------------------------------------------------------------------------------------

    def which(self, sources: int, targets: int, first: int = 0, last: int | None = None) -> NDArray[np.int32]:
        """For each synapse of :meth:`incoming` with the same arguments, in its order, the index of its weight.

        ``weights.reshape(-1)[which]`` are the weights of these synapses, for weights of :meth:`weight_shape`. Where
        several synapses have one weight (``shared``), what each of them learns adds up there:
        ``np.add.at(change, which, learned)``.

        Raises:
            InvalidValueError: sizes that cannot be connected so, or a range that does not exist, or more weights than
                an int32 can count.
            UnsupportedError: a connection without an array of weights.
        """
        sources, targets, last = _range(sources, targets, first, last)
        self.check_sizes(sources, targets)
        if self.dense and math.prod(self.weight_shape(sources, targets)) > MOST:
            raise InvalidValueError(
                f"{type(self).__name__}: {sources} x {targets} neurons need more than {MOST} weights; make the "
                "populations smaller"
            )
        return self.places_of_weights(sources, targets, first, last)

    def places_of_weights(self, sources: int, targets: int, first: int, last: int) -> NDArray[np.int32]:
        """What :meth:`which` returns, for subclasses to define; the arguments have been checked."""
        self._not_dense("places_of_weights")

    def weight_shape(self, sources: int, targets: int) -> tuple[int, ...]:
        """The shape of the weights between ``sources`` and ``targets`` neurons; an error if that cannot be."""
        self._not_dense("weight_shape")

    def draw(self, sources: int, targets: int, random: np.random.Generator) -> np.ndarray:
        """Initial weights, float64."""
        self._not_dense("draw")

    def apply(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """The input of the targets (..., targets) for source activity (..., sources): the meaning of the connection."""
        self._not_dense("apply")

    def add_gradient(self, total: torch.Tensor, x: torch.Tensor, g: torch.Tensor) -> None:
        """Add to ``total`` the gradient in the weights of ``(apply(x, weight) * g).sum()``; ``x`` (T, sources)."""
        weight = torch.zeros_like(total).requires_grad_()
        with torch.enable_grad():
            y = self.apply(x, weight)
        total += torch.autograd.grad(y, weight, g)[0]

    def fan_out(self, sources: int, targets: int) -> float:
        """Synapses that one source spike passes, on average."""
        return self.expected(sources, targets) / sources

    def _not_dense(self, method: str) -> NoReturn:
        if self.dense:
            raise NotImplementedError(f"{type(self).__name__} does not define {method}")
        raise UnsupportedError(
            f"{type(self).__name__} lists single synapses and has no matrix of weights, which running layer by layer "
            "needs; run this network step by step, sl.run(net, duration=1 * second), or connect with Dense()"
        )

    def __repr__(self) -> str:
        given = {k: v for k, v in self.values().items() if v is not None}
        shown = ", ".join(f"{k}={v:g}" if isinstance(v, float) else f"{k}={v!r}" for k, v in given.items())
        return f"{type(self).__name__}({shown})"


def _range(sources: object, targets: object, first: int, last: int | None) -> tuple[int, int, int]:
    """Sizes, and the end of a range of targets; an error if there are no such."""
    sources, targets = whole(sources, "sources", minimum=1), whole(targets, "targets", minimum=1)
    if max(sources, targets) > MOST:
        raise InvalidValueError(f"a population may have {MOST} neurons; given {max(sources, targets)}")
    last = targets if last is None else last
    if not 0 <= first <= last <= targets:
        raise InvalidValueError(f"targets from {first} to {last} are asked for; there are 0 to {targets}")
    return sources, targets, last


def probability(value: object, name: str) -> float:
    """``value`` as a probability.

    Raises:
        InvalidValueError: it is none.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and 0 <= float(value) <= 1:
        return float(value)
    raise InvalidValueError(f"{name} must be a probability, a number from 0 to 1; given {value!r}")


def flag(value: object, name: str) -> bool:
    """``value`` as a bool.

    Raises:
        InvalidValueError: it is none.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise InvalidValueError(f"{name} must be True or False; given {value!r}")
