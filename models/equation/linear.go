package equation

import "slices"

// number is a constant.
func number(v float64) *node { return &node{op: "number", value: v} }

// is reports whether a part is that constant.
func (n *node) is(v float64) bool { return n.op == "number" && n.value == v }

// plus, minus, times and over build operations, without those that change nothing.
func plus(a, b *node) *node {
	switch {
	case a.is(0):
		return b
	case b.is(0):
		return a
	}
	return &node{op: "+", args: []*node{a, b}}
}

func minus(a, b *node) *node {
	switch {
	case b.is(0):
		return a
	case a.is(0):
		return &node{op: "neg", args: []*node{b}}
	}
	return &node{op: "-", args: []*node{a, b}}
}

func times(a, b *node) *node {
	switch {
	case a.is(0) || b.is(0):
		return number(0)
	case a.is(1):
		return b
	case b.is(1):
		return a
	}
	return &node{op: "*", args: []*node{a, b}}
}

func over(a, b *node) *node {
	if a.is(0) {
		return a
	}
	return &node{op: "/", args: []*node{a, b}}
}

// Linear writes an expression as Σ factors[i]·names[i] + rest, where neither factors nor rest use the names; ok is false where it is
// not of that form.
func (e *Expression) Linear(names []string) (factors []*Expression, rest *Expression, ok bool) {
	f, r, ok := linear(e.root, names)
	if !ok {
		return nil, nil, false
	}
	for _, n := range f {
		factors = append(factors, &Expression{text: e.text, root: n})
	}
	return factors, &Expression{text: e.text, root: r}, true
}

// linear is Linear for a part.
func linear(n *node, names []string) (factors []*node, rest *node, ok bool) {
	factors = make([]*node, len(names))
	for i := range factors {
		factors[i] = number(0)
	}
	used := false
	n.walk(func(p *node) { used = used || p.op == "name" && slices.Contains(names, p.name) })
	if !used {
		return factors, n, true
	}
	combine := func(f func(a, b *node) *node, a, b []*node) []*node {
		out := make([]*node, len(a))
		for i := range a {
			out[i] = f(a[i], b[i])
		}
		return out
	}
	constant := func(f []*node) bool { return !slices.ContainsFunc(f, func(n *node) bool { return !n.is(0) }) }
	all := func(n *node) []*node { return slices.Repeat([]*node{n}, len(names)) }
	if n.op == "name" {
		factors[slices.Index(names, n.name)] = number(1)
		return factors, number(0), true
	}
	if n.op == "neg" {
		f, r, ok := linear(n.args[0], names)
		if !ok {
			return nil, nil, false
		}
		return combine(minus, factors, f), minus(number(0), r), true
	}
	if len(n.args) != 2 || n.op == "call" {
		return nil, nil, false
	}
	fa, ra, oka := linear(n.args[0], names)
	fb, rb, okb := linear(n.args[1], names)
	if !oka || !okb {
		return nil, nil, false
	}
	switch n.op {
	case "+":
		return combine(plus, fa, fb), plus(ra, rb), true
	case "-":
		return combine(minus, fa, fb), minus(ra, rb), true
	case "*":
		if constant(fb) {
			return combine(times, fa, all(rb)), times(ra, rb), true
		}
		if constant(fa) {
			return combine(times, all(ra), fb), times(ra, rb), true
		}
	case "/":
		if constant(fb) {
			return combine(over, fa, all(rb)), over(ra, rb), true
		}
	}
	return nil, nil, false
}

// IsZero reports whether an expression is the constant 0.
func (e *Expression) IsZero() bool { return e.root.is(0) }
