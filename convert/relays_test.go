package convert

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/diag"
	"spikec/models/snn"
)

// relayed returns a network with relays, and what was said about them.
func relayed(t tb, n *snn.Network, staggered bool) (*snn.Network, diag.List) {
	t.Helper()
	s := &State{Network: n, Capabilities: Capabilities{Staggered: staggered}}
	if err := relays(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return s.Network, s.Diagnostics
}

// full joins two populations, of which those at index 0 are the input.
func full(n *snn.Network, source, target int, weight []float32) {
	n.Projections = append(n.Projections, snn.Projection{Source: source, Target: target, Groups: 1, Window: oneTap(), Weight: weight})
}

// vectors is a network of populations of two neurons without projections.
func vectors(neurons ...snn.Neuron) *snn.Network {
	n := &snn.Network{Name: "vectors", Steps: 8, Reset: snn.Subtract, Initial: 0.5, Readout: snn.Readout{Kind: snn.Count}}
	for i, kind := range neurons {
		p := snn.Population{Name: fmt.Sprint("p", i), Shape: [3]int{2, 1, 1}, Neuron: kind}
		if kind == snn.IF {
			p.Scale = []float64{float64(i), 7}
		}
		n.Populations = append(n.Populations, p)
	}
	return n
}

// TestRelaysByHand: p1 → p2 → p3 → p4. From p1 one connection passes p2 and one passes p2 and p3: a chain of two relays. From
// p2 one passes p3. The input drives p1 and p4.
func TestRelaysByHand(t *testing.T) {
	n := vectors(snn.Input, snn.IF, snn.IF, snn.IF, snn.IF)
	w := make([]float32, 4)
	for _, e := range [][2]int{{0, 1}, {1, 2}, {2, 3}, {1, 3}, {3, 4}, {1, 4}, {2, 4}, {0, 4}} {
		full(n, e[0], e[1], w)
	}
	before := n.String()
	got, said := relayed(t, n, true)
	want := `network vectors: T=8 reset=subtract initial=0.5
population 0 p0 2x1x1 Input
population 1 p1 2x1x1 IF
  from 0: conv 1x1 stride [1 1] pads [0 0][0 0]
population 2 p1/relay1 2x1x1 IF
  from 1: conv 1x1 stride [1 1] pads [0 0][0 0] groups 2
population 3 p1/relay2 2x1x1 IF
  from 2: conv 1x1 stride [1 1] pads [0 0][0 0] groups 2
population 4 p2 2x1x1 IF
  from 1: conv 1x1 stride [1 1] pads [0 0][0 0]
population 5 p2/relay 2x1x1 IF
  from 4: conv 1x1 stride [1 1] pads [0 0][0 0] groups 2
population 6 p3 2x1x1 IF
  from 4: conv 1x1 stride [1 1] pads [0 0][0 0]
  from 2: conv 1x1 stride [1 1] pads [0 0][0 0]
population 7 p4 2x1x1 IF
  from 6: conv 1x1 stride [1 1] pads [0 0][0 0]
  from 3: conv 1x1 stride [1 1] pads [0 0][0 0]
  from 5: conv 1x1 stride [1 1] pads [0 0][0 0]
  from 0: conv 1x1 stride [1 1] pads [0 0][0 0]
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if n.String() != before {
		t.Error("the network itself has changed")
	}
	if !slices.Equal(got.Populations[3].Scale, []float64{1, 7}) {
		t.Errorf("a spike of a relay is worth %v", got.Populations[3].Scale)
	}
	if len(said) != 1 || said[0].ID != "SPK-CONV-015" || said.HasErrors() ||
		said[0].Message != "connections past other layers go over 3 relays of 6 neurons in all, which send spikes on a layer later" {
		t.Errorf("said %v", said)
	}
	for _, staggered := range []bool{false, true} {
		m := vectors(snn.Input, snn.IF, snn.IF)
		full(m, 0, 1, w)
		full(m, 1, 2, w)
		if staggered {
			full(m, 0, 2, w) // the input drives a layer in all its steps
		} else {
			m = n
		}
		if got, said := relayed(t, m, staggered); got.String() != m.String() || len(said) > 0 {
			t.Errorf("staggered %v: got\n%s\n%v", staggered, got, said)
		}
	}
}

// TestRelaysSendOnWhatTheyGet: whatever the neurons, a network with relays does what it did without, and a relay sends what
// its source sends.
func TestRelaysSendOnWhatTheyGet(t *testing.T) {
	spiked := false
	rapid.Check(t, func(t *rapid.T) {
		layers := rapid.IntRange(3, 6).Draw(t, "layers")
		kinds := append([]snn.Neuron{snn.Input}, slices.Repeat([]snn.Neuron{snn.IF}, layers)...)
		n := vectors(kinds...)
		n.Steps = rapid.IntRange(1, 40).Draw(t, "steps")
		n.Initial = rapid.SampledFrom([]float64{0, 0.5}).Draw(t, "initial")
		n.Firing = rapid.SampledFrom([]snn.Firing{snn.Plain, snn.Signed, snn.Staged}).Draw(t, "firing")
		if n.Firing == snn.Plain && rapid.Bool().Draw(t, "zero") {
			n.Reset = snn.Zero
		}
		weights := func(unit float32) []float32 {
			var w []float32
			for range 4 {
				w = append(w, float32(rapid.IntRange(-24, 40).Draw(t, "weight"))*unit)
			}
			return w
		}
		full(n, 0, 1, weights(1./2048))
		for target := 2; target <= layers; target++ {
			for source := target - 1; source > 0; source-- {
				if source == target-1 || rapid.Bool().Draw(t, "past") {
					full(n, source, target, weights(1./32))
				}
			}
		}
		m, _ := relayed(t, n, true)
		codes := []float32{float32(rapid.IntRange(0, 255).Draw(t, "code")), float32(rapid.IntRange(0, 255).Draw(t, "code"))}
		was, is := kept(t, n, codes), kept(t, m, codes)
		for i, p := range m.Populations {
			if in := m.Incoming(i); p.Name != "p0" && m.Projections[in[0]].Identity {
				from := m.Populations[m.Projections[in[0]].Source].Name
				if got, want := is[p.Name], is[from]; got != want {
					t.Fatalf("%s sends\n%s\n%s sends\n%s", p.Name, got, from, want)
				}
				spiked = spiked || is[p.Name] != ""
				continue
			}
			if is[p.Name] != was[p.Name] {
				t.Fatalf("%s sends\n%s\nwithout relays\n%s", p.Name, is[p.Name], was[p.Name])
			}
		}
	})
	if !spiked {
		t.Error("no relay got a spike")
	}
}

// kept returns what every population sent, by its name.
func kept(t tb, n *snn.Network, codes []float32) map[string]string {
	t.Helper()
	s, err := snn.NewSimulator(n, n.Steps)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]string{}
	if _, err := s.NewLoop().Run(codes, 0, func(p, step int, fired []int32, _ []float32) {
		if len(fired) > 0 {
			sent[n.Populations[p].Name] += fmt.Sprintf("%d:%v ", step, fired)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return sent
}
