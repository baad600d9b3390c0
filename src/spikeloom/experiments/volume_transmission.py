"""Volume transmission: dopamine spreads between cells, gates the synapses that it reaches, and selects none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import ms, second, uM, um
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative
from spikeloom.experiments.volume_transmission_diffusion import (
    box_deviation,
    course,
    decay_length,
    deviation,
    steady_profile,
)
from spikeloom.experiments.volume_transmission_gating import APART, TAU_E, burst, couples, distance_law
from spikeloom.modulators.field import Medium

RADII: Final = tuple(float(r) for r in range(1, 11))
PARTS: Final = (0.5, 1.0, 2.0, 4.0)
"""At which parts of the time of the peak concentrations are compared."""

PEAKS: Final = {1: 0.989, 2: 0.958, 5: 0.777, 7: 0.626}
"""What uptake leaves of the peak, by distance [um]."""

TIMES: Final = {1: 0.56, 2: 2.2, 5: 14.0, 7: 27.0}
"""When the peak comes without uptake [ms], by distance [um]."""

LAW: Final = tuple(float(r) for r in range(4, 13))
"""Distances [um] at which changes are compared: from four cells of the grid on, where its error, 1 / (4 n^2) after n
cells along an axis, is below 2 %.
"""

FAR_BOX: Final = (5.0, 8.0)
"""Distances [um] at which a box of cells is compared."""

NICHOLSON: Final = "Nicholson 2001, doi:10.1088/0034-4885/64/7/202: closed form of an instantaneous point source"
WIENCKE: Final = "Wiencke et al. 2020, doi:10.1371/journal.pcbi.1008410: V_max, K_m; sqrt(D*/k)"
RICE: Final = (
    "Rice & Cragg 2008, doi:10.1016/j.brainresrev.2008.02.004: uptake does not limit the near field; recomputed"
)
FUXE: Final = "Fuxe et al. 2010, doi:10.1016/j.pneurobio.2009.10.012: a volume signal reaches all receptors around"
FREMAUX: Final = "Fremaux & Gerstner 2016, doi:10.3389/fncir.2015.00085: the eligibility selects, the modulator gates"


@final
class VolumeTransmissionConfig(Model):
    """How finely the field is divided, and how many synapses there are."""

    spacing: float = parameter(default=0.05 * um, unit="um", positive=True, maximum=0.1, doc="of shells around a point")
    interval: float = parameter(default=0.05 * ms, unit="ms", positive=True, maximum=0.1, doc="between two steps there")
    cell: float = parameter(
        default=0.4 * um, unit="um", positive=True, maximum=1, doc="of a box, against a closed form"
    )
    grid: float = parameter(default=1.0 * um, unit="um", positive=True, maximum=2, doc="of the field around synapses")
    side: float = parameter(default=40.0 * um, unit="um", minimum=30, doc="of the cube around synapses")
    pairs: int = parameter(default=200, minimum=20, doc="synapses a micrometre apart")


@final
class VolumeTransmission(Experiment[VolumeTransmissionConfig]):
    r"""Dopamine in the striatum: diffusion with tortuosity, uptake of first order, and synapses that read it.

    D = 763 um2/s, tortuosity 1.6, volume fraction 0.21, uptake V_max / K_m = 4.1 uM/s / 0.21 uM = 19.5 /s; a vesicle
    has 3000 molecules. The solvers are held to closed forms. Then synapses follow the field (``Modulated(rule=
    PairSTDP(), by="dopamine")``): how much a pairing changes them falls with the distance from a release with the
    field's own length; two synapses a micrometre apart, both paired, both change, wherever dopamine comes from
    (terminals at their published density, in a burst of 20 Hz with a probability of release of 0.06); and of two of
    which one was paired, it is that one.
    """

    name = "volume-transmission"
    title = "Dopamine diffuses, is taken up, gates the synapses around, and cannot single one out"
    citation = (
        "S. J. Cragg & M. E. Rice (2004). Dancing past the DAT at a DA synapse. Trends in Neurosciences 27, 270-277. "
        "doi:10.1016/j.tins.2004.03.011; M. E. Rice & S. J. Cragg (2008). Dopamine spillover after quantal release. "
        "Brain Research Reviews 58, 303-313. doi:10.1016/j.brainresrev.2008.02.004"
    )
    config = VolumeTransmissionConfig()
    full = VolumeTransmissionConfig(spacing=0.025 * um, interval=0.025 * ms, cell=0.25 * um, pairs=2000)

    def claims(self, config: VolumeTransmissionConfig) -> list[Claim]:
        found = [Claim(quantity=off(r), published=0.0, source=NICHOLSON, tolerance=Absolute(0.01)) for r in RADII]
        found.append(Claim(quantity=BOX, published=0.0, source=NICHOLSON, tolerance=Absolute(0.01)))
        found.append(Claim(quantity=LENGTH, published=3.91, source=WIENCKE, tolerance=Relative(0.02)))
        found += [
            Claim(quantity=left(r), published=factor, source=RICE, tolerance=Relative(0.01))
            for r, factor in PEAKS.items()
        ]
        found += [
            Claim(quantity=when(r), published=time, source="r^2 / 6 D*", tolerance=Relative(0.02))
            for r, time in TIMES.items()
        ]
        found.append(Claim(quantity=REACH, published=reach(), source=WITHIN, tolerance=Relative(0.02)))
        found.append(Claim(quantity=BOTH, published=1.0, source=FUXE, tolerance=Absolute(0)))
        steepest = math.exp(-APART / medium().length)
        found.append(Claim(quantity=ALIKE, published=steepest, source=FAR, tolerance=Inequality(">=", steepest)))
        found += [
            Claim(quantity=what, published=value, source=FREMAUX, tolerance=Absolute(0))
            for what, value in SELECTED.items()
        ]
        return found

    def run(self, config: VolumeTransmissionConfig, seed: int, progress: Progress) -> Result:
        m = medium()
        progress(0.0, "a release, in shells")
        how = RADII, config.spacing, config.interval
        taken = course(m, *how, 4.05 * RADII[-1] ** 2 / (6 * m.apparent))
        free = course(m.replace(uptake=0.0), *how, 1.5 * 7**2 / (6 * m.apparent))
        measured: dict[str, Any] = {off(r): deviation(taken, m, k, PARTS) for k, r in enumerate(RADII)}
        for r in PEAKS:
            k = RADII.index(float(r))
            measured[left(r)] = taken.peak(k)[1] / free.peak(k)[1]
            measured[when(r)] = free.peak(k)[0]
        progress(0.35, "a release, in a box")
        measured[BOX] = box_deviation(m, config.cell, FAR_BOX)
        progress(0.5, "a steady release")
        r, c = steady_profile(m, 4 * config.spacing)
        measured[LENGTH] = decay_length(r, c, 2.0, 12.0)
        tell = part(progress, 0.6, 0.75, "synapses around a release")
        law = distance_law(LAW, config.side + config.grid, config.grid, m, seed, tell)
        measured[REACH] = decay_length(np.array(LAW), law, LAW[0], LAW[-1])
        tell(1.0)
        gating = self._gating(config, m, seed, progress, measured)
        return Result(
            measured=measured,
            data={
                "taken": taken,
                "free": free,
                "steady": (r, c),
                "law": (np.array(LAW), law),
                "medium": m,
                "reach": reach(),
                **gating,
            },
        )

    def _gating(
        self, config: VolumeTransmissionConfig, m: Medium, seed: int, progress: Progress, measured: dict[str, Any]
    ) -> dict[str, Any]:
        """Synapses a micrometre apart in the field of a burst."""
        many, half = int(config.pairs), config.side / 2
        places = couples(many, half, seed)
        every = np.ones(2 * many, bool)
        first = np.arange(2 * many) % 2 == 0
        how = places, half, config.grid, m, seed
        found: dict[str, Any] = {}
        level = np.zeros(0)
        runs = {"both": (every, every), "first": (every, first), "second": (every, ~first), "none": (every, ~every)}
        for i, (name, (pre, post)) in enumerate(runs.items()):
            progress(0.75 + 0.05 * i, f"a burst, paired: {name}")
            found[name], level = burst(pre, post, *how)
        found["without"], _ = burst(every, every, *how, released=False)
        both = found["both"].reshape(many, 2)
        measured[BOTH] = (both > 0).all(1).mean()
        measured[ALIKE] = (both.min(1) / both.max(1)).mean()
        measured |= dict(zip(SELECTED, (
            bool((found["first"][first] > 0).all() and (found["second"][~first] > 0).all()),
            float(np.abs(found["first"][~first]).max()), float(np.abs(found["second"][first]).max()),
            bool(np.array_equal(found["first"][first], found["both"][first])),
            float(np.abs(found["none"]).max()), float(np.abs(found["without"]).max()),
        ), strict=True))  # fmt: skip
        return {"places": places, "changes": found, "level": level, "side": half, "grid": config.grid}

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.experiments.volume_transmission_pictures import diffusion, gating

        return {"diffusion": diffusion(result.data), "gating": gating(result.data)}


BOX: Final = "largest relative deviation in a box of cells, r = 5 to 8 um"
LENGTH: Final = "decay length of the steady state [um]"
REACH: Final = "length over which r x change of weight falls, synapses 4 to 12 um from a release [um]"
WITHIN: Final = "closed form: the field, as far as an eligibility lasts, sqrt(D* / (k + 1 / tau_e))"
BOTH: Final = "pairs a micrometre apart, both eligible: part in which both change"
ALIKE: Final = "the smaller change of a pair over the larger one, mean"
FAR: Final = "closed form: exp(-1 um / L), the steepest that a field is far from its sources"
SELECTED: Final = {
    "one of a pair eligible: it changes, in all pairs": True,
    "first one eligible: largest change of the second": 0.0,
    "second one eligible: largest change of the first": 0.0,
    "an eligible synapse changes as much beside one that is not": True,
    "dopamine without coincidence: largest change": 0.0,
    "coincidence without dopamine: largest change": 0.0,
}


def medium() -> Medium:
    """Dopamine in the striatum, its uptake that at low concentrations: of first order."""
    return Medium(uptake=(4.1 * uM / second) / (0.21 * uM), diffusion=763 * um**2 / second, tortuosity=1.6)


def reach() -> float:
    """Over which length the change of synapses falls [um]: uptake and the eligibility end it."""
    m = medium()
    return math.sqrt(m.apparent / (m.rate + 1 / TAU_E))


def off(r: float) -> str:
    """How the claims call the deviation from the closed form."""
    return f"largest relative deviation from the closed form at r = {r:g} um"


def left(r: float) -> str:
    """How the claims call what uptake leaves of the peak."""
    return f"peak with uptake over peak without, r = {r:g} um"


def when(r: float) -> str:
    """How the claims call the time of the peak."""
    return f"time of the peak without uptake, r = {r:g} um [ms]"
