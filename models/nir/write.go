package nir

import (
	"fmt"
	"slices"
	"strconv"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/models/snn"
)

// Write returns a file of a network for the readers of a dialect. Nodes are numbered in the order of the chain. A population
// becomes a node of neurons, each projection into it a pool, where it has one, and a Conv2d, or an Affine where its target is
// a vector; grouped kernels are written out with zeros, and unequal paddings as zero taps, since readers know neither. Where a
// host plays spikes, the node of the input takes those. The list says what the dialect's reader does otherwise; the error is a
// *diag.Failure that names everything that NIR has no words for.
func Write(net *snn.Network, d Dialect) ([]byte, diag.List, error) {
	w := &writer{net: net, dialect: d, nodes: map[string]hdf5.Node{}, at: make([]string, len(net.Populations))}
	w.check()
	for i := range net.Populations {
		w.population(i)
	}
	w.node("output", kindOutput, params{"shape": shapeOf(&net.Populations[net.Output()])})
	w.edge(w.at[net.Output()], "output")
	if err := w.found.Err(); err != nil {
		return nil, w.found, err
	}
	top := &hdf5.Group{Links: map[string]hdf5.Node{
		"type": hdf5.Scalar("NIRGraph"), "nodes": &hdf5.Group{Links: w.nodes}, "edges": hdf5.Array(w.edges, len(w.edges)/2, 2), "metadata": w.metadata(),
	}}
	data, err := hdf5.Write(&hdf5.Group{Links: map[string]hdf5.Node{"version": hdf5.Scalar("1.0.8"), "node": top}})
	return data, w.found, err
}

// params are the datasets of a node.
type params = map[string]hdf5.Node

// writer writes one network.
type writer struct {
	net     *snn.Network
	dialect Dialect
	nodes   map[string]hdf5.Node
	edges   []string // source, destination, source, …
	next    int      // number of the next node
	at      []string // by population: the node that its spikes come from
	found   diag.List
}

