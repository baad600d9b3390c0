"""Distal reward: of 80,000 synapses one is rewarded for its coincidences, seconds later, and is the one that grows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, final

import numpy as np

from spikeloom.core.parameters import Model, parameter
from spikeloom.core.units import second
from spikeloom.experiments import izhikevich_2007_network as task
from spikeloom.experiments import izhikevich_2007_pair as pair
from spikeloom.experiments.base import Experiment, Progress, Result, part
from spikeloom.experiments.claim import Claim
from spikeloom.experiments.tolerance import Absolute, Inequality, Relative

SELECTED: Final = 0.9 * task.STRONGEST
HELD: Final = 3.0
IN_TIME: Final = 1500 * second
SOURCE: Final = "Izhikevich 2007, Fig. 1, and the author's program daspnet.m"
NAMES: Final = {
    "selected": "seeds in which the rewarded synapse is at 3.6 within 1500 s, and at 3.0 or more in the end",
    "others": "part of the other excitatory synapses above 3.6, the largest of all seeds",
    "control": "seeds in which rewards at shuffled times select it within 1500 s",
    "held": "weight of the synapse after 1500 s of rewards at shuffled times, the largest of all seeds",
    "rate": "mean rate in the first 100 s [Hz]",
}


@final
class IzhikevichConfig(Model):
    """How often the network is run, and for how long."""

    duration: float = parameter(default=3600 * second, unit="ms", minimum=100 * second, doc="model time of each run")
    networks: float = parameter(default=1, minimum=1, doc="networks, each with a seed of its own")


@final
class Izhikevich2007(Experiment[IzhikevichConfig]):
    r"""Spike timing marks a synapse, and dopamine that comes 1 to 3 s later turns the mark into weight.

    Whenever neuron 1 fires within 20 ms after neuron 0, which it does by chance every 20 s or so, dopamine rises
    between 1 and 3 s later. By then hundreds of other synapses are marked as well, but others each time. In the control
    the same is rewarded between 20 and 120 s later, when the mark has gone; it ends after 1500 s, since a synapse that
    is not selected by then is not selected. See :mod:`~spikeloom.experiments.izhikevich_2007_network`, and
    :mod:`~spikeloom.experiments.izhikevich_2007_pair` for one pair of spikes in closed form. The usual run is the
    paper's hour in one network, the full one that in three.
    """

    name = "izhikevich-2007"
    title = "A synapse is rewarded seconds after its coincidences, and grows among 80,000 that are not"
    citation = (
        "E. M. Izhikevich (2007). Solving the distal reward problem through linkage of STDP and dopamine signaling. "
        "Cereb Cortex 17, 2443-2452. doi:10.1093/cercor/bhl152"
    )
    config = IzhikevichConfig()
    full = IzhikevichConfig(networks=3)

    def claims(self, config: IzhikevichConfig) -> list[Claim]:
        source = "closed form: the integral of eligibility times dopamine"
        found = [
            Claim(quantity=quantity_of(after), published=pair.gained(after), source=source, tolerance=Absolute(1e-9))
            for after in pair.AFTER
        ]
        most = math.ceil(2 / 3 * config.networks)
        judged = {
            "selected": (int(config.networks), Inequality(">=", most)),
            "others": (0.0, Inequality("<", 0.12)),
            "control": (0, Absolute(0)),
            "held": ("below 3.0", Inequality("<", HELD)),
            "rate": (1.25, Relative(0.05)),
        }
        return found + [
            Claim(quantity=NAMES[k], published=value, source=SOURCE, tolerance=tolerance)
            for k, (value, tolerance) in judged.items()
        ]

    def run(self, config: IzhikevichConfig, seed: int, progress: Progress) -> Result:
        seconds, many = round(config.duration / second), int(config.networks)
        short, courses, controls = min(seconds, round(IN_TIME / second)), [], []
        for k in range(many):
            begin, middle, end = ((k + share) / many for share in (0.0, seconds / (seconds + short), 1.0))
            tell = part(progress, begin, middle, f"network {k + 1} of {many}, rewarded")
            courses.append(task.simulate(seed + k, seconds, tell))
            tell = part(progress, middle, end, f"network {k + 1} of {many}, shuffled")
            controls.append(task.simulate(seed + k, short, tell, task.SHUFFLED))
        measured: dict[str, Any] = {quantity_of(after): pair.simulated(after) for after in pair.AFTER}
        measured |= {
            NAMES["selected"]: sum(selected(c) for c in courses),
            NAMES["others"]: max(c.strong for c in courses),
            NAMES["control"]: sum(selected(c) for c in controls),
            NAMES["held"]: max(float(c.weight[-1]) for c in controls),
            NAMES["rate"]: float(np.mean([c.rate[:100].mean() for c in courses])),
        }
        return Result(measured=measured, data={"rewarded": courses, "shuffled": controls})

    def figures(self, result: Result) -> Mapping[str, Any]:
        from spikeloom.plots.style import colour, figure, styled

        courses, controls = result.data["rewarded"], result.data["shuffled"]
        with styled():
            drawing = figure(7.8, 2.8)
            axes = drawing.add_subplot(1, 2, 1)
            for k, pair_of_courses in enumerate(zip(courses, controls, strict=True)):
                for name, style, one in zip(("rewarded", "shuffled"), ("-", ":"), pair_of_courses, strict=True):
                    time = (np.arange(one.weight.size) + 1) * task.EVERY / 1000
                    axes.plot(time, one.weight, color=colour(k), ls=style, label=name if k == 0 else None)
            axes.axhline(SELECTED, color="grey", linewidth=0.5)
            axes.set(xlabel="time [s]", ylabel="weight of the synapse [pA]", ylim=(-0.1, 4.2))
            axes.legend()
            axes = drawing.add_subplot(1, 2, 2)
            edges = np.linspace(0, task.STRONGEST, 41)
            axes.hist(np.concatenate([c.others for c in courses]), edges, log=True, color=colour(0), density=True)
            for k, one in enumerate(courses):
                axes.axvline(one.weight[-1], color=colour(k), ls="--", label="the rewarded one" if k == 0 else None)
            axes.set(xlabel="weight in the end [pA]", ylabel="density of the others [1/pA]")
            axes.legend()
        return {"weights": drawing}


def quantity_of(after: float) -> str:
    """What the weight of the one pair is called."""
    return f"one pair and one step of dopamine: weight {after / 1000:g} s after it"


def selected(course: task.Course) -> bool:
    """Whether the synapse was at 3.6 within 1500 s, and is at 3.0 or more in the end."""
    return bool(course.reached * second <= IN_TIME and course.weight[-1] >= HELD)
