"""Weights that no spike changes."""

from __future__ import annotations

from typing import ClassVar, final

from spikeloom.core.parameters import parameter
from spikeloom.plasticity.base import Plasticity
from spikeloom.plasticity.bounds import BOUNDS


@final
class Fixed(Plasticity):
    r"""No rule at all, to be held by a wrapper: homeostasis alone.

    .. math:: \Delta w = 0

    ``Scaled(rule=Fixed())`` scales weights that nothing else changes, as in the experiments in which scaling was found
    (Turrigiano, Leslie, Desai, Rutherford & Nelson 1998, doi:10.1038/36103).
    """

    bounds: str = parameter(default="hard", choices=BOUNDS, doc="'none' for no bounds; all others are the same here")

    analog: ClassVar[bool] = True
