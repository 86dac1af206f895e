package chip

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// refractoryCounter is the name under which conditions read the steps that a neuron still has to rest.
const refractoryCounter = "ref"

// eachOperation calls f for every micro-operation of a program, those inside for_each included.
func eachOperation(n *yaml.Node, f func(op string, n *yaml.Node)) {
	if n == nil || n.Kind != yaml.SequenceNode {
		return
	}
	for _, c := range n.Content {
		op, _ := scalarText(find(c, "op"))
		if operations[op] == nil {
			continue
		}
		f(op, c)
		if op == "for_each" {
			eachOperation(find(c, "do"), f)
		}
	}
}

// eachExpression calls f with the node, the parameter and the names of every expression and condition of a program.
func eachExpression(program *yaml.Node, f func(n *yaml.Node, param string, names []string)) {
	eachOperation(program, func(op string, n *yaml.Node) {
		for _, p := range operations[op] {
			v := find(n, p.key)
			if v == nil || isNull(v) {
				continue
			}
			for _, e := range elements(v) {
				s, _ := scalarText(e)
				f(e, op+"."+p.key, parameterNames(s, p.shape))
			}
		}
	})
}

// elements returns the elements of a list, or the node itself.
func elements(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// parameterNames returns the names in the text of a parameter that is an expression or a condition.
func parameterNames(s string, kind shape) []string {
	switch kind {
	case asCondition:
		if c, err := ParseCondition(s); err == nil {
			return c.Names()
		}
	case asExpr, asExprs:
		var names []string
		for _, part := range List(s) {
			if e, err := ParseExpr(part); err == nil {
				names = append(names, e.names...)
			}
		}
		return names
	}
	return nil
}

// names reports names in expressions that are neither registers nor variables.
func (l *loader) names(root *yaml.Node) {
	known := []string{refractoryCounter}
	for _, role := range []string{"threshold", "bias", "lower"} {
		if s, ok := scalarText(find(root, "registers", role)); ok {
			known = append(known, s)
		}
	}
	known = append(known, liveKeys(find(root, "registers", "constants"))...)
	known = append(known, liveKeys(find(root, "state"))...)
	eachOperation(find(root, "program"), func(_ string, n *yaml.Node) {
		for _, key := range []string{"var", "into"} {
			if s, ok := scalarText(find(n, key)); ok {
				known = append(known, s)
			}
		}
	})
	slices.Sort(known)
	known = slices.Compact(known)
	eachExpression(find(root, "program"), func(n *yaml.Node, param string, names []string) {
		for _, s := range names {
			if !slices.Contains(known, s) {
				l.at(n, idName, "program."+param, "unknown name %s, want a register or a variable: %s", s, strings.Join(known, ", "))
			}
		}
	})
}

// liveKeys returns the keys of a mapping whose values are not null.
func liveKeys(n *yaml.Node) []string {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var keys []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isNull(n.Content[i+1]) {
			keys = append(keys, n.Content[i].Value)
		}
	}
	return keys
}
