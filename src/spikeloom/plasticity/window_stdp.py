"""Spike-timing dependent plasticity with any window."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.arrays import positive, to_numpy
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity, Shaped
from spikeloom.plasticity.bounds import BOUNDS, grow, shrink

_EXAMPLE: Final = "WindowSTDP(change=lambda s: 0.01 * np.exp(-abs(s) / 20), reach=100 * ms, step=0.1 * ms)"


def hat(s: Any) -> Any:
    """A symmetric window that no exponential makes: growth within 20 ms, shrinking around it; its integral is 0."""
    u = np.square(np.asarray(s) / 20.0)
    return 0.01 * (1 - u) * np.exp(-u / 2)


@final
class WindowSTDP(Plasticity):
    r"""Pairs of spikes with whatever window: W is a function of s = t_post - t_pre [ms].

    .. math:: \Delta w = W(s)^+ f_+(w) - W(s)^- f_-(w), \qquad |s| \le \text{reach}

    (Gerstner, Kempter, van Hemmen & Wagner 1996, doi:10.1038/383076a0.) Spikes lie on the grid of a run, so its values
    at the multiples of ``step`` up to ``reach`` are all that is needed: nothing is fitted, and no pair further apart
    counts. A run's step must be a multiple of ``step``. ``change`` is W itself, or the array of its values from -reach
    to reach, and is kept as that array. Two spikes that meet make one pair, of W(0), in any order. ``bounds`` and
    ``pairing`` as in :class:`PairSTDP`: W is a part of w_max - w_min with ``"hard"``, absolute with ``"none"``.

    Every neuron keeps what its spikes will be worth in each of the steps to come: up to 16 bytes for each of reach / dt
    steps, per projection and per delay. So a spike costs as many additions, but all its pairs at a synapse only one.
    """

    change: Any = parameter(default=hat, doc="W(s): a function of s [ms], or its values")
    reach: float = parameter(default=100 * ms, unit="ms", positive=True, doc="largest distance of two spikes that pair")
    step: float = parameter(default=0.1 * ms, unit="ms", positive=True, doc="distance of the values of W")
    mu_plus: float = parameter(default=1.0, minimum=0, doc="power of growth, for bounds='power'")
    mu_minus: float = parameter(default=1.0, minimum=0, doc="power of shrinking, for bounds='power'")
    bounds: str = parameter(default="hard", choices=BOUNDS, doc="how a change depends on the weight")
    pairing: str = parameter(default="all", choices=("all", "nearest"), doc="which spikes make pairs")

    per_neuron: ClassVar[bool] = True  # lets `change` be an array; check() refuses others

    def __post_init__(self) -> None:
        values = _sampled(
            self.change, positive(self.reach, "reach", "reach=100 * ms"), positive(self.step, "step", "step=0.1 * ms")
        )
        object.__setattr__(self, "change", values)
        super().__post_init__()

    def check(self) -> None:
        for name in ("reach", "step", "mu_plus", "mu_minus", "w_min", "w_max"):
            if not isinstance(getattr(self, name), float):
                raise InvalidValueError(f"WindowSTDP({name}=...) is an array or trainable; allowed: one plain number")
        object.__setattr__(self, "change", self.change.numpy())
        self.check_bounds()

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "change": self.change.tolist()}

    def __repr__(self) -> str:
        grid = f"reach={self.reach:g}, step={self.step:g}"
        return f"WindowSTDP({len(self.change)} values, {grid}, bounds={self.bounds!r}, pairing={self.pairing!r})"

    def window(self, s: Any) -> NDArray[np.float64]:
        """W(s), straight between the values that are kept, and 0 beyond the reach."""
        lags = np.linspace(-self.reach, self.reach, len(self.change))
        return np.interp(np.asarray(s, np.float64), lags, self.change, left=0.0, right=0.0)

    def traces(self) -> dict[str, Shaped]:
        middle = len(self.change) // 2
        after, before = self.change[middle:], self.change[middle::-1].copy()
        before[0] = 0.0  # spikes that meet are a pair for the target's
        made: dict[str, Shaped] = {}
        sides: tuple[tuple[Literal["pre", "post"], NDArray[np.float64]], ...] = (("pre", after), ("post", before))
        for side, values in sides:
            for sign, name in ((1, "up"), (-1, "down")):
                table = self._steps(np.maximum(sign * values, 0.0))
                made[f"{side}_{name}"] = Shaped(side, table, self.pairing == "nearest")
        return made

    def _steps(self, values: NDArray[np.float64]) -> Callable[[float], NDArray[np.float64]]:
        def table(dt: float) -> NDArray[np.float64]:
            every = max(1, round(dt / self.step))
            if abs(dt / self.step - every) > 1e-6 * every:
                raise InvalidValueError(
                    f"WindowSTDP has its values every {self.step:g} ms, and a step of this run is {dt:g} ms; give "
                    f"step={dt:g} * ms, or another that goes into it a whole number of times"
                )
            chosen = values[::every]
            return chosen[: np.flatnonzero(chosen).max(initial=0) + 1]

        return table

    def constants(self, dt: float) -> dict[str, float]:
        return {"mu_plus": self.mu_plus, "mu_minus": self.mu_minus}

    @staticmethod
    def on_pre(w, post_up, post_down, low, high, mu_plus, mu_minus, *, bounds):
        return _both(w, post_up, post_down, low, high, mu_plus, mu_minus, bounds)

    @staticmethod
    def on_post(w, pre_up, pre_down, low, high, mu_plus, mu_minus, *, bounds):
        return _both(w, pre_up, pre_down, low, high, mu_plus, mu_minus, bounds)


def _both(w, up, down, low, high, mu_plus, mu_minus, bounds):
    """What grows and what shrinks, both by the weight before."""
    return grow(w, up, low, high, mu_plus, bounds=bounds) + shrink(w, down, low, high, mu_minus, bounds=bounds) - w


def _sampled(change: Any, reach: float, step: float) -> NDArray[np.float64]:
    """The values of a window at the multiples of ``step`` from -reach to reach."""
    many = round(reach / step)
    if many < 1 or abs(reach / step - many) > 1e-6 * many:
        near = max(1, math.floor(reach / step))
        raise InvalidValueError(
            f"WindowSTDP(reach={reach:g}, step={step:g}): the reach must be a whole number of steps, such as "
            f"{near * step:g} ms"
        )
    lags: NDArray[np.float64] = np.arange(-many, many + 1, dtype=np.float64) * step
    values = _called(change, lags) if callable(change) else to_numpy(change, "WindowSTDP: change").astype(np.float64)
    if values.shape != lags.shape:
        raise InvalidValueError(
            f"WindowSTDP: change has the shape {values.shape}; allowed: a function, or its {lags.size} values from "
            f"{-reach:g} to {reach:g} ms, {step:g} ms apart. Write {_EXAMPLE}"
        )
    bad = ~np.isfinite(values)
    if bad.any():
        raise InvalidValueError(
            f"WindowSTDP: change is {values[bad][0]} at s = {lags[bad][0]:g} ms; a window must be finite everywhere "
            f"from {-reach:g} to {reach:g} ms"
        )
    return values


def _called(change: Callable[[Any], Any], lags: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):  # of branches that np.where leaves out; what is left is checked
        try:
            return np.array(np.broadcast_to(np.asarray(change(lags), np.float64), lags.shape))
        except (TypeError, ValueError):  # written for one number: with if, or with math.exp
            return np.array([float(change(float(s))) for s in lags])
