package convert

import (
	"context"

	"spikec/models/ann"
)

// averagePooling replaces max pooling by the mean over the same windows (linear subsampling: Cao et al. 2015), and
// makes every mean one with fixed weights 1/(kH·kW), also at the border.
func averagePooling(_ context.Context, s *State) error {
	for i := range s.Graph.Nodes {
		n := &s.Graph.Nodes[i]
		switch p := n.Op.(type) {
		case *ann.MaxPool:
			s.Diagnostics.Infof("SPK-CONV-002", n.Name, "max pooling becomes average pooling")
			n.Op = &ann.AveragePool{Window: p.Window, CountPad: true}
		case *ann.AveragePool:
			if p.Window.Padded() && !p.CountPad || p.Excess != [2]int{} {
				s.Diagnostics.Infof("SPK-CONV-003", n.Name, "border windows of the average pool get the divisor of the inner ones")
			}
			n.Op = &ann.AveragePool{Window: p.Window, CountPad: true}
		}
	}
	return nil
}
