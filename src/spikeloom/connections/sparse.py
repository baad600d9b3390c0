"""Some to some, by chance: a fixed indegree, outdegree, probability or total number."""

from __future__ import annotations

import math
from typing import final

import numpy as np
from numpy.typing import NDArray

from spikeloom.connections.base import Connection, Incoming, flag, probability
from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.random import stream

_WAYS = ("indegree", "outdegree", "probability", "total")
_SAMPLED = 10**9  # numpy's multivariate hypergeometric distribution goes so far


@final
class Sparse(Connection):
    """Random synapses by exactly one of four rules, those of NEST.

    - ``indegree``: every target gets so many sources.
    - ``outdegree``: every source gets so many targets.
    - ``probability``: every pair is connected with this probability, independently, at most once.
    - ``total``: so many synapses, each between any two neurons.

    Neurons are drawn uniformly. ``multapses=False``: no two synapses between the same pair (drawn without replacement).
    ``autapses=False``: no neuron onto itself, where source and target are one population. Both are allowed if not said
    otherwise, as in NEST. Who is connected is a function of the network's seed, the projection and the neuron that
    draws, and so the same for any number of threads. (Senk et al. 2022, doi:10.1371/journal.pcbi.1010086, define the
    rules and these words.)

    >>> Sparse(indegree=2, autapses=False).incoming(100, 3, key=1)[0]
    array([0, 2, 4, 6])
    """

    indegree: int | None = parameter(default=None, minimum=0, doc="sources of every target")
    outdegree: int | None = parameter(default=None, minimum=0, doc="targets of every source")
    probability: float | None = parameter(default=None, minimum=0, maximum=1, doc="of a synapse between two neurons")
    total: int | None = parameter(default=None, minimum=0, doc="number of synapses")
    autapses: bool = parameter(default=True, choices=(True, False), doc="whether a neuron may project onto itself")
    multapses: bool = parameter(default=True, choices=(True, False), doc="whether a pair may have several synapses")

    def __post_init__(self) -> None:
        given = {way: getattr(self, way) for way in _WAYS if getattr(self, way) is not None}
        if len(given) != 1:
            raise InvalidValueError(
                f"Sparse({', '.join(f'{k}={v!r}' for k, v in given.items())}) needs exactly one of {', '.join(_WAYS)}; "
                "write, for example, Sparse(indegree=100)"
            )
        (way, value), *_ = given.items()
        if way != "probability":
            object.__setattr__(self, way, whole(value, f"Sparse: {way}", minimum=0))
        else:
            object.__setattr__(self, way, probability(value, "Sparse: probability"))
        for name in ("autapses", "multapses"):
            object.__setattr__(self, name, flag(getattr(self, name), f"Sparse: {name}"))

    def check_sizes(self, sources: int, targets: int, recurrent: bool = False) -> None:
        excluded = recurrent and not self.autapses
        if self.indegree is not None:
            self._enough("indegree", self.indegree, sources - excluded, "sources", excluded)
        elif self.outdegree is not None:
            self._enough("outdegree", self.outdegree, targets - excluded, "targets", excluded)
        elif self.total is not None:
            self._enough("total", self.total, sources * targets - excluded * targets, "pairs", excluded)
            if not self.multapses and sources * targets >= _SAMPLED:
                raise InvalidValueError(
                    f"Sparse(total={self.total}, multapses=False) is possible between fewer than {_SAMPLED} pairs of "
                    f"neurons; there are {sources} x {targets}. Give indegree or probability instead"
                )

    def _enough(self, way: str, wanted: int, available: int, what: str, excluded: bool) -> None:
        if wanted > available and (not self.multapses or available == 0):
            off = (("autapses", excluded), ("multapses", not self.multapses))
            options = "".join(f", {name}=False" for name, is_off in off if is_off)
            advice = "" if self.multapses else ", or let a pair have several synapses: multapses=True"
            raise InvalidValueError(
                f"Sparse({way}={wanted}{options}) is not possible: the number of {what} to choose from is {available}; "
                f"lower {way}{advice}"
            )

    def expected(self, sources: int, targets: int, recurrent: bool = False) -> int:
        if self.indegree is not None:
            return self.indegree * targets
        if self.outdegree is not None:
            return self.outdegree * sources
        if self.total is not None:
            return self.total
        return round((self.probability or 0.0) * (sources - (recurrent and not self.autapses)) * targets)

    def synapses(self, sources: int, targets: int, key: int, first: int, last: int, recurrent: bool) -> Incoming:
        from spikeloom.connections import draws

        no_self = recurrent and not self.autapses
        bits, offsets = np.uint64(key), np.zeros(last - first + 1, np.int64)
        if self.probability is not None:
            return self._by_pair(sources, bits, first, no_self, offsets)
        if self.outdegree is not None:
            rule = (bits, first, last, sources, targets, self.outdegree, no_self, self.multapses)
            draws.given_outdegree(*rule, False, offsets[1:], np.empty(0, np.int32))
            np.cumsum(offsets, out=offsets)
            source = np.empty(offsets[-1], np.int32)
            draws.given_outdegree(*rule, True, offsets[:-1].copy(), source)
            return offsets, source
        offsets[1:] = self.indegree or 0
        if self.total is not None:
            offsets[1:] = self._shares(sources, targets, key, no_self)[first:last]
        np.cumsum(offsets, out=offsets)
        source = np.empty(offsets[-1], np.int32)
        draws.given_indegree(bits, first, offsets, sources, no_self, self.multapses, source)
        return offsets, source

    def _by_pair(
        self, sources: int, bits: np.uint64, first: int, no_self: bool, offsets: NDArray[np.int64]
    ) -> Incoming:
        from spikeloom.connections import draws

        p = self.probability or 0.0
        if p == 0:
            return offsets, np.empty(0, np.int32)
        scale = 1 / math.log1p(-p) if p < 1 else -0.0
        mean = p * sources * (offsets.size - 1)
        room = math.ceil(min(mean + 8 * mean**0.5 + 64, sources * (offsets.size - 1)))
        source = np.empty(room, np.int32)
        draws.given_probability(bits, first, sources, no_self, scale, offsets, source)
        if offsets[-1] > source.size:  # more than eight standard deviations above the mean
            source = np.empty(offsets[-1], np.int32)
            draws.given_probability(bits, first, sources, no_self, scale, offsets, source)
        return offsets, source[: offsets[-1]]

    def _shares(self, sources: int, targets: int, key: int, no_self: bool) -> NDArray[np.int64]:
        """How many of the ``total`` synapses each target gets: one draw for all, the same in every shard."""
        random, total = stream(key, "synapses of each target"), self.total or 0
        if self.multapses:
            return random.multinomial(total, np.full(targets, 1 / targets))
        return random.multivariate_hypergeometric(np.full(targets, sources - no_self), total)
