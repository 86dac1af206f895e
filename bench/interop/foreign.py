"""Writes files of NIR with the exporters of other programs, with the weights of networks that spikec converted.

    foreign.py sinabs   NETWORK.nir IMAGES.npz OUT.nir OUT.json   convolutions and sum pooling, currents at the end
    foreign.py snntorch NETWORK.nir IMAGES.npz OUT.nir OUT.json   fully connected layers, neurons at the end

NETWORK.nir is the network.nir of a folder that spikec convert wrote; IMAGES.npz holds pixels 0..255 as x (N,C,H,W). The networks
take pixel/255 in every step, as most do that were trained with PyTorch. OUT.json is what the program itself decides of
each image, and how many spikes each layer sends.
"""

import json
import sys

import nir
import numpy as np
import torch

STEPS = 32


def chain(path):
    """Yields the nodes of a file between input and output, from the first to the last."""
    graph = nir.read(path)
    after = dict(graph.edges)
    name = after["input"]
    while name != "output":
        yield graph.nodes[name]
        name = after[name]


def parameter(array):
    return torch.nn.Parameter(torch.tensor(np.asarray(array, dtype=np.float32)))


def layers(path, neuron, pool, first):
    """Yields modules like the nodes of a file; weights that read the input are multiplied by 255."""
    scale = 255
    for node in chain(path):
        match type(node).__name__:
            case "Conv2d":
                o, i, h, w = node.weight.shape
                m = torch.nn.Conv2d(i, o, (h, w), stride=tuple(node.stride), padding=tuple(node.padding), bias=False)
                m.weight, scale = parameter(node.weight * scale), 1
            case "Affine":
                o, i = node.weight.shape
                m = torch.nn.Linear(i, o, bias=False)
                m.weight, scale = parameter(node.weight * scale), 1
            case "SumPool2d":
                m = pool(tuple(int(k) for k in node.kernel_size))
            case "Flatten":
                if first:  # which takes vectors
                    continue
                m = torch.nn.Flatten()
            case "IF":
                m = neuron(node.v_threshold.size)
            case "I":
                continue
        first = False
        yield m


def sinabs_network(path, images):
    import sinabs.layers as sl
    import sinabs.nir

    module = torch.nn.Sequential(*layers(path, lambda _: sl.IAFSqueeze(batch_size=1, min_v_mem=None), sl.SumPool2d, False))
    spiking = [m for m in module if isinstance(m, sl.IAFSqueeze)]

    def run(x):
        for m in spiking:
            m.reset_states()
        spikes, x = [], x.repeat(STEPS, 1, 1, 1)
        for m in module:
            x = m(x)
            if m in spiking:
                spikes.append(int(x.sum()))
        return x.sum(0), spikes

    results = [run(x[None]) for x in images]
    return sinabs.nir.to_nir(module, images[:1]), results


def snntorch_network(path, images):
    import snntorch
    import snntorch.export_nir

    def leaky(n):  # parameters of each neuron: without, the exporter leaves the number of neurons out
        return snntorch.Leaky(beta=torch.ones(n), threshold=torch.ones(n), reset_mechanism="subtract", init_hidden=True)

    images = images.reshape(len(images), -1)
    module = torch.nn.Sequential(*layers(path, leaky, None, True))

    def run(x):
        for m in module:
            if isinstance(m, snntorch.Leaky):
                m.reset_mem()
        total, spikes = 0, {}
        for _ in range(STEPS):
            y = x
            for k, m in enumerate(module):
                y = m(y)
                if isinstance(m, snntorch.Leaky):
                    spikes[k] = spikes.get(k, 0) + int(y.sum())
            total = total + y
        return total[0], list(spikes.values())

    results = [run(x[None]) for x in images]
    for m in module:
        if isinstance(m, snntorch.Leaky):
            m.reset_mem()
    return snntorch.export_nir.export_to_nir(module, images[0]), results


def main(program, network, pictures, out, record):
    images = torch.tensor(np.load(pictures)["x"].astype(np.float32) / 255)
    with torch.no_grad():
        graph, results = {"sinabs": sinabs_network, "snntorch": snntorch_network}[program](network, images)
    graph.infer_types()  # sinabs leaves the size of convolutions' maps out, and nir cannot write what is not there
    nir.write(out, graph)
    with open(record, "w") as f:
        json.dump({"steps": STEPS, "decisions": [int(total.argmax()) for total, _ in results], "spikes": [spikes for _, spikes in results]}, f)
        f.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
