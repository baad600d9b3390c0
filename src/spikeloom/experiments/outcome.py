"""Running an experiment and judging its claims."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, final

from spikeloom.core.arrays import whole
from spikeloom.core.errors import InvalidValueError
from spikeloom.core.parameters import Model
from spikeloom.experiments.base import Experiment, Progress, Result
from spikeloom.experiments.catalogue import get
from spikeloom.experiments.claim import Judged


@final
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An experiment that has run.

    Attributes:
        experiment: the experiment.
        config: the parameters it ran with.
        seed: the seed.
        seconds: how long it took.
        claims: each claim with what was measured and whether it holds.
        result: what the run returned, for figures.
    """

    experiment: Experiment[Any]
    config: Model
    seed: int
    seconds: float
    claims: tuple[Judged, ...]
    result: Result

    @property
    def holds(self) -> bool:
        """Whether every claim holds."""
        return all(claim.holds for claim in self.claims)

    def describe(self) -> dict[str, Any]:
        """Experiment, seed, seconds and claims as plain JSON values: what ``spikeloom reproduce --json`` prints."""
        return {
            "experiment": self.experiment.name,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "claims": [claim.describe() for claim in self.claims],
        }


def reproduce(
    experiment: str | Experiment[Any],
    *,
    full: bool = False,
    config: Model | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Outcome:
    """Run an experiment and judge its claims.

    Args:
        experiment: its name, such as ``"lif-fi-curve"``, or the experiment itself.
        full: at the paper's size, where the usual run is smaller.
        config: other parameters than the experiment's own; its claims are those for them.
        seed: of everything random.
        progress: is told how far the run is.

    Raises:
        UnknownNameError: there is no such experiment; the message suggests the nearest.
        InvalidValueError: both ``full`` and ``config``, parameters of another experiment, a seed that is none.

    >>> outcome = reproduce("lif-fi-curve")
    >>> outcome.holds
    True
    """
    chosen = get(experiment) if isinstance(experiment, str) else experiment
    whole(seed, "seed", minimum=0)
    if full and config is not None:
        raise InvalidValueError("give full=True or a config, not both")
    if config is None:
        config = chosen.full if full and chosen.full is not None else chosen.config
    elif type(config) is not type(chosen.config):
        wanted = type(chosen.config).__name__
        raise InvalidValueError(f"{chosen.name} runs with a {wanted}; given {config!r}. Write {wanted}()")
    assert config is not None
    claims = chosen.claims(config)
    begun = time.perf_counter()
    result = chosen.run(config, seed, progress or _unheard)
    seconds = time.perf_counter() - begun
    stated, measured = [claim.quantity for claim in claims], list(result.measured)
    if sorted(stated) != sorted(measured):  # a claim that is not measured, measured but not claimed, or claimed twice
        odd = sorted(set(stated) ^ set(measured)) or sorted({q for q in stated if stated.count(q) > 1})
        raise InvalidValueError(f"{chosen.name}: each claim must be measured, and nothing else; see {', '.join(odd)}")
    judged = tuple(claim.judge(result.measured[claim.quantity]) for claim in claims)
    return Outcome(experiment=chosen, config=config, seed=seed, seconds=seconds, claims=judged, result=result)


def _unheard(done: float, doing: str, /) -> None:
    pass
