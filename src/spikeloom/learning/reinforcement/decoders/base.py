"""What an action decoder is: spike counts of the action neurons in, an action out."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model
from spikeloom.core.registry import find
from spikeloom.learning.reinforcement.spaces import check_kind

Uniform = Callable[[], float]
"""Gives one uniform random number in [0, 1) at each call."""


class ActionDecoder(Model, abc.ABC):
    """Base of the action decoders. A decoder is one final subclass in a file of its own."""

    spaces: ClassVar[tuple[str, ...]] = ("Discrete",)
    """The kinds of action space that it supports."""

    @abc.abstractmethod
    def wanted(self, space: Any) -> int:
        """How many neurons it reads for actions of a space of a kind that is supported."""

    @abc.abstractmethod
    def decode(self, counts: NDArray[np.float64], space: Any, uniform: Uniform) -> Any:
        """The action that ``counts`` (neurons,), spikes or rates of the action neurons, stand for.

        Args:
            counts: one number >= 0 for each neuron.
            space: the action space.
            uniform: gives a uniform random number in [0, 1) at each call.
        """

    def size(self, space: Any) -> int:
        """How many neurons it reads for actions of ``space``.

        Raises:
            UnsupportedError: a space of another kind; the message lists the supported.
        """
        hint = "Choose a decoder for it (spikeloom list decoders), or another environment"
        check_kind(self, space, "action", self.spaces, hint)
        return self.wanted(space)

    def check_size(self, space: Any, neurons: int) -> None:
        """Check, before a run, that a population of ``neurons`` fits.

        Raises:
            UnsupportedError: a space of another kind.
            InvalidValueError: another number of neurons; the message says how many are needed.
        """
        needed = self.size(space)
        if neurons != needed:
            raise InvalidValueError(
                f"{type(self).__name__} reads {needed} neurons for the action space {space}, but the action population "
                f"has {neurons}; make it {needed} neurons, or change the decoder's parameters: {self!r}"
            )


def in_groups(counts: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """The sum of ``counts`` in each of so many groups of neighbours.

    Raises:
        InvalidValueError: they cannot be divided so, or are no finite numbers.
    """
    values = np.asarray(counts, np.float64).reshape(-1)
    if not values.size or values.size % groups:
        raise InvalidValueError(f"{values.size} counts cannot be divided among {groups} actions")
    if not np.isfinite(values).all():
        raise InvalidValueError("the counts of the action neurons are not finite")
    return values.reshape(groups, -1).sum(1)


def decoder_from_description(description: Mapping[str, Any]) -> ActionDecoder:
    """The decoder that :meth:`ActionDecoder.describe` described.

    Raises:
        UnknownNameError: there is no decoder of that name.
    """
    return find("spikeloom.learning.reinforcement.decoders", ActionDecoder, description["class"]).from_values(
        description
    )
