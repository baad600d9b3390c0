"""The network: inputs, populations and projections, with the weights as the only things that it stores."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import torch
from torch import nn

from spikeloom.connections import Connection, Dense
from spikeloom.core import registry
from spikeloom.core.arrays import to_numpy
from spikeloom.core.errors import InvalidValueError, unknown_name
from spikeloom.core.parameters import declarations
from spikeloom.core.random import stream
from spikeloom.network.parts import Input, Population, Projection
from spikeloom.neurons import Neuron


class Network(nn.Module):
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
        self.weights = nn.ParameterDict()
        self.trained = nn.ParameterDict()

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
    ) -> Projection:
        """Connect ``source`` to ``target`` (all to all unless a ``connection`` says otherwise).

        ``weight`` sets the initial weights [mV, or pA for current inputs], one number or an array of the connection's
        shape; without it the connection draws them, from the random stream of this network's seed and the
        projection's name.
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
        name = f"{first[0]}->{last[0]}"
        if name in self.projections:
            raise InvalidValueError(f"{name!r} is already connected; a network holds one projection for each pair")
        shape = connection.weight_shape(first[1], last[1])
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
        self.projections[name] = Projection(name, first[0], last[0], connection)
        return self.projections[name]

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
            "projections": [
                {"source": p.source, "target": p.target, "connection": p.connection.describe()}
                for p in self.projections.values()
            ],
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
            kind = registry.find("spikeloom.connections", Connection, p["connection"]["class"])
            net.connect(p["source"], p["target"], kind.from_values(p["connection"]))
        return net

    def __repr__(self) -> str:
        kinds = " + ".join(f"{p.size} {type(p.neuron).__name__}" for p in self.populations.values()) or "nothing yet"
        synapses = sum(w.numel() for w in self.weights.values())
        lines = [f"Network of {kinds}, {synapses} synapses, dt {self.dt:g} ms"]
        width = max((len(n) for n in self.projections), default=0)
        for p in self.projections.values():
            shape = " x ".join(str(n) for n in self.weights[p.name].shape)
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
        if name in self.inputs or name in self.populations:
            raise InvalidValueError(f"the name {name!r} is taken; names in use: {[*self.inputs, *self.populations]}")
        if isinstance(size, bool) or not isinstance(size, numbers.Real) or size < 1 or size % 1 != 0:
            raise InvalidValueError(f"{name!r}: size={size!r} is not possible; allowed: a whole number >= 1")

    def _size(self, part: Input | Population | str, role: str) -> tuple[str, int]:
        name = part.name if isinstance(part, (Input, Population)) else str(part)
        found = self.inputs.get(name) or self.populations.get(name)
        if found is None:
            raise unknown_name(role, name, [*self.inputs, *self.populations])
        return name, found.size


def _is_positive(neuron: Neuron, key: str) -> bool:
    """Whether a trainable parameter is kept positive, by training its logarithm."""
    return declarations(type(neuron))[key].positive
