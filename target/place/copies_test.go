package place

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/image"
)

// crossbarNetwork draws a network of integers for RANC: spikes of the host, a convolution in groups, a sum over windows perhaps, and an
// output of classes.
func crossbarNetwork(t *rapid.T) *quantize.Network {
	groups := rapid.IntRange(1, 2).Draw(t, "groups")
	c := groups * rapid.IntRange(1, 3).Draw(t, "channels")
	classes := rapid.IntRange(1, 4).Draw(t, "classes")
	coding, err := encoder.Default("bernoulli", 5)
	if err != nil {
		t.Fatal(err)
	}
	most := rapid.SampledFrom([]int32{1, 3, 7}).Draw(t, "largest weight")
	n := &quantize.Network{Name: "random", Chip: "ranc", Steps: rapid.IntRange(1, 9).Draw(t, "steps"), Reset: snn.Subtract,
		Readout: snn.Readout{Kind: snn.Count, SpikesOnly: true},
		Format:  quantize.Format{WeightMax: 7, WeightStep: 1, Bits: 4, ThresholdMin: 1, ThresholdMax: 255, InitialV: true, VMin: -256, VMax: 255, Wraps: true, LowerReset: true}}
	add := func(name string, shape [3]int, neuron snn.Neuron) int {
		p := quantize.Population{Name: name, Shape: shape, Neuron: neuron}
		if neuron == snn.Source {
			p.Coding = &coding
		}
		for range shape[0] {
			if neuron != snn.IF {
				break
			}
			threshold := rapid.Int32Range(1, 40).Draw(t, "threshold")
			p.Threshold, p.Initial = append(p.Threshold, threshold), append(p.Initial, threshold/2)
			p.Bias, p.Lower = append(p.Bias, 0), append(p.Lower, rapid.Int32Range(-256, -20).Draw(t, "lower"))
		}
		n.Populations = append(n.Populations, p)
		return len(n.Populations) - 1
	}
	join := func(from, to, groups int, pool *window.Window2d, w window.Window2d) {
		count := n.Populations[to].Shape[0] * (n.Populations[from].Shape[0] / groups) * w.Kernel[0] * w.Kernel[1]
		n.Projections = append(n.Projections, quantize.Projection{Source: from, Target: to, Pool: pool, Window: w, Groups: groups,
			Weight: rapid.SliceOfN(rapid.Int32Range(-most, most), count, count).Draw(t, "weights")})
	}
	add("x", [3]int{groups, 5, 4}, snn.Input)
	source := add("spikes", [3]int{groups, 5, 4}, snn.Source)
	same := window.Window2d{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 1}, PadEnd: [2]int{1, 1}}
	first := add("first", [3]int{c, 5, 4}, snn.IF)
	join(source, first, groups, nil, same)
	var pool *window.Window2d
	size := [2]int{5, 4}
	if rapid.Bool().Draw(t, "pool") {
		two := window.Square(2, 2)
		pool, size = &two, [2]int{2, 2}
	}
	second := add("second", [3]int{c, size[0], size[1]}, snn.IF)
	join(first, second, c, pool, window.Square(1, 1))
	out := add("output", [3]int{classes, 1, 1}, snn.IF)
	join(second, out, 1, nil, window.Window2d{Kernel: size, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}})
	return n
}

// small returns RANC with cores of few neurons and axons, so that networks take many.
func small(t tb, neurons, axons int) *chip.Profile {
	return profile(t, "ranc", func(c *chip.Capacity) {
		c.Neurons, c.AxonsIn, c.AxonsOut, c.FanIn = to(neurons), to(axons), to(neurons), to(axons)
	})
}

