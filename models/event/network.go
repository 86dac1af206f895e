package event

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Cell is a leaky integrate-and-fire neuron.
type Cell struct {
	Rest, Threshold, Reset, Tau, Refractory float64
}

// Network is a network of leaky integrate-and-fire neurons that jump when a spike arrives. Between events, with E = Rest + Drive,
//
//	V(t) = E + (V(t0) − E)·e^(−(t − t0)/Tau)
//
// Times are in ms, potentials and weights in mV, or in any other units that go together.
type Network struct {
	Cell               // of all neurons
	Cells    []Cell    // in its place: one a neuron, where they differ
	Drive    []float64 // one a neuron: R·I of a constant current
	Synapses []Synapse
	Stimuli  []Stimulus
	// Batch takes all deliveries of one instant together: they are added neuron by neuron, in ascending index, and each neuron is
	// tested once. Without it deliveries are taken singly, in the order of their pushes.
	Batch bool
	// Rule changes weights; nil: they stay. It needs Batch off.
	Rule Rule
	// Delivered, if set, is told of every delivery that was not ignored: the neuron and its potential before a reset.
	Delivered func(t float64, neuron int, v float64)
}

// Synapse leads from one neuron to another.
type Synapse struct {
	Source, Target int
	Weight, Delay  float64 // Delay ≥ 0
}

// Stimulus is a delivery from outside.
type Stimulus struct {
	Time   float64
	Target int
	Weight float64
}

// Rule changes the weight of a synapse when a spike arrives over it, and when its target spikes.
type Rule interface {
	Pre(synapse int, t, weight float64) float64
	Post(synapse int, t, weight float64) float64
}

// Spike is a spike of a neuron.
type Spike struct {
	Time   float64
	Neuron int
}

// Result is what a run gave.
type Result struct {
	Spikes     []Spike
	Final      []float64 // potentials at the end of the run
	Weights    []float64 // of the synapses, at the end
	Deliveries int       // together with those that were ignored; in batches, one a neuron and instant
	Ignored    int       // deliveries to neurons in their refractory time
}

// MostEvents bounds how many events a run may have: with loops of delay 0 there may be no end.
const MostEvents = 1 << 24

// MostWaiting bounds how many events may wait: without a refractory time they can multiply.
const MostWaiting = 1 << 22

// happening is an event: a stimulus, a spike that arrives, or the time at which a driven neuron crosses the threshold by itself.
type happening struct {
	neuron  int
	synapse int     // −1: none
	weight  float64 // of a stimulus
	own     bool
	version uint64 // an own crossing counts while the neuron is of this version
}

// cell returns the constants of a neuron.
func (n *Network) cell(i int) *Cell {
	if n.Cells != nil {
		return &n.Cells[i]
	}
	return &n.Cell
}

// state is that of a neuron: V at time t0 from which it decays, which lies ahead while it is refractory.
type state struct {
	v, t0, last float64
	version     uint64
}

// network is a Network while it runs.
type network struct {
	*Network
	states   []state
	queue    Queue[happening]
	outgoing [][]int
	incoming [][]int
	result   *Result
}

// Run simulates up to the first event at or after end. A neuron that receives a delivery less than Refractory after its spike ignores
// it; else it decays to the time, adds the weight, and spikes if V ≥ Threshold. A spike sets V to Reset, where it stays until the
// refractory time is over, and sends a delivery over each synapse, in their order. Stimuli are pushed first.
func (n *Network) Run(ctx context.Context, end float64) (*Result, error) {
	if err := n.check(end); err != nil {
		return nil, err
	}
	r := &network{Network: n, states: make([]state, len(n.Drive)), outgoing: make([][]int, len(n.Drive)), incoming: make([][]int, len(n.Drive)),
		result: &Result{Weights: make([]float64, len(n.Synapses))}}
	for i, s := range n.Synapses {
		r.outgoing[s.Source] = append(r.outgoing[s.Source], i)
		r.incoming[s.Target] = append(r.incoming[s.Target], i)
		r.result.Weights[i] = s.Weight
	}
	for _, s := range n.Stimuli {
		r.queue.Push(s.Time, happening{neuron: s.Target, synapse: -1, weight: s.Weight})
	}
	for i := range r.states {
		r.states[i] = state{v: n.cell(i).Rest, last: math.Inf(-1)}
		r.foresee(i)
	}
	for events := 0; ; events++ {
		t, _, ok := r.queue.Peek()
		if !ok || t >= end {
			break
		}
		if events >= MostEvents || r.queue.Len() > MostWaiting {
			return nil, fmt.Errorf("more than %d events before %v, or more than %d that wait", MostEvents, end, MostWaiting)
		}
		if events&1023 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if n.Batch {
			r.batch(t)
		} else {
			r.single()
		}
	}
	for i := range r.states {
		r.decay(i, end)
		r.result.Final = append(r.result.Final, r.states[i].v)
	}
	return r.result, nil
}

