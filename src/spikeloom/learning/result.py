"""What a training gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from spikeloom.energy import estimate
from spikeloom.learning.evaluation import Evaluation
from spikeloom.learning.finished import Finished
from spikeloom.network import Network


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class TrainResult(Finished):
    """The result of :func:`~spikeloom.learning.training.train`: everything that ``result.json`` holds.

    Attributes:
        dataset, rule: names of the data and of the rule.
        test_accuracy, test_loss: on the test set, computed once, at the end.
        spikes_per_sample: spikes of all populations in a test sample, without the input's
            (``input_spikes_per_sample``).
        synaptic_events_per_sample: synapses that spikes passed, those of the input too.
        energy_pj_per_sample: estimate of the synaptic arithmetic, pJ (:func:`spikeloom.energy.estimate`).
        seconds: of the training, and of all its parts if it was resumed.
        run: the run folder, or ``None``.
        engine, seed, command, versions: how to get the same again.
        network: description of the network.
        classes, image_shape: of the data.
        epochs: how many were done.
        best_epoch: the epoch whose weights were kept, if the training watched for the best.
        history: one entry per epoch.
        confusion: test samples by true class (rows) and predicted class (columns).
        firing_rates_hz: for each spiking population the mean rate of each neuron over the test set, Hz.
        dense_macs_per_sample: multiply-accumulates of one evaluation of all connections without spikes.
        energy: the estimate in full, with its table.
    """

    dataset: str
    rule: str
    test_accuracy: float
    spikes_per_sample: float
    synaptic_events_per_sample: float
    energy_pj_per_sample: float
    seconds: float
    run: str | None
    engine: str
    seed: int
    command: str
    versions: dict[str, str]
    network: dict[str, Any]
    classes: list[str]
    image_shape: list[int] | None
    epochs: int
    best_epoch: int | None
    history: list[dict[str, Any]]
    confusion: list[list[int]]
    firing_rates_hz: dict[str, list[float]]
    dense_macs_per_sample: int
    test_loss: float
    input_spikes_per_sample: float
    energy: dict[str, Any]

    summarised: ClassVar = (
        "dataset", "rule", "test_accuracy", "spikes_per_sample", "synaptic_events_per_sample", "energy_pj_per_sample",
        "seconds", "run",
    )  # fmt: skip

    def told(self) -> str:
        return (
            f"{self.dataset} by {self.rule}: test accuracy {self.test_accuracy:.2%}, "
            f"{self.spikes_per_sample:.1f} spikes and "
            f"{self.synaptic_events_per_sample:,.0f} synaptic events per sample, {self.epochs} epochs in "
            f"{self.seconds:.1f} s, engine {self.engine}"
        )


def measured(net: Network, found: Evaluation) -> dict[str, Any]:
    """The entries of a result that an evaluation on the test set gives."""
    energy = estimate(found.synaptic_events_per_sample, found.dense_macs_per_sample, found.steps)
    return {
        "test_accuracy": found.accuracy,
        "test_loss": found.loss,
        "spikes_per_sample": found.spikes_per_sample,
        "input_spikes_per_sample": found.input_spikes_per_sample,
        "synaptic_events_per_sample": found.synaptic_events_per_sample,
        "energy_pj_per_sample": energy.spiking_pj,
        "dense_macs_per_sample": found.dense_macs_per_sample,
        "network": net.describe(),
        "confusion": found.confusion.tolist(),
        "firing_rates_hz": {name: rates.tolist() for name, rates in found.firing_rates_hz.items()},
        "energy": energy.describe(),
    }
