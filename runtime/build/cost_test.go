package build

import (
	"math"
	"testing"

	"spikec/runtime/ladder"
)

// TestEnergyRange: where sources disagree there is a range, and all of them are named.
func TestEnergyRange(t *testing.T) {
	l := ladder.Ladder{PerImage: ladder.PerImage{SynapticOperations: 1000, NeuronUpdates: 100}}
	l.Energy.Terms = []ladder.Term{
		{Name: costOperation, Picojoule: 8, Source: "one", Status: "published", Others: []ladder.Figure{{Picojoule: 20, Source: "another", Status: "memory"}, {Picojoule: 5, Source: "a third", Status: "secondary"}}},
		{Name: costUpdate, Picojoule: 10, Source: "one", Status: "published"},
	}
	concludeEnergy(&l)
	e := l.Energy
	if e.SNNRange == nil || math.Abs(*e.SNNNanojoule-9) > 1e-12 || math.Abs(e.SNNRange[0]-6) > 1e-12 || math.Abs(e.SNNRange[1]-21) > 1e-12 {
		t.Errorf("%v in %v, want 9 in 6..21", *e.SNNNanojoule, e.SNNRange)
	}
	if want := "sop 8 pJ (one, published) or 20 pJ (another, quoted from memory) or 5 pJ (a third, at second hand), neuron_update 10 pJ (one, published)"; *e.Source != want {
		t.Errorf("%q, want %q", *e.Source, want)
	}
}
