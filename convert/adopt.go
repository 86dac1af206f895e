package convert

import (
	"context"
	"fmt"
	"slices"

	"spikec/internal/diag"
	"spikec/models/snn"
)

// Diagnostics of networks that are adopted. The numbers are stable.
const (
	idNoBias     = "SPK-ADOPT-001" // a bias where the target's neurons take none
	idOtherFire  = "SPK-ADOPT-002" // a target whose neurons fire in another way
	idPadded     = "SPK-ADOPT-003" // padding of an input that is shifted, where no border stands for it
	idOddSplit   = "SPK-ADOPT-004" // signed data in other channels than the network's
	idOutputKind = "SPK-ADOPT-005" // a read-out that the output does not have
	idFires      = "SPK-ADOPT-006" // an output that was given neurons
)

// Adopt makes a spiking network that another tool made, with thresholds of 1, one that a target can be given: pictures
// reach it as codes, coded as opt says, and T, reset, start and read-out are those of opt. What it computes in every step stays,
// with x the network's own input of a picture (pre):
//
//	constant      v += W·x: W is multiplied by the scale of codes, and what they are shifted by is a bias
//	regular       neurons that fire at rate code/255 stand between, a spike being worth x of code 255
//	played codes  sources stand between, whose spike is worth as much by their peak rate
//
// A network whose first neurons already make such trains of codes, one neuron a code, gets no others. Where the output has
// no neurons and opt counts spikes, it gets them: its largest membrane on the images, over T, becomes the threshold. Signed
// data have two codes for each value (pre.Pairs), which meet W and −W. Relays go into connections past other layers where
// the target needs them. net is not changed. The error is a *diag.Failure that names everything that the target cannot keep;
// of the images, at most adoptImages are presented, which also gives the second moments by which weights are rounded.
func Adopt(ctx context.Context, net *snn.Network, pre Preprocess, images Images, capabilities Capabilities, opt Options) (*snn.Network, diag.List, error) {
	n := *net
	n.Populations, n.Projections = slices.Clone(net.Populations), slices.Clone(net.Projections)
	n.Steps, n.Reset, n.Initial, n.Readout = opt.Steps, opt.Reset, opt.Initial, opt.Readout
	a := adopter{net: &n, pre: pre, opt: opt}
	a.border()
	a.input()
	a.code()
	a.keeps(capabilities)
	if err := a.found.Err(); err != nil {
		return nil, nil, err
	}
	a.connections()
	least, most, err := a.measure(ctx, images)
	if err != nil {
		return nil, nil, err
	}
	a.reach(net, least, most)
	if err := a.found.Err(); err != nil {
		return nil, nil, err
	}
	if capabilities.Staggered {
		r := relayer{from: a.net, depth: a.net.Depth()}
		a.net = r.network()
		a.found = append(a.found, r.about()...)
	}
	return a.net, a.found, nil
}

// adopter adopts one network.
type adopter struct {
	net   *snn.Network
	pre   Preprocess
	opt   Options
	found diag.List
}

