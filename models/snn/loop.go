package snn

import (
	"fmt"
	"slices"
)

// Neurons is the state of one population in a Loop: currents of type N, membranes of type M.
type Neurons[N, M Number] interface {
	// Begin starts a picture. drive is what the input contributes at every step (H,W,C order), nil where the
	// population has no projection from the input; it stays valid until the next Begin.
	Begin(drive []N)
	// Step adds the current of one step to the membranes, lets neurons fire and reset, and appends the neurons that
	// fired to fired, in ascending order.
	Step(current []N, fired []int32) []int32
	// Membranes returns the membranes after the last step.
	Membranes() []M
}

// Loop runs a feed-forward network on one picture after the other: all T steps of a population, then those of the
// next. It is the one time loop of the simulators without a chip: package snn gives it real-valued neurons, package
// quantize integer ones. Currents have type N, which may pack several of them into a number; membranes have type M.
// It is not safe for concurrent use; Scatters may be shared between loops.
type Loop[N, M Number] struct {
	steps       int
	incoming    [][]link[N] // by target population
	neurons     []Neurons[N, M]
	add         func(acc, w []N, k N)
	drives      [][]N
	current     [][]N
	input       []int32 // indices of the input's codes that are not zero
	values      []N     // codes in H,W,C order
	trains      []train
	checkpoints []int
	result      Result[M]
}

type link[N Number] struct {
	source   int
	scatter  *Scatter[N]
	gathered *Gathered[N]
	synapses []int64
}

// train holds the spikes of a population: those of step t are events[start[t]:start[t+1]].
type train struct {
	events []int32
	start  []int32
}

// Result is what a Loop reports of one picture.
type Result[M Number] struct {
	Steps              []int     // checkpoints: how many steps had passed
	Counts             [][]int32 // at each checkpoint: spikes of each output neuron so far
	Potentials         [][]M     // at each checkpoint: membrane of each output neuron
	Spikes             []int64   // of each population, over all steps
	SynapticOperations int64     // weights added because a spike arrived
}

// Observer is told what a population did at a step: which neurons fired (H,W,C order), and the membranes after it.
type Observer[M Number] func(population, t int, fired []int32, membranes []M)

// Checkpoints returns the steps after which the answer is read besides the last: powers of two from 2 on, and steps.
func Checkpoints(steps int) []int {
	var c []int
	for t := 2; t < steps; t *= 2 {
		c = append(c, t)
	}
	return append(c, steps)
}

// NewLoop returns a loop over steps steps. scatters has one entry a projection of net; neurons one a population
// (the input's is nil); add does acc[i] += k·w[i].
func NewLoop[N, M Number](net Topology, steps int, scatters []*Scatter[N], neurons []Neurons[N, M], add func(acc, w []N, k N)) *Loop[N, M] {
	n := len(net.Sizes)
	l := &Loop[N, M]{steps: steps, neurons: neurons, add: add, incoming: make([][]link[N], n), drives: make([][]N, n),
		current: make([][]N, n), trains: make([]train, n), checkpoints: Checkpoints(steps)}
	for i, p := range net.Ends {
		k := link[N]{source: p[0], scatter: scatters[i], gathered: scatters[i].NewGathered(), synapses: scatters[i].Synapses()}
		l.incoming[p[1]] = append(l.incoming[p[1]], k)
		if p[0] == 0 && l.drives[p[1]] == nil {
			l.drives[p[1]] = make([]N, net.Currents[p[1]])
		}
	}
	for p, size := range net.Currents {
		l.current[p] = make([]N, size)
		l.trains[p].start = make([]int32, steps+1)
	}
	l.values = make([]N, net.Sizes[0])
	out := net.Sizes[n-1]
	l.result.Steps = l.checkpoints
	l.result.Spikes = make([]int64, n)
	for range l.checkpoints {
		l.result.Counts = append(l.result.Counts, make([]int32, out))
		l.result.Potentials = append(l.result.Potentials, make([]M, out))
	}
	return l
}

// Topology is what a Loop must know of a network.
type Topology struct {
	Sizes    []int    // neurons of each population
	Currents []int    // numbers that hold the currents of each population
	Ends     [][2]int // source and target of each projection
}

