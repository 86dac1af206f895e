package convert

import (
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
)

// TestPoolNeurons: an average pool becomes a population with weights of 1/k² and the scale factors of its source, and the
// output of many steps is that of the trained network, with the pool's neurons as without.
func TestPoolNeurons(t *testing.T) {
	network := func() *sketch {
		s := newSketch(t, 5, 2, 6, 6)
		s.add(s.conv(2, 3, 1, oneTap(), true))
		s.add(ann.Relu{})
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(s.conv(3, 4, 1, oneTap(), true))
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(36, 2, true))
		return s
	}
	for _, own := range []bool{false, true} {
		opt := options(Best, 400)
		opt.PoolNeurons = own
		if got := loss(t, network(), opt); got > 1e-3 {
			t.Errorf("neurons of their own %v: the output is off by %.2g of its mean square", own, got)
		}
		s := network()
		st := stateOf(s.g, 20, unit, opt)
		through(t, st, "drop-softmax", "lower")
		p := st.Network.Populations
		if !own {
			if len(p) != 4 || st.Network.Projections[1].Pool == nil {
				t.Errorf("the pool is not folded:\n%s", st.Network)
			}
			continue
		}
		if len(p) != 5 || p[2].Shape != [3]int{3, 3, 3} || !slices.Equal(p[2].Scale, p[1].Scale) {
			t.Fatalf("populations of\n%s\nscale factors %v and %v", st.Network, p[1].Scale, p[2].Scale)
		}
		if q := st.Network.Projections[1]; q.Pool == nil || !slices.Equal(q.Weight, []float32{0.25, 0.25, 0.25}) {
			t.Errorf("the pool's weights are %v", q.Weight)
		}
	}
}
