"""Trains Diehl & Cook's network on MNIST without labels: accuracy, time, and synaptic events a second.

    python benchmarks/diehl_cook.py --neurons 400 1600 6400 --data FOLDER

Each size is trained once over the training images (60,000 unless --images says otherwise) and tested on all 10,000
test images, in a process of its own. A synaptic event is a spike that passes a synapse: of the plastic ones from the
image, each event reads, changes and sends a weight. The events of the input are those of the test images, times the
images shown; images that are shown again more strongly are not counted. ``--readout labels`` gives each neuron a
class, as the paper does; ``proportions`` a share in each; ``linear`` is ridge regression on the numbers of spikes. With
--bindsnet PYTHON the example of BindsNET (bindsnet==0.3.4, models.DiehlAndCook2015, batches of one image) is timed on
the first images beside it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from measurement import ROOT, Finding, parser, run, versions_of, warn_if_busy, write

AIMS = {400: (">= 0.87", "<= 240"), 1600: (">= 0.919", "<= 1200"), 6400: (None, None)}
"""Test accuracy, and seconds of training on 60,000 images."""


def folder(given: Path | None) -> Path | None:
    """The folder of MNIST: given, or beside the repository; ``None`` leaves it to SPIKELOOM_DATA."""
    beside = ROOT.parent / "shared" / "data" / "mnist"
    return beside if given is None and "SPIKELOOM_DATA" not in os.environ and beside.is_dir() else given


def child(neurons: int, readout: str, images: int, threads: int, seed: int, data: str) -> None:
    """The process that is timed: prints what it measured as JSON."""
    import torch

    import spikeloom as sl
    from spikeloom.learning.recipes import recipe

    torch.set_num_threads(threads)
    chosen = recipe("mnist").for_rule("stdp")
    loaded: Any = sl.data.load("mnist", Path(data) if data else None)
    loaded = dataclasses.replace(loaded, x_train=loaded.x_train[:images], y_train=loaded.y_train[:images])
    net = sl.network.diehl_cook(loaded.features, neurons, len(loaded.classes), seed=seed)
    begun = time.perf_counter(), time.process_time()
    local: Any = chosen.rule("stdp")
    rule = dataclasses.replace(local, readout=readout)
    result = sl.train(net, loaded, rule, **chosen.options(), seed=seed)
    whole, used = time.perf_counter() - begun[0], time.process_time() - begun[1]
    shown = len(loaded.y_train) * result.epochs
    spikes = sum(h["spikes_per_sample"] for h in result.history) / result.epochs
    plastic = shown * result.input_spikes_per_sample * neurons
    found = {
        "neurons": neurons,
        "readout": readout,
        "images": shown,
        "accuracy": result.test_accuracy,
        "training_s": sum(h["seconds"] for h in result.history),
        "whole_s": whole,
        "processor_s": used,
        "spikes_per_image": spikes,
        "plastic_events": plastic,
        "events": plastic + shown * spikes * (neurons - 1 + len(loaded.classes)),
        "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


BINDSNET = """
import json, sys, time, gzip, numpy, torch
library = torch.library.Library("torchvision", "DEF")  # a build of torchvision for another device lacks these two
for name in ("nms", "qnms"):
    library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from bindsnet.models import DiehlAndCook2015
from bindsnet.encoding import poisson
neurons, images, data = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
raw = gzip.open(data + "/train-images-idx3-ubyte.gz").read()[16:]
x = torch.from_numpy(numpy.frombuffer(raw, numpy.uint8).reshape(-1, 784)[:images].astype(numpy.float32)) / 2
net = DiehlAndCook2015(n_inpt=784, n_neurons=neurons, exc=22.5, inh=120, dt=1.0, norm=78.4, theta_plus=0.05,
                       inpt_shape=(1, 28, 28))
def show(k):
    net.run({"X": poisson(x[k], time=350, dt=1.0).reshape(350, 1, 1, 28, 28)}, time=350)
    net.reset_state_variables()
show(0)
begun = time.perf_counter()
for k in range(images):
    show(k)
print(json.dumps({"ms": 1e3 * (time.perf_counter() - begun) / images}))
"""


def main() -> None:
    made = parser(__doc__ or "")
    made.add_argument("--neurons", type=int, nargs="+", default=[400])
    made.add_argument(
        "--readout", nargs="+", default=["labels"], choices=("labels", "proportions", "linear"), help="of classes"
    )
    made.add_argument("--images", type=int, default=60_000)
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--data", type=Path, help="folder of MNIST")
    made.add_argument("--bindsnet", type=Path, help="python with bindsnet")
    made.add_argument("--bindsnet-images", type=int, default=100)
    made.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = made.parse_args()
    data = folder(given.data)
    if given.child is not None:
        child(given.child, given.readout[0], given.images, given.threads, given.seed, "" if data is None else str(data))
        return
    quiet = warn_if_busy()
    runs: list[dict[str, Any]] = []
    lines: list[Finding] = []
    for neurons, readout in ((n, r) for n in given.neurons for r in given.readout):
        words: list[str | Path] = [sys.executable, Path(__file__).resolve(), "--child", str(neurons)]
        words += ["--readout", readout]
        words += ["--images", str(given.images), "--threads", str(given.threads), "--seed", str(given.seed)]
        words += [] if data is None else ["--data", data]
        one = json.loads(run(words).splitlines()[-1])
        runs.append(one)
        accuracy, seconds = AIMS.get(neurons, (None, None)) if given.images >= 60_000 else (None, None)
        name = f"{neurons:,} neurons, {readout}"
        per_image = 1e3 * one["training_s"] / one["images"]
        rate, plastic = (one[k] / one["training_s"] / 1e6 for k in ("events", "plastic_events"))
        lines += [
            Finding(f"{name}, test accuracy after {one['images']:,} images", one["accuracy"], "", accuracy),
            Finding(f"{name}, training", one["training_s"], "s", seconds),
            Finding(f"{name}, an image", per_image, "ms"),
            Finding(f"{name}, synaptic events", rate, "million/s"),
            Finding(f"{name}, events at plastic synapses", plastic, "million/s"),
            Finding(f"{name}, peak memory of the process", one["peak_MiB"], "MiB"),
        ]
        if given.bindsnet is not None and data is not None and readout == "labels":
            words = [given.bindsnet, "-c", BINDSNET, str(neurons), str(given.bindsnet_images), data]
            theirs = json.loads(run(words).splitlines()[-1])["ms"]
            one["bindsnet_ms"] = theirs
            lines.append(Finding(f"{name}, times faster than BindsNET ({theirs:.0f} ms)", theirs / per_image, "x"))
        print(f"{name}: {one}", flush=True)
    peers = {} if given.bindsnet is None else versions_of(given.bindsnet, ("bindsnet", "torch"))
    details = {"threads": given.threads, "seed": given.seed, "before": quiet, "runs": runs, "peers": peers}
    write("diehl_cook", lines, details, given.results)


if __name__ == "__main__":
    main()
