package quantize

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"spikec/emulator/encoder"
	"spikec/emulator/kernel"
	"spikec/models/snn"
)

// Order is what the order of the spikes of one step means to a chip.
type Order string

const (
	// BySum: a membrane takes the sum of a step at once.
	BySum Order = ""
	// ByWeight: a membrane is clamped after every weight, and tested once a step.
	ByWeight Order = "weight"
	// ByEvent: a membrane is clamped and tested after every weight, so that neurons may fire several times in a step, and the
	// order in which they do is that in which their spikes go on.
	ByEvent Order = "event"
)

// Loop runs an integer network on one picture after the other, see snn.Loop. It is not safe for concurrent use.
type Loop interface {
	// Run presents one picture, codes in H,W,C order, picture being its index in its set of pictures. It returns a result
	// that the next Run overwrites. observe may be nil; it is told the neurons that fired in the order in which they did, as
	// often as they did.
	Run(codes []int32, picture int, observe snn.Observer[int32]) (*snn.Result[int32], error)
}

// ordered is the loop of networks whose chip heeds the order of spikes. It takes all steps of a population, then those of the
// next. With v limited to VMin..VMax after every sum, a step of ByWeight is
//
//	for every projection, by sources, and every spike of its source in ascending order { for every neuron { v += weight << shift } }
//	for every neuron { v += (bias + drive) << shift; if v >= threshold << shift { fire; v -= threshold << shift, or v = 0 } }
//
// and one of ByEvent, which has neither bias nor drive,
//
//	for every source, every spike of it in the order in which it was sent, and every projection from there {
//		for every neuron { v += weight << shift; if v >= threshold << shift { fire; v -= threshold << shift, or v = 0 } }
//	}
//
// where "every neuron" is in ascending order (H,W,C), those that the spike does not reach included, unless Format.Reached:
// then they are those under the kernel. Of several paths from one neuron to another within one projection, through windows of
// a pool that overlap, the weight is the sum.
type ordered struct {
	net         *Network
	populations []orderedPopulation
	result      snn.Result[int32]
}

// orderedPopulation is one population at work.
type orderedPopulation struct {
	*Population
	player    *encoder.Player // of Source neurons, with room for their codes and spikes
	codes     []uint8
	words     []uint64
	drives    []orderedLink
	links     []orderedLink // in the order in which a step takes them
	drive     []int64
	v         []int32
	threshold []int64 // << shift, a neuron
	settled   bool    // no membrane is at its threshold but those that an event adds to
	fired     []int32 // neurons in the order in which they fired, step by step
	ends      []int   // of the steps, in fired
}

// orderedLink is a projection as lists of synapses.
type orderedLink struct {
	source int
	rows   *orderedRows
}

// orderedRows are the synapses of a projection, by source neuron: those of neuron s are entries starts[s]..starts[s+1]-1,
// targets ascending.
type orderedRows struct {
	starts []int
	target []int32
	weight []int32
}

// newOrderedRows lists the synapses of a projection, those with weight 0 under its kernel included.
func newOrderedRows(shape snn.Shape2d, weights []int32) (*orderedRows, error) {
	ones := make([]int32, len(weights))
	for i := range ones {
		ones[i] = 1
	}
	var sides [2]*snn.Scatter[int32] // of the weights, and of whether there are any
	for k, w := range [][]int32{weights, ones} {
		var err error
		if sides[k], err = snn.NewScatter(shape, w); err != nil {
			return nil, err
		}
	}
	r := &orderedRows{starts: []int{0}}
	hits := sides[0].NewGathered()
	var sums [2][]int32
	for k := range sums {
		sums[k] = make([]int32, shape.Out[0]*shape.Out[1]*shape.Out[2])
	}
	for s := range int32(shape.In[0] * shape.In[1] * shape.In[2]) {
		for k := range sums {
			clear(sums[k])
			sides[k].Add(sums[k], []int32{s}, nil, hits, kernel.AddScaled)
		}
		for n, there := range sums[1] {
			if there != 0 {
				r.target, r.weight = append(r.target, int32(n)), append(r.weight, sums[0][n])
			}
		}
		r.starts = append(r.starts, len(r.target))
	}
	return r, nil
}

// newOrdered returns a loop with state of its own.
func newOrdered(net *Network, rows []*orderedRows) *ordered {
	o := &ordered{net: net, populations: make([]orderedPopulation, len(net.Populations))}
	for i := range net.Populations {
		p := &o.populations[i]
		p.Population = &net.Populations[i]
		size := p.Size()
		switch {
		case p.Neuron == snn.Source:
			var err error
			if p.player, err = encoder.NewPlayer(*p.Coding); err != nil {
				panic("quantize: " + err.Error())
			}
			p.codes, p.words = make([]uint8, size), make([]uint64, snn.Words(size)*net.Steps)
		case p.Neuron != snn.Input:
			p.drive, p.threshold = make([]int64, size), make([]int64, size)
			for n := range p.threshold {
				p.threshold[n] = int64(p.Threshold[n%p.Shape[0]]) << net.Format.Shift
				if p.Neuron == snn.Integrator && net.Format.Accumulators {
					p.threshold[n] = math.MaxInt64
				}
			}
		}
		p.v, p.ends = make([]int32, size), make([]int, net.Steps)
		for j, q := range net.Projections {
			switch {
			case q.Target != i:
			case q.Source == 0:
				p.drives = append(p.drives, orderedLink{q.Source, rows[j]})
			default:
				p.links = append(p.links, orderedLink{q.Source, rows[j]})
			}
		}
		slices.SortStableFunc(p.links, func(a, b orderedLink) int { return a.source - b.source })
	}
	o.result = snn.Result[int32]{Steps: net.Readout.Checkpoints(net.Steps, net.Firing), Spikes: make([]int64, len(net.Populations))}
	for range o.result.Steps {
		out := net.Populations[net.Output()].Size()
		o.result.Counts, o.result.Potentials = append(o.result.Counts, make([]int32, out)), append(o.result.Potentials, make([]int32, out))
	}
	return o
}

