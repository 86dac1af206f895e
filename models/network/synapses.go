package network

import (
	"fmt"
	"strings"

	"spikec/models/equation"
)

// Synapses are connections from one group to a population. Their expressions use variables of their own, of the source with _pre and of
// the target with _post, and i, j, N (synapses), N_pre and N_post. A synapse costs 4 bytes, 8 a variable, and 4 for each of these that are
// needed: its source in expressions, the way back from its target, a delay of its own.
type Synapses struct {
	net       *Network
	source    Spiking
	target    *Population
	size      int
	starts    []int32 // synapses of source n are order[starts[n]:starts[n+1]]
	order     []int32 // nil: they are numbered in this order
	pre       []int32 // source of each synapse; nil until it is needed
	post      []int32 // target of each synapse
	runs      bool    // the targets of every source follow each other, as where all are connected to all
	back      *inverse
	inner     map[string]*equation.Expression // names for expressions
	values    map[string]*equation.Value
	own       map[string]bool          // variables of the synapses
	held      map[*equation.Value]bool // variables of the target that are frozen while it is refractory
	forward   pathway
	backward  pathway
	summed    []*action
	dynamics  *Population // equations that are integrated in every step; nil: there are none
	lazy      string      // statements that bring variables up to date which change in closed form between spikes
	gathering []int32
}

// inverse lists synapses by target: those of neuron n are order[starts[n]:starts[n+1]].
type inverse struct{ starts, order []int32 }

// MostSynapses bounds a set of synapses, and MostDelay the steps of a delay.
const (
	MostSynapses = 1 << 27
	MostDelay    = 1 << 20
)

// Pair is a connection.
type Pair struct{ I, J int }

// AddSynapses connects pairs. Parameters holds a value a synapse for each name; the lists become those of the synapses.
func (n *Network) AddSynapses(source Spiking, target *Population, pairs []Pair, parameters map[string][]float64) (*Synapses, error) {
	s := &Synapses{net: n, source: source, target: target, size: len(pairs), values: map[string]*equation.Value{}, own: map[string]bool{},
		held: map[*equation.Value]bool{}, inner: map[string]*equation.Expression{}}
	if len(pairs) > MostSynapses {
		return nil, fmt.Errorf("%d synapses: at most %d", len(pairs), MostSynapses)
	}
	s.starts, s.post = make([]int32, source.size()+1), make([]int32, len(pairs))
	sorted, runs := true, true
	for k, p := range pairs {
		if p.I < 0 || p.I >= source.size() || p.J < 0 || p.J >= target.N {
			return nil, fmt.Errorf("a synapse from %d to %d, of %d and %d neurons", p.I, p.J, source.size(), target.N)
		}
		sorted = sorted && (k == 0 || pairs[k-1].I <= p.I)
		runs = runs && (k == 0 || pairs[k-1].I != p.I || pairs[k-1].J+1 == p.J)
		s.starts[p.I+1]++
		s.post[k] = int32(p.J)
	}
	for k := range source.size() {
		s.starts[k+1] += s.starts[k]
	}
	s.runs = sorted && runs
	if !sorted {
		s.pre, s.order = make([]int32, len(pairs)), make([]int32, len(pairs))
		at := append([]int32{}, s.starts...)
		for k, p := range pairs {
			s.pre[k] = int32(p.I)
			s.order[at[p.I]] = int32(k)
			at[p.I]++
		}
	}
	for name, v := range map[string]int{"N": len(pairs), "N_pre": source.size(), "N_post": target.N} {
		s.values[name] = &equation.Value{Data: []float64{float64(v)}}
	}
	for name, list := range parameters {
		if err := s.declare(name, list); err != nil {
			return nil, err
		}
	}
	s.forward = pathway{s: s, spiking: source, list: s.from}
	s.backward = pathway{s: s, spiking: target, list: s.to}
	n.synapses = append(n.synapses, s)
	return s, nil
}

// declare gives the synapses a variable.
func (s *Synapses) declare(name string, list []float64) error {
	if len(list) != s.size {
		return fmt.Errorf("%s has %d values for %d synapses", name, len(list), s.size)
	}
	s.values[name] = &equation.Value{Data: list}
	if s.size == 1 { // one number of a list of one, not one for all
		s.values[name].Index = []int32{0}
	}
	s.own[name] = true
	return nil
}

