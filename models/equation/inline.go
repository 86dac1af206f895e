package equation

import "fmt"

// mostParts bounds how many parts an expression has when every sub-expression is written out.
const mostParts = 1 << 14

// Inline returns the expression with sub-expressions in the place of their names. A part that stands in several places is one part
// still, and is computed once in an evaluation. The error is that of a result that has too many parts.
func (e *Expression) Inline(names map[string]*Expression) (*Expression, error) {
	if len(names) == 0 {
		return e, nil
	}
	root := inline(e.root, names)
	if parts(root, map[*node]int{}) > mostParts {
		return nil, fmt.Errorf("%q has more than %d parts when its sub-expressions are written out", e.text, mostParts)
	}
	return &Expression{text: e.text, root: root}, nil
}

// inline is Inline for a part. Places within what is put in are those of the name.
func inline(n *node, names map[string]*Expression) *node {
	if n.op == "name" {
		if s := names[n.name]; s != nil {
			return s.root
		}
		return n
	}
	var args []*node
	changed := false
	for _, a := range n.args {
		b := inline(a, names)
		changed = changed || a != b
		args = append(args, b)
	}
	if !changed {
		return n
	}
	m := *n
	m.args = args
	return &m
}

// parts counts, up to a little beyond mostParts.
func parts(n *node, known map[*node]int) int {
	if k, ok := known[n]; ok {
		return k
	}
	k := 1
	for _, a := range n.args {
		k = min(k+parts(a, known), mostParts+1)
	}
	known[n] = k
	return k
}