// Run presents one picture.
func (o *ordered) Run(codes []int32, picture int, observe snn.Observer[int32]) (*snn.Result[int32], error) {
	if n := o.net.Populations[0].Size(); len(codes) != n {
		return nil, fmt.Errorf("quantize: picture has %d codes, the network takes %d", len(codes), n)
	}
	o.result.SynapticOperations = 0
	for i := range o.populations[1:] {
		p := &o.populations[i+1]
		p.fired = p.fired[:0]
		p.begin(o.net, codes, picture)
		for t := range o.net.Steps {
			from := len(p.fired)
			o.step(p, t)
			p.ends[t] = len(p.fired)
			if observe != nil {
				observe(i+1, t, p.fired[from:], p.v)
			}
			if i+1 == o.net.Output() {
				o.read(p, t)
			}
		}
		o.result.Spikes[i+1] = int64(len(p.fired))
	}
	return &o.result, nil
}

// begin sets a population to the start of a picture.
func (p *orderedPopulation) begin(net *Network, codes []int32, picture int) {
	if p.player != nil {
		for n, c := range codes {
			p.codes[n] = uint8(c)
		}
		p.player.Begin(p.codes, 0, picture)
		p.player.Play(p.words, snn.Words(len(codes)), net.Steps)
		return
	}
	p.settled = false
	clear(p.drive)
	for _, k := range p.drives {
		for s, c := range codes {
			for e := k.rows.starts[s]; e < k.rows.starts[s+1]; e++ {
				p.drive[k.rows.target[e]] += int64(c) * int64(k.rows.weight[e])
			}
		}
	}
	for n := range p.v {
		c := n % p.Shape[0]
		p.drive[n] = (shiftDrive(p.drive[n], p.DriveShift) + int64(p.Bias[c])) << net.Format.Shift
		p.v[n] = p.Initial[c] << net.Format.Shift
	}
}

// step takes a population through one step.
func (o *ordered) step(p *orderedPopulation, t int) {
	if p.player != nil {
		words := snn.Words(p.Size())
		for k, w := range p.words[t*words : (t+1)*words] {
			for ; w != 0; w &= w - 1 {
				p.fired = append(p.fired, int32(k*snn.WordBits+bits.TrailingZeros64(w)))
			}
		}
		return
	}
	for at := 0; at < len(p.links); {
		n := 1 // projections that a spike takes at once
		for o.net.Format.Order == ByEvent && at+n < len(p.links) && p.links[at+n].source == p.links[at].source {
			n++
		}
		for _, s := range o.populations[p.links[at].source].spikes(t) {
			for _, k := range p.links[at : at+n] {
				o.arrive(p, k.rows, int(s))
			}
		}
		at += n
	}
	if o.net.Format.Order == ByWeight {
		for n, d := range p.drive {
			p.v[n] = o.limited(int64(p.v[n]) + d)
			o.test(p, n)
		}
	}
}

// spikes returns the neurons that fired in a step, in their order.
func (p *orderedPopulation) spikes(t int) []int32 {
	from := 0
	if t > 0 {
		from = p.ends[t-1]
	}
	return p.fired[from:p.ends[t]]
}

// arrive takes a spike of neuron s of a projection's source to its targets.
func (o *ordered) arrive(p *orderedPopulation, r *orderedRows, s int) {
	targets, weights := r.target[r.starts[s]:r.starts[s+1]], r.weight[r.starts[s]:r.starts[s+1]]
	tested := o.net.Format.Order == ByEvent && (o.net.Format.Reached || p.settled)
	for k, n := range targets {
		w := weights[k]
		p.v[n] = o.limited(int64(p.v[n]) + int64(w)<<o.net.Format.Shift)
		if w != 0 {
			o.result.SynapticOperations++
		}
		if tested && int64(p.v[n]) >= p.threshold[n] {
			o.test(p, int(n))
		}
	}
	if o.net.Format.Order != ByEvent || tested {
		return
	}
	for n := range p.v {
		o.test(p, n)
	}
	p.settled = o.net.Reset == snn.Zero
}

// limited returns what a membrane can hold of v.
func (o *ordered) limited(v int64) int32 {
	return int32(min(max(v, o.net.Format.VMin), o.net.Format.VMax))
}

// test lets a neuron fire whose membrane has reached its threshold.
func (o *ordered) test(p *orderedPopulation, n int) {
	if int64(p.v[n]) < p.threshold[n] {
		return
	}
	p.fired = append(p.fired, int32(n))
	if o.net.Reset == snn.Zero {
		p.v[n] = 0
	} else {
		p.v[n] -= int32(p.threshold[n])
	}
}

// read fills the checkpoint of step t of the output, where there is one.
func (o *ordered) read(p *orderedPopulation, t int) {
	for i, at := range o.result.Steps {
		if at != t+1 {
			continue
		}
		counts := o.result.Counts[i]
		clear(counts)
		for _, n := range p.fired {
			counts[n]++
		}
		copy(o.result.Potentials[i], p.v)
	}
}