// check reports what keeps the network from running.
func (n *Network) check(end float64) error {
	finite := append([]float64{end}, n.Drive...)
	if n.Cells != nil && len(n.Cells) != len(n.Drive) {
		return fmt.Errorf("%d cells and %d drives", len(n.Cells), len(n.Drive))
	}
	kinds := n.Cells
	if kinds == nil {
		kinds = []Cell{n.Cell}
	}
	for _, c := range kinds {
		finite = append(finite, c.Rest, c.Threshold, c.Reset, c.Tau, c.Refractory)
		switch {
		case !(c.Tau > 0) || c.Refractory < 0:
			return fmt.Errorf("a time constant of %v and a refractory time of %v", c.Tau, c.Refractory)
		case c.Reset >= c.Threshold || c.Rest >= c.Threshold:
			return errors.New("the reset and the rest must be below the threshold")
		}
	}
	for i, s := range n.Synapses {
		if s.Source < 0 || s.Source >= len(n.Drive) || s.Target < 0 || s.Target >= len(n.Drive) {
			return fmt.Errorf("synapse %d leads from %d to %d of %d neurons", i, s.Source, s.Target, len(n.Drive))
		}
		if s.Delay < 0 {
			return fmt.Errorf("synapse %d has a delay of %v", i, s.Delay)
		}
		finite = append(finite, s.Weight, s.Delay)
	}
	for i, s := range n.Stimuli {
		if s.Target < 0 || s.Target >= len(n.Drive) || s.Time < 0 {
			return fmt.Errorf("stimulus %d goes to neuron %d of %d at %v", i, s.Target, len(n.Drive), s.Time)
		}
		finite = append(finite, s.Weight, s.Time)
	}
	for _, v := range finite {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("a parameter is not finite")
		}
	}
	if n.Batch && n.Rule != nil {
		return errors.New("a rule needs deliveries that are taken singly")
	}
	return nil
}

// decay takes a neuron to time t, if that is not before it begins to decay.
func (r *network) decay(i int, t float64) {
	c := &r.states[i]
	if t > c.t0 {
		k := r.cell(i)
		e := k.Rest + r.Drive[i]
		c.v = e + float64((c.v-e)*math.Exp(-(t-c.t0)/k.Tau))
		c.t0 = t
	}
}

// foresee queues the time at which the neuron crosses the threshold if nothing else happens: t0 + Tau·ln((E − V)/(E − Threshold)).
func (r *network) foresee(i int) {
	c := &r.states[i]
	c.version++
	k := r.cell(i)
	if e := k.Rest + r.Drive[i]; e > k.Threshold {
		r.queue.Push(c.t0+k.Tau*math.Log((e-c.v)/(e-k.Threshold)), happening{neuron: i, synapse: -1, own: true, version: c.version})
	}
}

// ready reports whether a neuron takes deliveries, and counts one.
func (r *network) ready(i int, t float64) bool {
	r.result.Deliveries++
	if t-r.states[i].last < r.cell(i).Refractory {
		r.result.Ignored++
		return false
	}
	return true
}

// add takes a neuron to time t and adds to its potential.
func (r *network) add(i int, t, weight float64) {
	r.decay(i, t)
	r.states[i].v += weight
	if r.Delivered != nil {
		r.Delivered(t, i, r.states[i].v)
	}
}

// settle lets a neuron spike or foresees its next crossing.
func (r *network) settle(i int, t float64) {
	if r.states[i].v >= r.cell(i).Threshold {
		r.fire(i, t)
	} else {
		r.foresee(i)
	}
}

// fire records a spike, resets, and sends.
func (r *network) fire(i int, t float64) {
	r.result.Spikes = append(r.result.Spikes, Spike{t, i})
	c := &r.states[i]
	c.v, c.last, c.t0 = r.cell(i).Reset, t, t+r.cell(i).Refractory
	for _, s := range r.outgoing[i] {
		r.queue.Push(t+r.Synapses[s].Delay, happening{neuron: r.Synapses[s].Target, synapse: s})
	}
	if r.Rule != nil {
		for _, s := range r.incoming[i] {
			r.result.Weights[s] = r.Rule.Post(s, t, r.result.Weights[s])
		}
	}
	r.foresee(i)
}

// weight is what an event adds.
func (r *network) weight(h happening) float64 {
	if h.synapse < 0 {
		return h.weight
	}
	return r.result.Weights[h.synapse]
}

// single takes one event.
func (r *network) single() {
	t, h, _ := r.queue.Pop()
	i := h.neuron
	if h.own {
		if h.version == r.states[i].version {
			r.fire(i, t)
		}
		return
	}
	ready := r.ready(i, t)
	if ready {
		r.add(i, t, r.weight(h))
	}
	if h.synapse >= 0 && r.Rule != nil {
		r.result.Weights[h.synapse] = r.Rule.Pre(h.synapse, t, r.result.Weights[h.synapse])
	}
	if ready {
		r.settle(i, t)
	}
}

// batch takes all events of the instant t that are queued now; what they send without delay is the next batch.
func (r *network) batch(t float64) {
	sums, own := map[int]float64{}, map[int]bool{}
	for {
		at, h, ok := r.queue.Peek()
		if !ok || at != t {
			break
		}
		r.queue.Pop()
		if !h.own {
			sums[h.neuron] += r.weight(h)
		} else if h.version == r.states[h.neuron].version {
			own[h.neuron] = true
		}
	}
	var neurons []int
	for i := range sums {
		neurons = append(neurons, i)
	}
	for i := range own {
		if _, ok := sums[i]; !ok {
			neurons = append(neurons, i)
		}
	}
	slices.Sort(neurons)
	for _, i := range neurons {
		sum, arrives := sums[i]
		switch {
		case !arrives:
			r.fire(i, t)
		case r.ready(i, t):
			if own[i] {
				r.states[i].v, r.states[i].t0 = r.cell(i).Threshold, t
			}
			r.add(i, t, sum)
			r.settle(i, t)
		}
	}
}
