"""Who competes with whom among the actors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikeloom.learning.reinforcement.decoders import ActionDecoder


def rivalry(decoder: ActionDecoder, space: Any) -> NDArray[np.float64]:
    """1 for each pair of neurons that stand for different actions, 0 for those that stand for the same (n, n).

    Neurons of a continuous action are rivals by the distance of what they stand for, 1 for the two ends of its range;
    those around a circle by their angle, (1 - cos) / 2. Coordinates do not compete with each other.

    >>> from gymnasium.spaces import Discrete
    >>> from spikeloom.learning.reinforcement.decoders import Winner
    >>> rivalry(Winner(neurons=2), Discrete(2)).tolist()
    [[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]]
    """
    if getattr(decoder, "over", None) == "ring":
        angle = 2 * np.pi * np.arange(decoder.size(space)) / decoder.size(space)
        return (1 - np.cos(angle[:, None] - angle[None, :])) / 2
    actions = [decoder.decode(one, space, lambda: 0.5) for one in np.eye(decoder.size(space))]  # what each stands for
    alone = np.array([np.asarray(action, np.float64).reshape(-1) for action in actions])
    apart = np.abs(alone[:, None] - alone[None, :]).max(-1)
    if space.dtype is not None and np.issubdtype(space.dtype, np.integer):
        return (apart > 0).astype(np.float64)
    own = np.arange(len(alone)) * alone.shape[1] // len(alone)  # the coordinate that a neuron speaks for
    return apart / max(float(apart.max()), 1e-300) * (own[:, None] == own[None, :])
