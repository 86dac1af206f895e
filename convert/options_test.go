package convert

import (
	"context"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
)

// biased is a small network with biases.
func biased(t *testing.T) *ann.Graph {
	s := newSketch(t, 5, 2, 6, 6)
	c := s.add(s.conv(2, 4, 1, window.Square(3, 1), true), 0)
	r := s.add(ann.Relu{}, c)
	f := s.add(ann.Flatten{}, r)
	s.add(s.linear(4*4*4, 3, true), f)
	return s.g
}

// TestBiasesTakenAway: the user may take biases away that rules and target would keep.
func TestBiasesTakenAway(t *testing.T) {
	g := biased(t)
	for _, zero := range []bool{false, true} {
		opt := options(Best, 8)
		opt.ZeroBias = zero
		r, err := Run(context.Background(), g, unit, pictures(g, 20, unit), Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Network.Populations[1:] {
			if (p.Bias == nil) != zero {
				t.Errorf("ZeroBias %t: %s has biases %v", zero, p.Name, p.Bias)
			}
		}
	}
}

// TestRows: a regression has as many rows as the options say, a whole number of positions an image.
func TestRows(t *testing.T) {
	for _, c := range []struct{ rows, images, positions int }{
		{0, 400, 4}, {1, 400, 3}, {30, 400, 4}, {1, 100, 11}, {1, 10, 16}, // 18 columns and a thousand more, of 16 positions
	} {
		opt := options(Best, 1)
		opt.Rows = c.rows
		s := stateOf(biased(t), c.images, unit, opt)
		through(t, s, "drop-softmax", "zero-bias")
		if f := newFit(s, s.studentLayers()[0]); f.perImage != c.positions {
			t.Errorf("%d rows a column, %d images: %d positions an image, want %d", c.rows, c.images, f.perImage, c.positions)
		}
	}
}