// Run presents one picture, codes in H,W,C order, and returns a result that the next Run overwrites. observe may
// be nil.
func (l *Loop[N, M]) Run(codes []M, observe Observer[M]) (*Result[M], error) {
	if len(codes) != len(l.values) {
		return nil, fmt.Errorf("snn: picture has %d codes, the network takes %d", len(codes), len(l.values))
	}
	l.input = l.input[:0]
	for i, c := range codes {
		l.values[i] = N(c)
		if c != 0 {
			l.input = append(l.input, int32(i))
		}
	}
	l.result.SynapticOperations = 0
	for p := 1; p < len(l.neurons); p++ {
		l.population(p, observe)
	}
	return &l.result, nil
}

// population runs all steps of population p.
func (l *Loop[N, M]) population(p int, observe Observer[M]) {
	if d := l.drives[p]; d != nil {
		clear(d)
		for _, k := range l.incoming[p] {
			if k.source == 0 {
				k.scatter.Add(d, l.input, l.values, k.gathered, l.add)
			}
		}
	}
	neurons, tr := l.neurons[p], &l.trains[p]
	neurons.Begin(l.drives[p])
	tr.events = tr.events[:0]
	last := p == len(l.neurons)-1
	next := 0
	for t := range l.steps {
		l.arrive(p, t)
		tr.events = neurons.Step(l.current[p], tr.events)
		tr.start[t+1] = int32(len(tr.events))
		if observe != nil {
			observe(p, t, tr.events[tr.start[t]:], neurons.Membranes())
		}
		if last && t+1 == l.checkpoints[next] {
			l.read(next, tr)
			next++
		}
	}
	l.result.Spikes[p] = int64(len(tr.events))
}

// arrive sums what the spikes of step t bring to population p.
func (l *Loop[N, M]) arrive(p, t int) {
	current := l.current[p]
	clear(current)
	for _, k := range l.incoming[p] {
		if k.source == 0 {
			continue
		}
		src := &l.trains[k.source]
		events := src.events[src.start[t]:src.start[t+1]]
		k.scatter.Add(current, events, nil, k.gathered, l.add)
		for _, e := range events {
			l.result.SynapticOperations += k.synapses[e]
		}
	}
}

// read fills checkpoint i from the output population's train so far.
func (l *Loop[N, M]) read(i int, tr *train) {
	counts := l.result.Counts[i]
	clear(counts)
	for _, e := range tr.events {
		counts[e]++
	}
	copy(l.result.Potentials[i], l.neurons[len(l.neurons)-1].Membranes())
}

// Decide returns the class that a read-out chooses. count: most spikes, ties to the higher membrane; membrane: the
// highest membrane; remaining ties to the lower class.
func Decide[M Number](readout string, counts []int32, potentials []M) int {
	best := 0
	for k := range counts {
		switch {
		case readout == "count" && counts[k] != counts[best]:
			if counts[k] > counts[best] {
				best = k
			}
		case potentials[k] > potentials[best]:
			best = k
		}
	}
	return best
}

// ToHWC reorders one map from C,H,W to H,W,C.
func ToHWC[N Number](dst, src []N, shape [3]int) {
	c, plane := shape[0], shape[1]*shape[2]
	for ch := range c {
		for i, v := range src[ch*plane : (ch+1)*plane] {
			dst[i*c+ch] = v
		}
	}
}

// NewTopology returns the topology of n.
func NewTopology(n *Network) Topology {
	var t Topology
	for _, p := range n.Populations {
		t.Sizes = append(t.Sizes, p.Size())
		t.Currents = append(t.Currents, p.Size())
	}
	for _, p := range n.Projections {
		t.Ends = append(t.Ends, [2]int{p.Source, p.Target})
	}
	return t
}

// Clone returns a copy of the result that the next Run does not touch.
func (r *Result[M]) Clone() *Result[M] {
	c := &Result[M]{Steps: r.Steps, Spikes: slices.Clone(r.Spikes), SynapticOperations: r.SynapticOperations}
	for i := range r.Counts {
		c.Counts = append(c.Counts, slices.Clone(r.Counts[i]))
		c.Potentials = append(c.Potentials, slices.Clone(r.Potentials[i]))
	}
	return c
}
