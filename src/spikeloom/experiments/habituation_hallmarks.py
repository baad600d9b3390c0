"""The ten hallmarks of habituation as questions to anything that responds to stimuli, each with a yes or a no."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np

from spikeloom.core.units import minute, second
from spikeloom.experiments.habituation_circuit import Array, Stimulus

Respond: TypeAlias = Callable[[Sequence[Stimulus]], Array]
"""The responses to all touches of a protocol, of one that is rested when it begins."""

MANY: Final = 20
"""Touches of a series."""
EVERY: Final = 5 * second
REST: Final = 3 * minute
MARGIN: Final = 0.05
"""What counts as a difference, and as none: a part of a rested response."""


def series(begin: float = 1 * second, many: int = MANY, every: float = EVERY, strength: int = 6) -> list[Stimulus]:
    """So many touches of place A."""
    return [Stimulus(begin + every * k, "A", strength) for k in range(many)]


def repeated(series_many: int, many: int = MANY, rest: float = REST) -> list[Stimulus]:
    """Several series, each a rest after the last touch of the one before."""
    apart = EVERY * (many - 1) + rest
    return [touch for k in range(series_many) for touch in series(1 * second + k * apart, many)]


def after(touches: Sequence[Stimulus], wait: float, place: str = "A", strength: int = 6) -> list[Stimulus]:
    """The same, and one more touch so long after the last."""
    return [*touches, Stimulus(touches[-1].time + wait, place, strength)]


def relative(respond: Respond, stimuli: Sequence[Stimulus]) -> Array:
    """Responses as parts of the first one; all NaN, so that nothing holds, where the first one is missing."""
    found = respond(stimuli)
    return found / found[0] if found[0] > 0 else np.full(found.shape, np.nan)


def part(gained: float, of: float) -> float:
    """``gained / of``; NaN, so that nothing holds, where the whole is hardly more than nothing.

    >>> part(0.3, 0.6), part(0.3, 0.0)
    (0.5, nan)
    """
    return float(gained / of) if of > MARGIN else float("nan")


def decrement(respond: Respond) -> bool:
    """1: responses fall, by 30 % or more, to a level that they keep."""
    r = relative(respond, series())
    return bool(r[-1] <= 0.7 and np.ptp(r[-5:]) <= MARGIN)


def recovery(respond: Respond) -> bool:
    """2: half or more of what was lost is back after a rest."""
    r = relative(respond, after(series(), REST))
    return part(r[-1] - r[-2], 1 - r[-2]) >= 0.5


def potentiation(respond: Respond) -> bool:
    """3: in each of four series responses are smaller than in the one before, though half or more recovers."""
    r = relative(respond, repeated(4)).reshape(4, MANY)
    back = [part(then[0] - before[-1], before[0] - before[-1]) for before, then in itertools.pairwise(r)]
    return all(b >= 0.5 for b in back) and bool((np.diff(r.mean(1)) <= -MARGIN * r[0].mean()).all())


def frequency(respond: Respond) -> bool:
    """4: more frequent touches make responses fall further, and they recover faster."""
    often, seldom = (relative(respond, after(series(every=e), 60 * second)) for e in (EVERY, 6 * EVERY))
    back = [part(r[-1] - r[-2], 1 - r[-2]) for r in (often, seldom)]
    return bool(often[-2] <= seldom[-2] - MARGIN and back[0] >= back[1] + MARGIN)


def intensity(respond: Respond) -> bool:
    """5: responses to weaker touches fall further."""
    weak, strong = (relative(respond, series(strength=s)) for s in (4, 8))
    return bool(weak[-1] <= strong[-1] - MARGIN)


def below_zero(respond: Respond) -> bool:
    """6: touches so weak that responses cease: more of them show in no response, but in a slower recovery."""
    less, more = (relative(respond, after(series(many=n, strength=3), 60 * second, strength=3)) for n in (20, 60))
    return bool(max(less[-2], more[-2]) <= MARGIN and more[-1] <= less[-1] - MARGIN)


def generalisation(respond: Respond) -> bool:
    """7: another place that shares half of the neurons responds less than rested, but more; one without does as before.

    ``B`` and ``C`` are both as many neurons as A, so that all three respond alike when rested.
    """
    same, near, far = (
        part(respond(after(series(), EVERY, place))[-1], respond([Stimulus(1 * second, place)])[0]) for place in "ABC"
    )
    return bool(same + MARGIN <= near <= 1 - MARGIN and far >= 1 - MARGIN)


def dishabituation(respond: Respond) -> bool:
    """8: a shock between two touches brings the response back, by 10 % of a rested one or more."""
    touches = series(many=MANY + 1)
    shock = Stimulus(touches[-1].time - EVERY / 2, "tail", 10)
    return bool(relative(respond, [*touches, shock])[-1] >= relative(respond, touches)[-1] + 2 * MARGIN)


def dishabituation_habituates(respond: Respond) -> bool:
    """9: of five shocks, one every ten touches, the last brings back 70 % or less of what the first does."""
    touches = series(many=MANY + 50)
    shocked = [MANY + 10 * k for k in range(5)]
    r = relative(respond, [*touches, *(Stimulus(touches[k].time - EVERY / 2, "tail", 10) for k in shocked)])
    gain = r[shocked] - r[[k - 1 for k in shocked]]
    return bool(gain[0] >= 2 * MARGIN and gain[-1] <= 0.7 * gain[0])


def long_term(respond: Respond) -> bool:
    """10: ten minutes (30 times the fast time constant) after four series, responses are smaller in another one."""
    trained = repeated(4)
    again = series(trained[-1].time + 10 * minute)
    r = relative(respond, [*trained, *again])
    return bool(r[-MANY:].mean() <= (1 - MARGIN) * r[:MANY].mean())


HALLMARKS: Final[dict[str, Callable[[Respond], bool]]] = {
    "1 decrement": decrement,
    "2 spontaneous recovery": recovery,
    "3 potentiation over series": potentiation,
    "4 frequency": frequency,
    "5 intensity": intensity,
    "6 below zero": below_zero,
    "7 generalisation": generalisation,
    "8 dishabituation": dishabituation,
    "9 habituation of dishabituation": dishabituation_habituates,
    "10 long-term habituation": long_term,
}
"""As Rankin et al. 2009 number them."""
