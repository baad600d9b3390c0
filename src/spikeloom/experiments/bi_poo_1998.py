"""The window of spike-timing dependent plasticity, pair by pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute
from spikeloom.learning import measured_window
from spikeloom.plasticity import PairSTDP

LAGS: Final = tuple(sign * lag * ms for sign in (-1, 1) for lag in (5, 10, 20, 40, 80))
PLUS, MINUS = 0.777, -0.273
TAU_PLUS, TAU_MINUS = 16.8 * ms, 33.7 * ms
"""The exponentials that were fitted to the data, for all pairings together. The time constants are printed in Pfister &
Gerstner 2006 too; the amplitudes are recalled from the paper's figure, so what is claimed is that the rule makes this
curve of them, not that they are right."""


@final
class BiPooConfig(Model):
    """How the synapses are paired: the paper's protocol."""

    pairs: int = parameter(default=60, minimum=1, smooth=False, doc="how many pairs of spikes")
    every: float = parameter(default=1 * second, unit="ms", minimum=500, doc="time from one pair to the next")
    dt: float = parameter(default=1 * ms, unit="ms", positive=True, doc="length of a step")


@final
class BiPoo(Experiment[BiPooConfig]):
    r"""60 pairs of spikes, one a second: synapses grow if the target fires later, and shrink if it fires first.

    .. math:: \Delta w / w = \begin{cases} 0.777\, e^{-s / 16.8\,ms} & s = t_{post} - t_{pre} > 0 \\
                                           -0.273\, e^{s / 33.7\,ms} & s < 0 \end{cases}

    Each pair makes a sixtieth of it, as pair STDP does without bounds; pairs a second apart add less than 4e-13.
    """

    name = "bi-poo-1998"
    title = "The window of spike-timing dependent plasticity"
    citation = (
        "G. Bi & M. Poo (1998). Synaptic modifications in cultured hippocampal neurons: dependence on spike timing, "
        "synaptic strength, and postsynaptic cell type. J Neurosci 18, 10464-10472. "
        "doi:10.1523/JNEUROSCI.18-24-10464.1998"
    )
    config = BiPooConfig()

    def claims(self, config: BiPooConfig) -> list[Claim]:
        source = "Bi & Poo 1998, Fig. 7: exponentials fitted to it, as a closed form"
        return [
            Claim(quantity=_quantity(lag), published=float(curve(lag)), source=source, tolerance=Absolute(1e-12))
            for lag in LAGS
        ]

    def run(self, config: BiPooConfig, seed: int, progress: Progress) -> Result:
        progress(0.0, f"{config.pairs} pairs at {len(LAGS)} lags")
        pairs = int(config.pairs)
        rule = PairSTDP(
            a_plus=PLUS / pairs, a_minus=-MINUS / pairs, tau_plus=TAU_PLUS, tau_minus=TAU_MINUS, bounds="none"
        )
        lags, change = measured_window(rule, LAGS, weight=1.0, pairs=pairs, every=config.every, dt=config.dt)
        measured = {_quantity(lag): float(found) for lag, found in zip(LAGS, change, strict=True)}
        return Result(measured=measured, data={"lags": lags, "change": change})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots import window

        curves = {"simulated": (result.data["lags"], result.data["change"]), "closed form": curve}
        return {"window": window(curves, support=(-100 * ms, 100 * ms), unit="part of w")}


def curve(s: Any) -> Any:
    """The relative change of a weight by all pairs, at s = t_post - t_pre [ms]."""
    s = np.asarray(s, np.float64)
    return np.where(s > 0, PLUS * np.exp(-np.abs(s) / TAU_PLUS), MINUS * np.exp(-np.abs(s) / TAU_MINUS))


def _quantity(lag: float) -> str:
    return f"change of the weight at t_post - t_pre = {lag:+g} ms"
