"""Brunel's network in Brian2's C++ standalone mode, as NEST's script has it; prints the line that NEST's script prints.

python -m venv brian2peer && brian2peer/bin/pip install brian2==2.9.0 "numpy<2.4"
brian2peer/bin/python benchmarks/brian2_brunel.py 2500
"""

from __future__ import annotations

import sys
import tempfile
import time


def main() -> None:
    import brian2 as b  # pyright: ignore[reportMissingImports]

    order = int(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="brian2-")
    b.set_device("cpp_standalone", directory=folder, build_on_run=False)
    b.prefs.devices.cpp_standalone.openmp_threads = 2
    b.defaultclock.dt = 0.1 * b.ms
    begun = time.time()
    n_e, n_i, c_e, c_i = 4 * order, order, 4 * order // 10, order // 10
    j = 0.1 * b.mV
    rate = 2.0 * 20 * b.mV / (j * 20 * b.ms)
    cells = b.NeuronGroup(
        n_e + n_i,
        "dv/dt = -v / (20*ms) : volt (unless refractory)",
        threshold="v >= 20*mV",
        reset="v = 0*mV",
        refractory=2 * b.ms,
        method="exact",
    )
    exc, inh = cells[:n_e], cells[n_e:]
    to_e = b.Synapses(exc, cells, on_pre="v += 0.1*mV", delay=1.5 * b.ms)
    to_e.connect(p=c_e / n_e)
    to_i = b.Synapses(inh, cells, on_pre="v -= 0.5*mV", delay=1.5 * b.ms)
    to_i.connect(p=c_i / n_i)
    noise = b.PoissonInput(cells, "v", N=1000, rate=rate / 1000, weight=j)
    counts = b.SpikeMonitor(cells, record=False)
    net = b.Network(cells, to_e, to_i, noise, counts)
    net.run(100 * b.ms)
    net.run(1000 * b.ms)
    b.device.build(directory=folder, compile=True, run=False, debug=False)
    b.device.run(directory=folder, with_output=False, run_args=[])
    total = time.time() - begun
    seconds = b.device._last_run_time * 1000 / 1100
    spikes = float(sum(counts.count))
    print(
        f"Brian2 order {order}: build {total - b.device._last_run_time:.2f} s, {seconds:.2f} s for 1000 ms "
        f"(of 1100 ms, building of synapses included), rate {spikes / (n_e + n_i) / 1.1:.1f} Hz"
    )


if __name__ == "__main__":
    main()
