"""Izhikevich's network of 2007 in NEST, for so many seconds of model time; prints the line that NEST's Brunel prints.

    NEST/bin/python benchmarks/nest_izhikevich.py 20 1

800 regular and 200 fast spiking neurons in steps of 1 ms, 100 synapses each, those of the former stdp_dopamine_synapse;
dopamine comes every 20 s. Traces pair all spikes, weights are jumps of v, and noise is normal, of the same variance.
Synapses hear of dopamine every 100 ms: every ms, as NEST has it if it is not told, takes 20 times longer. The second
argument is the number of threads.
"""

from __future__ import annotations

import math
import sys
import time


def main() -> None:
    import nest  # pyright: ignore[reportMissingImports]

    seconds = float(sys.argv[1])
    begun = time.time()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": 1.0, "local_num_threads": int(sys.argv[2]), "rng_seed": 1})
    tau = -1 / math.log(0.95)
    shared = {"b": 0.2, "c": -65.0, "V_th": 30.0, "consistent_integration": False, "tau_minus": tau}
    exc = nest.Create("izhikevich", 800, {"a": 0.02, "d": 8.0, **shared})
    inh = nest.Create("izhikevich", 200, {"a": 0.1, "d": 2.0, **shared})
    cells = exc + inh
    rewards = nest.Create("spike_generator", params={"spike_times": [1e3 + 2e4 * k for k in range(10_000)]})
    dopamine, transmitter = (
        nest.Create("parrot_neuron"),
        nest.Create("volume_transmitter", params={"deliver_interval": 100}),
    )
    nest.Connect(rewards, dopamine)
    nest.Connect(dopamine, transmitter)
    # dw/dt = c (n - b), and n rises by 1 / tau_n: ten times the trace, a hundredth of the dopamine and its baseline
    rule = {"A_plus": 1.0, "A_minus": 1.5, "tau_plus": tau, "tau_c": -10 / math.log(0.99), "tau_n": 200.0}
    rule |= {"b": -2e-5, "Wmin": 0.0, "Wmax": 4.0, "volume_transmitter": transmitter}
    nest.CopyModel("stdp_dopamine_synapse", "learned", rule)
    each = {"rule": "fixed_outdegree", "outdegree": 100}
    nest.Connect(exc, cells, each, {"synapse_model": "learned", "weight": 1.0, "delay": 1.0})
    nest.Connect(inh, exc, each, {"weight": -1.0, "delay": 1.0})
    noise = nest.Create("noise_generator", params={"std": 13 / math.sqrt(12), "dt": 1.0})
    nest.Connect(noise, cells)
    seen = nest.Create("spike_recorder")
    nest.Connect(cells, seen)
    nest.Simulate(1000.0)
    build, before, begun = time.time() - begun, seen.n_events, time.time()
    nest.Simulate(seconds * 1e3)
    spent, spikes = time.time() - begun, seen.n_events - before
    rate = spikes / 1000 / seconds
    print(f"NEST: build {build:.2f} s, {spent:.3f} s for {seconds * 1e3:.0f} ms, 1000 neurons, rate {rate:.2f} Hz")


if __name__ == "__main__":
    main()