// TestCopies: every axon has one sender, a copy of the neuron that it stands for; the weights that reach a neuron over all its axons are
// those of the network; and nothing is beyond the limits of the chip.
func TestCopies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := crossbarNetwork(t)
		p := small(t, rapid.IntRange(4, 40).Draw(t, "neurons"), rapid.IntRange(4*5*4*6, 500).Draw(t, "axons"))
		img, _, err := Run(t.Context(), net, p)
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := image.Check(img, p); found.HasErrors() {
			t.Fatal(found)
		}
		senders := make([][]int, len(img.Cores)) // core → axon → the neuron that sends to it, in its population
		from := make([][]string, len(img.Cores)) // and which population that is
		for i := range img.Cores {
			senders[i], from[i] = slices.Repeat([]int{-1}, img.Cores[i].Axons()), make([]string, img.Cores[i].Axons())
		}
		for i := range img.Cores {
			c := &img.Cores[i]
			sent := make([]int, c.Neurons)
			for _, r := range c.Routes {
				for k := range r.Count {
					if senders[r.Core][r.Axon+k] >= 0 {
						t.Fatalf("axon %d of core %d has two senders", r.Axon+k, r.Core)
					}
					senders[r.Core][r.Axon+k], from[r.Core][r.Axon+k] = c.Index(r.First+k), c.Population
					sent[r.First+k]++
				}
			}
			for n, times := range sent {
				if read := c.Population == "output"; !c.Source && (times == 1) == read {
					t.Fatalf("core %d: neuron %d sends to %d axons", i, n, times)
				}
			}
		}
		for i := range img.Cores {
			if c := &img.Cores[i]; !c.Source {
				sameWeights(t, net, c, senders[i], from[i])
			}
		}
	})
}

// sameWeights compares what reaches the neurons of a core with the network.
func sameWeights(t *rapid.T, net *quantize.Network, c *image.Core, senders []int, from []string) {
	j := slices.IndexFunc(net.Projections, func(p quantize.Projection) bool { return net.Populations[p.Target].Name == c.Population })
	whole := (&placer{net: net, kernels: make([][]int32, len(net.Projections))}).convolution(j)
	whole.Neurons = net.Populations[net.Projections[j].Target].Size()
	want := map[[2]int]int32{}
	for a := range whole.Axons() {
		whole.Each(a, func(n int, w int32) { want[[2]int{a, n}] += w })
	}
	got := make([]map[[2]int]int32, c.Neurons)
	for n := range got {
		got[n] = map[[2]int]int32{}
	}
	for a, sender := range senders {
		if sender < 0 {
			c.Synapses[0].Synapses.Each(a, func(int, int32) { t.Fatalf("axon %d of a core of %s has no sender", a, c.Population) })
			continue
		}
		if from[a] != net.Populations[net.Projections[j].Source].Name {
			t.Fatalf("axon %d of a core of %s has the sender %d of %s", a, c.Population, sender, from[a])
		}
		c.Synapses[0].Synapses.Each(a, func(n int, w int32) { got[n][[2]int{sender, c.Index(n)}] += w })
	}
	for n := range got {
		all := 0
		for key, w := range want {
			if key[1] != c.Index(n) || w == 0 {
				continue
			}
			if all++; got[n][key] != w {
				t.Fatalf("neuron %d of %s takes %d from %d, want %d", key[1], c.Population, got[n][key], key[0], w)
			}
		}
		if all != len(got[n]) {
			t.Fatalf("neuron %d of %s has %d sources, want %d", c.Index(n), c.Population, len(got[n]), all)
		}
	}
}

// TestOneAxonForOneWeight: a sum over windows with one weight takes one axon a source, weights of both signs and one size take two, others
// as many as they have bits.
func TestOneAxonForOneWeight(t *testing.T) {
	for _, c := range []struct {
		weights []int32
		axons   int
		values  []int32
	}{
		{[]int32{5, 5, 5}, 3, []int32{5}},
		{[]int32{5, -5, 5}, 3, []int32{5, -5}},
		{[]int32{1, 2, 3}, 3, []int32{3, 2, 1}},
		{[]int32{1, 2, 3, -1, -2, -3}, 11, []int32{1, 2, -4}}, // 1, 2, 1+2, 1+2−4, 2−4, 1−4
		{[]int32{7, -7, 5, 1, 2}, 9, []int32{1, 2, 4, -8}},    // 3 + 2 + 2 + 1 + 1
		{[]int32{200, 0, -200}, 2, []int32{200, -200}},
	} {
		var inputs []synapse
		for k, w := range c.weights {
			if w != 0 {
				inputs = append(inputs, synapse{neuron: k, weight: w})
			}
		}
		b, ok := newBasis(inputs, 4)
		if !ok || !slices.Equal(b.values, c.values) {
			t.Errorf("weights %v: values %v, %v, want %v", c.weights, b.values, ok, c.values)
			continue
		}
		k := &copier{input: [][]synapse{inputs}, basis: []basis{b}}
		if got := len(k.lines(0)); got != c.axons {
			t.Errorf("weights %v: %d axons, want %d", c.weights, got, c.axons)
		}
		for _, s := range inputs {
			sum := int32(0)
			for i, v := range b.values {
				if b.mask(s.weight)>>i&1 != 0 {
					sum += v
				}
			}
			if sum != s.weight {
				t.Errorf("weights %v: %d becomes %d", c.weights, s.weight, sum)
			}
		}
	}
	if _, ok := newBasis([]synapse{{weight: 8}, {weight: 1}, {weight: 2}, {weight: 3}, {weight: 4}}, 4); ok {
		t.Error("five weights that need five bits have a basis of four")
	}
}

