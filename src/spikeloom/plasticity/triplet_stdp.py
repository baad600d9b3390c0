"""Spike-timing dependent plasticity of triplets of spikes."""

from __future__ import annotations

from typing import Any, Final, final

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.units import ms
from spikeloom.plasticity.base import Plasticity, Trace
from spikeloom.plasticity.bounds import dependence, exponent, grow, shrink

_NAMES: Final = ("a2_plus", "a3_plus", "a2_minus", "a3_minus", "tau_x", "tau_y")
_ANY: Final = 100.0  # [ms] a time constant whose amplitude is 0

_VISUAL: Final = {
    ("all", False): (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0),
    ("all", True): (0.0, 6.5e-3, 7.1e-3, 0.0, _ANY, 114.0),
    ("nearest", False): (8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714.0, 40.0),
    ("nearest", True): (0.0, 5.0e-2, 8e-3, 0.0, _ANY, 40.0),
}
_HIPPOCAMPUS: Final = {
    ("all", False): (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946.0, 27.0),
    ("all", True): (5.3e-3, 8e-3, 3.5e-3, 0.0, _ANY, 40.0),
}


@final
class TripletSTDP(Plasticity):
    r"""Triplets of spikes: pairs count for more if another spike of the same side came shortly before.

    .. math:: \text{pre:} \quad w &\mathrel{-}= o_1 (A_2^- + A_3^- r_2) f_-(w) \\
              \text{post:} \quad w &\mathrel{+}= r_1 (A_2^+ + A_3^+ o_2) f_+(w)

    with traces r_1 (tau_plus) and r_2 (tau_x) of the source, o_1 (tau_minus) and o_2 (tau_y) of the target, each read
    before its own spike is added (Pfister & Gerstner 2006, doi:10.1523/JNEUROSCI.1425-06.2006;
    NEST's ``stdp_triplet_synapse``). ``pairing``: traces of ``"all"`` spikes, or of the ``"nearest"`` one only, which
    sets them to 1. ``bounds`` as in :class:`PairSTDP`: amplitudes are parts of w_max - w_min with ``"hard"``, absolute
    with ``"none"``. :meth:`visual_cortex` and :meth:`hippocampus` have the paper's parameters; the defaults are those
    of visual cortex, all spikes, all terms.
    """

    a2_plus: float = parameter(default=5e-10, doc="amplitude of growth by pairs")
    a3_plus: float = parameter(default=6.2e-3, doc="amplitude of growth by triplets post-pre-post")
    a2_minus: float = parameter(default=7e-3, doc="amplitude of shrinking by pairs")
    a3_minus: float = parameter(default=2.3e-4, doc="amplitude of shrinking by triplets pre-post-pre")
    tau_plus: float = parameter(default=16.8 * ms, unit="ms", positive=True, doc="time constant of pairs that grow")
    tau_minus: float = parameter(default=33.7 * ms, unit="ms", positive=True, doc="time constant of pairs that shrink")
    tau_x: float = parameter(default=101 * ms, unit="ms", positive=True, doc="time constant of the source's triplets")
    tau_y: float = parameter(default=125 * ms, unit="ms", positive=True, doc="time constant of the target's triplets")
    mu_plus: float = exponent("growth")
    mu_minus: float = exponent("shrinking")
    bounds: str = dependence()
    pairing: str = parameter(default="all", choices=("all", "nearest"), doc="which spikes a trace remembers")

    @classmethod
    def visual_cortex(cls, pairing: str = "all", *, minimal: bool = False, **others: Any) -> TripletSTDP:
        """The fit to the data of Sjostrom, Turrigiano & Nelson 2001 (table 3 of the paper), with ``others`` changed.

        ``minimal`` leaves out pairs that grow and triplets that shrink.

        Raises:
            InvalidValueError: a pairing that the paper does not have.

        >>> TripletSTDP.visual_cortex("nearest", minimal=True).a3_plus
        0.05
        """
        return cls._named("visual_cortex", _VISUAL, pairing, minimal, others)

    @classmethod
    def hippocampus(cls, pairing: str = "all", *, minimal: bool = False, **others: Any) -> TripletSTDP:
        """The fit to hippocampal cultures (table 4 of the paper; recalled, not found again in a source), all to all.

        Raises:
            InvalidValueError: another pairing.
        """
        return cls._named("hippocampus", _HIPPOCAMPUS, pairing, minimal, others)

    @classmethod
    def _named(cls, where: str, sets: Any, pairing: str, minimal: bool, others: dict[str, Any]) -> TripletSTDP:
        if (pairing, bool(minimal)) not in sets:
            known = " or ".join(dict.fromkeys(repr(p) for p, _ in sets))
            raise InvalidValueError(f"TripletSTDP.{where}({pairing!r}) is not possible; allowed: {known}")
        given: dict[str, Any] = dict(zip(_NAMES, sets[pairing, bool(minimal)], strict=True))
        return cls(**{**given, "pairing": pairing, **others})

    def traces(self) -> dict[str, Trace]:
        nearest = self.pairing == "nearest"
        return {
            "r1": Trace("pre", self.tau_plus, nearest),
            "r2": Trace("pre", self.tau_x, nearest),
            "o1": Trace("post", self.tau_minus, nearest),
            "o2": Trace("post", self.tau_y, nearest),
        }

    def constants(self, dt: float) -> dict[str, float]:
        names = ("a2_plus", "a3_plus", "a2_minus", "a3_minus", "mu_plus", "mu_minus")
        return {name: getattr(self, name) for name in names}

    @staticmethod
    def on_pre(w, o1, r2, a2_minus, a3_minus, low, high, mu_minus, *, bounds):
        return shrink(w, o1 * (a2_minus + a3_minus * r2), low, high, mu_minus, bounds=bounds)

    @staticmethod
    def on_post(w, r1, o2, a2_plus, a3_plus, low, high, mu_plus, *, bounds):
        return grow(w, r1 * (a2_plus + a3_plus * o2), low, high, mu_plus, bounds=bounds)
