"""Spikeloom on a workload of the peers, in one process: prints the line that their scripts print. See train_step.py."""

from __future__ import annotations

import argparse
from pathlib import Path

from workloads import bench_folder, peer_work, prepare


def main() -> None:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("kind", choices=("latency", "speech"))
    made.add_argument("--width", type=float, default=0.5, help="half-width of the triangular surrogate [mV]")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--bench", type=Path, help="folder with workload.py")
    given = made.parse_args()
    prepare(given.threads)
    work, best_ms = peer_work(bench_folder(given.bench), given.kind, given.width)
    activity = work.activity()
    work.step()  # the weights of the first step are the given ones: the rate is theirs, as in the peers' scripts
    rate = work.fired / (work.net.size("hidden") * work.spikes.shape[0] * work.spikes.shape[1])
    train, infer = best_ms(work.step), best_ms(work.infer)
    print(f"{given.kind} spikeloom      train {train:8.2f} ms  infer {infer:8.2f} ms  rate {rate:.3f}")
    print(f"near {activity['near_density']:.4f}  synaptic events {activity['synaptic_events']:.0f}")


if __name__ == "__main__":
    main()
