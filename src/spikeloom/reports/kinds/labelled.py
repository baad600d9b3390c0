"""Runs that learned from labelled data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from spikeloom.network import Network
from spikeloom.reports import samples
from spikeloom.reports.damage import damaged
from spikeloom.reports.run import NUMBER, Headline, Run
from spikeloom.reports.samples import Samples
from spikeloom.reports.text import count, energy, percent


@final
@dataclass(frozen=True)
class Labelled(Run):
    """A training on labelled samples.

    Attributes:
        samples: Some test samples and what the network did with them.
        classes: The names of the classes.
        confusion: Test samples by true class (rows) and predicted class (columns).
        history: One entry per epoch.
    """

    samples: Samples
    classes: tuple[str, ...]
    confusion: NDArray[np.int64]
    history: tuple[dict[str, Any], ...]

    told_by: ClassVar = ("dataset", "rule")
    subject: ClassVar = ("Data set", "dataset")
    required: ClassVar = {
        "dataset": str,
        **dict.fromkeys(
            ("test_accuracy", "spikes_per_sample", "synaptic_events_per_sample", "energy_pj_per_sample"), NUMBER
        ),
        "dense_macs_per_sample": NUMBER,
        "epochs": int,
        **dict.fromkeys(("classes", "history", "confusion"), list),
        "firing_rates_hz": dict,
        "energy": {
            "table": str,
            **dict.fromkeys(("pj_per_synaptic_event", "pj_per_mac", "spiking_pj", "dense_pj"), NUMBER),
        },
    }
    sections: ClassVar = {
        "learning": ("Learning", "What changed from epoch to epoch."),
        "samples": (
            "A few test samples",
            "Each dot is a spike. Time runs from left to right through every layer; below, the read-out makes up its "
            "mind.",
        ),
        "inside": ("Inside the network", "What single neurons do, what they listen to, and how they share the work."),
        "mistakes": ("On the whole test set", "What it knows well, and what it takes for what."),
        "cost": ("What a sample costs", "Spikes, the synapses they pass, and the arithmetic that follows."),
    }

    @classmethod
    def more(cls, folder: Path, result: dict[str, Any], network: Network) -> dict[str, Any]:
        path = folder / "result.json"
        if not result["history"] or not all(isinstance(e, dict) and "epoch" in e for e in result["history"]):
            raise damaged(path, "'history' must hold one object with its 'epoch' for each epoch")
        classes = tuple(str(c) for c in result["classes"])
        return {
            "samples": samples.load(folder / "samples.safetensors", len(classes), network.projections),
            "classes": classes,
            "confusion": _confusion(path, result["confusion"], len(classes)),
            "history": tuple(result["history"]),
        }

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Rows and columns of the input where it is an image."""
        shape = self.result.get("image_shape")
        return None if shape is None else (int(shape[0]), int(shape[1]))

    @property
    def decoder(self) -> str:
        """The class of the decoder that read the answer off the output; empty where the configuration names none."""
        return str(self.config.get("rule", {}).get("decoder", {}).get("class", ""))

    def image(self, k: int) -> NDArray[np.float64] | None:
        """Sample ``k`` as an image (rows, columns), or ``None`` where it is none."""
        if self.image_shape is None or self.samples.image is None:
            return None
        return self.samples.image[k].reshape(self.image_shape)

    def curve(self, name: str) -> NDArray[np.float64]:
        """One quantity of the history over the epochs; NaN where it was not measured."""
        return np.array([np.nan if e.get(name) is None else e[name] for e in self.history], np.float64)

    def hidden(self) -> list[str]:
        """The populations between input and output, in order."""
        return [name for name in self.network.populations if name != self.network.output]

    # --- what the page says -----------------------------------------------------------------------------------------
    def headlines(self) -> list[Headline]:
        result, table = self.result, self.result["energy"]
        right, tested = int(self.confusion.trace()), int(self.confusion.sum())
        note = f"{count(right)} of {count(tested)} test samples right"
        spent = "estimated"
        if table["spiking_pj"] > 0:
            spent += f"; {_compared(table['dense_pj'] / table['spiking_pj'])}"
        events = count(result["synaptic_events_per_sample"])
        return [
            Headline(percent(result["test_accuracy"]), "test accuracy", note),
            Headline(count(result["spikes_per_sample"]), "spikes per sample", "of all neurons, without the input"),
            Headline(events, "synaptic events per sample", "spikes times the synapses they pass"),
            Headline(energy(result["energy_pj_per_sample"]), "energy per sample", spent),
            self.time(f"{result['epochs']} epochs"),
        ]

    def details(self) -> list[tuple[str, str]]:
        return [("Simulated", f"{self.samples.steps} steps of {self.samples.dt:g} ms")]

    def cost(self) -> list[tuple[str, str, str]]:
        result, table = self.result, self.result["energy"]
        passed = "each spike, those of the input too, times the synapses it passes"
        dense = "one evaluation of every connection, as a network without spikes needs"
        spiking = f"{table['pj_per_synaptic_event']} pJ for each synaptic event"
        macs = f"{table['pj_per_mac']} pJ for each multiply-accumulate"
        fired = "of all neurons, without the input; mean over the test samples"
        rows = [
            ("Spikes", count(result["spikes_per_sample"]), fired),
            ("Synaptic events", count(result["synaptic_events_per_sample"]), passed),
            ("Dense multiply-accumulates", count(result["dense_macs_per_sample"]), dense),
            ("Energy, spiking", energy(table["spiking_pj"]), spiking),
            ("Energy, dense", energy(table["dense_pj"]), macs),
        ]
        if "dense_every_step_pj" in table:
            how = f"the same spiking network, computed with dense products in its {self.samples.steps} steps"
            rows.append(("Energy, dense in every step", energy(table["dense_every_step_pj"]), how))
        return rows


def _compared(factor: float) -> str:
    """How many times less the spiking network takes than a dense one, in words."""
    return f"{factor:.2g} times less than dense" if factor >= 1 else f"{1 / factor:.2g} times more than dense"


def _confusion(path: Path, rows: list[Any], classes: int) -> NDArray[np.int64]:
    try:
        counts = np.array(rows, np.int64)
    except (ValueError, TypeError) as error:
        raise damaged(path, f"'confusion' is not a table of counts ({error})") from error
    if counts.shape != (classes, classes) or classes == 0 or (counts < 0).any():
        raise damaged(
            path,
            f"'confusion' must hold counts in {classes} rows and columns, one per class; it has shape {counts.shape}",
        )
    return counts