// Declare gives the synapses a variable, which is 0.
func (s *Synapses) Declare(name string) error { return s.declare(name, make([]float64, s.size)) }

// Size is the number of synapses.
func (s *Synapses) Size() int { return s.size }

// sources makes and returns the source of each synapse.
func (s *Synapses) sources() []int32 {
	if s.pre == nil {
		s.pre = make([]int32, s.size)
		for n := range len(s.starts) - 1 {
			for k := s.starts[n]; k < s.starts[n+1]; k++ {
				s.pre[k] = int32(n)
			}
		}
	}
	return s.pre
}

// Ends returns source and target of a synapse.
func (s *Synapses) Ends(k int) Pair { return Pair{int(s.sources()[k]), int(s.post[k])} }

// from returns the synapses of a source, and to those of a target.
func (s *Synapses) from(n int) []int32 {
	if s.order != nil {
		return s.order[s.starts[n]:s.starts[n+1]]
	}
	s.gathering = s.gathering[:0]
	for k := s.starts[n]; k < s.starts[n+1]; k++ {
		s.gathering = append(s.gathering, k)
	}
	return s.gathering
}

func (s *Synapses) to(n int) []int32 {
	if s.back == nil {
		b := &inverse{make([]int32, s.target.N+1), make([]int32, s.size)}
		for _, j := range s.post {
			b.starts[j+1]++
		}
		for k := range s.target.N {
			b.starts[k+1] += b.starts[k]
		}
		at := append([]int32{}, b.starts...)
		for k, j := range s.post {
			b.order[at[j]] = int32(k)
			at[j]++
		}
		s.back = b
	}
	return s.back.order[s.back.starts[n]:s.back.starts[n+1]]
}

// value returns what a name stands for beyond constants; nil: nothing. Values of the two ends are made when they are first asked for.
func (s *Synapses) value(name string) *equation.Value {
	if v := s.values[name]; v != nil {
		return v
	}
	var v *equation.Value
	switch base, suffix := name, ""; {
	case name == "i":
		v = &equation.Value{Data: numbers(0, len(s.starts)-1), Index: s.sources()}
	case name == "j":
		v = &equation.Value{Data: numbers(0, s.target.N), Index: s.post}
	default:
		if b, ok := strings.CutSuffix(name, "_post"); ok {
			base, suffix = b, "_post"
			v = end(s.target, base, func() []int32 { return s.post })
		} else if b, ok := strings.CutSuffix(name, "_pre"); ok {
			base, suffix = b, "_pre"
			if p := population(s.source); p != nil {
				v = end(p, base, s.sources)
			}
		}
		if v != nil && suffix == "_post" {
			s.held[v] = s.target.frozen[base]
		}
	}
	if v != nil {
		s.values[name] = v
	}
	return v
}

// end returns a value of a population for synapses whose ends are there; nil: there is none.
func end(p *Population, name string, index func() []int32) *equation.Value {
	v := p.values[name]
	switch {
	case v == nil || v.Index != nil:
		return nil
	case len(v.Data) == 1 && p.N > 1:
		return &equation.Value{Data: v.Data}
	}
	return &equation.Value{Data: v.Data, Index: index()}
}

// scope is what an expression may use; parts of it are made for the names that the expressions have.
func (s *Synapses) scope(names []string) *equation.Scope {
	for _, name := range names {
		s.value(name)
	}
	return s.net.scope(s.values)
}

// actions compiles statements for synapses.
func (s *Synapses) actions(text string) ([]*action, error) {
	list, err := equation.ParseStatements(text)
	if err != nil {
		return nil, err
	}
	targets := map[string]*equation.Value{}
	var names []string
	for _, st := range list {
		e, err := st.Expression.Inline(s.inner)
		if err != nil {
			return nil, err
		}
		names = append(append(names, st.Target), e.Names()...)
	}
	scope := s.scope(names)
	for _, st := range list {
		end := strings.HasSuffix(st.Target, "_post") || strings.HasSuffix(st.Target, "_pre")
		base := strings.TrimSuffix(strings.TrimSuffix(st.Target, "_post"), "_pre")
		if s.own[st.Target] || end && base != "i" && base != "N" && base != "lastspike" {
			targets[st.Target] = s.values[st.Target]
		}
	}
	return actions(text, scope, targets, s.inner)
}

