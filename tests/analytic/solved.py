"""What a model does by its equations (scipy's adaptive solver), and by its step: one neuron, with plain floats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from spikeloom.neurons import Neuron

Slopes = Callable[[float, Any], Sequence[float]]


def stepped(
    neuron: Neuron, steps: int, dt: float, current: Callable[[float, float], float] | float, **start: float
) -> tuple[np.ndarray, np.ndarray]:
    """The state after each step (steps, variables), and the steps with a spike (0 is the first).

    ``current`` is a number, or a function of the potential and of time [ms].
    """
    constants = {k: float(v) for k, v in neuron.constants(dt).items()}
    state = [float(v) for v in {**neuron.initial(), **start}.values()]
    step, options = type(neuron).step, neuron.options()
    states, spikes = [], []
    for k in range(steps):
        given = current if callable(current) else lambda v, t: current
        out = step(lambda v, s, k=k, given=given: given(v, (k + s) * dt), *state, **constants, **options)
        state = list(out[1:]) if neuron.spiking else list(out)
        states.append(state)
        if neuron.spiking and out[0] > 0:
            spikes.append(k)
    return np.array(states), np.array(spikes, dtype=int)


def solved(
    slopes: Slopes,
    start: Sequence[float],
    steps: int,
    dt: float,
    *,
    level: float = np.inf,
    reset: Callable[[Any], Any] | None = None,
    rest: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """The same of y' = slopes(t, y): the state after each step, and the times of spikes, where y[0] reaches ``level``.

    ``reset`` makes the state after a spike of the one before it; for ``rest`` ms it holds y[0].
    """
    end, now, y = steps * dt, 0.0, np.array(start, dtype=float)
    grid = np.arange(1, steps + 1) * dt
    states, times = np.zeros((steps, len(start))), []

    def reaches(t: float, y: Any) -> float:
        return y[0] - level if level < np.inf else -1.0

    reaches.terminal, reaches.direction = True, 1.0  # pyright: ignore[reportFunctionMemberAccess]

    def through(f: Slopes, until: float) -> Any:
        """On to ``until``, or to the next spike."""
        inside = (grid > now - 1e-9) & (grid < until + 1e-9)
        found = solve_ivp(
            f, (now, until), y, method="DOP853", rtol=1e-10, atol=1e-10, dense_output=True, events=reaches
        )
        assert found.success, found.message
        inside &= grid <= found.t[-1] + 1e-9
        if inside.any():
            states[inside] = found.sol(grid[inside]).T
        return found

    while now < end - 1e-9:
        found = through(slopes, end)
        now, y = float(found.t[-1]), found.y[:, -1]
        if found.status != 1:
            break
        times.append(now)
        assert reset is not None
        y = np.array(reset(y), dtype=float)
        if rest > 0:  # NEST, and a step, hold the membrane for whole steps from the end of the present one
            until = min((np.floor(now / dt + 1e-9) + 1) * dt + rest, end)
            found = through(lambda t, y: [0.0, *slopes(t, y)[1:]], until)
            now, y = float(found.t[-1]), found.y[:, -1]
    return states, np.array(times)


def order(error: Callable[[float], float], dt: float = 0.4) -> float:
    """By which power of the step an error falls, from ``dt`` to a quarter of it."""
    return float(np.log2(error(dt) / error(dt / 4)) / 2)


def quiet(steps: int, spikes: np.ndarray, times: np.ndarray, dt: float) -> np.ndarray:
    """The steps after which both have had the same spikes: not while one has fired and the other is about to."""
    quiet = np.ones(steps, dtype=bool)
    for pair in zip(spikes, np.floor(times / dt + 1e-9).astype(int), strict=True):
        quiet[min(pair) : max(pair)] = False
    return quiet


def assert_same_spikes(spikes: np.ndarray, times: np.ndarray, dt: float) -> None:
    """As many spikes, each in the step of its time or the next to it."""
    assert len(spikes) == len(times)
    assert np.abs(spikes - np.floor(times / dt + 1e-9)).max(initial=0) <= 1
