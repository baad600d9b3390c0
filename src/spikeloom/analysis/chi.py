"""Synchrony: how much of what single neurons do survives in the mean of all."""

from __future__ import annotations

import numpy as np

from spikeloom.analysis.binned import moments, population_counts
from spikeloom.analysis.window import window
from spikeloom.core.arrays import finite, to_numpy, whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.spikes import Spikes


def trace_synchrony(traces: object, *, sample: int = 0) -> float:
    r"""Synchrony chi of membrane potentials, or of any other state variable: no unit, from 0 to 1.

    .. math:: \chi^2 = \frac{\mathrm{Var}_t(\langle v_i(t) \rangle_i)}{\langle \mathrm{Var}_t(v_i(t)) \rangle_i}

    1 if all neurons do the same, about 1 / sqrt(N) for N independent ones. nan where no trace changes. Leave out a
    transient by slicing: ``traces[500:]``. (Golomb & Rinzel 1993, doi:10.1103/PhysRevE.48.4810, and 1994,
    doi:10.1016/0167-2789(94)90214-3; Golomb 2007, doi:10.4249/scholarpedia.1347.)

    Args:
        traces: (T, N) or (T, B, N), list, NumPy or torch.
        sample: which sample of the batch, where there are three axes.

    Raises:
        InvalidValueError: other axes, a sample that is not there, no neuron or step, a value that is not finite.

    >>> wave = np.sin(np.arange(100.0))
    >>> round(trace_synchrony(np.stack([wave, wave, wave], axis=1)), 12)
    1.0
    """
    values = to_numpy(traces, "traces")
    if values.ndim == 3:
        if whole(sample, "sample", minimum=0) >= values.shape[1]:
            raise InvalidValueError(f"sample={sample} is not there; traces of shape {values.shape} have no such sample")
        values = values[:, sample]
    if values.ndim != 2 or 0 in values.shape:
        raise InvalidValueError(
            f"traces must have the axes (T, N) or (T, B, N), none of them empty; given shape {np.shape(values)}"
        )
    finite(values, "traces", ("step", "neuron"))
    if (values == values[0]).all():
        return float("nan")
    single = float(values.var(axis=0, dtype=np.float64).mean())
    whole_net = float(values.mean(axis=1, dtype=np.float64).var())
    return float(np.sqrt(whole_net / single))


def spike_synchrony(
    spikes: Spikes, bin: float, *, sample: int = 0, start: float = 0.0, stop: float | None = None
) -> float:
    """Synchrony chi as in :func:`trace_synchrony`, of the neurons' counts in bins of ``bin`` ms: no unit, from 0 to 1.

    The longer the bins, the more counts as together. nan where no count changes, as without spikes, and where there are
    fewer than two bins. (Golomb & Rinzel 1993, doi:10.1103/PhysRevE.48.4810.)

    Args:
        spikes: what was recorded.
        bin: a whole number of steps, ms.
        sample: which sample of the batch.
        start: ms that are left out at the beginning.
        stop: where to end, ms; None: at the end of the recording.

    Raises:
        InvalidValueError: a sample or a window that is not there, a bin that does not fit.
    """
    part = window(spikes, sample, start, stop)
    width, bins = part.bins(bin)
    if bins < 2:
        return float("nan")
    single = float(moments(part, width, bins)[1].mean())
    mean = population_counts(spikes, bin, sample=sample, start=start, stop=stop) / part.neurons
    return float(np.sqrt(mean.var(ddof=1) / single)) if single > 0 else float("nan")
