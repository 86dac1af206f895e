package emulator

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

// rangeOf returns the values that an arithmetic leaves alone.
func rangeOf(a fixedpoint.Arith) interval {
	lo, hi := a.Range()
	return interval{lo, hi}
}

// constant evaluates an expression of registers that no drive changes, for every neuron.
func (d *deriver) constant(parameter, text string) ([]int64, error) {
	e, err := chip.ParseExpr(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", parameter, err)
	}
	for _, name := range e.Names() {
		if _, ok := d.drives[name]; ok {
			return nil, fmt.Errorf("%s %q depends on the drive of %s", parameter, text, name)
		}
		if d.isVariable(name) {
			return nil, fmt.Errorf("%s %q depends on %s", parameter, text, name)
		}
	}
	f, err := e.Compile(d.program.slot)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", parameter, text, err)
	}
	values := make([]int64, d.core.Neurons)
	stride := d.program.stride()
	for n := range values {
		values[n] = f(d.rows[n*stride : (n+1)*stride])
	}
	return values, nil
}

// uniform is as constant for an expression that has the same value for all neurons.
func (d *deriver) uniform(parameter, text string) (int64, error) {
	values, err := d.constant(parameter, text)
	if err != nil {
		return 0, err
	}
	for n, v := range values {
		if v != values[0] {
			return 0, fmt.Errorf("%s %q is %d for one neuron and %d for neuron %d of the core", parameter, text, values[0], v, n)
		}
	}
	return values[0], nil
}

// isVariable reports whether a name is a variable of the program (or the weight).
func (d *deriver) isVariable(name string) bool {
	s, ok := d.program.slots[name]
	return ok && s < d.program.variables
}

// linear reads an expression as a sum of variables, variables shifted left by registers, and terms of registers.
func (d *deriver) linear(text string) (linear, error) {
	if _, err := chip.ParseExpr(text); err != nil { // the vocabulary; what follows relies on it
		return linear{}, err
	}
	root, err := parser.ParseExpr(text)
	if err != nil {
		return linear{}, err
	}
	return d.summand(text, root)
}

// summand reads one node of an expression.
func (d *deriver) summand(text string, n ast.Expr) (linear, error) {
	part := text[n.Pos()-1 : n.End()-1]
	switch n := n.(type) {
	case *ast.ParenExpr:
		return d.summand(text, n.X)
	case *ast.Ident:
		if d.isVariable(n.Name) {
			return d.read(n.Name)
		}
		if _, ok := d.drives[n.Name]; ok {
			return d.driven(n.Name)
		}
	case *ast.BinaryExpr:
		if !d.unknown(n) {
			break
		}
		x, err := d.summand(text, n.X)
		if err != nil {
			return linear{}, err
		}
		switch n.Op {
		case token.ADD:
			y, err := d.summand(text, n.Y)
			if err != nil {
				return linear{}, err
			}
			return d.plus(x, y)
		case token.SHL:
			return d.shiftedBy(x, text[n.Y.Pos()-1:n.Y.End()-1])
		}
		return linear{}, fmt.Errorf("%q is not a sum of variables and registers", part)
	}
	values, err := d.constant("term", part)
	return linear{bias: values}, err
}

// unknown reports whether variables or driven registers occur below a node.
func (d *deriver) unknown(n ast.Expr) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			_, isDriven := d.drives[id.Name]
			found = found || isDriven || d.isVariable(id.Name)
		}
		return true
	})
	return found
}

// read returns the value of a variable.
func (d *deriver) read(name string) (linear, error) {
	x, ok := d.values[name]
	switch {
	case !ok || x.stale:
		return linear{}, fmt.Errorf("%s holds what the step before left", name)
	case x.membrane:
		return linear{}, errors.New("the membrane is added to something")
	}
	return x, nil
}

// driven returns a register that a drive is added to.
func (d *deriver) driven(name string) (linear, error) {
	values := make([]int64, d.core.Neurons)
	stride, slot := d.program.stride(), d.program.slots[name]
	for n := range values {
		values[n] = d.rows[n*stride+slot]
	}
	return linear{bias: values, drives: map[string]uint{name: 0}}, nil
}

// shiftedBy shifts a value left by an expression.
func (d *deriver) shiftedBy(x linear, by string) (linear, error) {
	k, err := d.uniform("shift", by)
	if err != nil {
		return linear{}, err
	}
	if k < 0 || k > 31 {
		return linear{}, fmt.Errorf("shift by %d: want 0..31", k)
	}
	return x.shifted(uint(k))
}

// shifted returns x << k.
func (x linear) shifted(k uint) (linear, error) {
	x.shift += k
	x.bias = slices.Clone(x.bias)
	for n, b := range x.bias {
		if b < -magnitude>>k || b > magnitude>>k {
			return linear{}, fmt.Errorf("%d << %d is too large", b, k)
		}
		x.bias[n] <<= k
	}
	x.drives = maps.Clone(x.drives)
	for name := range x.drives {
		x.drives[name] += k
	}
	return x, nil
}

// plus adds two values; at most one may hold the sum of the arriving weights, or a given drive.
func (d *deriver) plus(x, y linear) (linear, error) {
	if x.stale || y.stale {
		return linear{}, errors.New("a variable holds what the step before left")
	}
	if x.sum && y.sum {
		return linear{}, errors.New("the arriving weights are added twice")
	}
	z := linear{membrane: x.membrane, sum: x.sum || y.sum, shift: x.shift, bias: x.bias, drives: maps.Clone(x.drives)}
	if y.sum {
		z.shift = y.shift
	}
	for name, k := range y.drives {
		if _, twice := z.drives[name]; twice {
			return linear{}, fmt.Errorf("the drive of %s is added twice", name)
		}
		if z.drives == nil {
			z.drives = map[string]uint{}
		}
		z.drives[name] = k
	}
	if z.bias == nil {
		z.bias = y.bias
	} else if y.bias != nil {
		z.bias = slices.Clone(x.bias)
		for n := range z.bias {
			z.bias[n] += y.bias[n]
		}
	}
	return z, nil
}

// rangeOf returns the values that a variable other than the membrane may take in any neuron; ok is false where they
// may be too large to reason about.
func (d *deriver) rangeOf(x linear) (interval, bool) {
	var r interval
	add := func(y interval, k uint) bool {
		if k > 60 || !y.within(interval{-magnitude >> k, magnitude >> k}) {
			return false
		}
		r = r.plus(y.shl(k))
		return r.within(interval{-magnitude, magnitude})
	}
	if x.sum && !add(d.rule.sum, x.shift) {
		return r, false
	}
	for name, k := range x.drives {
		if !add(d.drives[name], k) {
			return r, false
		}
	}
	if x.bias != nil && !add(interval{slices.Min(x.bias), slices.Max(x.bias)}, 0) {
		return r, false
	}
	return r, true
}
