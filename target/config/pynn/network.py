"""A network on SpiNNaker 1, written by spikec. UNPROVEN: neither sPyNNaker nor its machine has run this script.

    python network.py STEPS [INPUT.npz]

runs so many steps of 1 ms and prints the spikes of every neuron of the last core. INPUT.npz may hold, for each core, an array
"coreN" of offsets of one picture that are added to those of network.npz, or of a host's core "coreN" an array (events, 2) of
neuron and step of spikes. Numbers are integers in units of 2^-15, the lowest bit of s16.15.

The tool chain chooses by how much the ring buffers are shifted, from a statistical bound of the summed weights. All sums here are below
1.0, so that it should be 0 and weights keep every bit; look for what it reports.
"""
import sys

import numpy as np
import pyNN.spiNNaker as sim

UNIT = 2.0 ** -15
net = np.load("network.npz")
steps = int(sys.argv[1])
given = np.load(sys.argv[2]) if len(sys.argv) > 2 else {}

sim.setup(timestep=1.0)
cores = sorted(int(name[4:].split("_")[0]) for name in net.files if name.endswith("_v_thresh"))
populations = {}
for c in cores:
    offset = net[f"core{c}_i_offset"].astype(float)
    if f"core{c}" in given:
        offset = offset + given[f"core{c}"]
    neuron = sim.extra_models.IFTruncDelta(
        cm=1.0, tau_m=1.0, v_rest=0.0, v_reset=0.0, tau_refrac=0.0,
        v_thresh=net[f"core{c}_v_thresh"] * UNIT, i_offset=offset * UNIT)
    populations[c] = sim.Population(len(offset), neuron, label=f"core{c}",
                                    initial_values={"v": net[f"core{c}_v_init"] * UNIT})
for sender, first, count, receiver, axon in net["routes"]:
    if sender not in populations:  # the host
        events = given[f"core{sender}"]
        size = max(int(events[:, 0].max()) + 1, first + count)
        times = [sorted(events[events[:, 0] == n, 1].tolist()) for n in range(size)]
        populations[sender] = sim.Population(size, sim.SpikeSourceArray(times), label=f"host{sender}")
    synapses = net[f"core{receiver}_synapses"]
    some = synapses[(synapses[:, 0] >= axon) & (synapses[:, 0] < axon + count)]
    for sign, receptor in ((1, "excitatory"), (-1, "inhibitory")):
        part = some[some[:, 2] * sign > 0]
        if len(part):
            rows = [(a - axon + first, n, abs(w) * UNIT, 1.0) for a, n, w in part.tolist()]
            sim.Projection(populations[sender], populations[receiver], sim.FromListConnector(rows), receptor_type=receptor)
populations[cores[-1]].record("spikes")
sim.run(steps)
for train in populations[cores[-1]].get_data("spikes").segments[0].spiketrains:
    print(len(train))
sim.end()
