"""Compares the speed of spikec simulate with that of Brian 2 on the same networks, in the same run.

    python3 -m venv venv && venv/bin/pip install -r requirements-brian2.txt
    go test -c -o network.test ../../models/network
    venv/bin/python brian2_networks.py --spikec ./network.test [--repeat 7]

Networks: 1,000 pulse-coupled neurons of Izhikevich, all to all, in steps of 1 ms (BenchmarkIzhikevich), and 100,000 leaky neurons with
about 10,000,000 random synapses, in steps of 0.1 ms (BenchmarkLeaky). Brian 2 runs them with its default code generation, and the
same statements, connection probabilities and noise. A first run of ten steps compiles everything, and is not counted, nor is what
makes the network. Before the first step of a run Brian 2 prepares it; its steps alone are those of a run that is long enough for that
not to matter. Both programs use one thread of one processor and take turns; the table has the median of all turns, with the least and the most.
Processor time counts, so that other work on the machine weighs less. The table is Markdown on standard output. Where a package is
missing, the reason is printed and nothing done.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
try:
    import brian2
    from brian2 import Hz, Network, NeuronGroup, SpikeMonitor, Synapses, defaultclock, ms, second  # noqa: F401
    from brian2.devices.device import auto_target
except ImportError as reason:
    sys.exit(f"nothing is compared: {reason}")


def izhikevich():
    """The network of the 2003 paper, in the slots of a step that spikec's description has."""
    defaultclock.dt = 1 * ms
    g = NeuronGroup(1000, """V : 1
        U : 1
        I : 1
        S : 1
        a : 1
        b : 1
        c : 1
        d : 1
        noise : 1""", threshold="V >= 30", reset="V = c; U += d", method="euler")
    g.run_regularly("""I = noise*randn() + S
        S = 0
        V += 0.5*(0.04*V*V + 5*V + 140 - U + I)
        V += 0.5*(0.04*V*V + 5*V + 140 - U + I)
        U += a*(b*V - U)""", dt=1 * ms)
    r = brian2.random(1000)
    exc = brian2.arange(1000) < 800
    g.a = brian2.where(exc, 0.02, 0.02 + 0.08 * r)
    g.b = brian2.where(exc, 0.2, 0.25 - 0.05 * r)
    g.c = brian2.where(exc, -65 + 15 * r**2, -65)
    g.d = brian2.where(exc, 8 - 6 * r**2, 2)
    g.noise = brian2.where(exc, 5, 2)
    g.V = -65
    g.U = "b*V"
    s = Synapses(g, g, "w : 1", on_pre="S_post += w")
    s.connect()
    s.w = "(0.5*int(i < 800) - int(i >= 800))*rand()"
    m = SpikeMonitor(g, record=False)
    return Network(g, s, m), m, 1 * second


def leaky():
    """Leaky neurons with random synapses."""
    defaultclock.dt = 0.1 * ms
    g = NeuronGroup(100_000, "dv/dt = (1.02 - v)/(20*ms) : 1 (unless refractory)", threshold="v > 1", reset="v = 0", refractory=5 * ms, method="exact")
    g.v = "rand()"
    s = Synapses(g, g, "w : 1", on_pre="v_post += w", delay=1.5 * ms)
    s.connect(p=0.001)
    s.w = "0.002*rand() - 0.001"
    m = SpikeMonitor(g, record=False)
    return Network(g, s, m), m, 100 * ms


def brian_seconds(net, duration):
    """Processor seconds of a run."""
    begin = time.process_time()
    net.run(duration)
    return time.process_time() - begin


def spikec_seconds(program, bench, runs):
    """Processor seconds of a run, the mean of some that follow each other; what is made before does not count."""
    out = subprocess.run([program, "-test.run", "xxx", "-test.bench", f"^{bench}$", "-test.benchtime", f"{runs}x", "-test.cpu", "1"], check=True, capture_output=True,
                         text=True).stdout
    found = re.search(rf"^{bench}(?:-\d+)?\s+{runs}\s.*\s([0-9.e-]+) cpu-s/op", out, re.M)
    if not found:
        sys.exit(f"{program} has no {bench}: {out}")
    return float(found[1])


def span(values, digits):
    """The median, with the least and the most."""
    return f"{statistics.median(values):.{digits}g} ({min(values):.{digits}g} to {max(values):.{digits}g})"


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--spikec", required=True, help="the compiled tests of models/network")
    p.add_argument("--repeat", type=int, default=7, help="turns of each program")
    a = p.parse_args()
    if hasattr(os, "sched_setaffinity"):  # both stay on one processor, as caches are part of the speed
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    brian2.seed(42)
    short, long = 5, 20
    print(f"Brian {brian2.__version__} (code generation {auto_target().class_name}, Python {platform.python_version()}, NumPy {brian2.numpy.__version__}), {a.repeat} turns.\n")
    print("| network | a run is | Brian 2, a run (CPU s) | Brian 2, its steps alone | spikec, a run (CPU s) | spikec is faster by | by, steps alone | spikec, times real time |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, build, bench in [("1,000 Izhikevich, 10^6 synapses", izhikevich, "BenchmarkIzhikevich"), ("100,000 leaky, 10^7 synapses", leaky, "BenchmarkLeaky")]:
        net, monitor, duration = build()
        net.run(10 * defaultclock.dt)
        before, runs, steps, ours = monitor.num_spikes, [], [], []
        for _ in range(a.repeat):
            runs.append(statistics.mean(brian_seconds(net, duration) for _ in range(short)))
            steps.append(brian_seconds(net, long * duration) / long)
            ours.append(spikec_seconds(a.spikec, bench, long))
        model = float(duration)
        rate = (monitor.num_spikes - before) / len(monitor.source) / (a.repeat * (short + long) * model)
        faster = [span([t / o for t, o in zip(theirs, ours)], 3) for theirs in (runs, steps)]
        print(f"| {name}, {rate:.1f} Hz | {model:g} s | {span(runs, 3)} | {span(steps, 3)} | {span(ours, 3)} | {faster[0]} | {faster[1]} | {span([model / o for o in ours], 3)} |",
              flush=True)


if __name__ == "__main__":
    main()
