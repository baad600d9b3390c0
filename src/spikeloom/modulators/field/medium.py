"""What a substance meets on its way between cells: a narrow, winding space, uptake, and decay."""

from __future__ import annotations

import math
from typing import Final, final

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import nM, second, uM, um

MOLECULES_PER_NM_UM3: Final = 0.602214076
"""So many molecules are in a um3 at 1 nM (Avogadro's number x 1e-9 mol/l x 1e-15 l)."""


@final
class Medium(Model):
    r"""The extracellular space for one substance, of concentration c [nM].

    .. math:: \partial_t c = \frac{D}{\lambda^2} \nabla^2 c - (k_u + k_d)\, c - \frac{V c}{K_m + c}
        + \frac{q}{\alpha}

    Diffusion is hindered by the tortuosity :math:`\lambda`, and what is released (q) has only the part :math:`\alpha`
    of the volume for itself (Nicholson 2001, doi:10.1088/0034-4885/64/7/202); uptake is of first
    order (:math:`k_u`), of Michaelis-Menten (V, :math:`K_m`), or both. Units: um, ms, nM, molecules.

    >>> round(DOPAMINE.rate * 1000, 2), round(DOPAMINE.length, 2)  # per second, um
    (19.52, 3.91)
    """

    diffusion: float = parameter(default=763 * um**2 / second, unit="um2/ms", positive=True, doc="D, as in free water")
    tortuosity: float = parameter(default=1.6, minimum=1, doc="how much longer the ways between cells are")
    volume_fraction: float = parameter(default=0.21, positive=True, maximum=1, doc="part of the volume outside cells")
    uptake: float = parameter(default=0.0, unit="1/ms", minimum=0, doc="uptake of first order")
    decay: float = parameter(default=0.0, unit="1/ms", minimum=0, doc="what falls apart or is washed out")
    v_max: float = parameter(default=0.0, unit="nM/ms", minimum=0, doc="fastest uptake by transporters")
    k_m: float = parameter(default=210 * nM, unit="nM", positive=True, doc="concentration that half saturates them")

    @property
    def apparent(self) -> float:
        """The diffusion coefficient in tissue, D / tortuosity**2 [um2/ms]."""
        return self.diffusion / self.tortuosity**2

    @property
    def linear(self) -> float:
        """Uptake of first order and decay together [1/ms]."""
        return self.uptake + self.decay

    @property
    def rate(self) -> float:
        """What is lost at low concentrations, V / K_m and all of first order [1/ms]."""
        return self.linear + self.v_max / self.k_m

    @property
    def length(self) -> float:
        """How far the substance gets on average, sqrt(D* / rate) [um]; infinite without uptake."""
        return math.sqrt(self.apparent / self.rate) if self.rate > 0 else math.inf

    def raised(self, molecules: float, volume: float) -> float:
        """By how much so many molecules raise the concentration in a ``volume`` of tissue [nM; um3]."""
        if not volume > 0:
            raise InvalidValueError(f"Medium.raised(volume={volume!r}): allowed: a volume > 0 um3")
        return molecules / (MOLECULES_PER_NM_UM3 * self.volume_fraction * volume)


DOPAMINE: Final = Medium(v_max=4.1 * uM / second, k_m=0.21 * uM)
"""Dopamine in the striatum (Wiencke et al. 2020, doi:10.1371/journal.pcbi.1008410)."""

VESICLE: Final = 3000
"""Molecules of dopamine in a vesicle (Wiencke et al. 2020)."""