// refuse reports something that NIR has no words for.
func (w *writer) refuse(subject, remedy, format string, args ...any) {
	w.found.Add(diag.Diagnostic{ID: idUnspoken, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}

// check reports what concerns the whole network.
func (w *writer) check() {
	if w.net.Firing != snn.Plain {
		w.refuse(w.net.Name, "build for a target whose neurons fire when they reach the threshold", "its neurons fire %s, and NIR has none that do", w.net.Firing)
	}
	warn := func(format string, args ...any) {
		w.found.Add(diag.Diagnostic{ID: idReader, Severity: diag.Warning, Subject: w.dialect.Name, Message: fmt.Sprintf(format, args...)})
	}
	if r := w.dialect.Rules.Reset; r != w.net.Reset {
		warn("%s resets by %s, the network was converted for reset by %s: expect another accuracy there", w.dialect.Reader, r, w.net.Reset)
	}
	if w.net.Initial != 0 {
		warn("membranes start at 0 there, the network was converted for a start at %g of the threshold", w.net.Initial)
	}
}

// metadata returns what NIR has no words for.
func (w *writer) metadata() *hdf5.Group {
	input := InputCodes
	if w.net.Populations[min(1, w.net.Output())].Neuron == snn.Source {
		input = InputSpikes
	}
	meta := params{
		metaSchema: hdf5.Scalar(schema), metaName: hdf5.Scalar(w.net.Name), metaSteps: hdf5.Scalar(int64(w.net.Steps)), metaReset: hdf5.Scalar(string(w.net.Reset)),
		metaInitial: hdf5.Scalar(w.net.Initial), metaReadout: hdf5.Scalar(w.net.Readout.Kind), metaDelay: hdf5.Scalar(int64(w.net.Readout.Delay)), metaInput: hdf5.Scalar(input),
	}
	if b := w.net.Border; b != nil {
		meta[metaBorder] = hdf5.Array([]int64{int64(b.Begin[0]), int64(b.Begin[1]), int64(b.End[0]), int64(b.End[1])})
		meta[metaCodes] = hdf5.Array(b.Codes)
	}
	return &hdf5.Group{Links: meta}
}

// node adds a node.
func (w *writer) node(name, kind string, p params) {
	p["type"] = hdf5.Scalar(kind)
	w.nodes[name] = &hdf5.Group{Links: p}
}

// chain adds a node with the next number behind another, and returns its name.
func (w *writer) chain(from, kind string, p params) string {
	name := strconv.Itoa(w.next)
	w.next++
	w.node(name, kind, p)
	w.edge(from, name)
	return name
}

func (w *writer) edge(from, to string) { w.edges = append(w.edges, from, to) }

// shapeOf returns the shape of a population's tensor: C,H,W, or N for a vector.
func shapeOf(p *snn.Population) *hdf5.Dataset {
	var dims []int64
	for _, d := range tensor(p.Shape) {
		dims = append(dims, int64(d))
	}
	return hdf5.Array(dims)
}

// tensor returns C,H,W, or N for a vector.
func tensor(shape [3]int) []int {
	if isVector(shape) {
		return []int{shape[0]}
	}
	return shape[:]
}

func isVector(shape [3]int) bool { return shape[1] == 1 && shape[2] == 1 }

// population writes a population and the projections into it.
func (w *writer) population(i int) {
	p := &w.net.Populations[i]
	in := w.net.Incoming(i)
	switch p.Neuron {
	case snn.Input, snn.Source:
		// Spikes that a host plays take the place of the codes.
		w.node("input", kindInput, params{"shape": shapeOf(p)})
		w.at[i] = "input"
		return
	}
	var ends []string
	for k, j := range in {
		if q := &w.net.Projections[j]; q.Source == 0 && w.net.Populations[1].Neuron == snn.Source {
			w.refuse(p.Name, "", "takes codes beside the spikes that are played of them")
		}
		var bias []float64
		if k == 0 {
			bias = p.Bias
		}
		if end, ok := w.projection(j, bias); ok {
			ends = append(ends, end)
		}
	}
	if p.Neuron == snn.Integrator && !w.dialect.Integrator {
		// The reader sums the currents up; where there are several, all lead to what comes next.
		for _, end := range ends[:max(0, len(ends)-1)] {
			w.edge(end, "output")
		}
		if len(ends) > 0 {
			w.at[i] = ends[len(ends)-1]
		}
		return
	}
	name := strconv.Itoa(w.next)
	w.next++
	for _, end := range ends {
		w.edge(end, name)
	}
	w.at[i] = name
	w.neurons(name, p)
}

// neurons writes a node of neurons. The threshold is 1.
func (w *writer) neurons(name string, p *snn.Population) {
	all := func(x float64) *hdf5.Dataset {
		return hdf5.Array(slices.Repeat([]float32{float32(x)}, p.Size()), tensor(p.Shape)...)
	}
	meta := params{metaName: hdf5.Scalar(p.Name)}
	if p.Scale != nil {
		meta[metaScale] = hdf5.Array(p.Scale)
	}
	d := params{"r": all(w.dialect.R), "metadata": &hdf5.Group{Links: meta}}
	kind := w.dialect.Neuron
	switch {
	case p.Neuron == snn.Integrator:
		kind, d["r"] = kindI, all(1)
		meta[metaRange] = hdf5.Scalar(p.Range)
	case kind == kindLIF:
		d["tau"], d["v_leak"], d["v_threshold"] = all(forever), all(0), all(1)
	default:
		d["v_threshold"] = all(1)
	}
	w.node(name, kind, d)
}

// projection writes projection j, with biases of its target, and returns the last of its nodes.
func (w *writer) projection(j int, bias []float64) (string, bool) {
	p := &w.net.Projections[j]
	source, target := &w.net.Populations[p.Source], &w.net.Populations[p.Target]
	at, shape, gain := w.at[p.Source], source.Shape, float32(1)
	if (p.Pool != nil || !isVector(target.Shape)) && isVector(shape) {
		w.refuse(target.Name, "", "is a map %v computed of a vector, and NIR has no node for that", target.Shape)
		return "", false
	}
	if p.Pool != nil {
		out, err := p.Pool.Output([2]int{shape[1], shape[2]})
		if err != nil || p.Pool.PadBegin != p.Pool.PadEnd || p.Pool.Dilation != [2]int{1, 1} {
			w.refuse(target.Name, "let the tool pool with neurons of their own (--pool-neurons)", "pools with padding %v, %v and dilation %v, and NIR has equal paddings alone", p.Pool.PadBegin, p.Pool.PadEnd, p.Pool.Dilation)
			return "", false
		}
		kind := kindSumPool
		if w.dialect.Average {
			kind, gain = kindAvgPool, float32(p.Pool.Kernel[0]*p.Pool.Kernel[1])
		}
		at = w.chain(at, kind, params{"kernel_size": pair(p.Pool.Kernel), "stride": pair(p.Pool.Stride), "padding": pair(p.Pool.PadBegin)})
		shape = [3]int{shape[0], out[0], out[1]}
	}
	offsets := make([]float32, target.Shape[0])
	for c, b := range bias {
		offsets[c] = float32(b)
	}
	if isVector(target.Shape) {
		if p.Pool != nil || !isVector(shape) {
			at = w.chain(at, kindFlatten, params{"start_dim": hdf5.Scalar(int64(0)), "end_dim": hdf5.Scalar(int64(-1)),
				"input_type": hdf5.Array([]int64{int64(shape[0]), int64(shape[1]), int64(shape[2])})})
		}
		matrix := dense(p, shape, target.Shape[0], gain)
		return w.chain(at, kindAffine, params{"weight": hdf5.Array(matrix, target.Shape[0], len(matrix)/target.Shape[0]), "bias": hdf5.Array(offsets)}), true
	}
	weight, win, ok := ungrouped(p, shape[0], target.Shape[0], gain)
	if !ok {
		w.refuse(target.Name, "", "pads by %v and %v with dilation %v, and NIR has equal paddings alone", p.Window.PadBegin, p.Window.PadEnd, p.Window.Dilation)
		return "", false
	}
	return w.chain(at, kindConv2d, params{
		"input_shape": pair([2]int{shape[1], shape[2]}), "weight": hdf5.Array(weight, target.Shape[0], shape[0], win.Kernel[0], win.Kernel[1]),
		"stride": pair(win.Stride), "padding": pair(win.PadBegin), "dilation": pair(win.Dilation), "groups": hdf5.Scalar(int64(1)), "bias": hdf5.Array(offsets),
	}), true
}

func pair(x [2]int) *hdf5.Dataset { return hdf5.Array([]int64{int64(x[0]), int64(x[1])}) }

// dense returns the weights (outputs, C·H·W) of a projection to a vector over a map of the given shape, times gain.
func dense(p *snn.Projection, shape [3]int, outputs int, gain float32) []float32 {
	fan := shape[0] * shape[1] * shape[2]
	m := make([]float32, outputs*fan)
	each(p, shape[0], outputs, func(o, c, u, v int, weight float32) {
		y, x := p.Window.Source(0, 0, u), p.Window.Source(1, 0, v)
		if y >= 0 && y < shape[1] && x >= 0 && x < shape[2] {
			m[o*fan+(c*shape[1]+y)*shape[2]+x] = weight * gain
		}
	})
	return m
}

// each calls yield for every weight of a projection between so many channels.
func each(p *snn.Projection, inputs, outputs int, yield func(o, c, u, v int, weight float32)) {
	cg, og, kh, kw := inputs/p.Groups, outputs/p.Groups, p.Window.Kernel[0], p.Window.Kernel[1]
	for o := range outputs {
		for c := range cg {
			for u := range kh {
				for v := range kw {
					yield(o, o/og*cg+c, u, v, p.Weight[((o*cg+c)*kh+u)*kw+v])
				}
			}
		}
	}
}

// ungrouped returns the weights (O, C, kH, kW) of a projection without groups, times gain, and its window with equal paddings:
// where one is smaller, as many zero taps lie on its side as make good the difference. ok is false where the difference is
// no number of dilated taps.
func ungrouped(p *snn.Projection, inputs, outputs int, gain float32) (weights []float32, win window.Window2d, ok bool) {
	win = p.Window
	var shift [2]int
	for d := range 2 {
		more := win.PadEnd[d] - win.PadBegin[d]
		if more%win.Dilation[d] != 0 {
			return nil, win, false
		}
		taps := more / win.Dilation[d]
		win.Kernel[d] += max(taps, -taps)
		shift[d] = max(taps, 0)
		win.PadBegin[d] = max(win.PadBegin[d], win.PadEnd[d])
		win.PadEnd[d] = win.PadBegin[d]
	}
	weights = make([]float32, outputs*inputs*win.Kernel[0]*win.Kernel[1])
	each(p, inputs, outputs, func(o, c, u, v int, weight float32) {
		weights[((o*inputs+c)*win.Kernel[0]+u+shift[0])*win.Kernel[1]+v+shift[1]] = weight * gain
	})
	return weights, win, true
}
