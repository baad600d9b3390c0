"""Runs networks in NEST, in NEST's own Python: one description a line in, one answer a line out, both JSON.

A description has ``dt`` and ``duration`` [ms] and

- ``generators``: name -> for each channel the time stamps [steps] of its spikes;
- ``neurons``: name -> {"model", "size", "parameters", "record": names of state variables};
- ``connections``: [{"source", "target", "pairs": [sources, targets], "weight", "delay" [ms], "model", "parameters",
  "weights"}], where each value (weight, delay, a parameter) is one number, or a list with one for each pair; under the
  name ``weights``, if there is one, the answer has what every spike was worth: ``step`` (time stamps), ``source``,
  ``target`` and ``weight``;
- ``currents``: [{"target", "start", "stop" [ms], "amplitude" [pA]}].

The answer has for each name of ``neurons`` the ``step`` (time stamps) and ``neuron`` of its spikes and, for each
variable recorded, a list of rows, one for each time stamp from 1 on; or an ``error``.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any


def simulate(nest: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Build what is described, run it, and return what it did."""
    import numpy as np

    dt, steps = given["dt"], round(given["duration"] / given["dt"])
    nest.ResetKernel()
    nest.resolution = dt
    nodes: dict[str, Any] = {}
    for name, channels in given.get("generators", {}).items():
        nodes[name] = nest.Create("spike_generator", len(channels))
        # A time is a whole number of steps; `allow_offgrid_times` rounds away what k * dt leaves of that.
        parameters = [{"spike_times": [k * dt for k in c], "allow_offgrid_times": True} for c in channels]
        nodes[name].set(parameters)
    recorders: dict[str, tuple[Any, Any]] = {}
    for name, n in given["neurons"].items():
        nodes[name] = nest.Create(n["model"], n["size"], params=n["parameters"])
        recorders[name] = nest.Create("spike_recorder", params={"time_in_steps": True}), None
        nest.Connect(nodes[name], recorders[name][0])
        if n["record"]:
            meter = nest.Create(
                "multimeter", params={"record_from": n["record"], "interval": dt, "time_in_steps": True}
            )
            nest.Connect(meter, nodes[name])
            recorders[name] = recorders[name][0], meter
    watching: dict[str, tuple[Any, Any, Any]] = {}
    for c in given["connections"]:
        source, target = (np.array(nodes[c[k]].tolist())[c["pairs"][i]] for i, k in enumerate(("source", "target")))
        values = {"weight": c["weight"], "delay": c["delay"], **c.get("parameters", {})}
        each = {k: np.broadcast_to(np.asarray(v, float), source.shape) for k, v in values.items()}
        model = c.get("model", "static_synapse")
        if "weights" in c:
            watched = nest.Create("weight_recorder", params={"time_in_steps": True})
            nest.CopyModel(model, c["weights"], {"weight_recorder": watched})
            model, watching[c["weights"]] = c["weights"], (watched, nodes[c["source"]], nodes[c["target"]])
        synapse = {"synapse_model": model, **each}
        nest.Connect(source, target, conn_spec="one_to_one", syn_spec=synapse)
    for c in given.get("currents", []):
        device = nest.Create("dc_generator", params={k: c[k] for k in ("amplitude", "start", "stop")})
        nest.Connect(device, nodes[c["target"]], syn_spec={"delay": dt})
    # A multimeter hands over what it recorded one round of communication later, at most a delay.
    late = max([1, *(int(np.max(c["delay"]) / dt) + 1 for c in given["connections"])])
    nest.Simulate((steps + late) * dt)
    found = {name: _recorded(nodes[name], recorders[name], steps) for name in recorders}
    return found | {name: _worth(*one, steps) for name, one in watching.items()}


def _recorded(nodes: Any, recorders: tuple[Any, Any], steps: int) -> dict[str, Any]:
    recorder, meter = recorders
    first, size = nodes.tolist()[0], len(nodes)
    spikes = [(t, i - first) for t, i in zip(recorder.events["times"].tolist(), recorder.events["senders"].tolist())]
    spikes = sorted(s for s in spikes if s[0] <= steps)
    found: dict[str, Any] = {"step": [t for t, _ in spikes], "neuron": [i for _, i in spikes]}
    if meter is not None:
        import numpy as np

        events = meter.events
        inside = events["times"] <= steps
        at = events["times"][inside].astype(int) - 1, events["senders"][inside].astype(int) - first
        for key in meter.record_from:
            values = np.full((steps, size), np.nan)
            values[at] = events[key][inside]
            found[key] = values.tolist()
    return found


def _worth(recorder: Any, sources: Any, targets: Any, steps: int) -> dict[str, Any]:
    events = recorder.events
    inside = events["times"] <= steps
    found = {"step": events["times"], "weight": events["weights"]}
    found |= {"source": events["senders"] - sources.tolist()[0], "target": events["targets"] - targets.tolist()[0]}
    return {name: values[inside].tolist() for name, values in found.items()}


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # NEST writes its greetings to standard output
    import nest  # pyright: ignore[reportMissingImports]

    nest.verbosity = nest.VerbosityLevel.ERROR
    for line in sys.stdin:
        try:
            answer = simulate(nest, json.loads(line))
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
