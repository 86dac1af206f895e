package quantize

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/target/chip"
)

// withRelay puts a relay between the last layer of neurons of a network and its output.
func withRelay(n *snn.Network) *snn.Network {
	m := *n
	last := len(n.Populations) - 2
	p := n.Populations[last]
	c := p.Shape[0]
	relay := snn.Population{Name: "relay", Shape: p.Shape, Neuron: snn.IF, Scale: p.Scale}
	m.Populations = slices.Insert(slices.Clone(n.Populations), last+1, relay)
	m.Projections = nil
	for _, q := range n.Projections {
		if q.Target > last {
			m.Projections = append(m.Projections, snn.Projection{Source: last, Target: last + 1, Window: window.Square(1, 1), Groups: c,
				Weight: slices.Repeat([]float32{1}, c), Identity: true})
			q.Source, q.Target = q.Source+1, q.Target+1
		}
		m.Projections = append(m.Projections, q)
	}
	return &m
}

// TestRelaysAreExact: on every chip, also one with a coarse grid of weights or with narrow membranes, integers with a relay
// answer as those without, and its weight is its threshold.
func TestRelaysAreExact(t *testing.T) {
	chips := map[string]func(*chip.Profile){
		"generic8": nil, "generic4": nil, "loihi1": nil, "generic8-signed": nil, "generic8-staged": nil,
		// An odd limit of thresholds where weights are even; thresholds from 3 on where weights are multiples of 5.
		"even": func(p *chip.Profile) { p.Weight.Step, p.Weight.Max, p.Weight.Min, p.Threshold.Max = 2, 254, -254, 33 },
		"fives": func(p *chip.Profile) {
			p.Weight.Step, p.Weight.Max, p.Weight.Min, p.Threshold.Min = 5, 635, -635, 3
			p.State.V.Max, p.State.V.Min = 299, -300
		},
	}
	for id, change := range chips {
		base := id
		if change != nil {
			base = "generic8"
		}
		fired := int64(0)
		for seed := range uint64(20) {
			p := *load(t, base)
			if change != nil {
				v := *p.State.V
				p.State.V = &v
				change(&p)
			}
			r := rand.New(rand.NewPCG(seed, 9))
			n := randomNetwork(r, &p)
			q, _, err := Run(context.Background(), n, &p, Options{})
			if err != nil {
				continue // too narrow for the network, with or without a relay
			}
			m, _, err := Run(context.Background(), withRelay(n), &p, Options{})
			if err != nil {
				t.Fatalf("%s, seed %d: %v", id, seed, err)
			}
			k := len(m.Populations) - 2
			in := slices.IndexFunc(m.Projections, func(p Projection) bool { return p.Target == k })
			if !slices.Equal(m.Projections[in].Weight, m.Populations[k].Threshold) {
				t.Fatalf("%s, seed %d: weights %v, thresholds %v", id, seed, m.Projections[in].Weight, m.Populations[k].Threshold)
			}
			codes := make([]int32, q.Populations[0].Size())
			for i := range codes {
				codes[i] = int32(r.IntN(256))
			}
			was, is := answer(t, q, codes), answer(t, m, codes)
			last := len(was.Steps) - 1
			if !slices.Equal(was.Counts[last], is.Counts[last]) || !slices.Equal(was.Potentials[last], is.Potentials[last]) || was.Spikes[k-1] != is.Spikes[k] {
				t.Fatalf("%s, seed %d: counts %v, with a relay %v; potentials %v and %v; %d and %d spikes", id, seed, was.Counts[last], is.Counts[last],
					was.Potentials[last], is.Potentials[last], was.Spikes[k-1], is.Spikes[k])
			}
			fired += is.Spikes[k]
		}
		if fired == 0 {
			t.Errorf("%s: no relay got a spike", id)
		}
	}
}

// answer runs a network of integers on one picture, codes in H,W,C order.
func answer(t tb, q *Network, codes []int32) *snn.Result[int32] {
	t.Helper()
	s, err := NewSimulator(q)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.NewLoop().Run(codes, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
