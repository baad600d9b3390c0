"""Edges of an image, the strongest first."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import parameter
from spikeloom.core.spikes import Spikes
from spikeloom.encoding.base import Encoder, checked_features, chunks


@final
class DifferenceOfGaussians(Encoder):
    r"""On and off cells of a retina: each fires at most once, in the order of the contrast that it sees.

    .. math:: K(x, y) = \frac{1}{2 \pi} \left(\frac{1}{\sigma_1^2} e^{-(x^2 + y^2) / 2 \sigma_1^2}
              - \frac{1}{\sigma_2^2} e^{-(x^2 + y^2) / 2 \sigma_2^2}\right) - \text{mean}

    on a window of ``size`` x ``size`` pixels. An on-cell sees the correlation of the image with K / max K, an off-cell
    that with -K / max(-K); what lies outside of the image is dark. What is below ``threshold`` is no contrast; the rest
    is divided by its mean over the 2 r + 1 x 2 r + 1 pixels around, for r = ``normalise`` (0: not divided). The n cells
    of an image that see a contrast are sorted, the strongest first, and the one of rank k (from 0) fires in step
    floor(k T / n).

    Each image is a row of ``x``, its pixels row by row, in [0, 1]. Channel c h w + y w + x is the cell at row y and
    column x: on-cells have c = 0, off-cells c = 1, as :class:`~spikeloom.connections.Convolution` counts. A ``margin``
    of cells lies around the image, so that h and w are larger than it by two margins.

    Source: Kheradpisheh, Ganjtabesh, Thorpe & Masquelier 2018, doi:10.1016/j.neunet.2017.12.005, section 2.1; window,
    normalisation and equally filled steps as by Mozafari, Ganjtabesh, Nowzari-Dalini & Masquelier 2019,
    doi:10.3389/fnins.2019.00625, but for cells that are left over, which do not fire there.

    >>> encoder = DifferenceOfGaussians(rows=3, steps=2, size=3, threshold=0.5)
    >>> bright = encoder.encode([[0, 0, 0, 0, 1, 0, 0, 0, 0]])
    >>> bright.step.tolist(), bright.neuron.tolist()
    ([0, 0, 0, 1, 1], [4, 9, 11, 15, 17])
    """

    whole_numbers: ClassVar[tuple[str, ...]] = ("steps", "rows", "size", "normalise", "margin")

    steps: int = parameter(default=15, unit="steps", minimum=1, doc="length of a sample, T")
    rows: int = parameter(default=1, unit="pixels", minimum=1, doc="height of the image, 28 for MNIST")
    centre: float = parameter(default=1.0, unit="pixels", positive=True, doc="width of the centre, sigma_1")
    surround: float = parameter(default=2.0, unit="pixels", positive=True, doc="width of the surround, sigma_2")
    size: int = parameter(default=7, unit="pixels", minimum=3, doc="side of the window, odd")
    threshold: float = parameter(default=50 / 255, minimum=0, doc="smallest response that counts as a contrast")
    normalise: int = parameter(
        default=8, unit="pixels", minimum=0, doc="reach of the mean that a response is divided by"
    )
    margin: int = parameter(default=0, unit="pixels", minimum=0, doc="cells beyond each edge of the image")

    def check(self) -> None:
        if not self.centre < self.surround:
            raise InvalidValueError(
                "DifferenceOfGaussians needs a centre narrower than its surround; given "
                f"centre={self.centre:g}, surround={self.surround:g}"
            )
        if self.size % 2 == 0:
            raise InvalidValueError(f"DifferenceOfGaussians(size={self.size:g}) is not possible; allowed: odd numbers")

    def outputs(self, features: int) -> int:
        return 2 * (self.rows + 2 * self.margin) * (features // self.rows + 2 * self.margin)

    def encode(self, x: Any, *, seed: int = 0, samples: Any = None, epoch: int = 0) -> Spikes:
        features = checked_features(x, 0, 1, "Scale it first, as in x / 255 for 8-bit images")
        if features.shape[1] % self.rows:
            raise InvalidValueError(
                f"an image of {features.shape[1]} pixels has no {self.rows} rows; give its height, as in "
                "DifferenceOfGaussians(rows=28) for MNIST"
            )
        return Spikes.concatenate([self._part(features[part]) for part in chunks(features)])

    def contrasts(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """What the cells see in ``images`` (B, rows, columns): (B, 2, h, w), 0 where there is no contrast."""
        kernel, edge = self.kernel(), (self.margin, self.margin)
        images = np.pad(images, ((0, 0), edge, edge))
        response = _correlated(images.astype(np.float64), kernel)
        seen = np.stack([response / kernel.max(), response / kernel.min()], axis=1)
        seen[seen < max(self.threshold, np.finfo(np.float64).tiny)] = 0.0
        if self.normalise:
            near = _box_mean(seen, self.normalise)
            np.divide(seen, near, out=seen, where=seen > 0)
        return seen

    def kernel(self) -> NDArray[np.float64]:
        """K, (size, size)."""
        along = np.arange(self.size) - self.size // 2
        squared = along[:, None] ** 2 + along**2
        first, second = (np.exp(-squared / (2 * s**2)) / s**2 for s in (self.centre, self.surround))
        difference = (first - second) / (2 * np.pi)
        return difference - difference.mean()

    def _part(self, x: NDArray[Any]) -> Spikes:
        seen = self.contrasts(x.reshape(len(x), self.rows, x.shape[1] // self.rows)).reshape(
            len(x), self.outputs(x.shape[1])
        )
        order = np.argsort(-seen, axis=1, kind="stable")
        firing = np.count_nonzero(seen, axis=1)
        sample = np.repeat(np.arange(len(x)), firing)
        rank = np.arange(sample.size) - np.repeat(np.cumsum(firing) - firing, firing)
        step = rank * self.steps // firing[sample]
        return Spikes.from_events(
            step, order[sample, rank], sample, shape=(self.steps, *seen.shape), dt=self.dt, sort=True
        )


def _correlated(images: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each image with the kernel; term by term in one order, so that an image has the same sums in any batch."""
    reach = len(kernel) // 2
    wide = np.pad(images, ((0, 0), (reach, reach), (reach, reach)))
    rows, columns = images.shape[1:]
    total = np.zeros_like(images)
    for (i, j), weight in np.ndenumerate(kernel):
        total += weight * wide[:, i : i + rows, j : j + columns]
    return total


def _box_mean(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Mean over the (2 reach + 1) ** 2 places around each, those outside counted as 0."""
    for axis in (-2, -1):
        length = values.shape[axis]
        sums = np.concatenate([np.zeros_like(values.take([0], axis)), np.cumsum(values, axis)], axis)
        last, first = (np.clip(np.arange(length) + shift, 0, length) for shift in (reach + 1, -reach))
        values = sums.take(last, axis) - sums.take(first, axis)
    return values / (2 * reach + 1) ** 2