// OnPre and OnPost set the statements for spikes of the source and of the target. Delays are in s, one a synapse or one for all; none: 0.
func (s *Synapses) OnPre(statements string, delays ...float64) error {
	return s.forward.set(statements, delays)
}

// OnPost is OnPre for spikes of the target.
func (s *Synapses) OnPost(statements string, delays ...float64) error {
	return s.backward.set(statements, delays)
}

// Name gives a name to an expression, for statements that are set after it. It may use the names that there are before it.
func (s *Synapses) Name(name, expression string) error {
	e, err := equation.Parse(expression)
	if err == nil {
		e, err = e.Inline(s.inner)
	}
	if err == nil {
		s.inner[name] = e
	}
	return err
}

// Regularly executes statements for all synapses in the slot Start every so many s.
func (s *Synapses) Regularly(statements string, every float64) error {
	list, err := s.actions(statements)
	if err != nil {
		return err
	}
	steps := s.net.delaySteps(every)
	if steps < 1 {
		return fmt.Errorf("statements every %v s, with steps of %v s", every, s.net.Dt)
	}
	s.net.regular = append(s.net.regular, regular{func() { s.all(list) }, steps})
	return nil
}

// all executes statements for all synapses.
func (s *Synapses) all(list []*action) {
	for _, a := range list {
		s.assign(a, equation.All(s.size))
	}
}

// Set executes statements for all synapses at once.
func (s *Synapses) Set(statements string) error {
	list, err := s.actions(statements)
	if err == nil {
		s.all(list)
	}
	return err
}

// assign executes a statement for some synapses. What is written to a variable that is frozen now is lost.
func (s *Synapses) assign(a *action, which equation.Selection) {
	if a.target.Shared() {
		values := a.program.At(which)
		for m := range which.Count {
			a.target.Data[0] = a.Apply(a.target.Data[0], values[min(m, len(values)-1)])
		}
		return
	}
	var ready []bool
	if s.held[a.target] {
		ready = s.target.ready
	}
	a.assign(which, ready)
}

// Summed lets a parameter of the target be, from step to step, the sum of an expression over its synapses. Name ends in _post.
func (s *Synapses) Summed(name, expression string) error {
	if !strings.HasSuffix(name, "_post") {
		return fmt.Errorf("%s: a sum belongs to a parameter of the target, whose name ends in _post", name)
	}
	list, err := s.actions(name + " += " + expression)
	if err == nil {
		s.summed = append(s.summed, list...)
	}
	return err
}

// sum refreshes the summed parameters.
func (s *Synapses) sum() {
	for _, a := range s.summed {
		clear(a.target.Data)
		a.assign(equation.All(s.size), nil)
	}
}

// Values returns the values of a variable, one a synapse. They are the synapses' own: what is written to them counts.
func (s *Synapses) Values(name string) ([]float64, error) {
	if !s.own[name] {
		return nil, fmt.Errorf("nothing is named %s", name)
	}
	return s.values[name].Data, nil
}

// Evaluate returns an expression for all synapses.
func (s *Synapses) Evaluate(expression string) ([]float64, error) {
	e, err := equation.Parse(expression)
	if err != nil {
		return nil, err
	}
	if e, err = e.Inline(s.inner); err != nil {
		return nil, err
	}
	c, err := e.Compile(s.scope(e.Names()))
	if err != nil {
		return nil, err
	}
	out := make([]float64, s.size)
	if s.size > 0 {
		spread(out, c.At(equation.All(s.size)))
	}
	return out, nil
}

// Bytes is the memory that the synapses hold, without what waits in queues.
func (s *Synapses) Bytes() int64 {
	total := 4 * (len(s.starts) + len(s.order) + len(s.pre) + len(s.post) + len(s.forward.delays) + len(s.backward.delays))
	if s.back != nil {
		total += 4 * (len(s.back.starts) + len(s.back.order))
	}
	for name := range s.own {
		total += 8 * len(s.values[name].Data)
	}
	return int64(total)
}
