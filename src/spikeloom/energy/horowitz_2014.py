"""The table that most papers on spiking networks use."""

from __future__ import annotations

from typing import Final

from spikeloom.energy.table import Table

horowitz_2014: Final = Table(
    name="horowitz_2014",
    citation=(
        "Horowitz (2014), Computing's energy problem (and what we can do about it), ISSCC, "
        "doi:10.1109/ISSCC.2014.6757323: 32-bit floating point in 45 nm at 0.9 V"
    ),
    pj_per_add=0.9,
    pj_per_multiply=3.7,
)
"""32-bit floating point operations in a 45 nm process at 0.9 V (Horowitz 2014, doi:10.1109/ISSCC.2014.6757323)."""
