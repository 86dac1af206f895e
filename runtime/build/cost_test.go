package build

import (
	"math"
	"slices"
	"testing"

	"spikec/runtime/ladder"
)

// TestEnergyRange: where sources disagree there is a range, and all of them are named.
func TestEnergyRange(t *testing.T) {
	l := ladder.Ladder{PerImage: ladder.PerImage{Cost: ladder.Cost{SynapticOperations: 1000, NeuronUpdates: 100}}}
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

// addsUp wants layers that have together what the whole has: the same integers counted over all images, and with them the same
// energy.
func addsUp(t testing.TB, l *ladder.Ladder) {
	t.Helper()
	n := float64(l.Last().N)
	counts := func(c *ladder.Cost) []int64 {
		var list []int64
		for _, x := range []float64{c.SynapticOperations, c.Spikes, c.NeuronUpdates, c.LowerResets, c.HostMACs, c.Events, c.MemoryAccesses, 8 * c.MemoryBytes} {
			k := math.Round(x * n)
			if math.Abs(k-x*n) > 1e-6*max(1, k) {
				t.Errorf("%s: a mean of %g on %g images is that of no count", l.Target, x, n)
			}
			list = append(list, int64(k))
		}
		return list
	}
	energy := func(nano *float64, span *[2]float64) []float64 {
		if nano == nil {
			return nil
		}
		if span == nil {
			span = &[2]float64{*nano, *nano}
		}
		return []float64{*nano, span[0], span[1]}
	}
	want, wanted := counts(&l.PerImage.Cost), energy(l.Energy.SNNNanojoule, l.Energy.SNNRange)
	got, sums := make([]int64, len(want)), make([]float64, len(wanted))
	for i := range l.Layers {
		p := &l.Layers[i]
		for k, x := range counts(&p.PerImage) {
			got[k] += x
		}
		of := energy(p.Energy.SNNNanojoule, p.Energy.SNNRange)
		if len(of) != len(sums) || (p.Energy.SNNRange != nil) != (l.Energy.SNNRange != nil) {
			t.Errorf("%s: layer %s has the energy %v, the whole %v", l.Target, p.Name, of, wanted)
			continue
		}
		for k, x := range of {
			sums[k] += x
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: counts of all layers %v, of the whole %v", l.Target, got, want)
	}
	for k, x := range wanted {
		if math.Abs(sums[k]-x) > 1e-9*x {
			t.Errorf("%s: layers take %g nJ together, the whole %g", l.Target, sums[k], x)
		}
	}
}
