"""What reaches synapses through the space between cells: modulators, fields, what releases them, and places."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError, UnsupportedError, unknown_name
from spikeloom.modulators.field import Medium
from spikeloom.network.field import Field, field_of
from spikeloom.network.parts import Gain, Input, Modulator, Population, Projection, Release
from spikeloom.network.places import places
from spikeloom.network.synaptic import is_number


class Modulation(abc.ABC):
    """The part of a network that is not wired."""

    seed: int
    modulators: dict[str, Modulator | Field]
    releases: list[Release]
    gains: list[Gain]
    places: dict[str, NDArray[np.float64]]
    inputs: dict[str, Input]
    populations: dict[str, Population]
    projections: dict[str, Projection]

    def modulator(self, name: str, *, tau: float | None = None, baseline: float = 0.0) -> Modulator:
        """Add a signal that rules read (``Modulated(rule, by=name)``), such as dopamine.

        It is released by spikes (:meth:`release`) or by hand, ``sl.run(..., released={name: amounts})``.

        Args:
            name: of the signal.
            tau: time [ms] over which it falls back to the baseline; without it, it is gone with the step.
            baseline: its level at rest.
        """
        self._check_new(name, 1)
        for what, value, fits in (("tau", tau, tau is None or (is_number(tau) and 0 < tau < np.inf)),
                                  ("baseline", baseline, is_number(baseline) and np.isfinite(baseline))):  # fmt: skip
            if not fits:
                allowed = "a time > 0 ms, or None" if what == "tau" else "a finite number"
                raise InvalidValueError(f"modulator {name!r}: {what}={value!r} is not possible; allowed: {allowed}")
        self.modulators[name] = made = Modulator(name, None if tau is None else float(tau), float(baseline))
        return made

    def field(
        self,
        name: str,
        *,
        extent: Any,
        spacing: float,
        interval: float = 1.0,
        baseline: float = 0.0,
        edges: str = "reflecting",
        thickness: float | None = None,
        medium: Medium | None = None,
        **properties: Any,
    ) -> Field:
        r"""Add a modulator that diffuses: a concentration in each cell of a grid, which synapses read where they are.

        What a population releases (:meth:`release`) comes out where its neurons are, and a rule that follows it
        (``Modulated(rule, by=name)``) reads the concentration [nM] at each synapse: where its target is, unless the
        projection has places of its own (:meth:`place`). By hand it is released with ``sl.run(..., released={name:
        At(positions, amounts)})``, or everywhere alike by an array of one rise [nM] for each step.

        The field moves on once in an ``interval`` by :class:`~spikeloom.modulators.field.Solver`; what is released
        during an interval arrives at the beginning of the next one (with an interval of one step: at once), and
        during an interval synapses read the mean of the concentrations at its two ends, which is of second order.
        Where it is at its baseline everywhere it costs next to nothing.

        Args:
            name: of the modulator.
            extent: length [um] of the box in each of its one to three dimensions.
            spacing: length [um] of a cell.
            interval: [ms], a whole number of steps.
            baseline: concentration [nM] at rest, kept up by a steady release everywhere.
            edges: ``"reflecting"``, ``"absorbing"`` (the walls keep the baseline) or ``"periodic"``.
            thickness: length [um] in the dimensions that the box leaves out; that of a cell if not given.
            medium: diffusion and uptake, such as :data:`~spikeloom.modulators.field.DOPAMINE`.
            **properties: those of a :class:`~spikeloom.modulators.field.Medium`, if none is given: ``uptake``, ...
        """
        self._check_new(name, 1)
        made = field_of(name, extent, spacing, interval, baseline, edges, thickness, medium, properties)
        self.modulators[name] = made
        return made

    def release(self, source: Population | str, modulator: Modulator | Field | str, *, amount: float = 1.0) -> Release:
        """Let every spike of the population ``source`` release ``amount`` of a modulator (less than 0: take it up).

        Of a field it is a number of molecules, and comes out where the neuron is; see :meth:`place`.
        """
        first = self._size(source, "source")[0]
        name = modulator if isinstance(modulator, str) else modulator.name
        if name not in self.modulators:
            raise unknown_name("modulator", name, self.modulators)
        if first not in self.populations or not self.populations[first].neuron.spiking:
            raise InvalidValueError(f"release({first!r}, ...): only a population of neurons that spike can release")
        if not is_number(amount) or not np.isfinite(amount):
            raise InvalidValueError(f"release(..., amount={amount!r}) is not possible; allowed: a finite number")
        if isinstance(self.modulators[name], Field):
            self.placed(first, name)
            if amount < 0:
                raise UnsupportedError(
                    f"release({first!r}, {name!r}, amount={amount!r}): of a field only molecules >= 0 are released; "
                    "uptake takes them up, and a dip is a pause of what is released"
                )
        if any((r.source, r.modulator) == (first, name) for r in self.releases):
            raise InvalidValueError(
                f"release({first!r}, {name!r}): its spikes release this already, and would set it twice in a step; "
                "give one amount"
            )
        self.releases.append(Release(first, name, float(amount)))
        return self.releases[-1]

    def modulate(self, target: Population | Projection | str, by: Modulator | str, *, gain: float) -> Gain:
        """Let a modulator scale the input of a population, or what comes through one projection.

        What arrives counts 1 + ``gain`` (m - baseline) times as much, and never less than 0: spikes of projections, and
        for a population also the events that drive it, but no currents. m is the level of the modulator as the step of
        the arrival begins, before what is released in it. Several modulators of one target multiply. A projection that
        is scaled on its own has a receptor of its own. A network with a gain exchanges spikes in every step.

        Args:
            target: a population, or a projection onto one.
            by: the modulator.
            gain: what a level of 1 above the baseline adds to 1.

        >>> from spikeloom.network import Network
        >>> from spikeloom.neurons import LIF
        >>> net = Network()
        >>> cells, signal = net.population("cells", LIF(), 6), net.modulator("acetylcholine", tau=500.0)
        >>> net.modulate(cells, signal, gain=0.5).gain
        0.5
        """
        name = target if isinstance(target, str) else target.name
        if name not in self.populations and name not in self.projections:
            raise unknown_name("population or projection", name, [*self.populations, *self.projections])
        modulator = by if isinstance(by, str) else by.name
        if modulator not in self.modulators:
            raise unknown_name("modulator", modulator, self.modulators)
        if isinstance(self.modulators[modulator], Field):
            raise UnsupportedError(
                f"modulate({name!r}, {modulator!r}): a field has another concentration in every place, and a gain one "
                "level for all; take net.modulator(...)"
            )
        if not is_number(gain) or not np.isfinite(gain):
            raise InvalidValueError(f"modulate(..., gain={gain!r}) is not possible; allowed: a finite number")
        if any((g.target, g.modulator) == (name, modulator) for g in self.gains):
            raise InvalidValueError(f"modulate({name!r}, {modulator!r}): it is scaled by this already; give one gain")
        of = "population" if name in self.populations else "projection"
        self.gains.append(Gain(name, of, modulator, float(gain)))
        return self.gains[-1]

    def place(self, what: Population | Projection | str, where: Any, *, extent: Any = None) -> NDArray[np.float64]:
        """Say where the neurons of a population are, or the synapses of a projection; returns positions (N, d) [um].

        Args:
            what: a population, or a projection: its synapses then are not where their targets are, but here, in the
                order of the connection's lists (by target, then by source).
            where: positions (N, dimensions) [um]; or the counts of a grid that fills ``extent``, (rows, columns) or
                (layers, rows, columns); or ``"random"``, drawn by the network's seed.
            extent: lengths [um] of the box that a grid or chance fills.

        >>> from spikeloom.network import Network
        >>> from spikeloom.neurons import LIF
        >>> net = Network()
        >>> cells = net.population("cells", LIF(), 6)
        >>> net.place(cells, (2, 3), extent=(30.0, 20.0))[0].tolist()
        [5.0, 5.0]
        """
        name = what if isinstance(what, str) else what.name
        if name in self.projections:
            size = len(where) if np.ndim(where) == 2 else -1  # how many synapses chance makes, a run will know
            if size < 0:
                raise InvalidValueError(
                    f"place({name!r}, {where!r}): synapses are placed by positions; allowed: an array (synapses, "
                    "dimensions) [um], in the order of the connection's lists"
                )
        elif name in self.populations:
            size = self.populations[name].size
        else:
            raise unknown_name("population or projection", name, [*self.populations, *self.projections])
        self.places[name] = places(where, size, extent, self.seed, name)
        return self.places[name]

    def placed(self, name: str, field: str) -> NDArray[np.int32]:
        """The cell of a field in which each neuron of a population, or each synapse of a projection, is.

        Raises:
            InvalidValueError: nobody has said where they are, or they are outside.
        """
        found = self.modulators[field]
        assert isinstance(found, Field)
        if name not in self.places:
            raise InvalidValueError(
                f"{name!r} meets the field {field!r}, and has no place in it: net.place({name!r}, positions), or a "
                "grid, such as net.place(..., (10, 10), extent=(100 * um, 100 * um))"
            )
        return found.box.sites(self.places[name], f"the places of {name!r}")

    def describe_modulation(self) -> dict[str, Any]:
        """This part as plain JSON values; what there is none of is left out."""
        found = {
            "modulators": [m.describe() for m in self.modulators.values() if isinstance(m, Modulator)],
            "fields": [m.describe() for m in self.modulators.values() if isinstance(m, Field)],
            "places": {name: where.tolist() for name, where in self.places.items()},
            "releases": [r.describe() for r in self.releases],
            "gains": [g.describe() for g in self.gains],
        }
        return {name: value for name, value in found.items() if value}

    def add_modulation(self, description: dict[str, Any]) -> None:
        """Add what :meth:`describe_modulation` described."""
        for m in description.get("modulators", ()):
            self.modulator(m["name"], tau=m["tau"], baseline=m["baseline"])
        for f in description.get("fields", ()):
            medium = Medium.from_values(f["medium"])
            self.field(medium=medium, **{k: v for k, v in f.items() if k != "medium"})
        for name, where in description.get("places", {}).items():
            self.place(name, np.array(where, np.float64))
        for r in description.get("releases", ()):
            self.release(r["source"], r["modulator"], amount=r["amount"])
        for g in description.get("gains", ()):
            self.modulate(g["target"], g["modulator"], gain=g["gain"])

    @abc.abstractmethod
    def _check_new(self, name: str, size: int) -> None:
        """Raises if a name cannot be given to a new part."""

    @abc.abstractmethod
    def _size(self, part: Input | Population | str, role: str) -> tuple[str, int]:
        """Name and size of an input or a population."""
