"""One wide picture of a run, for a README or a slide: a sample's way through the network, and what was learned."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.files import write_atomically
from spikeloom.reports.kinds.labelled import Labelled
from spikeloom.reports.run import load

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from spikeloom.plots.theme import Theme


def showcase(folder: str | Path, path: str | Path, *, sample: int = 0, dark: bool = False) -> Path:
    """Draw the run in ``folder`` into the PNG ``path``, for light or ``dark`` paper; returns the path.

    From left to right: the input image of test sample number ``sample`` of those kept; its spikes in every layer above
    the read-out's membrane potentials, on one time axis; accuracy over the epochs above what hidden neurons listen to.

    Raises:
        InvalidValueError: the run kept no such sample, or did not learn from labelled data.
        RunFolderError, FormatError, CheckpointError: as :func:`spikeloom.reports.write`.
    """
    from spikeloom.plots.style import styled
    from spikeloom.plots.theme import DARK, LIGHT
    from spikeloom.reports.drawing import canvas

    run = load(folder)
    if not isinstance(run, Labelled):
        raise InvalidValueError(f"{folder} holds no training on labelled data; its pictures are in report.html")
    if not 0 <= sample < len(run.samples):
        raise InvalidValueError(f"sample={sample} is not there; {folder} keeps the samples 0 to {len(run.samples) - 1}")
    theme = DARK if dark else LIGHT
    buffer = io.BytesIO()
    with styled(theme):
        drawing = canvas(10.2, 4.1)
        _compose(drawing, run, sample, theme)
        drawing.savefig(buffer, format="png", dpi=200, facecolor=theme.card, metadata={"Software": None})
    write_atomically(path, buffer.getvalue())
    return Path(path)


def _compose(drawing: Canvas, run: Labelled, k: int, theme: Theme) -> None:
    from spikeloom.reports.drawing import picture
    from spikeloom.reports.figures import learning_curves, receptive_fields, sample_rasters
    from spikeloom.reports.text import short

    parts: Any = drawing.subfigures(1, 3, width_ratios=(1.2, 3.1, 2.2), wspace=0.04)
    left, middle, right = parts
    image = run.image(k)
    axes = left.subplots()
    axes.set_axis_off()
    if image is not None:
        axes.imshow(picture(image, 1.0), interpolation="none")
        axes.set_title("input", color=theme.input, loc="center")
    said, label = (short(run.classes[i]) for i in (run.samples.prediction[k], run.samples.label[k]))
    style = {"transform": axes.transAxes, "ha": "center", "va": "top", "color": theme.readout}
    axes.text(0.5, -0.08, said, fontsize=30, weight="bold", **style)
    axes.text(0.5, -0.32, "says the network" + ("" if said == label else f"; it is {label}"), fontsize=8, **style)

    sample_rasters.draw(middle, run, k, theme)
    top, bottom = right.subplots(2, 1, height_ratios=(1, 1.15))
    learning_curves.accuracy(top, run, theme)
    name = receptive_fields.first_projection(run)
    if name is None:
        learning_curves.loss(bottom, run, theme)
    else:
        label = f"weight ({receptive_fields.unit(run.network, name)})"
        receptive_fields.draw(bottom, receptive_fields.fields(run, name), theme, 8, 4, label)
        bottom.set_title("what hidden neurons listen to", color=theme.hidden)
