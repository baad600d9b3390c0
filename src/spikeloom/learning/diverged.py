"""The error of a training that ran away."""

from __future__ import annotations

from spikeloom.core.errors import SpikeloomError


class DivergedError(SpikeloomError, ArithmeticError):
    """The loss or the weights are no longer finite. The last checkpoint, if there is one, is from before that."""


def diverged(what: str, epoch: int, step: int) -> DivergedError:
    """The error for a training in which ``what`` is not finite in ``step`` of ``epoch`` (both from 1)."""
    return DivergedError(
        f"the training diverged: {what} is not finite in epoch {epoch}, step {step}. Likely causes: a learning rate "
        "that is too high (try "
        "a tenth of it), a surrogate derivative that is too tall for a recurrent network (try height=0.3), or "
        "weights that start too large "
        "(try a smaller gain)"
    )
