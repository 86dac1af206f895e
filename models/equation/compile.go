package equation

import (
	"maps"
	"math"
	"slices"
)

// Value is what a name stands for: one number for all, or one for each element. Index, where it is set, says which number an element
// has, as the neuron at one end of a synapse.
type Value struct {
	Data  []float64 // of length 1 for all alike
	Index []int32
}

// Scope says what the names and functions of an expression stand for. Values are read at every evaluation, so that they may change.
type Scope struct {
	Values map[string]*Value
	// Functions are those beyond the usual ones: of a time and an index, which is 0 where it is not given.
	Functions map[string]func(t, index float64) float64
	// Uniform is what rand() draws, and Normals what randn() does, for all elements.
	Uniform func() float64
	Normals func(out []float64)
}

// Program is an expression for given names. One goroutine may use it at a time.
type Program struct {
	root  *code
	round uint64 // of evaluations
}

// code is a compiled part with memory for its values.
type code struct {
	args   []*code
	value  *Value
	draw   func(out []float64)
	single bool                                  // one number for all elements: the part is made of such
	apply  func(out []float64, args [][]float64) // element by element, so that out may be one of args
	out    *memory
	in     [][]float64
	round  uint64 // in which out was computed
	result []float64
	uses   int // how many parts read it
}

// memory is for the values of a part. A part that alone reads another one computes its values in the memory of that one, which keeps
// long expressions within the cache.
type memory struct{ values []float64 }

// of returns memory for n values.
func (m *memory) of(n int) []float64 {
	if cap(m.values) < n {
		m.values = make([]float64, n)
	}
	return m.values[:n]
}

// functions are those of one argument.
var functions = map[string]func(float64) float64{"exp": math.Exp, "log": math.Log, "log10": math.Log10, "sqrt": math.Sqrt, "sin": math.Sin,
	"cos": math.Cos, "tan": math.Tan, "asin": math.Asin, "arcsin": math.Asin, "acos": math.Acos, "arccos": math.Acos, "atan": math.Atan,
	"arctan": math.Atan, "sinh": math.Sinh, "cosh": math.Cosh, "tanh": math.Tanh, "expm1": math.Expm1, "log1p": math.Log1p, "abs": math.Abs,
	"floor": math.Floor, "ceil": math.Ceil, "int": math.Trunc, "exprel": exprel, "sign": sign}

// exprel is (e^x − 1)/x, 1 at 0.
func exprel(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Expm1(x) / x
}

// sign is −1, 0 or 1.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// truth is 1 or 0.
func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// binaries are the operations of two numbers. What is true is 1, what is false 0; every number but 0 counts as true. // and % round
// downwards, as Python's do.
var binaries = map[string]func(a, b float64) float64{
	"+": func(a, b float64) float64 { return a + b }, "-": func(a, b float64) float64 { return a - b },
	"*": func(a, b float64) float64 { return a * b }, "/": func(a, b float64) float64 { return a / b },
	"//": func(a, b float64) float64 { return math.Floor(a / b) }, "%": func(a, b float64) float64 { return a - b*math.Floor(a/b) },
	"**": math.Pow,
	"<":  func(a, b float64) float64 { return truth(a < b) }, ">": func(a, b float64) float64 { return truth(a > b) },
	"<=": func(a, b float64) float64 { return truth(a <= b) }, ">=": func(a, b float64) float64 { return truth(a >= b) },
	"==": func(a, b float64) float64 { return truth(a == b) }, "!=": func(a, b float64) float64 { return truth(a != b) },
	"and": func(a, b float64) float64 { return truth(a != 0 && b != 0) }, "or": func(a, b float64) float64 { return truth(a != 0 || b != 0) },
}

// one and two make an operation on lists out of one on numbers. A list of one number stands for as many as are wanted.
func one(f func(float64) float64) func([]float64, [][]float64) {
	return func(out []float64, in [][]float64) {
		for i, a := range in[0] {
			out[i] = f(a)
		}
	}
}

func two(f func(a, b float64) float64) func([]float64, [][]float64) {
	return func(out []float64, in [][]float64) {
		a, b := in[0], in[1]
		switch {
		case len(b) == 1:
			y := b[0]
			for i, x := range a {
				out[i] = f(x, y)
			}
		case len(a) == 1:
			x := a[0]
			for i, y := range b {
				out[i] = f(x, y)
			}
		default:
			for i, x := range a {
				out[i] = f(x, b[i])
			}
		}
	}
}

// fill sets all elements.
func fill(out []float64, v float64) {
	for i := range out {
		out[i] = v
	}
}

