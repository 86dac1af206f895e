package quantize

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/emulator/encoder"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/target/chip"
)

// rectifier is a source of 16 spikes and 8 neurons, the weights of which are of both signs and large for their threshold.
func rectifier(t *testing.T) (*snn.Network, Pictures) {
	coding, err := encoder.Default("bernoulli", 1)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	net := &snn.Network{Steps: 48, Reset: snn.Zero, Initial: 0.5, Readout: snn.Readout{Kind: snn.Count}, Populations: []snn.Population{
		{Name: "x", Shape: [3]int{16, 1, 1}, Neuron: snn.Input}, {Name: "spikes", Shape: [3]int{16, 1, 1}, Neuron: snn.Source, Coding: &coding},
		{Name: "y", Shape: [3]int{8, 1, 1}, Neuron: snn.IF, Scale: slices.Repeat([]float64{2}, 8)}},
		Projections: []snn.Projection{{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: weights(r, 128, 0.8)}}}
	pictures := Pictures{N: 40, Codes: func(i int, dst []float32) {
		r := rand.New(rand.NewPCG(uint64(i), 5))
		for k := range dst {
			dst[k] = float32(r.IntN(256) * r.IntN(2))
		}
	}}
	return net, pictures
}

// missed returns how far the neurons are from rectifiers, relative to their activations, a channel.
func missed(t *testing.T, net *snn.Network, p *chip.Profile, pictures Pictures, factors []float64) []float64 {
	counters, err := NewCounters(context.Background(), Raised(net, 2, factors), p, Options{})
	if err != nil || counters == nil {
		t.Fatal(err)
	}
	count := counters()
	sums := make([][3]float64, 8)
	for i := range pictures.N {
		codes, hwc := make([]float32, 16), make([]int32, 16)
		pictures.Codes(i, codes)
		for k, c := range codes {
			hwc[k] = int32(c)
		}
		counts, err := count(hwc, i)
		if err != nil {
			t.Fatal(err)
		}
		for n := range sums {
			a := 0.0
			for s, k := range counts[1] {
				a += float64(k) * float64(net.Projections[0].Weight[n*16+s])
			}
			a, y := max(a, 0), float64(counts[2][n])
			sums[n][0], sums[n][1], sums[n][2] = sums[n][0]+a*a, sums[n][1]+a*y, sums[n][2]+y*y
		}
	}
	var e []float64
	for _, s := range sums {
		e = append(e, s[0]-s[1]*s[1]/max(s[2], 1e-9))
	}
	return e
}

// TestRaise: the factors of a floor at zero are the best of those that are tried, by a count of its own; a layer's is common
// where it is the output.
func TestRaise(t *testing.T) {
	p, err := chip.Load("odin")
	if err != nil {
		t.Fatal(err)
	}
	net, pictures := rectifier(t)
	best, err := Raise(context.Background(), net, 2, false, p, Options{}, pictures)
	if err != nil {
		t.Fatal(err)
	}
	least, all := missed(t, net, p, pictures, best), map[float64]float64{}
	for _, factor := range raises {
		for c, e := range missed(t, net, p, pictures, slices.Repeat([]float64{factor}, 8)) {
			// The activations are float32 there.
			if e < least[c]*(1-1e-5) {
				t.Errorf("channel %d: factor %g misses %g, the chosen %g %g", c, factor, e, best[c], least[c])
			}
			all[factor] += e
		}
	}
	if slices.Max(best) <= 1 {
		t.Errorf("factors %v: none is raised", best)
	}
	for _, jobs := range []int{1, 3} {
		again, err := Raise(context.Background(), net, 2, false, p, Options{Jobs: jobs}, pictures)
		if err != nil || !slices.Equal(again, best) {
			t.Errorf("%d goroutines: got %v, %v, want %v", jobs, again, err, best)
		}
	}
	output, err := Raise(context.Background(), net, 2, true, p, Options{}, pictures)
	if err != nil || slices.Max(output) != slices.Min(output) {
		t.Errorf("an output's factors: %v, %v", output, err)
	}
}

// TestRaised: weights and biases fall as the factors rise, and nothing else changes.
func TestRaised(t *testing.T) {
	net, _ := rectifier(t)
	net.Populations[2].Bias = slices.Repeat([]float64{3}, 8)
	factors := []float64{1, 2, 4, 1, 1, 1, 1, 8}
	r := Raised(net, 2, factors)
	for k, w := range r.Projections[0].Weight {
		if want := float32(float64(net.Projections[0].Weight[k]) / factors[k/16]); w != want {
			t.Fatalf("weight %d: %g, want %g", k, w, want)
		}
	}
	if p := r.Populations[2]; p.Scale[2] != 8 || p.Bias[7] != 0.375 || net.Populations[2].Scale[2] != 2 || net.Populations[2].Bias[7] != 3 {
		t.Errorf("got %+v of %+v", p, net.Populations[2])
	}
	if r.Steps != net.Steps || r.Reset != net.Reset {
		t.Error("more than the population has changed")
	}
}

// TestHeeds: which chips are not told by sums of a step.
func TestHeeds(t *testing.T) {
	for id, want := range map[string]bool{"tinyodin": true, "odin": true, "generic8": false, "loihi1": false, "reckon": false} {
		if got := Heeds(load(t, id)); got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
}
