package equation

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Value is what a name stands for: one number for all, or one for each element. Index, where it is set, says which number an element
// has, as the neuron at one end of a synapse.
type Value struct {
	Data  []float64 // of length 1 for all alike
	Index []int
}

// Scope says what the names and functions of an expression stand for. Values are read at every evaluation, so that they may change.
type Scope struct {
	Values map[string]*Value
	// Functions are those beyond the usual ones, of one argument.
	Functions map[string]func(float64) float64
	// Uniform and Normal are what rand() and randn() draw.
	Uniform, Normal func() float64
}

// Program is an expression for given names.
type Program struct {
	root *code
}

// code is a compiled part with memory for its values.
type code struct {
	args  []*code
	value *Value
	draw  func() float64
	apply func(out []float64, args [][]float64)
	out   []float64
	in    [][]float64
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

// one and two make an operation on lists out of one on numbers.
func one(f func(float64) float64) func([]float64, [][]float64) {
	return func(out []float64, in [][]float64) {
		for i, a := range in[0] {
			out[i] = f(a)
		}
	}
}

func two(f func(a, b float64) float64) func([]float64, [][]float64) {
	return func(out []float64, in [][]float64) {
		b := in[1]
		for i, a := range in[0] {
			out[i] = f(a, b[i])
		}
	}
}

// Compile prepares an expression, or says which names or functions it does not know.
func (e *Expression) Compile(s *Scope) (*Program, error) {
	root, err := compile(e, e.root, s)
	if err != nil {
		return nil, err
	}
	return &Program{root: root}, nil
}

// compile prepares a part.
func compile(e *Expression, n *node, s *Scope) (*code, error) {
	wrong := func(format string, args ...any) error {
		return &Syntax{Text: e.text, At: min(n.at, len(e.text)), Message: fmt.Sprintf(format, args...)}
	}
	c := &code{}
	for _, a := range n.args {
		k, err := compile(e, a, s)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, k)
	}
	c.in = make([][]float64, len(c.args))
	arguments := func(want int) error {
		if len(c.args) != want {
			return wrong("%s takes %d arguments, not %d", n.name, want, len(c.args))
		}
		return nil
	}
	switch n.op {
	case "number":
		c.value = &Value{Data: []float64{n.value}}
		return c, nil
	case "name":
		v, ok := s.Values[n.name]
		if !ok {
			return nil, wrong("nothing is named %s: there are %v", n.name, slices.Sorted(maps.Keys(s.Values)))
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
		if f := s.Functions[n.name]; f != nil {
			c.apply = one(f)
			return c, arguments(1)
		}
		if f := functions[n.name]; f != nil {
			c.apply = one(f)
			return c, arguments(1)
		}
		switch n.name {
		case "rand", "randn":
			c.draw = s.Uniform
			if n.name == "randn" {
				c.draw = s.Normal
			}
			if c.draw == nil {
				return nil, wrong("there are no random numbers here")
			}
			return c, arguments(0)
		case "clip":
			c.apply = func(out []float64, in [][]float64) {
				for i, x := range in[0] {
					out[i] = math.Min(math.Max(x, in[1][i]), in[2][i])
				}
			}
			return c, arguments(3)
		}
		return nil, wrong("there is no function %s", n.name)
	}
	f := binaries[n.op]
	if f == nil {
		return nil, wrong("%s is not defined", n.op)
	}
	c.apply = two(f)
	return c, nil
}

// Eval returns the values for elements 0 … n−1, or, where which is not nil, for those that it names, in its order; then n is its length.
// The result is the program's memory and holds until the next call. Random numbers are drawn function by function, from the left, one
// an element.
func (p *Program) Eval(n int, which []int) []float64 { return p.root.eval(n, which) }

func (c *code) eval(n int, which []int) []float64 {
	if cap(c.out) < n {
		c.out = make([]float64, n)
	}
	out := c.out[:n]
	switch {
	case c.value != nil:
		c.value.gather(out, which)
	case c.draw != nil:
		for i := range out {
			out[i] = c.draw()
		}
	default:
		for i, a := range c.args {
			c.in[i] = a.eval(n, which)
		}
		c.apply(out, c.in)
	}
	return out
}

// gather reads the value for some elements.
func (v *Value) gather(out []float64, which []int) {
	if len(v.Data) == 1 && v.Index == nil {
		for i := range out {
			out[i] = v.Data[0]
		}
		return
	}
	switch {
	case which == nil && v.Index == nil:
		copy(out, v.Data)
	case which == nil:
		for i := range out {
			out[i] = v.Data[v.Index[i]]
		}
	case v.Index == nil:
		for i, k := range which {
			out[i] = v.Data[k]
		}
	default:
		for i, k := range which {
			out[i] = v.Data[v.Index[k]]
		}
	}
}
