"""Trains the spiking actor-critic on CartPole-v1 to the threshold: time, episodes, steps a second, and controls.

    python benchmarks/cartpole.py --seeds 0 1 2

The agent is that of `spikeloom train cartpole`. Each seed is trained in a process of its own until the mean return of
100 consecutive episodes reaches 475 (of 500), and then plays 100 more episodes without learning. Controls are the same
agent with the errors of other decisions, drawn at random, and with the same error always, over 300 episodes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

from measurement import Finding, parser, run, warn_if_busy, write

SIGNALS = ("shuffled", "constant")
OVER, ENOUGH, SECONDS, CHANCE = 100, 475.0, 900, 60


def child(seed: int, signal: str, most: int, threads: int) -> None:
    """The process that is timed: prints what it measured as JSON."""
    import gymnasium
    import numpy as np
    import torch

    from spikeloom.learning.reinforcement import episodes, evaluate
    from spikeloom.learning.reinforcement.recipes.cartpole import ACTOR_CRITIC

    torch.set_num_threads(threads)
    agent, env = ACTOR_CRITIC.replace(signal=signal), gymnasium.make("CartPole-v1")
    returns: list[float] = []
    steps, inside, state = 0, 0.0, None
    begun = time.perf_counter(), time.process_time()
    for episode in itertools.islice(episodes(agent, env, seed=seed), most):
        returns.append(episode.total)
        steps, inside, state = steps + episode.steps, inside + episode.environment_seconds, episode.state
        if signal == "td" and len(returns) >= OVER and np.mean(returns[-OVER:]) >= ENOUGH:
            break
    found: dict[str, Any] = {
        "seed": seed, "signal": signal, "episodes": len(returns), "steps": steps,
        "mean_return": float(np.mean(returns[-OVER:])), "seconds": time.perf_counter() - begun[0],
        "processor_s": time.process_time() - begun[1], "environment_s": inside, "returns": returns,
    }  # fmt: skip
    if signal == "td":
        found["without_learning"] = evaluate(agent, env, state, episodes=OVER, seed=seed).mean_return
    print(json.dumps(found))


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    made.add_argument("--most", type=int, default=1000, help="episodes at most")
    made.add_argument("--threads", type=int, default=1)
    made.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.child is not None:
        child(int(given.child[0]), given.child[1], given.most, given.threads)
        return
    quiet = warn_if_busy()

    def one(seed: int, signal: str, most: int) -> dict[str, Any]:
        words: list[str | Path] = [sys.executable, Path(__file__).resolve(), "--child", str(seed), signal]
        found = json.loads(run([*words, "--most", str(most), "--threads", str(given.threads)]).splitlines()[-1])
        print({k: v for k, v in found.items() if k != "returns"}, flush=True)
        return found

    runs = [one(seed, "td", given.most) for seed in given.seeds]
    controls = [one(given.seeds[0], signal, 300) for signal in SIGNALS]
    lines: list[Finding] = []
    for found in runs:
        name = f"seed {found['seed']}"
        lines += [
            Finding(f"{name}, mean return of the last {OVER} episodes", found["mean_return"], "", f">= {ENOUGH:g}"),
            Finding(f"{name}, training to there", found["seconds"], "s", f"<= {SECONDS}"),
            Finding(f"{name}, episodes to there", found["episodes"], ""),
            Finding(f"{name}, mean return of {OVER} more without learning", found["without_learning"], ""),
        ]
    steps, seconds = (sum(found[k] for found in runs) for k in ("steps", "seconds"))
    lines += [
        Finding("steps a second, training", steps / seconds, "1/s"),
        Finding("share of the time in the environment", sum(f["environment_s"] for f in runs) / seconds, ""),
    ]
    lines += [
        Finding(f"control, error {found['signal']}, mean return", found["mean_return"], "", f"<= {CHANCE}")
        for found in controls
    ]
    details = {"threads": given.threads, "before": quiet, "runs": [*runs, *controls]}
    write("cartpole", lines, details, given.results)


if __name__ == "__main__":
    main()