// Compile prepares an expression, or says which names or functions it does not know.
func (e *Expression) Compile(s *Scope) (*Program, error) {
	k := &compiler{e: e, s: s, done: map[*node]*code{}}
	root, err := k.compile(e.root)
	if err != nil {
		return nil, err
	}
	for _, c := range k.made {
		c.place()
	}
	return &Program{root: root}, nil
}

// compiler compiles each part once, however often it stands in the expression.
type compiler struct {
	e    *Expression
	s    *Scope
	done map[*node]*code
	made []*code // each after its arguments
}

// compile prepares a part.
func (k *compiler) compile(n *node) (*code, error) {
	if c := k.done[n]; c != nil {
		return c, nil
	}
	c, err := k.part(n)
	if err != nil {
		return nil, err
	}
	c.single = c.draw == nil
	for _, a := range c.args {
		c.single = c.single && a.single
	}
	if c.value != nil {
		c.single = c.value.Shared()
	}
	k.done[n] = c
	k.made = append(k.made, c)
	for _, a := range c.args {
		a.uses++
	}
	return c, nil
}

// place chooses the memory of a part, when those of its arguments are chosen.
func (c *code) place() {
	for _, a := range c.args {
		if a.uses == 1 && a.value == nil && a.single == c.single && c.draw == nil {
			c.out = a.out
			return
		}
	}
	c.out = &memory{}
}

// part is compile for a part that was not met yet.
func (k *compiler) part(n *node) (*code, error) {
	c := &code{}
	for _, a := range n.args {
		b, err := k.compile(a)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, b)
	}
	c.in = make([][]float64, len(c.args))
	switch n.op {
	case "number":
		c.value = &Value{Data: []float64{n.value}}
		return c, nil
	case "name":
		v, ok := k.s.Values[n.name]
		if !ok {
			return nil, k.e.wrong(n, "nothing is named %s%s", n.name, meant(n.name, slices.Collect(maps.Keys(k.s.Values))))
		}
		c.value = v
		return c, nil
	case "neg":
		c.apply = one(func(a float64) float64 { return -a })
		return c, nil
	case "not":
		c.apply = one(func(a float64) float64 { return truth(a == 0) })
		return c, nil
	case "call":
		return c, k.call(n, c)
	case "**":
		if p, ok := constant(n.args[1]); ok && (p == 2 || p == 3 || p == 4) {
			c.apply = small(int(p))
			return c, nil
		}
	}
	if f := arithmetic[n.op]; f != nil {
		c.apply = f
		return c, nil
	}
	f := binaries[n.op]
	if f == nil {
		return nil, k.e.wrong(n, "%s is not defined", n.op)
	}
	c.apply = two(f)
	return c, nil
}

// call prepares a function's value.
func (k *compiler) call(n *node, c *code) error {
	arguments := func(want int) error {
		if len(c.args) != want {
			return k.e.wrong(n, "%s takes %d arguments, not %d", n.name, want, len(c.args))
		}
		return nil
	}
	if f := k.s.Functions[n.name]; f != nil {
		if len(c.args) != 1 && len(c.args) != 2 {
			return k.e.wrong(n, "%s takes 1 or 2 arguments, not %d", n.name, len(c.args))
		}
		c.apply = one(func(t float64) float64 { return f(t, 0) })
		if len(c.args) == 2 {
			c.apply = two(f)
		}
		return nil
	}
	if f := functions[n.name]; f != nil {
		c.apply = one(f)
		return arguments(1)
	}
	switch n.name {
	case "rand", "randn", "poisson":
		if k.s.Uniform == nil || k.s.Normals == nil && n.name == "randn" {
			return k.e.wrong(n, "there are no random numbers here")
		}
		switch n.name {
		case "poisson":
			u := k.s.Uniform
			c.apply = one(func(mean float64) float64 { return poisson(u, mean) })
			c.draw = many(u)
			return arguments(1)
		case "rand":
			c.draw = many(k.s.Uniform)
		default:
			c.draw = k.s.Normals
		}
		return arguments(0)
	case "clip":
		c.apply = func(out []float64, in [][]float64) {
			for i := range out {
				out[i] = math.Min(math.Max(at(in[0], i), at(in[1], i)), at(in[2], i))
			}
		}
		return arguments(3)
	case "min", "max":
		c.apply = two(math.Min)
		if n.name == "max" {
			c.apply = two(math.Max)
		}
		return arguments(2)
	case "timestep":
		c.apply = two(func(t, dt float64) float64 { return math.Trunc((t + dt/1000) / dt) })
		return arguments(2)
	}
	return k.e.wrong(n, "there is no function %s", n.name)
}