// TestCopiesDoNotFit: what a chip cannot hold is said with its value, its limit and a remedy.
func TestCopiesDoNotFit(t *testing.T) {
	dense := func(sources, classes int) *quantize.Network {
		coding, err := encoder.Default("bernoulli", 5)
		if err != nil {
			t.Fatal(err)
		}
		n := &quantize.Network{Steps: 1, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Count, SpikesOnly: true}, Populations: []quantize.Population{
			{Name: "x", Shape: [3]int{sources, 1, 1}, Neuron: snn.Input}, {Name: "spikes", Shape: [3]int{sources, 1, 1}, Neuron: snn.Source, Coding: &coding},
			{Name: "output", Shape: [3]int{classes, 1, 1}, Neuron: snn.IF, Threshold: slices.Repeat([]int32{9}, classes), Bias: make([]int32, classes),
				Initial: make([]int32, classes), Lower: slices.Repeat([]int32{-128}, classes)}}}
		q := quantize.Projection{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: make([]int32, sources*classes)}
		for i := range q.Weight {
			q.Weight[i] = int32(i%15) - 7
		}
		n.Projections = []quantize.Projection{q}
		return n
	}
	current := dense(4, 2)
	current.Projections[0].Source = 0
	deep := dense(300, 300)
	deep.Populations[2].Name = "hidden"
	last := deep.Populations[2]
	last.Name = "output"
	deep.Populations = append(deep.Populations, last)
	again := deep.Projections[0]
	again.Source, again.Target = 2, 3
	deep.Projections = append(deep.Projections, again)
	heavy := dense(40, 2)
	heavy.Projections[0].Weight[3] = 100
	for _, c := range []struct {
		name string
		net  *quantize.Network
		chip *chip.Profile
		want []string
	}{
		{"too many inputs", dense(300, 10), profile(t, "ranc", nil), []string{"SPK-PLACE-002", "output", "limit 256)", "at most 64 inputs", "--bits"}},
		{"two layers that need too many", deep, profile(t, "ranc", nil), []string{"SPK-PLACE-002 hidden", "SPK-PLACE-002 output"}},
		{"too many classes", dense(20, 300), profile(t, "ranc", nil), []string{"SPK-PLACE-011", "(300, limit 256)"}},
		{"a current of the host", current, profile(t, "ranc", nil), []string{"SPK-PLACE-013", "take no currents"}},
		{"weights beyond the types", heavy, profile(t, "ranc", nil), []string{"SPK-PLACE-012", "limit 4"}},
		{"too many cores", dense(60, 40), profile(t, "ranc", func(c *chip.Capacity) { c.Neurons, c.Cores = to(4), to(9) }), []string{"SPK-IMG-003", "(10, limit 9)"}},
	} {
		_, found, err := Run(t.Context(), c.net, c.chip)
		var failure *diag.Failure
		if !errors.As(err, &failure) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		text := fmt.Sprint(found)
		for _, word := range c.want {
			if !strings.Contains(text, word) {
				t.Errorf("%s: %s\nwant %q", c.name, text, word)
			}
		}
	}
}

// TestMesh: no two cores share a place or take that of the output, and a core lies beside the one that it sends to.
func TestMesh(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8, 9, 88, 998} {
		m := newMesh(n, 999)
		if m.size[0]*m.size[1] > 999 || m.size[0]*m.size[1] < n+1 {
			t.Errorf("%d cores on a grid of %v", n, m.size)
		}
		seen := map[[2]int]bool{m.corner(): true}
		last := m.corner()
		for i := range n {
			at := m.put(map[[2]int]int{last: 1})
			if seen[at] {
				t.Fatalf("core %d of %d stands at %v, which is taken", i, n, at)
			}
			if i == 0 && max(last[0]-at[0], at[0]-last[0])+max(last[1]-at[1], at[1]-last[1]) != 1 {
				t.Errorf("the first core stands at %v, not beside %v", at, last)
			}
			seen[at], last = true, at
		}
	}
}
