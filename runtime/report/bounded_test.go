package report

import (
	"testing"

	"spikec/runtime/ladder"
)

// TestBounded: 6 neurons, 5 steps and 2 images are 60 steps of a neuron. A chip that looks at its bounds after every event meets
// them more often than that; a layer of the host has none.
func TestBounded(t *testing.T) {
	l := &ladder.Ladder{Steps: 5, Data: ladder.Data{N: 2}, Passes: &ladder.Passes{Count: 3}}
	for _, c := range []struct {
		layer ladder.Layer
		want  string
	}{
		{ladder.Layer{Neurons: 6, Saturations: 15}, "0.2500"},
		{ladder.Layer{Neurons: 6, Saturations: 90}, "1.5000"},
		{ladder.Layer{Neurons: 6, Saturations: 15, Host: true}, "-"},
		{ladder.Layer{Saturations: 15}, "-"},
	} {
		if got := bounded(&c.layer, l); got != c.want {
			t.Errorf("%+v: %s, want %s", c.layer, got, c.want)
		}
	}
}
