// Package network simulates networks of populations that equations define, in steps of a fixed size. The order within a step is that of
// Brian 2 (Stimberg, Brette and Goodman, eLife 8, 2019): what a step does is divided into slots, and in a slot objects act in the order
// in which they were made.
//
//	start       what is done every so often; observers
//	groups      summed variables; the refractory flag; the state of each population, by its method, then that of synapses
//	thresholds  who spikes: neurons that are not refractory and fulfil the condition; generators; who has events
//	synapses    spikes that arrive now: all pathways of presynaptic spikes, then all of postsynaptic ones
//	resets      statements for the neurons that spiked, then for those that have events
//	end         observers
//
// A spike that is found in step k has the time k·dt. Quantities are in SI units.
package network

import (
	"context"
	"fmt"
	"math"

	"spikec/models/equation"
)

// Slot is a part of a step.
type Slot int

// The slots in their order.
const (
	Start Slot = iota
	Groups
	Thresholds
	Synaptic
	Resets
	End
	slots
)

// Draws is the stream of random numbers of a run.
type Draws interface {
	Uniform() float64
	Normal() float64
	// Normals sets all elements to what Normal returns, one after the other.
	Normals(out []float64)
}

// Network is what is simulated together.
type Network struct {
	Dt         float64 // s
	draws      Draws
	step       int
	time       *equation.Value // t
	constants  map[string]*equation.Value
	functions  map[string]func(t, index float64) float64
	sources    []*Source
	population []*Population
	synapses   []*Synapses
	observers  [slots][]func(step int)
	regular    []regular
}

// regular is what is done every so many steps.
type regular struct {
	do    func()
	every int
}

// New returns an empty network with steps of dt s, that draws from a stream; nil: there are no random numbers.
func New(dt float64, draws Draws) (*Network, error) {
	if !(dt > 0) || math.IsInf(dt, 0) {
		return nil, fmt.Errorf("a step of %v s: want more than 0", dt)
	}
	n := &Network{Dt: dt, draws: draws, time: &equation.Value{Data: []float64{0}}, constants: map[string]*equation.Value{}, functions: map[string]func(t, index float64) float64{}}
	for name, u := range equation.Units() {
		n.Constant(name, u.Scale)
	}
	for name, v := range map[string]float64{"pi": math.Pi, "dt": dt, "True": 1, "False": 0} {
		n.Constant(name, v)
	}
	n.constants["t"] = n.time
	return n, nil
}

// Constant gives a name to a number, for what is made after it.
func (n *Network) Constant(name string, value float64) {
	n.constants[name] = &equation.Value{Data: []float64{value}}
}

// Timed gives a name to a function of time, and of an index: it has values[k·columns + index] from k·dt on; the first row holds before 0,
// the last one to the end. An index that does not exist gives NaN.
func (n *Network) Timed(name string, values []float64, columns int, dt float64) error {
	if columns < 1 || len(values) == 0 || len(values)%columns != 0 || !(dt > 0) {
		return fmt.Errorf("%s: %d values in rows of %d every %v s", name, len(values), columns, dt)
	}
	rows := len(values) / columns
	n.functions[name] = func(t, index float64) float64 {
		k := math.Floor((t + n.Dt/1000) / dt)
		if !(index >= 0 && index < float64(columns)) {
			return math.NaN()
		}
		return values[int(math.Max(0, math.Min(k, float64(rows-1))))*columns+int(index)]
	}
	return nil
}

// Observe calls a function in every step at the end of a slot; for Start, after what is done regularly.
func (n *Network) Observe(s Slot, f func(step int)) { n.observers[s] = append(n.observers[s], f) }

// scope is what expressions may use: constants, functions, random numbers, and some values of their own.
func (n *Network) scope(own ...map[string]*equation.Value) *equation.Scope {
	s := &equation.Scope{Values: map[string]*equation.Value{}, Functions: n.functions}
	if n.draws != nil {
		s.Uniform, s.Normals = n.draws.Uniform, n.draws.Normals
	}
	for name, v := range n.constants {
		s.Values[name] = v
	}
	for _, m := range own {
		for name, v := range m {
			s.Values[name] = v
		}
	}
	return s
}

// steps is how many steps a time has: ⌊(x + dt/1000)/dt⌋, so that a whole number of steps is one in spite of rounding.
func steps(x, dt float64) float64 { return math.Trunc((x + dt/1000) / dt) }

// delaySteps is how many steps a delay has: delay/dt rounded, halves to the even number.
func (n *Network) delaySteps(delay float64) int { return int(math.RoundToEven(delay / n.Dt)) }

// Run takes so many steps. It may be called again and goes on then.
func (n *Network) Run(ctx context.Context, steps int) error {
	for range steps {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n.take()
	}
	return nil
}

// take takes one step.
func (n *Network) take() {
	k := n.step
	n.time.Data[0] = float64(k) * n.Dt
	for _, r := range n.regular {
		if k%r.every == 0 {
			r.do()
		}
	}
	n.seen(Start, k)
	for _, s := range n.synapses {
		s.sum()
	}
	for _, p := range n.population {
		p.update()
	}
	for _, s := range n.synapses {
		if s.dynamics != nil {
			s.dynamics.update()
		}
	}
	n.seen(Groups, k)
	for _, s := range n.sources {
		s.emit(k)
	}
	for _, p := range n.population {
		p.cross()
		for _, e := range p.events {
			e.find()
		}
	}
	n.seen(Thresholds, k)
	for _, s := range n.synapses {
		s.forward.deliver(k)
	}
	for _, s := range n.synapses {
		s.backward.deliver(k)
	}
	n.seen(Synaptic, k)
	for _, p := range n.population {
		if len(p.Spikes) > 0 {
			p.execute(p.reset, equation.Some(p.which))
		}
		for _, e := range p.events {
			if len(e.which) > 0 {
				p.execute(e.do, equation.Some(e.which))
			}
		}
	}
	n.seen(Resets, k)
	n.seen(End, k)
	n.step++
}

// seen calls the observers of a slot.
func (n *Network) seen(s Slot, step int) {
	for _, f := range n.observers[s] {
		f(step)
	}
}

// Functions are the functions of time that have names.
func (n *Network) Functions() map[string]func(t, index float64) float64 { return n.functions }
