"""What the arithmetic of one sample would cost, with spikes and without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from matplotlib.axes import Axes

from spikeloom.plots.theme import LIGHT, Theme
from spikeloom.reports.drawing import HALF, canvas, svg
from spikeloom.reports.figure import Figure, Picture
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.text import energy


@final
class Energy(Figure[Labelled]):
    """Synaptic events times the energy of an addition, beside dense products times that of a multiply-accumulate."""

    section = "cost"
    order = 1

    def pictures(self, run: Labelled) -> Iterator[Picture]:
        drawing = canvas(HALF, 1.5)
        draw(drawing.add_subplot(), run, LIGHT)
        yield Picture("Energy of one sample", svg(drawing, "Estimated energy, spiking and dense"), explain(run))


def draw(axes: Axes, run: Labelled, theme: Theme) -> None:
    """Two bars in nJ."""
    cost = run.result["energy"]
    values = [cost["dense_pj"], cost["spiking_pj"]]
    axes.barh([0, 1], [v / 1e3 for v in values], color=[theme.quiet, theme.hidden], height=0.62)
    for y, value in enumerate(values):
        axes.annotate(
            energy(value),
            (value / 1e3, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=theme.ink,
            fontsize=8,
        )
    axes.set_yticks([0, 1], ["dense", "spiking"])
    axes.tick_params(axis="y", length=0, labelcolor=theme.ink)
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, 1.18 * max(*values, 1e-9) / 1e3)
    axes.set_xlabel("estimated energy per sample (nJ)")


def explain(run: Labelled) -> str:
    """The factor in words."""
    cost = run.result["energy"]
    if cost["spiking_pj"] <= 0 or cost["dense_pj"] <= 0:
        return ""
    factor = cost["dense_pj"] / cost["spiking_pj"]
    if factor >= 1:
        words = f"{factor:.2g} times less"
    else:
        words = f"{1 / factor:.2g} times more, because the activity is dense"
    return (
        f"With spikes the arithmetic of one sample costs {words}. An estimate, E = events × energy per event: neither "
        f"membranes nor memory traffic are counted. Energies per operation: {cost['table']}."
    )
