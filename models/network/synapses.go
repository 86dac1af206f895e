package network

import (
	"fmt"
	"strings"

	"spikec/models/equation"
)

// Synapses are connections from one group to a population. Their expressions use variables of their own, of the source with _pre and of
// the target with _post, and i, j, N (synapses), N_pre and N_post.
type Synapses struct {
	net       *Network
	source    Spiking
	target    *Population
	I, J      []int
	values    map[string]*equation.Value
	targets   map[string]*equation.Value
	held      map[*equation.Value]bool // variables of the target that are frozen while it is refractory
	pre, post pathway
	bySource  [][]int
	byTarget  [][]int
	summed    []*action
}

// pathway delivers spikes of one side, each after its delay.
type pathway struct {
	s       *Synapses
	spiking Spiking
	by      [][]int
	do      []*action
	delays  []int
	queue   [][]int // by step modulo its length
}

// MostSynapses bounds a set of synapses, and MostDelay the steps of a delay.
const (
	MostSynapses = 1 << 27
	MostDelay    = 1 << 20
)

// Pair is a connection.
type Pair struct{ I, J int }

// AddSynapses connects pairs. Parameters holds a value a synapse for each name.
func (n *Network) AddSynapses(source Spiking, target *Population, pairs []Pair, parameters map[string][]float64) (*Synapses, error) {
	s := &Synapses{net: n, source: source, target: target, values: map[string]*equation.Value{}, targets: map[string]*equation.Value{},
		held: map[*equation.Value]bool{}, bySource: make([][]int, source.size()), byTarget: make([][]int, target.N)}
	if len(pairs) > MostSynapses {
		return nil, fmt.Errorf("%d synapses: at most %d", len(pairs), MostSynapses)
	}
	i, j := make([]float64, len(pairs)), make([]float64, len(pairs))
	for k, p := range pairs {
		if p.I < 0 || p.I >= source.size() || p.J < 0 || p.J >= target.N {
			return nil, fmt.Errorf("a synapse from %d to %d, of %d and %d neurons", p.I, p.J, source.size(), target.N)
		}
		s.I, s.J = append(s.I, p.I), append(s.J, p.J)
		s.bySource[p.I] = append(s.bySource[p.I], k)
		s.byTarget[p.J] = append(s.byTarget[p.J], k)
		i[k], j[k] = float64(p.I), float64(p.J)
	}
	s.values["i"], s.values["j"] = &equation.Value{Data: i}, &equation.Value{Data: j}
	for name, v := range map[string]int{"N": len(pairs), "N_pre": source.size(), "N_post": target.N} {
		s.values[name] = &equation.Value{Data: []float64{float64(v)}}
	}
	for name, list := range parameters {
		if len(list) != len(pairs) {
			return nil, fmt.Errorf("%s has %d values for %d synapses", name, len(list), len(pairs))
		}
		s.values[name] = &equation.Value{Data: list}
		s.targets[name] = s.values[name]
	}
	if p, ok := source.(*Population); ok {
		s.end(p, "_pre", s.I)
	}
	s.end(target, "_post", s.J)
	s.pre = pathway{s: s, spiking: source, by: s.bySource}
	s.post = pathway{s: s, spiking: target, by: s.byTarget}
	n.synapses = append(n.synapses, s)
	return s, nil
}

// end makes the values of a population known under their names with a suffix.
func (s *Synapses) end(p *Population, suffix string, index []int) {
	for name, v := range p.values {
		e := &equation.Value{Data: v.Data, Index: index}
		if len(v.Data) == 1 && p.N > 1 {
			e.Index = nil
		}
		s.values[name+suffix] = e
		if name != "i" && name != "N" && name != "lastspike" {
			s.targets[name+suffix] = e
			s.held[e] = suffix == "_post" && p.frozen[name]
		}
	}
}

// OnPre and OnPost set the statements for spikes of the source and of the target. Delays are in s, one a synapse or one for all; none: 0.
func (s *Synapses) OnPre(statements string, delays ...float64) error {
	return s.pre.set(statements, delays)
}

// OnPost is OnPre for spikes of the target.
func (s *Synapses) OnPost(statements string, delays ...float64) error {
	return s.post.set(statements, delays)
}

func (p *pathway) set(statements string, delays []float64) (err error) {
	if p.do, err = actions(statements, p.s.net.scope(p.s.values), p.s.targets); err != nil {
		return err
	}
	if len(delays) > 1 && len(delays) != len(p.s.I) {
		return fmt.Errorf("%d delays for %d synapses", len(delays), len(p.s.I))
	}
	longest := 0
	p.delays = make([]int, len(p.s.I))
	for k := range p.delays {
		if len(delays) == 0 {
			break
		}
		d := delays[min(k, len(delays)-1)]
		if !(d >= 0 && d <= MostDelay*p.s.net.Dt) {
			return fmt.Errorf("a delay of %v s: want 0 to %d steps", d, MostDelay)
		}
		p.delays[k] = p.s.net.delaySteps(d)
		longest = max(longest, p.delays[k])
	}
	p.queue = make([][]int, longest+1)
	return nil
}

// deliver queues the spikes of this step and executes the statements for those that arrive now, in the order of their queueing.
func (p *pathway) deliver(step int) {
	if p.do == nil {
		return
	}
	for _, n := range p.spiking.spiking() {
		for _, k := range p.by[n] {
			slot := (step + p.delays[k]) % len(p.queue)
			p.queue[slot] = append(p.queue[slot], k)
		}
	}
	slot := step % len(p.queue)
	if arrived := p.queue[slot]; len(arrived) > 0 {
		p.s.execute(p.do, arrived)
		p.queue[slot] = arrived[:0]
	}
}

// execute executes statements for some synapses. What is written to a variable that is frozen now is lost.
func (s *Synapses) execute(list []*action, which []int) {
	for _, a := range list {
		for m, v := range a.program.Eval(len(which), which) {
			at := which[m]
			if a.target.Index != nil {
				at = a.target.Index[at]
				if s.held[a.target] && !s.target.ready[at] {
					continue
				}
			}
			a.target.Data[at] = a.Apply(a.target.Data[at], v)
		}
	}
}

// Summed lets a parameter of the target be, from step to step, the sum of an expression over its synapses. Name ends in _post.
func (s *Synapses) Summed(name, expression string) error {
	if !strings.HasSuffix(name, "_post") {
		return fmt.Errorf("%s: a sum belongs to a parameter of the target, whose name ends in _post", name)
	}
	list, err := actions(name+" += "+expression, s.net.scope(s.values), s.targets)
	if err == nil {
		s.summed = append(s.summed, list...)
	}
	return err
}

// sum refreshes the summed parameters.
func (s *Synapses) sum() {
	for _, a := range s.summed {
		values := a.program.Eval(len(s.I), nil)
		clear(a.target.Data)
		for k, v := range values {
			a.target.Data[a.target.Index[k]] += v
		}
	}
}

// Values returns the values of a parameter, one a synapse.
func (s *Synapses) Values(name string) ([]float64, error) {
	v := s.values[name]
	if v == nil {
		return nil, fmt.Errorf("nothing is named %s", name)
	}
	return v.Data, nil
}

// Evaluate returns an expression for all synapses.
func (s *Synapses) Evaluate(expression string) ([]float64, error) {
	c, err := compiled(expression, s.net.scope(s.values))
	if err != nil {
		return nil, err
	}
	return append([]float64{}, c.Eval(len(s.I), nil)...), nil
}
