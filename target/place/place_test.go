package place

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/image"
)

// tb is what the helpers need of *testing.T and *rapid.T.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// profile returns a profile whose limits change may shrink.
func profile(t tb, id string, change func(c *chip.Capacity)) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	own := *p
	if change != nil {
		change(&own.Capacity)
	}
	return &own
}

func to(n int) *int { return &n }

// shape is what random networks vary.
type shape struct {
	channels, groups, classes  int
	pool, skip, second, always bool   // pool before the second layer; skip past it; input into it; regular encoding
	fires                      bool   // the output
	plays                      string // encoder of the input, or empty
}

// network returns the integers of a random network: input 2×5×4, two layers, an output.
func network(t tb, p *chip.Profile, s shape, seed uint64) *quantize.Network {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	weights := func(n int, spread float64) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(r.NormFloat64() * spread)
		}
		return w
	}
	same := window.Window2d{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 1}, PadEnd: [2]int{1, 1}}
	one := window.Square(1, 1)
	n := &snn.Network{Name: "random", Steps: 9, Reset: snn.Reset(p.Reset.Modes[r.IntN(len(p.Reset.Modes))]),
		Firing: snn.Firing(p.Capabilities().Firing), Readout: snn.Readout{Kind: snn.Count}}
	if p.Initial.V {
		n.Initial = 0.5
	}
	add := func(name string, shape [3]int, neuron snn.Neuron) int {
		pop := snn.Population{Name: name, Shape: shape, Neuron: neuron, Range: 4 * float64(n.Steps)}
		for range shape[0] {
			if neuron != snn.Input && p.Bias.Kind != "none" {
				pop.Bias = append(pop.Bias, r.NormFloat64()/8)
			}
		}
		n.Populations = append(n.Populations, pop)
		return len(n.Populations) - 1
	}
	input := add("x", [3]int{2, 5, 4}, snn.Input)
	amplitude := 1.0 / 255
	switch {
	case s.plays != "":
		c, err := encoder.Default(s.plays, seed)
		if err != nil {
			t.Fatal(err)
		}
		input, amplitude = add("x/spikes", [3]int{2, 5, 4}, snn.Source), 1
		n.Populations[input].Bias, n.Populations[input].Coding = nil, &c
	case s.always:
		spikes := add("x/spikes", [3]int{2, 5, 4}, snn.IF)
		n.Populations[spikes].Bias = nil
		n.Projections = append(n.Projections, snn.Projection{Source: input, Target: spikes, Window: one, Groups: 2, Weight: []float32{1. / 255, 1. / 255}, Identity: true})
		input, amplitude = spikes, 1
	}
	first := add("first", [3]int{s.channels, 5, 4}, snn.IF)
	second := add("second", [3]int{s.channels, 5, 4}, snn.IF)
	neuron := snn.Integrator
	if s.fires {
		neuron = snn.IF
	}
	if !s.fires {
		n.Readout.Kind = snn.Membrane
	}
	output := add("output", [3]int{s.classes, 1, 1}, neuron)
	n.Projections = append(n.Projections,
		snn.Projection{Source: input, Target: first, Window: same, Groups: 1, Weight: weights(s.channels*2*9, amplitude/2)},
		snn.Projection{Source: first, Target: second, Window: same, Groups: s.groups, Weight: weights(s.channels*s.channels/s.groups*9, 0.3)})
	if s.pool {
		n.Projections[len(n.Projections)-1].Pool = &same
	}
	if s.skip {
		n.Projections = append(n.Projections, snn.Projection{Source: first, Target: second, Window: one, Groups: s.channels, Weight: weights(s.channels, 1), Identity: true})
	}
	if s.second {
		n.Projections = append(n.Projections, snn.Projection{Source: 0, Target: second, Window: one, Groups: 1, Weight: weights(s.channels*2, 1./255)})
	}
	pool := window.Square(2, 2)
	n.Projections = append(n.Projections, snn.Projection{Source: second, Target: output, Pool: &pool, Groups: 1,
		Window: window.Window2d{Kernel: [2]int{2, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Weight: weights(s.classes*s.channels*4, 0.2)})
	q, _, err := quantize.Run(context.Background(), n, p, quantize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// draw draws a shape; skips need a target without latency only where they pass a layer, which these do not.
func draw(t *rapid.T) shape {
	groups := rapid.SampledFrom([]int{1, 2, 3}).Draw(t, "groups")
	return shape{channels: groups * rapid.IntRange(1, 2).Draw(t, "channels of a group"), groups: groups, classes: rapid.IntRange(2, 5).Draw(t, "classes"),
		pool: rapid.Bool().Draw(t, "pool"), skip: rapid.Bool().Draw(t, "skip"), second: rapid.Bool().Draw(t, "second"),
		always: rapid.Bool().Draw(t, "regular"), fires: rapid.Bool().Draw(t, "fires"),
		plays: rapid.SampledFrom(append(encoder.Names(), "", "", "", "", "")).Draw(t, "plays")}
}

// equal presents a picture to the integer network and to the chip that the reference engine emulates, and compares
// every spike and membrane; and to the fast engine, where it takes the image, in the same way.
func equal(t tb, net *quantize.Network, img *image.Image, p *chip.Profile, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	in := net.Populations[0].Shape
	codes, chw := make([]uint8, in[0]*in[1]*in[2]), make([]int32, in[0]*in[1]*in[2])
	for i := range codes {
		codes[i] = uint8(r.IntN(256))
		chw[i] = int32(codes[i])
	}
	hwc := make([]int32, len(chw))
	snn.ToHWC(hwc, chw, in)
	s, err := quantize.NewSimulator(net)
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		population string
		neuron, t  int
	}
	type state struct {
		membrane int32
		spike    int8
	}
	want := map[place]state{}
	fixed, err := s.NewLoop().Run(hwc, int(seed%5), func(p, step int, fired []int32, v []int32) {
		for n, x := range v {
			s := state{membrane: x}
			for _, k := range fired {
				switch int32(n) {
				case k:
					s.spike++
				case -1 - k:
					s.spike--
				}
			}
			want[place{net.Populations[p].Name, n, step}] = s
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	engines := []func(*image.Image, *chip.Profile) (emulator.Engine, error){emulator.NewReference, emulator.NewFast}
	for k, engine := range engines {
		e, err := engine(img, p)
		if err != nil && k > 0 {
			continue // the fast engine does not take every image
		}
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		got, err := e.NewSession().Trace(codes, int(seed%5), func(core, step int, spikes []int8, v []int32) {
			c := &img.Cores[core]
			for n, x := range v {
				seen++
				at := place{c.Population, c.Index(n), step}
				if w, ok := want[at]; !ok || w.membrane != x || w.spike != spikes[n] {
					t.Fatalf("%s engine, core %d, %+v: membrane %d, spike %v, the integer network has %+v", e.Name(), core, at, x, spikes[n], w)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if seen != len(want) {
			t.Fatalf("%d neurons times steps on the chip, %d in the network", seen, len(want))
		}
		if d := cmp.Diff(fixed.Counts, got.Counts) + cmp.Diff(fixed.Potentials, got.Potentials); d != "" {
			t.Fatalf("answers (-network +chip):\n%s", d)
		}
	}
}

// TestImageIsTheNetwork: whatever the limits, the image that comes out does what the integer network does. Limits too
// small for one neuron are refused.
func TestImageIsTheNetwork(t *testing.T) {
	for _, id := range []string{"generic8", "generic4", "loihi1", "generic8-signed", "generic8-staged"} {
		t.Run(id, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := profile(t, id, func(c *chip.Capacity) {
					limit := func(name string, lo, hi int) *int {
						if rapid.Bool().Draw(t, name+" limited") {
							return to(rapid.IntRange(lo, hi).Draw(t, name))
						}
						return nil
					}
					c.Cores = nil
					c.Neurons, c.AxonsIn, c.AxonsOut = limit("neurons", 1, 40), limit("input axons", 10, 200), limit("output axons", 20, 300)
					c.SynapseBits = limit("synapse bits", 300, 20000)
					c.ThresholdConfigs = nil
				})
				if id != "loihi1" && rapid.Bool().Draw(t, "unrolled") {
					p.Layers.Conv = nil
				}
				seed := rapid.Uint64Range(0, 1<<32).Draw(t, "seed")
				net := network(t, p, draw(t), seed)
				img, found, err := Run(t.Context(), net, p)
				if err != nil {
					for _, d := range found {
						if d.Severity == diag.Error && d.ID != "SPK-PLACE-002" && d.ID != "SPK-IMG-006" {
							t.Fatal(err)
						}
					}
					t.Skip("a neuron does not fit")
				}
				equal(t, net, img, p, seed)
			})
		})
	}
}

// placed places net or fails.
func placed(t *testing.T, net *quantize.Network, p *chip.Profile) *image.Image {
	t.Helper()
	img, _, err := Run(t.Context(), net, p)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// cores returns how many neurons the cores of a population hold.
func cores(img *image.Image, population string) (n []int) {
	for _, c := range img.Cores {
		if c.Population == population {
			n = append(n, c.Neurons)
		}
	}
	return n
}

// TestNeuronLimit: 60 neurons of three channels go on one core that holds 60, and on two if it holds 59: whole
// positions, 57 and 3. Cores of 2 take a pair of one channel.
func TestNeuronLimit(t *testing.T) {
	for limit, want := range map[int]string{60: "[60]", 59: "[57 3]", 31: "[30 30]", 3: fmt.Sprint(slices.Repeat([]int{3}, 20)), 2: fmt.Sprint(slices.Repeat([]int{2}, 30))} {
		p := profile(t, "generic8", func(c *chip.Capacity) { c.Neurons = to(limit) })
		net := network(t, p, shape{channels: 3, groups: 1, classes: 2}, 1)
		img := placed(t, net, p)
		if got := fmt.Sprint(cores(img, "first")); got != want {
			t.Errorf("%d neurons a core: %s, want %s", limit, got, want)
		}
		equal(t, net, img, p, 1)
	}
}

// TestOtherLimits: at what a core of the second layer takes there is one core, one below there are more.
func TestOtherLimits(t *testing.T) {
	whole := profile(t, "loihi1", nil)
	net := network(t, whole, shape{channels: 2, groups: 1, classes: 2}, 1)
	second := func(img *image.Image) *image.Core {
		return &img.Cores[slices.IndexFunc(img.Cores, func(c image.Core) bool { return c.Population == "second" })]
	}
	img := placed(t, net, whole)
	if n := cores(img, "second"); len(n) != 1 {
		t.Fatalf("%v", n)
	}
	core := second(img)
	for name, c := range map[string]struct {
		value int
		set   func(c *chip.Capacity, n int)
	}{
		"input axons":  {core.Axons(), func(c *chip.Capacity, n int) { c.AxonsIn = to(n) }},
		"synapse bits": {image.SynapseBits(core, whole), func(c *chip.Capacity, n int) { c.SynapseBits = to(n) }},
	} {
		for less, want := range []bool{true, false} {
			p := profile(t, "loihi1", func(limits *chip.Capacity) { c.set(limits, c.value-less) })
			img := placed(t, net, p)
			if got := len(cores(img, "second")) == 1; got != want {
				t.Errorf("%s of %d − %d: one core %v, want %v", name, c.value, less, got, want)
			}
			equal(t, net, img, p, 1)
		}
	}
	// Every neuron of the first layer goes to the one core of the second: 40 output axons.
	for limit, want := range map[int]int{40: 1, 39: 2} {
		p := profile(t, "loihi1", func(c *chip.Capacity) { c.AxonsOut = to(limit) })
		img := placed(t, net, p)
		if got := cores(img, "first"); len(got) != want {
			t.Errorf("%d output axons: cores of %v neurons, want %d cores", limit, got, want)
		}
		equal(t, net, img, p, 1)
	}
}

// TestCoreLimit: the chip has as many cores as the network needs, or one too few.
func TestCoreLimit(t *testing.T) {
	for limit, fits := range map[int]bool{3: true, 2: false} {
		p := profile(t, "generic8", func(c *chip.Capacity) { c.Cores = to(limit) })
		_, found, err := Run(t.Context(), network(t, p, shape{channels: 3, groups: 1, classes: 2}, 1), p)
		if (err == nil) != fits {
			t.Errorf("%d cores for three layers: %v %v", limit, found, err)
		}
	}
}

// TestRoutesOfSplitPopulations: with both sides split, every spike reaches every core that has a synapse for it, once.
func TestRoutesOfSplitPopulations(t *testing.T) {
	for _, conv := range []bool{true, false} {
		p := profile(t, "generic8", func(c *chip.Capacity) { c.Neurons = to(7) })
		if !conv {
			p.Layers.Conv = nil
		}
		net := network(t, p, shape{channels: 3, groups: 3, classes: 4, pool: true, skip: true}, 5)
		img := placed(t, net, p)
		for i := range img.Cores {
			axons := map[[2]int]int{}
			for _, r := range img.Cores[i].Routes {
				for k := range r.Count {
					axons[[2]int{r.Core, r.Axon + k}]++
				}
			}
			for at, n := range axons {
				if n != 1 {
					t.Errorf("core %d reaches axon %d of core %d from %d neurons", i, at[1], at[0], n)
				}
			}
		}
		equal(t, net, img, p, 3)
	}
}

// TestRowsAreShared: away from the border all neurons of a channel have one row of synapses. Of a 5×4 map under a 3×3
// kernel with pads, 3·3 kinds of position (first, inner, last row and column) remain for each of 2 channels.
func TestRowsAreShared(t *testing.T) {
	p := profile(t, "loihi1", nil)
	net := network(t, p, shape{channels: 2, groups: 1, classes: 2}, 1)
	for j := range net.Projections {
		for k := range net.Projections[j].Weight {
			net.Projections[j].Weight[k] = int32(2 * (k + 1)) // no zeros, all different
		}
	}
	conv := newPlacer(net, p).convolution(1)
	conv.Neurons = 40
	axons, table := unroll(conv, stretch(2, 0, 40))
	if len(axons) != 40 || len(table.RowStart)-1 != 2*9 {
		t.Errorf("%d axons with %d rows, want 40 with 18", len(axons), len(table.RowStart)-1)
	}
	for a := range table.Row {
		if table.Base[a]+slices.Min(table.Target[table.RowStart[table.Row[a]]:table.RowStart[table.Row[a]+1]]) < 0 {
			t.Errorf("axon %d reaches below neuron 0", a)
		}
	}
}

// TestTwoDrives: two connections from the input to one layer are one drive, rounded once.
func TestTwoDrives(t *testing.T) {
	p := profile(t, "generic8", nil)
	for seed := range uint64(5) {
		net := network(t, p, shape{channels: 3, groups: 1, classes: 2}, seed)
		for i := range net.Projections[0].Weight {
			net.Projections[0].Weight[i] /= 2 // room for more
		}
		extra := net.Projections[0]
		extra.Window, extra.Weight = window.Square(1, 1), []int32{1, -3, 5, 7, -9, 11}
		net.Projections = slices.Insert(net.Projections, 1, extra)
		equal(t, net, placed(t, net, p), p, seed)
	}
}

// TestRefusals: the texts are in testdata.
func TestRefusals(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		name  string
		id    string
		shape shape
		limit func(c *chip.Capacity)
		after func(n *quantize.Network)
	}{
		{"a neuron with more inputs than a core has axons", "loihi1", shape{channels: 2, groups: 1, classes: 2}, func(c *chip.Capacity) { c.AxonsIn = to(17) }, nil},
		{"too few cores beside it", "loihi1", shape{channels: 2, groups: 1, classes: 2}, func(c *chip.Capacity) { c.AxonsIn, c.Cores, c.Neurons = to(17), to(3), to(10) }, nil},
		{"a neuron with more synapses than a core has memory", "loihi1", shape{channels: 2, groups: 1, classes: 2}, func(c *chip.Capacity) { c.SynapseBits = to(1000) }, nil},
		{"too few cores", "generic8", shape{channels: 2, groups: 1, classes: 2}, func(c *chip.Capacity) { c.Cores, c.Neurons = to(5), to(10) }, nil},
		{"a connection past a layer on a chip with latency", "loihi1", shape{channels: 2, groups: 1, classes: 2}, nil, func(n *quantize.Network) {
			out := n.Projections[len(n.Projections)-1]
			out.Source = 1
			n.Projections = append(n.Projections, out)
		}},
		{"a connection past a layer where layers integrate before they fire", "generic8-staged", shape{channels: 2, groups: 1, classes: 2}, nil, func(n *quantize.Network) {
			out := n.Projections[len(n.Projections)-1]
			out.Source = 1
			n.Projections = append(n.Projections, out)
		}},
		{"the same on a chip without", "generic8", shape{channels: 2, groups: 1, classes: 2}, nil, func(n *quantize.Network) {
			out := n.Projections[len(n.Projections)-1]
			out.Source = 1
			n.Projections = append(n.Projections, out)
		}},
	} {
		p := profile(t, c.id, c.limit)
		net := network(t, p, c.shape, 1)
		if c.after != nil {
			c.after(net)
		}
		_, found, err := Run(t.Context(), net, p)
		var f *diag.Failure
		if err != nil && !errors.As(err, &f) {
			t.Errorf("%s: %v", c.name, err)
		}
		fmt.Fprintf(&b, "== %s\n", c.name)
		for _, d := range found {
			fmt.Fprintln(&b, d)
		}
		b.WriteByte('\n')
	}
	golden.File(t, "refusals.txt", b.String())
}
