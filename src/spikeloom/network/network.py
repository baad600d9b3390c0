"""The network: inputs, populations and projections, with the weights as the only things that it stores."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from spikeloom.connections import Connection, Dense
from spikeloom.core import registry
from spikeloom.core.arrays import to_numpy
from spikeloom.core.distributions import Distribution, fill
from spikeloom.core.errors import InvalidValueError, UnsupportedError, unknown_name
from spikeloom.core.parameters import declarations
from spikeloom.core.random import key as random_key
from spikeloom.core.random import stream
from spikeloom.network.field import Field
from spikeloom.network.modulation import Modulation
from spikeloom.network.parts import Drive, Gain, Input, Modulator, Population, Projection, Release
from spikeloom.network.synaptic import check_delay, check_weight, from_plain
from spikeloom.neurons import Neuron
from spikeloom.plasticity import Plasticity
from spikeloom.sources import Source
from spikeloom.synapses import Delta, ShortTerm, Synapse


class Network(Modulation, nn.Module):
    """Inputs, populations of neurons, and projections between them, described once for every engine and every rule.

    Its torch parameters are the weights (``net.weights["input->hidden"]``, shape (sources, targets)) and whatever
    parameters of neurons were declared trainable. Nothing that changes during a run is stored here: state goes into a
    run and comes out.

    >>> from spikeloom.neurons import LIF, LeakyIntegrator
    >>> net = Network(dt=1.0, seed=0)
    >>> pixels = net.input("pixels", 64)
    >>> hidden = net.population("hidden", LIF(tau_m=20.0), 128)
    >>> readout = net.population("readout", LeakyIntegrator(), 10)
    >>> _ = net.connect(pixels, hidden), net.connect(hidden, readout), net.connect(hidden, hidden)
    >>> print(net)
    Network of 128 LIF + 10 LeakyIntegrator, 25856 synapses, dt 1 ms
      pixels->hidden    64 x 128  Dense(gain=1, mean=0)
      hidden->readout   128 x 10  Dense(gain=1, mean=0)
      hidden->hidden    128 x 128  Dense(gain=1, mean=0)
    """

    def __init__(self, *, dt: float = 1.0, seed: int = 0, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        if isinstance(dt, bool) or not isinstance(dt, numbers.Real) or not (np.isfinite(dt) and dt > 0):
            raise InvalidValueError(f"Network(dt={dt!r}) is not possible; allowed: a step > 0 ms, such as dt=1.0")
        if dtype not in (torch.float32, torch.float64):
            raise InvalidValueError(f"Network(dtype={dtype}) is not possible; allowed: torch.float32, torch.float64")
        self.dt, self.seed, self.dtype = float(dt), int(seed), dtype
        self.inputs: dict[str, Input] = {}
        self.populations: dict[str, Population] = {}
        self.projections: dict[str, Projection] = {}
        self.drives: dict[str, Drive] = {}
        self.modulators: dict[str, Modulator | Field] = {}
        self.releases: list[Release] = []
        self.gains: list[Gain] = []
        self.places: dict[str, NDArray[np.float64]] = {}
        self.weights = nn.ParameterDict()
        self.trained = nn.ParameterDict()
        self.learned = nn.ParameterDict()

    # --- building -----------------------------------------------------------------------------------------------------

    def input(self, name: str, size: int) -> Input:
        """Add a group of ``size`` input channels."""
        self._check_new(name, size)
        self.inputs[name] = Input(name, int(size))
        return self.inputs[name]

    def population(self, name: str, neuron: Neuron, size: int) -> Population:
        """Add a population of ``size`` neurons of one model."""
        self._check_new(name, size)
        if not isinstance(neuron, Neuron):
            raise InvalidValueError(
                f"population {name!r}: neuron={neuron!r} is not a neuron model; give one, such as LIF(tau_m=20 * ms)"
            )
        for key, value in neuron.values().items():
            if isinstance(value, torch.Tensor) and value.dim() == 1 and len(value) != size:
                raise InvalidValueError(
                    f"population {name!r} has {size} neurons; {type(neuron).__name__}.{key} has {len(value)} values"
                )
            if isinstance(value, nn.Parameter):
                raw = value.detach().log() if _is_positive(neuron, key) else value.detach()
                self.trained[f"{name}:{key}"] = nn.Parameter(raw.to(self.dtype))
        self.populations[name] = Population(name, neuron, int(size))
        return self.populations[name]

    def connect(
        self,
        source: Input | Population | str,
        target: Population | str,
        connection: Connection | None = None,
        *,
        weight: Any = None,
        delay: Any = None,
        synapse: Synapse | None = None,
        short_term: ShortTerm | None = None,
        rule: Plasticity | None = None,
        name: str | None = None,
    ) -> Projection:
        """Connect ``source`` to ``target`` (all to all unless a ``connection`` says otherwise).

        Args:
            source: a population or an input.
            target: a population.
            connection: who is connected to whom; :class:`~spikeloom.connections.Dense` if not given.
            weight: [mV, or pA or nS, as the synapse says] one number, an array (of the connection's shape, or one for
                each of :class:`~spikeloom.connections.Pairs`), or a distribution. Without it a dense connection draws
                the weights, from the random stream of this network's seed and the projection's name.
            delay: [ms] one number, an array or a distribution, at least a step; without it spikes arrive within the
                step in which they occur, and onto the same population in the next step.
            synapse: what becomes of a weight that arrives; :class:`~spikeloom.synapses.Delta` if not given.
            short_term: how a synapse tires and recovers (:class:`~spikeloom.synapses.TsodyksMarkram`); it does neither
                if not given.
            rule: how the weights learn while the network runs step by step (:mod:`spikeloom.plasticity`); they stay as
                they are if not given. The weights after a run are in ``record.state[name]["weight"]``.
            name: of the projection; ``"source->target"`` if not given.
        """
        first, last = self._size(source, "source"), self._size(target, "target")
        if last[0] in self.inputs:
            raise InvalidValueError(
                f"connect(..., {last[0]!r}): an input cannot be a target; connect to a population: "
                f"{list(self.populations)}"
            )
        if first[0] in self.populations and not self.populations[first[0]].neuron.spiking:
            raise InvalidValueError(
                f"connect({first[0]!r}, ...): {type(self.populations[first[0]].neuron).__name__} never spikes and "
                "cannot be a source"
            )
        connection = Dense() if connection is None else connection
        if not isinstance(connection, Connection):
            raise InvalidValueError(f"connect(..., {connection!r}): give a connection, such as Dense(gain=1 * mV)")
        synapse = Delta() if synapse is None else synapse
        if not isinstance(synapse, Synapse):
            raise InvalidValueError(
                f"connect(..., synapse={synapse!r}): give one, such as ExponentialCurrent(tau=2 * ms)"
            )
        if short_term is not None and not isinstance(short_term, ShortTerm):
            raise InvalidValueError(f"connect(..., short_term={short_term!r}): give one, such as TsodyksMarkram(u=0.5)")
        if rule is not None and not isinstance(rule, Plasticity):
            raise InvalidValueError(f"connect(..., rule={rule!r}): give a rule of plasticity, such as PairSTDP()")
        if rule is not None and short_term is not None:
            raise UnsupportedError("connect(..., rule=..., short_term=...): a synapse that learns cannot tire as well")
        name = f"{first[0]}->{last[0]}" if name is None else name
        if name in self.projections:
            raise InvalidValueError(
                f"{name!r} is already connected; give the second projection a name: connect(..., name='{last[0]} 2')"
            )
        if (by := self._names().get(name)) is not None:
            raise InvalidValueError(
                f"{name!r} is the name of {by}; give the projection another one: connect(..., name='{name} synapses')"
            )
        if any(c in name for c in ".:"):  # torch refuses the one in names of parameters, checkpoints the other
            raise InvalidValueError(f"a name must be a string without '.' or ':'; given {name!r}")
        delay = check_delay(delay, name)
        if not connection.dense:
            connection.check_sizes(first[1], last[1], first[0] == last[0])
            weight = check_weight(weight, name, connection.expected(first[1], last[1], first[0] == last[0]))
            self.projections[name] = Projection(
                name, first[0], last[0], connection, synapse, delay, weight, short_term, rule
            )
            return self.projections[name]
        shape = connection.weight_shape(first[1], last[1])
        if isinstance(weight, Distribution):
            rows = shape if connection.shared else shape[::-1]  # one for each channel of targets, or for each target
            drawn = np.empty(math.prod(rows))
            offsets = np.arange(rows[0] + 1) * (drawn.size // rows[0])
            fill(weight, random_key(self.seed, f"weights {name}"), 0, offsets, drawn)
            weight = drawn.reshape(rows) if connection.shared else drawn.reshape(rows).T
        if weight is None:
            values = connection.draw(first[1], last[1], stream(self.seed, f"weights {name}"))
        else:
            values = to_numpy(weight, f"{name!r}: weight").astype(np.float64)
            if values.shape not in ((), shape):
                raise InvalidValueError(
                    f"{name!r}: weight has shape {values.shape}; allowed: one number, or an array of shape {shape}"
                )
            if not np.isfinite(values).all():
                raise InvalidValueError(f"{name!r}: weight holds values that are not finite")
        self.weights[name] = nn.Parameter(torch.as_tensor(np.broadcast_to(values, shape).copy(), dtype=self.dtype))
        self.projections[name] = Projection(name, first[0], last[0], connection, synapse, delay, None, short_term, rule)
        return self.projections[name]

    def drive(
        self,
        target: Population | str,
        source: Source,
        *,
        weight: float = 1.0,
        synapse: Synapse | None = None,
        name: str | None = None,
    ) -> Drive:
        """Drive every neuron of ``target`` on its own by ``source``: independent events, or a current [pA].

        >>> from spikeloom.neurons import LIF
        >>> from spikeloom.sources import Poisson
        >>> net = Network(dt=0.1)
        >>> cells = net.population("cells", LIF(theta=20.0), 100)
        >>> net.drive(cells, Poisson(rate=15.0), weight=0.1).name
        'Poisson->cells'
        """
        last = self._size(target, "target")[0]
        if last not in self.populations:
            raise InvalidValueError(f"drive({last!r}, ...): an input cannot be driven; give a population")
        if not isinstance(source, Source):
            raise InvalidValueError(f"drive(..., {source!r}): give a source, such as Poisson(rate=1000 * Hz)")
        name = f"{type(source).__name__}->{last}" if name is None else name
        if name in self._names():
            raise InvalidValueError(f"{name!r} is taken; give this drive another name: drive(..., name='{name} 2')")
        strength = to_numpy(weight, f"{name!r}: weight").astype(np.float64)
        if strength.shape != () or not np.isfinite(strength):
            raise InvalidValueError(f"{name!r}: weight={weight!r} is not possible; allowed: one finite number")
        self.drives[name] = Drive(name, last, source, Delta() if synapse is None else synapse, float(strength))
        return self.drives[name]

    def keep(self, projection: Projection | str, weight: Any) -> None:
        """Keep weights that a run left behind: ``net.keep("a->b", record.state["a->b"]["weight"])``.

        Those of a connection with a matrix go into ``net.weights``; those of listed synapses into ``net.learned``, by
        target and then by source, and take the place of the ``weight`` that the projection was made with.

        Raises:
            InvalidValueError: another number of weights than that of the matrix, or values that are not finite.
            UnknownNameError: no projection of that name.
        """
        name = projection.name if isinstance(projection, Projection) else projection
        if name not in self.projections:
            raise unknown_name("projection", name, self.projections)
        values = torch.as_tensor(weight).detach()
        if not bool(torch.isfinite(values).all()):
            raise InvalidValueError(f"{name!r}: weight holds values that are not finite")
        if name in self.weights:
            if values.shape != self.weights[name].shape:
                raise InvalidValueError(
                    f"{name!r}: weight has shape {tuple(values.shape)}; allowed: {tuple(self.weights[name].shape)}"
                )
            with torch.no_grad():
                self.weights[name].copy_(values)
            return
        if values.dim() != 1:
            raise InvalidValueError(f"{name!r}: weight has shape {tuple(values.shape)}; allowed: one for each synapse")
        self.learned[name] = nn.Parameter(values.to(self.dtype).clone(), requires_grad=False)

    # --- reading ------------------------------------------------------------------------------------------------------

    @property
    def output(self) -> str:
        """The name of the population that was added last: the read-out."""
        if not self.populations:
            raise InvalidValueError(
                "this network has no population yet; add one with net.population(name, neuron, size)"
            )
        return next(reversed(self.populations))

    def size(self, name: str) -> int:
        """The number of neurons or channels of the population or input called ``name``."""
        return self._size(name, "population")[1]

    def synapses(self, projection: Projection) -> int:
        """How many synapses a projection has; where chance decides, their expectation."""
        sizes = self.size(projection.source), self.size(projection.target)
        return projection.connection.expected(*sizes, projection.recurrent)

    def neuron(self, name: str) -> Neuron:
        """The neuron model of a population, with the present values of its trainable parameters."""
        neuron = self.populations[name].neuron
        trained = {k.split(":", 1)[1]: v for k, v in self.trained.items() if k.split(":", 1)[0] == name}
        if not trained:
            return neuron
        present = {k: v.exp() if _is_positive(neuron, k) else v for k, v in trained.items()}
        return neuron.with_values(present)

    def incoming(self, name: str) -> list[Projection]:
        """The projections onto a population, in the order in which they were made."""
        return [p for p in self.projections.values() if p.target == name]

    def layers(self) -> list[str]:
        """The populations in an order in which each comes after all that project to it, but for itself.

        Raises:
            InvalidValueError: populations that feed each other in a circle.
        """
        waiting = {
            n: {p.source for p in self.incoming(n) if not p.recurrent and p.source in self.populations}
            for n in self.populations
        }
        order: list[str] = []
        while waiting:
            ready = [n for n, sources in waiting.items() if sources <= set(order)]
            if not ready:
                raise InvalidValueError(
                    f"the populations {', '.join(waiting)} feed each other in a circle; running layer by layer "
                    "needs a feed-forward "
                    "order (a population may project onto itself)"
                )
            order += ready
            waiting = {n: s for n, s in waiting.items() if n not in ready}
        return order

    def describe(self) -> dict[str, Any]:
        """The network without its weights, as plain JSON values; :meth:`from_description` builds it again."""
        return {
            "dt": self.dt,
            "seed": self.seed,
            "dtype": str(self.dtype).removeprefix("torch."),
            "inputs": [{"name": i.name, "size": i.size} for i in self.inputs.values()],
            "populations": [
                {"name": p.name, "size": p.size, "neuron": p.neuron.describe()} for p in self.populations.values()
            ],
            "projections": [p.describe() for p in self.projections.values()],
            **({"learned": {n: len(w) for n, w in self.learned.items()}} if self.learned else {}),
            **({"drives": [d.describe() for d in self.drives.values()]} if self.drives else {}),
            **self.describe_modulation(),
        }

    @classmethod
    def from_description(cls, description: dict[str, Any]) -> Network:
        """The network that :meth:`describe` described, with freshly drawn weights (the same ones, by its seed)."""
        dtypes = {"float32": torch.float32, "float64": torch.float64}
        net = cls(dt=description["dt"], seed=description["seed"], dtype=dtypes[description["dtype"]])
        for i in description["inputs"]:
            net.input(i["name"], i["size"])
        for p in description["populations"]:
            model = registry.find("spikeloom.neurons", Neuron, p["neuron"]["class"])
            net.population(p["name"], model.from_values(p["neuron"]), p["size"])
        for p in description["projections"]:
            net.connect(
                p["source"],
                p["target"],
                _described("connections", Connection, p["connection"]),
                weight=from_plain(p.get("weight")),
                delay=from_plain(p.get("delay")),
                synapse=_described("synapses", Synapse, p["synapse"]) if "synapse" in p else None,
                short_term=_described("synapses", ShortTerm, p["short_term"]) if "short_term" in p else None,
                rule=_described("plasticity", Plasticity, p["rule"]) if "rule" in p else None,
                name=p.get("name"),
            )
        for name, size in description.get("learned", {}).items():
            net.keep(name, torch.zeros(size))
        for d in description.get("drives", ()):
            source, synapse = _described("sources", Source, d["source"]), _described("synapses", Synapse, d["synapse"])
            net.drive(d["target"], source, weight=d["weight"], synapse=synapse, name=d["name"])
        net.add_modulation(description)
        return net

    def __repr__(self) -> str:
        kinds = " + ".join(f"{p.size} {type(p.neuron).__name__}" for p in self.populations.values()) or "nothing yet"
        synapses = sum(self.synapses(p) for p in self.projections.values())
        lines = [f"Network of {kinds}, {synapses} synapses, dt {self.dt:g} ms"]
        width = max((len(n) for n in self.projections), default=0)
        for p in self.projections.values():
            shape = f"{self.size(p.source)} x {self.size(p.target)}"
            lines.append(f"  {p.name:{width}}   {shape}  {p.connection}")
        return "\n".join(lines)

    def _apply(self, fn: Any, recurse: bool = True) -> Network:
        """Casting (``net.double()``) casts the parameters; remember the type that they have now."""
        super()._apply(fn, recurse)
        self.dtype = next((p.dtype for p in self.parameters()), self.dtype)
        return self

    def _check_new(self, name: str, size: int) -> None:
        if not isinstance(name, str) or not name or any(c in name for c in ".:>"):
            raise InvalidValueError(f"a name must be a string without '.', ':' or '>'; given {name!r}")
        if (by := self._names().get(name)) is not None:
            raise InvalidValueError(f"the name {name!r} is taken, by {by}; names in use: {list(self._names())}")
        if isinstance(size, bool) or not isinstance(size, numbers.Real) or size < 1 or size % 1 != 0:
            raise InvalidValueError(f"{name!r}: size={size!r} is not possible; allowed: a whole number >= 1")

    def _names(self) -> dict[str, str]:
        """What has which name."""
        kinds = "an input", "a population", "a modulator", "a projection", "a drive"
        parts = self.inputs, self.populations, self.modulators, self.projections, self.drives
        return {name: kind for kind, some in zip(kinds, parts, strict=True) for name in some}

    def _size(self, part: Input | Population | str, role: str) -> tuple[str, int]:
        name = part.name if isinstance(part, (Input, Population)) else str(part)
        found = self.inputs.get(name) or self.populations.get(name)
        if found is None:
            raise unknown_name(role, name, [*self.inputs, *self.populations])
        return name, found.size


def _described(family: str, base: type, values: dict[str, Any]) -> Any:
    """The model of a family that was described so."""
    return registry.find(f"spikeloom.{family}", base, values["class"]).from_values(values)


def _is_positive(neuron: Neuron, key: str) -> bool:
    """Whether a trainable parameter is kept positive, by training its logarithm."""
    return declarations(type(neuron))[key].positive
