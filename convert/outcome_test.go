package convert

import (
	"context"
	"testing"

	"spikec/models/snn"
)

// TestLayersOfAResult: every layer names its population, also where relays stand between populations.
func TestLayersOfAResult(t *testing.T) {
	for _, staggered := range []bool{false, true} {
		for _, encoding := range []string{"constant", "regular"} {
			s, o := hostile(t), options(Best, 4)
			o.Pooling, o.Encoding = AveragePooling, encoding
			c := Capabilities{Bias: true, PerNeuronThreshold: true, Firing: snn.Staged, Staggered: staggered}
			r, err := Run(context.Background(), s.g, unit, pictures(s.g, 8, unit), c, o)
			if err != nil {
				t.Fatal(err)
			}
			if relays := len(r.Network.Populations) - len(r.Layers) - 1 - r.Input; relays > 0 != staggered {
				t.Errorf("%d relays", relays)
			}
			if (r.Input == 1) != (encoding == "regular") {
				t.Errorf("%s: the layers read the input from population %d", encoding, r.Input)
			}
			for _, l := range r.Layers {
				p := r.Network.Populations[l.Population]
				if p.Name != l.Name || r.Student.Nodes[l.Node].Name != l.Name || r.Teacher.Nodes[l.Node].Name != l.Name || p.Size() != r.Student.Nodes[l.Pre].Shape.Size() {
					t.Errorf("layer %+v is population %s", l, p.Name)
				}
			}
			if last := r.Layers[len(r.Layers)-1]; last.Node != r.Student.Output || last.Pre != last.Node || last.Population != r.Network.Output() {
				t.Errorf("output %+v", last)
			}
		}
	}
}

// TestStaircase: at θ/2 and T = 4, floor(4z + ½) within 0..4; with a reset to zero, what spikes says.
func TestStaircase(t *testing.T) {
	o := options(Best, 4)
	for z, want := range map[float64]float64{-3: 0, 0: 0, 0.12: 0, 0.13: 1, 0.5: 2, 0.9: 4, 1: 4, 9: 4} {
		if got := o.Staircase(z); got != want {
			t.Errorf("drive %v: got %v spikes, want %v", z, got, want)
		}
	}
	o.Reset, o.Initial = snn.Zero, 0
	for z, want := range map[float64]float64{-1: 0, 0: 0, 0.2: 0, 0.3: 1, 0.5: 2, 0.9: 2, 1: 4, 2: 4} {
		if got := o.Staircase(z); got != want {
			t.Errorf("reset to zero, drive %v: got %v spikes, want %v", z, got, want)
		}
	}
}