// many draws for all elements.
func many(draw func() float64) func([]float64) {
	return func(out []float64) {
		for i := range out {
			out[i] = draw()
		}
	}
}

// at is an element of a list that may be one number for all.
func at(list []float64, i int) float64 {
	if len(list) == 1 {
		return list[0]
	}
	return list[i]
}

// mostPoisson bounds the mean of poisson, whose time grows with it.
const mostPoisson = 700

// poisson draws a number of the Poisson distribution by Knuth's product of uniform numbers (The Art of Computer Programming 2, 3.4.1); NaN
// for a mean that is below 0 or above mostPoisson.
func poisson(u func() float64, mean float64) float64 {
	if !(mean >= 0 && mean <= mostPoisson) {
		return math.NaN()
	}
	n, p, limit := -1.0, 1.0, math.Exp(-mean)
	for p > limit || n < 0 {
		p *= u()
		n++
	}
	return n
}

// Selection are elements of values: Count of them from First on or, where Which is not nil, those that it names in its order.
type Selection struct {
	First, Count int
	Which        []int32
}

// All are elements 0 … n−1.
func All(n int) Selection { return Selection{Count: n} }

// Some are the elements that a list names.
func Some(which []int32) Selection { return Selection{Count: len(which), Which: which} }

// Single reports whether the value is one number, the same for all elements.
func (p *Program) Single() bool { return p.root.single }

// At returns the values for elements, or one value alone where that is Single. The result is memory of the program or of a value that
// it reads, holds until the next call, and must not be written to. Random numbers are drawn function by function, from the left, one
// an element.
func (p *Program) At(s Selection) []float64 {
	p.round++
	return p.root.at(s, p.round)
}

// Eval returns the values for elements 0 … n−1, or, where which is not nil, for those that it names, in its order; then n is its length.
// The result is as that of At, but always has the length n.
func (p *Program) Eval(n int, which []int) []float64 {
	s := All(n)
	if which != nil {
		s.Which = make([]int32, n)
		for i, k := range which {
			s.Which[i] = int32(k)
		}
	}
	v := p.At(s)
	if len(v) == n {
		return v
	}
	value := v[0]
	out := p.root.out.of(n)
	fill(out, value)
	return out
}

func (c *code) at(s Selection, round uint64) []float64 {
	if c.round == round {
		return c.result
	}
	c.round = round
	n := s.Count
	if c.single {
		n = 1
	}
	switch {
	case c.value != nil && (c.single || s.Which == nil && c.value.Index == nil):
		first := s.First
		if c.single {
			first = 0
		}
		c.result = c.value.Data[first : first+n]
		return c.result
	case c.value != nil:
		c.result = c.out.of(n)
		c.value.gather(c.result, s)
		return c.result
	}
	for i, a := range c.args {
		c.in[i] = a.at(s, round)
	}
	out := c.out.of(n)
	switch {
	case c.apply == nil:
		c.draw(out)
	case len(c.in) == 1 && len(c.in[0]) == 1 && n > 1: // one draw an element
		wide := slices.Repeat(c.in[0], n)
		c.apply(out, [][]float64{wide})
	default:
		c.apply(out, c.in)
	}
	c.result = out
	return out
}

// gather reads the value for some elements.
func (v *Value) gather(out []float64, s Selection) {
	switch {
	case s.Which == nil:
		for i, k := range v.Index[s.First : s.First+s.Count] {
			out[i] = v.Data[k]
		}
	case v.Index == nil:
		for i, k := range s.Which {
			out[i] = v.Data[k]
		}
	default:
		for i, k := range s.Which {
			out[i] = v.Data[v.Index[k]]
		}
	}
}

// Shared reports whether the value is one number for all elements.
func (v *Value) Shared() bool { return len(v.Data) == 1 && v.Index == nil }

// Draws reports whether the program draws random numbers.
func (p *Program) Draws() bool {
	return p.root.any(func(c *code) bool { return c.draw != nil })
}

// Reads reports whether the program reads what is stored in a value.
func (p *Program) Reads(v *Value) bool {
	return p.root.any(func(c *code) bool {
		return c.value != nil && len(v.Data) > 0 && len(c.value.Data) > 0 && &c.value.Data[0] == &v.Data[0]
	})
}

// any reports whether f holds for a part.
func (c *code) any(f func(*code) bool) bool {
	return f(c) || slices.ContainsFunc(c.args, func(a *code) bool { return a.any(f) })
}