// refuse reports what cannot be kept.
func (a *adopter) refuse(id string, p *snn.Population, remedy, format string, args ...any) {
	a.found.Add(diag.Diagnostic{ID: id, Severity: diag.Error, Subject: p.Name, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}

// border lets what reads the network's input read pictures with a border, where pre has one that the network does not know of.
func (a *adopter) border() {
	b := a.pre.Border
	if b == nil || a.net.Border != nil {
		return
	}
	a.net.Border = b
	a.net.Populations[0].Shape = b.Around(a.net.Populations[0].Shape)
	for i := range a.net.Projections {
		if q := &a.net.Projections[i]; q.Source == 0 {
			q.Window.PadBegin, q.Window.PadEnd = [2]int{}, [2]int{}
		}
	}
}

// input lets what reads the network's input read codes.
func (a *adopter) input() {
	in := &a.net.Populations[0]
	size, plane := in.Size(), in.Shape[1]*in.Shape[2]
	scale, offset := make([]float64, in.Shape[0]), make([]float64, in.Shape[0])
	for c := range scale {
		scale[c], offset[c] = a.pre.At(c*plane, size)
	}
	for i := range a.net.Projections {
		q := &a.net.Projections[i]
		if q.Source != 0 {
			continue
		}
		p := &a.net.Populations[q.Target]
		a.shift(q, p, offset)
		w := weighted{weight: slices.Clone(q.Weight), in: in.Shape[0], out: p.Shape[0], groups: q.Groups, window: q.Window}
		fan := w.fanIn()
		each := in.Shape[0] / q.Groups // channels
		for k := range w.weight {
			w.weight[k] = float32(float64(w.weight[k]) * scale[k/fan/(w.out/w.groups)*each+k%fan/(fan/each)])
		}
		if a.pre.Pairs > 0 {
			if in.Shape[0]%a.pre.Pairs != 0 || q.Groups > 1 && in.Shape[0] != a.pre.Pairs {
				a.refuse(idOddSplit, p, "store the data in the channels that the network takes", "reads %d channels in %d groups of signed data of %d channels", in.Shape[0], q.Groups, a.pre.Pairs)
				continue
			}
			w = splitWeights(w, a.pre.Pairs)
		}
		q.Weight = w.weight
	}
	if a.pre.Pairs > 0 {
		in.Shape[0] *= 2
	}
}

// shift adds to the biases of p what q brings of the offsets of its input's channels.
func (a *adopter) shift(q *snn.Projection, p *snn.Population, offset []float64) {
	if !slices.ContainsFunc(offset, func(x float64) bool { return x != 0 }) {
		return
	}
	if q.Window.Padded() || q.Pool != nil && q.Pool.Padded() {
		a.refuse(idPadded, p, "no --mean, and its part in the biases of the network", "pads an input that is shifted by --mean: the network pads it with zeros, a chip pads pixels")
		return
	}
	windows := 1.0
	if q.Pool != nil {
		windows = float64(q.Pool.Kernel[0] * q.Pool.Kernel[1])
	}
	bias := make([]float64, p.Shape[0])
	copy(bias, p.Bias)
	fan := len(q.Weight) / p.Shape[0]
	each := len(offset) / q.Groups
	for k, w := range q.Weight {
		bias[k/fan] += float64(w) * windows * offset[k/fan/(p.Shape[0]/q.Groups)*each+k%fan/(fan/each)]
	}
	p.Bias = bias
}

// code puts between the codes and the network what makes spikes of them.
func (a *adopter) code() {
	shape, name := a.net.Populations[0].Shape, a.net.Populations[0].Name
	for slices.ContainsFunc(a.net.Populations, func(p snn.Population) bool { return p.Name == spikesOf(name) }) {
		name = spikesOf(name) // of neurons that the network has for codes itself
	}
	var p snn.Population
	var drive []snn.Projection
	worth := fullInput // codes a spike
	switch {
	case a.opt.Coding != nil:
		worth /= a.opt.Coding.Peak()
		p = sourceOf(name, shape, *a.opt.Coding)
	case a.opt.Encoding == "regular" && !a.trains():
		var q snn.Projection
		p, q = regularOf(name, shape)
		drive = []snn.Projection{q}
	default:
		return
	}
	for i := range a.net.Projections {
		q := &a.net.Projections[i]
		if q.Source == 0 {
			w := slices.Clone(q.Weight)
			for k := range w {
				w[k] = float32(float64(w[k]) * worth)
			}
			q.Weight = w
		}
		q.Source, q.Target = q.Source+1, q.Target+1
	}
	a.net.Populations = slices.Insert(a.net.Populations, 1, p)
	a.net.Projections = slices.Insert(a.net.Projections, 0, drive...)
}

// connections marks skip connections, whose weights are one a channel and rounded by themselves.
func (a *adopter) connections() {
	for i := range a.net.Projections {
		q := &a.net.Projections[i]
		out := a.net.Populations[q.Target].Shape[0]
		q.Identity = q.Window == oneTap() && q.Groups == out && len(q.Weight) == out
	}
}

// trains reports whether all that reads the codes is one population that makes trains of them, one neuron a code.
func (a *adopter) trains() bool {
	first := a.net.Populations[1]
	return first.Neuron == snn.IF && first.Bias == nil && len(a.net.Incoming(1)) == 1 && a.net.Projections[0].Source == 0 && a.net.Projections[0].Groups == first.Shape[0] &&
		first.Shape == a.net.Populations[0].Shape && a.net.Projections[0].Pool == nil && a.net.Projections[0].Window == oneTap() &&
		!slices.ContainsFunc(a.net.Projections[1:], func(q snn.Projection) bool { return q.Source == 0 })
}

// keeps refuses what the target does not have.
func (a *adopter) keeps(c Capabilities) {
	if c.Firing != snn.Plain {
		a.refuse(idOtherFire, &a.net.Populations[a.net.Output()], "choose a target whose neurons fire when they reach the threshold: spikec targets", "the network's neurons fire when they reach the threshold, those of the target fire %s", c.Firing)
	}
	for i := range a.net.Populations {
		p := &a.net.Populations[i]
		if !c.Bias && slices.ContainsFunc(p.Bias, func(b float64) bool { return b != 0 }) {
			a.refuse(idNoBias, p, "train without biases, or choose a target whose neurons have them: spikec targets", "has biases, and neurons of the target add no constant in a step")
		}
	}
	out := &a.net.Populations[a.net.Output()]
	if out.Neuron != snn.Integrator && a.opt.Readout.Kind == snn.Membrane {
		a.refuse(idOutputKind, out, "--readout count, or end the network in a classifier without neurons", "its neurons fire: what is left on their membranes is no score")
	}
}
