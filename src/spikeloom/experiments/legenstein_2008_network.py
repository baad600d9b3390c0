"""Neurons that fire by chance, of which the spikes of one are the reward, and synapses that do not move them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections import Pairs
from spikeloom.core.random import stream
from spikeloom.core.units import Hz, ms, second
from spikeloom.engines import Trace, live, run
from spikeloom.experiments.legenstein_2008_theory import A_MINUS, A_PLUS, DT, TAU, TAU_D, TAU_E, Firing
from spikeloom.modulators import Outcome, RewardMinusMean
from spikeloom.network import Network
from spikeloom.neurons import PoissonNeuron
from spikeloom.plasticity import Modulated, PairSTDP

OTHERS: Final = 4
FIRING: Final = Firing(inputs=20, input_rate=10.0, own_rate=5.0, weight=50.0)
ETA: Final = 1e-12
"""So small that what is learned moves nobody."""
BLOCK: Final = 20 * second
"""The drift is measured in blocks of this length, of which each is as good as independent of the others."""
TRIAL: Final = 500 * ms
AMOUNT, SPREAD = 1.0, 1.0
"""Mean and standard deviation of the reward of a trial."""
TRIALS: Final = 20.0
"""Over which the running mean goes."""
TAU_TRIAL: Final = 100 * ms
MEAN: Final = AMOUNT * TAU_TRIAL / TRIAL
"""Of the reward over time."""
STRETCH: Final = 100 * ms
"""Of the biofeedback: the spikes of one are the reward of the next."""
MEMORY: Final = 200.0
"""Stretches over which the mean runs that is taken from their rewards."""
FAST: Final = 1.2e-5
"""The learning rate of the biofeedback [1/ms], at which the weights double within 1000 s."""
CASES: Final = {
    "chosen": ("feedback", "alpha"),
    "exponential": ("feedback", "exponential"),
    "others": ("feedback", "alpha"),
    "unrelated": ("unrelated", "alpha"),
    "raw": ("raw", "alpha"),
    "centred": ("centred", "alpha"),
}
"""Plastic projections: by which modulator, with which eligibility. All but ``others`` reach the rewarded neuron."""


def rule(by: str, eligibility: str = "alpha", eta: float = ETA, **given: Any) -> Modulated:
    """The rule under one modulator."""
    given = {"bounds": "none", "a_plus": A_PLUS, "a_minus": A_MINUS, "tau_plus": TAU, "tau_minus": TAU} | given
    return Modulated(rule=PairSTDP(**given), by=by, tau_e=TAU_E, eta=eta, eligibility=eligibility)


def cells(net: Network) -> dict[str, Pairs]:
    """The populations of one rewarded neuron and of others, with inputs of their own; who reaches whom."""
    found: dict[str, Pairs] = {}
    for name, size in (("chosen", 1), ("others", OTHERS)):
        net.population(f"{name} inputs", PoissonNeuron(rate=FIRING.input_rate * Hz, gain=0.0), size * FIRING.inputs)
        net.population(name, PoissonNeuron(rate=FIRING.own_rate * Hz, gain=1 * Hz), size)
        sources = np.arange(size * FIRING.inputs)
        found[name] = Pairs(source=sources, target=sources // FIRING.inputs)
    return found


def measure(seed: int, duration: float, tell: Callable[[float], None]) -> dict[str, NDArray[np.float64]]:
    """The drift [1/s] of each case in each block, the mean of its synapses, for a learning rate of 1/ms."""
    net = Network(dt=DT, seed=seed)
    pairs = cells(net)
    for name in pairs:
        net.connect(f"{name} inputs", name, pairs[name], weight=FIRING.weight, name=f"to {name}")
    net.population("stranger", PoissonNeuron(rate=-math.log1p(-FIRING.target()) / DT, gain=0.0), 1)
    for source, name in (("chosen", "feedback"), ("stranger", "unrelated")):
        net.modulator(name, tau=TAU_D, baseline=-FIRING.target() * TAU_D / DT)  # its mean is 0
        net.release(source, name)
    for name in ("raw", "centred"):
        net.modulator(name, tau=TAU_TRIAL)
    for name, (by, eligibility) in CASES.items():
        group = "others" if name == "others" else "chosen"
        net.connect(
            f"{group} inputs", group, pairs[group], weight=0.0, rule=rule(by, eligibility), name=f"plastic {name}"
        )
    every = round(BLOCK / DT)
    steps = round(duration / BLOCK) * every
    watched = [Trace(f"plastic {name}.weight", every=every) for name in CASES]
    record = run(net, duration=steps * DT, released=rewards(seed, steps), record=watched, progress=tell)
    found = {name: record[f"plastic {name}.weight"].numpy().mean(1) for name in CASES}
    return {name: np.diff(w, prepend=0.0) / ETA / (BLOCK / second) for name, w in found.items()}


def rewards(seed: int, steps: int) -> dict[str, NDArray[np.float64]]:
    """At the end of each trial a reward that knows nothing of the spikes: as it is, and less its running mean."""
    length = round(TRIAL / DT)
    found = {name: np.zeros(steps) for name in ("raw", "centred")}
    signal = RewardMinusMean(tau=TRIALS)
    memory = signal.initial()
    drawn = stream(seed, "legenstein-2008 rewards").normal(AMOUNT, SPREAD, steps // length)
    for k, reward in enumerate(drawn.tolist()):
        amount, memory = signal.release(Outcome(reward=reward), memory)
        found["raw"][(k + 1) * length - 1], found["centred"][(k + 1) * length - 1] = reward, amount
    return found


def biofeedback(
    seed: int, duration: float, tell: Callable[[float], None], speed: float
) -> dict[str, NDArray[np.float64]]:
    """The rates [Hz] of the chosen neuron and of the others, in blocks, while the synapses that drive them learn.

    The chosen neuron's spikes of 100 ms are a reward at their end, less its running mean: as the neuron learns, the
    mean rises, and a fixed baseline would leave a bias for all.
    """
    net = Network(dt=DT, seed=seed)
    net.modulator("feedback", tau=TAU_D)
    for name, reached in cells(net).items():
        learned = rule("feedback", eta=FAST * speed, bounds="hard", w_max=2 * FIRING.weight)
        net.connect(f"{name} inputs", name, reached, weight=FIRING.weight, rule=learned, name=f"to {name}")
    signal = RewardMinusMean(tau=MEMORY, begin=FIRING.target() * STRETCH / DT)
    memory, amount = signal.initial(), 0.0
    opened, many = live(net, record=["chosen.count", "others.count"]), round(duration / STRETCH)
    rates = {name: np.empty(many) for name in ("chosen", "others")}
    for k in range(many):
        found = opened.advance(duration=STRETCH, released={"feedback": amount})
        for name, seen in rates.items():
            seen[k] = float(found[f"{name}.count"].mean()) / (STRETCH / second)
        amount, memory = signal.release(Outcome(reward=float(found["chosen.count"].mean())), memory)
        tell((k + 1) / many)
    each = round(BLOCK / STRETCH)
    return {name: seen[: many // each * each].reshape(-1, each).mean(1) for name, seen in rates.items()}
