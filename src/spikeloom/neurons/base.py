"""What a neuron model is: parameters with units, state, propagators, and one step written over scalars."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch

from spikeloom.core.parameters import Model

RESERVED = ("spike", "spikes", "count", "train")
"""What no state variable may be called: a record and a state have these names for the spikes of a population."""


class Neuron(Model):
    """Base of the neuron models. A model is one final subclass in a file of its own.

    It declares its parameters (:func:`~spikeloom.core.parameters.parameter`), its :attr:`state`, the
    :meth:`constants` of a step of length ``dt``, and ``step``, a static method over scalars in the language of
    :mod:`spikeloom.core.language`::

        step(x, <state ...>, <constants ...>, *, <options ...>) -> (spike, <state ...>)     # or (<state ...>,) if not
        spiking

    ``x`` is the sum of the weights of the spikes that arrive in the step, plus any analog input. Time runs on the grid:
    a spike that arrives in a step arrives at the step's end, as in NEST, so linear models are exact between grid
    points.

    A model whose input may change within a step, or with the membrane potential (synaptic conductances), calls its
    first argument ``current`` instead. It is a function ``current(v, s)``: the total input [pA] at the potential ``v``,
    when the fraction ``s`` of the step has passed (0.0, 0.5 or 1.0; see :mod:`spikeloom.neurons.integration`).
    Whoever has a plain number calls :meth:`plain_step`.
    """

    state: ClassVar[Mapping[str, str]] = {}
    """The state variables and their units, in the order in which ``step`` takes and returns them."""

    per_neuron: ClassVar[bool] = True

    spiking: ClassVar[bool] = True
    """Whether ``step`` returns a spike as its first value."""

    remembers: ClassVar[Mapping[str, str]] = {}
    """State variables that are learned and last, each with the parameter from which it begins: training puts what it
    found there."""

    random: ClassVar[bool] = False
    """Whether ``step`` draws random numbers: then it runs step by step only."""

    step: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        signature = inspect.signature(cls.step)
        positional = [p.name for p in signature.parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        if positional[:1] not in (["x"], ["current"]) or positional[1 : 1 + len(cls.state)] != list(cls.state):
            expected = ", ".join(["x", *cls.state])
            raise TypeError(
                f"{cls.__name__}.step must begin with ({expected}, ...), or with `current` instead of `x`; "
                f"it has ({', '.join(positional)})"
            )
        taken = [n for n in signature.parameters if "__" in n] + [n for n in cls.state if n in RESERVED]
        taken += [n for n in positional[1:] if n == "x"]
        if taken:
            raise TypeError(
                f"{cls.__name__}.step: {taken[0]!r} is a name that engines use themselves; give it another, not x, "
                f"without two underscores in a row, and for a state variable none of {', '.join(RESERVED)}"
            )

    @classmethod
    @functools.cache
    def takes_current(cls) -> bool:
        """Whether ``step`` asks for its input at points within the step, as a function ``current(v, s)``."""
        return next(iter(inspect.signature(cls.step).parameters)) == "current"

    @classmethod
    @functools.cache
    def plain_step(cls) -> Callable[..., Any]:
        """``step`` for an input that is one number ``x`` over the whole step, whatever its first argument is."""
        step = cls.step
        if not cls.takes_current():
            return step

        @functools.wraps(step)
        def of_a_number(x: Any, *rest: Any, **named: Any) -> Any:
            return step(lambda v, s: x, *rest, **named)

        return of_a_number

    def constants(self, dt: float) -> dict[str, Any]:
        """The constants of ``step`` for a step of ``dt`` ms, each a float or a tensor (with its gradient)."""
        raise NotImplementedError(f"{type(self).__name__} does not define constants(dt)")

    def options(self) -> dict[str, bool]:
        """The options of ``step``: plain bools, fixed before any kernel is generated."""
        return {}

    def initial(self) -> dict[str, Any]:
        """The state at the beginning: a number (or one per neuron) for each variable."""
        return dict.fromkeys(self.state, 0.0)

    def threshold(self) -> Any:
        """The membrane potential at which the neuron fires [mV], to be drawn in plots; ``None`` if it never does."""
        return None

    def frozen(self) -> Neuron:
        """The same neuron where nothing of what it :attr:`remembers` changes any more."""
        return self

    @classmethod
    @functools.cache
    def constant_names(cls) -> list[str]:
        """The names of the constants that ``step`` takes, in its order."""
        parameters = inspect.signature(cls.step).parameters.values()
        names = [p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        return names[1 + len(cls.state) :]


def any_positive(value: Any) -> bool:
    """Whether a parameter, one number or one per neuron, is above zero anywhere."""
    return bool((torch.as_tensor(value) > 0).any())
