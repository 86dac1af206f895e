package ann

import (
	"errors"
	"fmt"
)

// MaxElements bounds the elements of one tensor (1 GiB of float32). It is far above any network for a chip and keeps a
// damaged file from asking for all memory.
const MaxElements = 1 << 28

// checkSize refuses dimensions below 1 and more than MaxElements elements.
func checkSize(s Shape) error {
	if len(s) == 0 {
		return errors.New("a tensor without dimensions")
	}
	n := 1
	for _, d := range s {
		if d < 1 {
			return fmt.Errorf("shape %s has a dimension below 1", s)
		}
		if d > MaxElements/n {
			return fmt.Errorf("shape %s has more than %d elements", s, MaxElements)
		}
		n *= d
	}
	return nil
}

// Validate reports everything that is wrong with the graph: an input that is not the first node and the only one,
// nodes that read later nodes, names that are empty or not unique, shapes that are not what the operations make,
// an output that is not a node. A graph made by NewGraph and Add fails only where names are not unique.
func (g *Graph) Validate() error {
	if len(g.Nodes) == 0 {
		return errors.New("ann: the graph has no nodes")
	}
	var errs []error
	if g.Output < 0 || g.Output >= len(g.Nodes) {
		errs = append(errs, fmt.Errorf("ann: output %d is not a node", g.Output))
	}
	names := map[string]bool{}
	for i, n := range g.Nodes {
		if names[n.Name] || n.Name == "" {
			errs = append(errs, fmt.Errorf("ann: node %d: name %q is empty or not unique", i, n.Name))
		}
		names[n.Name] = true
		if err := g.checkNode(i); err != nil {
			errs = append(errs, fmt.Errorf("ann: node %q (%s): %w", n.Name, n.Op.Kind(), err))
		}
	}
	return errors.Join(errs...)
}

// checkNode checks the order and the shape of one node.
func (g *Graph) checkNode(i int) error {
	n := g.Nodes[i]
	if _, input := n.Op.(Input); input != (i == 0) {
		return errors.New("the input must be the first node and the only one")
	}
	if err := checkSize(n.Shape); err != nil || i == 0 {
		return err
	}
	for _, in := range n.Inputs {
		if in < 0 || in >= i {
			return fmt.Errorf("input %d is not an earlier node", in)
		}
	}
	shape, err := n.Op.OutputShape(g.InputShapes(i))
	if err != nil {
		return err
	}
	if !shape.Equal(n.Shape) {
		return fmt.Errorf("shape %s is recorded, the operation makes %s", n.Shape, shape)
	}
	return nil
}
