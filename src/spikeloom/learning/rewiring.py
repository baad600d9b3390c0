"""Rewiring at constant connectivity: which connections of a layer are active, and how that changes in a step."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np
import torch

from spikeloom.core.random import stream


@final
class Wiring:
    r"""The connections of one projection: ``active`` ones, the rest dormant (weight 0), each with a fixed ``sign``.

    Begins with those that have a weight, if they are no more than wanted, and fills up at random; from a denser layer
    it takes some at random, and makes them stronger by :math:`1 / \sqrt{p}`, so that what a target receives is spread
    as before.

    Args:
        weight: the weights, which are changed in place.
        share: the part p of them that is active.
        seed, name: of the random streams.
    """

    def __init__(self, weight: torch.nn.Parameter, share: float, seed: int, name: str) -> None:
        self.weight, self.seed, self.name = weight, seed, f"deep r {name}"
        size = weight.numel()
        self.count = max(1, round(share * size))
        begin = weight.detach().cpu().double().numpy().reshape(-1)
        random = stream(seed, f"{self.name}/begin")
        lot, coins = random.permutation(size), np.where(random.random(size) < 0.5, -1, 1)
        has = np.flatnonzero(begin)
        thin = has.size > self.count
        chosen = lot[: self.count] if thin else np.concatenate([has, lot[begin[lot] == 0]])[: self.count]
        active = np.zeros(size, bool)
        active[chosen] = True
        sign = np.where(begin == 0, coins, np.sign(begin))
        self.active = torch.from_numpy(active).reshape(weight.shape).to(weight.device)
        self.sign = torch.from_numpy(sign.astype(np.int8)).reshape(weight.shape).to(weight.device)
        with torch.no_grad():
            weight.mul_(self.active)
            if thin:
                weight.mul_(math.sqrt(size / self.count))

    def mask_gradient(self) -> None:
        """Take the gradient away from dormant connections."""
        if self.weight.grad is not None:
            self.weight.grad.mul_(self.active)

    def hold(self) -> None:
        """Keep dormant connections at 0, whatever an optimiser made of them."""
        with torch.no_grad():
            self.weight.mul_(self.active)

    def rewire(self, step: int, decay: float, noise: float, memory: list[torch.Tensor]) -> int:
        r"""The rest of a step, after the one along the gradient; how many connections it replaced.

        Active connections lose ``decay`` of their strength :math:`\theta = s w`, and walk at random by ``noise``.
        Those below 0 become dormant, and as many others, chosen at random, begin at 0.

        Args:
            step: of the whole training, which says what is drawn.
            decay: taken off each strength.
            noise: standard deviation of the walk.
            memory: what an optimiser remembers of each connection, forgotten where one becomes dormant.
        """
        random = stream(self.seed, self.name, step)
        with torch.no_grad():
            places = torch.nonzero(self.active.reshape(-1))[:, 0]
            flat, sign = self.weight.view(-1), self.sign.view(-1)
            strength = sign[places] * flat[places] - decay
            if noise > 0:
                strength += torch.from_numpy(noise * random.standard_normal(len(places))).to(strength)
            gone = strength < 0
            flat[places] = torch.where(gone, 0.0, sign[places] * strength)
            lost = places[gone]
            if not len(lost):
                return 0
            active = self.active.view(-1)
            active[lost] = False
            dormant = torch.nonzero(~active)[:, 0]
            new = torch.from_numpy(random.choice(len(dormant), len(lost), replace=False)).to(dormant.device)
            active[dormant[new]] = True
            for remembered in memory:
                remembered.view(-1)[lost] = 0
            return len(lost)

    def state(self) -> dict[str, torch.Tensor]:
        """Which connections are active, and all signs."""
        return {"active": self.active.clone(), "sign": self.sign.clone()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave."""
        self.active = state["active"].to(self.weight.device)
        self.sign = state["sign"].to(self.weight.device)
