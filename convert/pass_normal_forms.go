package convert

import (
	"context"

	"spikec/internal/window"
	"spikec/models/ann"
)

// normalForms gives operations one spelling, without changing what the network computes:
//
//   - GlobalAveragePool is an AveragePool whose window is the map;
//   - Pad with zeros in front of a Conv is padding of the Conv;
//   - ReLU after MaxPool is MaxPool after ReLU: both are monotone, so they commute.
func normalForms(_ context.Context, s *State) error {
	consumers := s.Teacher.Consumers()
	old := s.Teacher
	g, err := rewrite(old, func(out *ann.Graph, i int, n ann.Node, in []int) (int, error) {
		switch op := n.Op.(type) {
		case ann.GlobalAveragePool:
			shape := out.Nodes[in[0]].Shape
			w := window.Window2d{Kernel: [2]int{shape[1], shape[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
			return out.Add(n.Name, &ann.AveragePool{Window: w}, in...)
		case *ann.Conv:
			if p, ok := out.Nodes[in[0]].Op.(*ann.Pad); ok && p.Value == 0 {
				c := *op
				for d := range 2 {
					c.Window.PadBegin[d] += p.Begin[d]
					c.Window.PadEnd[d] += p.End[d]
				}
				return out.Add(n.Name, &c, out.Nodes[in[0]].Inputs...)
			}
		case ann.Relu, ann.Clip:
			before := out.Nodes[in[0]]
			if pool, ok := before.Op.(*ann.MaxPool); ok && len(consumers[n.Inputs[0]]) == 1 {
				if _, ok := activation(n.Op); ok {
					r, err := out.Add(n.Name, n.Op, before.Inputs...)
					if err != nil {
						return 0, err
					}
					return out.Add(before.Name, pool, r)
				}
			}
		}
		return out.Add(n.Name, n.Op, in...)
	})
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}
