"""The parameters of the cortical microcircuit of Potjans & Diesmann, and the rule by which it is made smaller."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import FormatError, InvalidValueError
from spikeloom.core.units import Hz
from spikeloom.experiments.microcircuit_published import DESCRIPTION

FILE: Final = "potjans_diesmann_2014.json"


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Microcircuit:
    r"""Layers of excitatory and inhibitory leaky integrate-and-fire cells with exponential currents.

    The number of synapses from one population to another is that which makes a pair connected with probability p, if
    they are drawn with replacement:

    .. math:: K = \frac{\ln(1 - p)}{\ln(1 - 1 / (N_{pre} N_{post}))}

    (Potjans & Diesmann 2014, doi:10.1093/cercor/bhs358, equation 1.) Matrices are (targets, sources). Weights are
    drawn from a normal distribution around their mean, those of the wrong sign again, and delays from one truncated at
    half a step.

    Attributes:
        populations: their names; one that ends in I is inhibitory.
        sizes: cells of each.
        probabilities: connection probability of a pair.
        external: background inputs of a cell, each of ``external_rate`` [Hz].
        rates: mean rate of each population [Hz] at full size, which scaling needs.
        psp: peak of an excitatory post-synaptic potential [mV]; inhibitory ones are ``g`` times that.
        stronger: target and source of a projection, and by how much its weights are stronger than the others.
        weight_spread, delay_spread: standard deviation by mean.
        delay_exc, delay_inh: mean delays [ms].
        v_rest, theta, v_reset: [mV]; c_m: [pF]; tau_m, tau_s, t_ref: [ms].
        v0_mean, v0_spread: the normal distribution from which potentials start, one of each for each population [mV].
        dt: step [ms].
        scale: by which numbers of cells and of inputs were multiplied.
        current: constant current into each cell [pA], by population, that makes up for scaling.
    """

    populations: tuple[str, ...]
    sizes: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    external: NDArray[np.int64]
    external_rate: float
    rates: NDArray[np.float64]
    psp: float
    g: float
    stronger: tuple[str, str, float]
    weight_spread: float
    delay_exc: float
    delay_inh: float
    delay_spread: float
    v_rest: float
    theta: float
    v_reset: float
    c_m: float
    tau_m: float
    tau_s: float
    t_ref: float
    v0_mean: NDArray[np.float64]
    v0_spread: NDArray[np.float64]
    dt: float
    scale: float = 1.0
    current: NDArray[np.float64] | None = None

    @property
    def psc(self) -> float:
        """Amplitude [pA] of the current that makes a potential of ``psp``, external synapses included."""
        return self.psp * psc_of_psp(self.tau_m, self.tau_s, self.c_m) / math.sqrt(self.scale)

    @property
    def inhibitory(self) -> NDArray[np.bool_]:
        """Which populations inhibit."""
        return np.array([name.endswith("I") for name in self.populations])

    @property
    def weights(self) -> NDArray[np.float64]:
        """Mean amplitude of each projection [pA]: (targets, sources)."""
        mean = np.where(self.inhibitory, self.g, 1.0) * self.psc * np.ones_like(self.probabilities)
        target, source, factor = self.stronger
        mean[self.populations.index(target), self.populations.index(source)] *= factor
        return mean

    @property
    def delays(self) -> NDArray[np.float64]:
        """Mean delay of what each population sends [ms]: (sources,)."""
        return np.where(self.inhibitory, self.delay_inh, self.delay_exc)

    @property
    def synapses(self) -> NDArray[np.int64]:
        """Synapses of each projection: (targets, sources)."""
        return np.rint(self._exact_synapses() * self.scale**2).astype(np.int64)

    @property
    def cells(self) -> NDArray[np.int64]:
        """Cells of each population, at this scale."""
        return np.rint(self.sizes * self.scale).astype(np.int64)

    @property
    def inputs(self) -> NDArray[np.int64]:
        """Background inputs of a cell, at this scale, by population."""
        return np.rint(self.external * self.scale).astype(np.int64)

    def scaled(self, scale: float) -> Microcircuit:
        r"""The circuit with ``scale`` times as many cells, and each with as many times fewer inputs.

        Weights grow by 1 / sqrt(scale), so that the variance of a cell's input stays, and a current makes up for the
        mean that is then missing:

        .. math:: I_i = \tau_s (1 - \sqrt s) \Big(\sum_j w_{ij} k_{ij} \nu_j + w\,k_{i,ext}\,\nu_{ext}\Big)

        (van Albada, Helias & Diesmann 2015, doi:10.1371/journal.pcbi.1004490.) The background has to be Poisson: with a
        constant one the cells that were made up for fall silent. ``sizes``, ``external`` and ``probabilities`` stay
        those of the full circuit; read ``cells``, ``inputs``, ``synapses`` and ``weights``.

        Raises:
            InvalidValueError: a scale outside 0 to 1, or one that leaves a population empty.
        """
        if not (0 < scale <= 1 and (np.rint(self.sizes * scale) >= 1).all()):
            raise InvalidValueError(
                f"scale={scale!r} is not possible; allowed: above 0 up to 1, with a cell left in each population "
                f"(the smallest has {int(self.sizes.min())})"
            )
        whole = replace(self, scale=1.0, current=None)
        indegrees = whole._exact_synapses() / self.sizes[:, None]
        recurrent = (whole.weights * indegrees * self.rates * Hz).sum(1)
        background = whole.psc * self.external * self.external_rate * Hz
        missing = self.tau_s * (1 - math.sqrt(scale)) * (recurrent + background)
        return replace(self, scale=float(scale), current=missing)

    def _exact_synapses(self) -> NDArray[np.float64]:
        """Synapses of each projection of the full circuit, before they are rounded."""
        pairs = np.outer(self.sizes, self.sizes).astype(np.float64)
        return np.log1p(-self.probabilities) / np.log1p(-1 / pairs)


def psc_of_psp(tau_m: float, tau_s: float, c_m: float) -> float:
    r"""The amplitude [pA] of an exponential current that moves the membrane by 1 mV at its peak.

    .. math:: \frac{w}{V} = \frac{C (\tau_s - \tau_m)}{\tau_m \tau_s
              \left(\rho^{\tau_m / (\tau_s - \tau_m)} - \rho^{\tau_s / (\tau_s - \tau_m)}\right)}, \qquad
              \rho = \tau_m / \tau_s

    (Hanuschkin, Kunkel, Helias, Morrison & Diesmann 2010, doi:10.3389/fninf.2010.00113, equation 5.)

    >>> round(0.15 * psc_of_psp(tau_m=10.0, tau_s=0.5, c_m=250.0), 3)
    87.808
    """
    apart = 1 / (tau_s - tau_m)
    ratio = (tau_m / tau_s) ** apart
    return c_m / (tau_m * tau_s * apart * (ratio**tau_m - ratio**tau_s))


def published() -> Microcircuit:
    """The circuit of Potjans & Diesmann 2014 at full size, with Poisson background.

    >>> int(published().synapses.sum())
    298880970
    """
    return from_description(DESCRIPTION)


def read(path: str | os.PathLike[str] | None = None) -> Microcircuit:
    """The circuit from a file like ``potjans_diesmann_2014.json``, which may describe another one.

    Args:
        path: the file or its folder; if left out, ``$SPIKELOOM_DATA/microcircuit`` or ``$SPIKELOOM_DATA``.

    Raises:
        InvalidValueError: no such file; the message says where it was sought.
        FormatError: it is damaged, or lacks something.
    """
    file = _find(path)
    try:
        return from_description(json.loads(file.read_text(encoding="utf-8")))
    except KeyError as error:
        raise FormatError(f"{file} does not describe a microcircuit: {error} is missing") from error
    except (ValueError, TypeError) as error:
        raise FormatError(f"{file} is damaged: {error}") from error


def from_description(values: dict[str, Any]) -> Microcircuit:
    """The circuit from the values of such a file.

    Raises:
        KeyError: a value is missing.
        InvalidValueError: matrices or lists that do not fit the populations, a probability outside 0 to below 1.
    """
    neuron, start = values["neuron"], values["V0_optimized"]
    circuit = Microcircuit(
        populations=tuple(values["populations"]),
        sizes=np.array(values["N"], np.int64),
        probabilities=np.array(values["conn_prob_target_by_source"], np.float64),
        external=np.array(values["K_ext"], np.int64),
        external_rate=float(values["bg_rate_hz"]),
        rates=np.array(values["full_mean_rates_hz"], np.float64),
        psp=float(values["psp_exc_mean_mV"]),
        g=float(values["g"]),
        stronger=("L23E", "L4E", float(values["psp_L4E_to_L23E_factor"])),
        weight_spread=float(values["weight_rel_std"]),
        delay_exc=float(values["delay_exc_mean_ms"]),
        delay_inh=float(values["delay_inh_mean_ms"]),
        delay_spread=float(values["delay_rel_std"]),
        v_rest=float(neuron["E_L_mV"]),
        theta=float(neuron["V_th_mV"]),
        v_reset=float(neuron["V_reset_mV"]),
        c_m=float(neuron["C_m_pF"]),
        tau_m=float(neuron["tau_m_ms"]),
        tau_s=float(neuron["tau_syn_ms"]),
        t_ref=float(neuron["t_ref_ms"]),
        v0_mean=np.array(start["mean_mV"], np.float64),
        v0_spread=np.array(start["std_mV"], np.float64),
        dt=float(values["dt_ms"]),
    )
    n = len(circuit.populations)
    lists = (circuit.sizes, circuit.external, circuit.rates, circuit.v0_mean, circuit.v0_spread)
    if circuit.probabilities.shape != (n, n) or any(one.shape != (n,) for one in lists):
        raise InvalidValueError(f"there are {n} populations, but lists or matrices of other sizes")
    if not ((circuit.probabilities >= 0) & (circuit.probabilities < 1)).all() or not (circuit.sizes >= 1).all():
        raise InvalidValueError("a connection probability must be at least 0 and below 1, a size at least 1")
    return circuit


def _find(path: str | os.PathLike[str] | None) -> Path:
    named = os.environ.get("SPIKELOOM_DATA")
    if path is None and not named:
        raise InvalidValueError(
            f"say where {FILE} lies: its path, or SPIKELOOM_DATA as the folder that contains microcircuit/"
        )
    folder = Path(path) if path is not None else Path(str(named))
    places = [folder, folder / FILE] if path is not None else [folder / "microcircuit" / FILE, folder / FILE]
    for place in places:
        if place.is_file():
            return place
    raise InvalidValueError(f"there is no {FILE} at {' or '.join(map(str, places))}")
