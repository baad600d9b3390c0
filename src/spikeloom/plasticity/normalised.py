"""Normalisation: what a neuron's weights add up to stays."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.language import maximum, where
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Wrapper


@final
class Normalised(Wrapper):
    r"""A rule, and weights of each target that are divided by their sum, every ``interval``.

    .. math:: w_i \leftarrow w_i\, \frac{total}{\sum_j |w_j|}

    One that grows takes from the others: competition (von der Malsburg 1973, doi:10.1007/BF00288907; multiplicative as
    in Goodhill & Barrow 1994, doi:10.1162/neco.1994.6.2.255). Ratios stay. A bound of the rule inside cuts off, and
    then the sum is smaller. Targets all of whose weights are 0 are left alone. Where targets share weights, as in a
    convolution, it is done for one after the other: the sum holds for the last, and for all that have the same weights.
    """

    total: float = parameter(default=1.0, positive=True, doc="what the magnitudes of a target's weights add up to")
    interval: float = parameter(  # pyright: ignore[reportIncompatibleMethodOverride]
        default=100 * ms, unit="ms", positive=True, doc="how often weights are normalised"
    )

    analog: ClassVar[bool] = True

    def constants(self, dt: float) -> dict[str, float]:
        return {"wanted": self.total}

    @staticmethod
    def on_interval(w, total, wanted):
        return where(total > 0, w * (wanted / maximum(total, 1e-300)), w)
