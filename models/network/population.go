package network

import (
	"fmt"
	"math"
	"slices"

	"spikec/internal/ode"
	"spikec/models/equation"
)

// Description is what defines a population.
type Description struct {
	N int
	// Equations are lines as equation.ParseLine reads them. The flag "unless refractory" holds a variable while the neuron is refractory,
	// "shared" makes a parameter one number for all neurons. Other flags mean nothing here.
	Equations []string
	Threshold string // a condition; "": nobody spikes
	Rising    bool   // a spike is where the condition becomes true, not where it is
	Reset     string // statements
	// Refractory is a time, or a condition under which a neuron that has spiked stays refractory; "": there is no such time.
	Refractory string
	// Method is a method of package ode; "" stands for exact where the equations are linear and have no noise, for heun where a factor of
	// noise depends on the state, else for euler.
	Method string
	// Every is of how many steps of the network a step of the population is made; 0: one. Its state is updated and its thresholds are
	// tested in steps whose number Every divides, and dt in its expressions is its own.
	Every int
	// Linked are names for values of other populations.
	Linked map[string]Link
}

// Population is a group of neurons with the same equations.
type Population struct {
	N      int
	Spikes []int // who spiked in this step, ascending

	net        *Network
	dt         float64 // s
	every      int     // steps of the network
	readOnly   map[string]bool
	events     []*Event
	values     map[string]*equation.Value
	inner      map[string]*equation.Expression // sub-expressions, with those that they use written out
	variables  []variable
	state      []float64 // variable by variable
	threshold  *equation.Program
	rising     bool
	above      []bool // the condition was true in the step before; nil: there was none
	which      []int32
	words      []uint64 // memory for a bit a neuron
	reset      []*action
	refractory *equation.Program
	condition  bool // refractory is a condition
	ready      []bool
	resting    []int32         // who is refractory
	rested     float64         // the refractory time of all in the step before
	last       *equation.Value // time of the last spike
	frozen     map[string]bool
	stepper    ode.Stepper
	named      string   // the method
	noises     []string // the symbols of noise, in the order of their draws
	dw, drawn  []float64
	// multiplicative: the factor of a noise depends on the state.
	multiplicative bool
}

// Bounds of a network.
const (
	MostNeurons   = 1 << 20 // of a population
	MostVariables = 32      // of an equation set
)

// never is the time of the last spike of a neuron that has not spiked.
const never = -1e4

// AddPopulation adds a population.
func (n *Network) AddPopulation(d Description) (*Population, error) {
	if d.N < 1 || d.N > MostNeurons || len(d.Equations) > MostVariables {
		return nil, fmt.Errorf("%d neurons with %d equations: at most %d and %d", d.N, len(d.Equations), MostNeurons, MostVariables)
	}
	p := n.blank(d.N, map[string]*equation.Value{}, max(1, d.Every))
	p.last = &equation.Value{Data: slices.Repeat([]float64{never}, d.N)}
	index := make([]float64, d.N)
	for i := range index {
		index[i] = float64(i)
	}
	p.values["i"] = &equation.Value{Data: index}
	p.values["N"] = &equation.Value{Data: []float64{float64(d.N)}}
	p.values["lastspike"] = p.last
	if p.every > 1 {
		p.values["dt"] = &equation.Value{Data: []float64{p.dt}}
	}
	for name := range p.values {
		p.readOnly[name] = true
	}
	for name, l := range d.Linked {
		v, err := p.link(name, l)
		if err != nil {
			return nil, err
		}
		p.values[name], p.readOnly[name] = v, true
	}
	if err := p.equations(d.Equations); err != nil {
		return nil, err
	}
	p.rising = d.Rising && d.Threshold != ""
	if err := p.conditions(d, n.scope(p.values)); err != nil {
		return nil, err
	}
	if err := p.method(d.Method); err != nil {
		return nil, err
	}
	n.population = append(n.population, p)
	return p, nil
}

// blank returns a population of so many elements without equations, whose expressions use some values.
func (n *Network) blank(size int, values map[string]*equation.Value, every int) *Population {
	p := &Population{N: size, net: n, dt: float64(every) * n.Dt, every: every, values: values, ready: make([]bool, size), words: make([]uint64, (size+63)/64), frozen: map[string]bool{}, readOnly: map[string]bool{}}
	for k := range p.ready {
		p.ready[k] = true
	}
	return p
}

// due reports whether the population takes a step in this step of the network.
func (p *Population) due() bool { return p.every == 1 || p.net.step%p.every == 0 }

// Values returns the values of a variable or parameter, one a neuron. They are the population's own: what is written to them counts.
func (p *Population) Values(name string) ([]float64, error) {
	v := p.values[name]
	if v == nil {
		return nil, fmt.Errorf("nothing is named %s", name)
	}
	return v.Data, nil
}

// Set executes statements for all neurons at once.
func (p *Population) Set(statements string) error {
	list, err := p.actions(statements)
	if err == nil {
		p.execute(list, equation.All(p.N))
	}
	return err
}

// Regularly executes statements in the slot Start every so many s.
func (p *Population) Regularly(statements string, every float64) error {
	list, err := p.actions(statements)
	if err != nil {
		return err
	}
	steps := p.net.delaySteps(every)
	if steps < 1 {
		return fmt.Errorf("statements every %v s, with steps of %v s", every, p.net.Dt)
	}
	p.net.regular = append(p.net.regular, regular{func() { p.execute(list, equation.All(p.N)) }, steps})
	return nil
}

// Finite reports whether all variables are numbers, or the first that is not and its neuron.
func (p *Population) Finite() (name string, neuron int, ok bool) {
	for i := range p.variables {
		for k, v := range p.state[i*p.N : (i+1)*p.N] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return p.variables[i].name, k, false
			}
		}
	}
	return "", 0, true
}

func (p *Population) size() int { return p.N }

// Watch returns a function that computes an expression of the population's names for all neurons. Its result holds until the next call.
func (p *Population) Watch(expression string) (func() []float64, error) {
	c, err := compiled(expression, p.net.scope(p.values), p.inner)
	if err != nil {
		return nil, err
	}
	out := make([]float64, p.N)
	return func() []float64 {
		spread(out, c.At(equation.All(p.N)))
		return out
	}, nil
}

// Fastest returns the variable that decays fastest by itself as things are now, in 1/s, and its rate; 0: none decays. Variables whose
// equation is not linear in themselves do not count.
func (p *Population) Fastest() (name string, rate float64) {
	for _, v := range p.variables {
		if v.own == nil {
			continue
		}
		for _, a := range v.own.At(equation.All(p.N)) {
			if -a > rate {
				name, rate = v.name, -a
			}
		}
	}
	return name, rate
}

// Step is the step of the population, in s.
func (p *Population) Step() float64 { return p.dt }

// Method is the name of the method that takes the steps.
func (p *Population) Method() string { return p.named }

// Now is who spikes in this step, ascending.
func (p *Population) Now() []int { return p.Spikes }
