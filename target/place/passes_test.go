package place

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/target/chip"
)

// TestPassesAreTheNetwork: in the order of events, on the one core of a chip with signs by synapse or by row, the image does what
// the integer network does, with projections of every shape.
func TestPassesAreTheNetwork(t *testing.T) {
	for _, id := range []string{"tinyodin", "odin"} {
		rapid.Check(t, func(t *rapid.T) {
			p := profile(t, id, func(c *chip.Capacity) { c.Neurons, c.AxonsIn, c.FanIn = nil, nil, nil })
			s := draw(t)
			s.plays, s.second, s.always = rapid.SampledFrom(encoder.Names()).Draw(t, "encoder"), false, false
			seed := rapid.Uint64Range(0, 1<<32).Draw(t, "seed")
			net := network(t, p, s, seed)
			// Windows of pools that overlap make sums of weights, which the chip does not hold.
			p.Weight.Min, p.Weight.Max = -1000, 1000
			img, found, err := Run(t.Context(), net, p)
			if err != nil {
				t.Fatal(found, err)
			}
			equal(t, net, img, p, seed)
		})
	}
}

// TestSeparate: a source with weights of both signs takes two axons, that of the negative ones first; one without weights takes
// none.
func TestSeparate(t *testing.T) {
	p := profile(t, "odin", nil)
	net := network(t, p, shape{channels: 2, groups: 1, classes: 3, fires: true, plays: "bernoulli"}, 5)
	last := &net.Projections[len(net.Projections)-1] // 3 classes, 2 channels, 2x2 taps over sums of 2x2
	for i := range last.Weight {
		if i/4%2 == 0 {
			last.Weight[i] = 0
		}
	}
	img := placed(t, net, p)
	c := &img.Cores[len(img.Cores)-1]
	for _, r := range img.Cores[len(img.Cores)-2].Routes {
		if r.Count != 1 || r.First%2 != 1 {
			t.Errorf("route %+v: want those of the second channel", r)
		}
	}
	signs := 0
	for a := range c.Axons() {
		negative, positive := false, false
		for _, b := range c.Synapses {
			b.Synapses.Each(a, func(_ int, w int32) { negative, positive = negative || w < 0, positive || w > 0 })
		}
		if negative == positive {
			t.Fatalf("axon %d has weights of both signs, or none", a)
		}
		if positive {
			signs = 1
		} else if signs == 1 {
			t.Fatalf("axon %d of negative weights stands behind one of positive ones", a)
		}
	}
	equal(t, net, img, p, 5)
}

// TestPassTooLarge: every layer that a pass has no room for is named, with the value and the limit.
func TestPassTooLarge(t *testing.T) {
	for _, c := range []struct {
		change func(c *chip.Capacity)
		want   []string
	}{
		{func(c *chip.Capacity) { c.Neurons = to(39) }, []string{"SPK-PLACE-004 first: ", "SPK-PLACE-004 second: ", "neurons (40, limit 39)"}},
		{func(c *chip.Capacity) { c.AxonsIn = to(50) }, []string{"SPK-PLACE-004 first: ", "SPK-PLACE-004 second: ", "input axons (80, limit 50)", "takes two axons"}},
	} {
		p := profile(t, "odin", c.change)
		net := network(t, p, shape{channels: 2, groups: 1, classes: 3, fires: true, plays: "bernoulli"}, 5)
		_, found, err := Run(t.Context(), net, p)
		var f *diag.Failure
		if !errors.As(err, &f) {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, d := range found {
			b.WriteString(d.String() + "\n")
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("got\n%swant %s", b.String(), want)
			}
		}
	}
}
