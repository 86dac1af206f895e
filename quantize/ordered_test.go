package quantize

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/emulator/encoder"
	"spikec/internal/window"
	"spikec/models/snn"
)

// orderedTrace is everything that a network does: population, step → neurons in the order in which they fired, and membranes,
// all in C,H,W order.
type orderedTrace struct {
	fired     map[[2]int][]int
	membranes map[[2]int][]int64
}

// alone returns what a spike of one neuron brings to each target of a projection: the sums of a map that holds nothing else.
func alone(n *Network, j, neuron int) []int64 {
	g := n.Geometry(j)
	x, y := make([]int64, g.In[0]*g.In[1]*g.In[2]), make([]int64, g.Out[0]*g.Out[1]*g.Out[2])
	x[neuron] = 1
	convolve(y, g, n.Projections[j].Weight, x)
	return y
}

// touches reports which targets a spike of a neuron reaches, whatever the weights are.
func touches(n *Network, j, neuron int) []bool {
	some := *n
	some.Projections = slices.Clone(n.Projections)
	some.Projections[j].Weight = make([]int32, len(n.Projections[j].Weight))
	for i := range some.Projections[j].Weight {
		some.Projections[j].Weight[i] = 1
	}
	var t []bool
	for _, y := range alone(&some, j, neuron) {
		t = append(t, y != 0)
	}
	return t
}

// orderedDefinition runs a network by the loops of type ordered, in 64-bit integers, on maps in C,H,W order: only "ascending"
// is H,W,C.
func orderedDefinition(n *Network, codes []int32, picture int) orderedTrace {
	tr := orderedTrace{map[[2]int][]int{}, map[[2]int][]int64{}}
	f := &n.Format
	limited := func(v int64) int64 { return max(f.VMin, min(f.VMax, v)) }
	for i := 1; i < len(n.Populations); i++ {
		p := &n.Populations[i]
		order := ascending(p.Shape)
		if p.Neuron == snn.Source {
			playSource(n, i, codes, picture, tr)
			continue
		}
		x := neuronsOf(n, p)
		for t := range n.Steps {
			at := [2]int{i, t}
			test := func(k int) {
				th := int64(p.Threshold[x.channel(k)]) << f.Shift
				if x.v[k] < th {
					return
				}
				tr.fired[at] = append(tr.fired[at], k)
				if x.v[k] -= th; n.Reset == snn.Zero {
					x.v[k] = 0
				}
			}
			arrive := func(j, s int) {
				add, reached := alone(n, j, s), touches(n, j, s)
				for _, k := range order {
					x.v[k] = limited(x.v[k] + add[k]<<f.Shift)
					if f.Order == ByEvent && (reached[k] || !f.Reached) {
						test(k)
					}
				}
			}
			if f.Order == ByEvent {
				for source := 1; source < i; source++ {
					for _, s := range tr.fired[[2]int{source, t}] {
						for j, q := range n.Projections {
							if q.Source == source && q.Target == i {
								arrive(j, s)
							}
						}
					}
				}
			} else {
				drive := make([]int64, p.Size())
				projections := make([]int, len(n.Projections))
				for j := range projections {
					projections[j] = j
				}
				slices.SortStableFunc(projections, func(a, b int) int { return n.Projections[a].Source - n.Projections[b].Source })
				for _, j := range projections {
					q := n.Projections[j]
					if q.Target != i {
						continue
					}
					if q.Source == 0 {
						pixels := make([]int64, len(codes))
						for k, c := range codes {
							pixels[k] = int64(c)
						}
						convolve(drive, n.Geometry(j), q.Weight, pixels)
						continue
					}
					for _, s := range tr.fired[[2]int{q.Source, t}] {
						arrive(j, s)
					}
				}
				for _, k := range order {
					in := drive[k]
					if s := p.DriveShift; s > 0 {
						in = (in + 1<<(s-1)) >> s
					}
					x.v[k] = limited(x.v[k] + (in+int64(p.Bias[x.channel(k)]))<<f.Shift)
					test(k)
				}
			}
			tr.membranes[at] = slices.Clone(x.v)
		}
	}
	return tr
}

// ascending lists the neurons of a map by their C,H,W numbers, in H,W,C order.
func ascending(shape [3]int) []int {
	var order []int
	for i := range shape[1] * shape[2] {
		for c := range shape[0] {
			order = append(order, c*shape[1]*shape[2]+i)
		}
	}
	return order
}

// playSource notes the spikes of a source.
func playSource(n *Network, i int, codes []int32, picture int, tr orderedTrace) {
	p := &n.Populations[i]
	player, err := encoder.NewPlayer(*p.Coding)
	if err != nil {
		panic(err)
	}
	order := ascending(p.Shape)
	hwc := make([]uint8, len(codes))
	for k, chw := range order {
		hwc[k] = uint8(codes[chw])
	}
	words := make([]uint64, snn.Words(len(hwc)))
	player.Begin(hwc, 0, picture)
	for t := range n.Steps {
		player.Play(words, len(words), 1)
		for k, w := range words {
			for ; w != 0; w &= w - 1 {
				tr.fired[[2]int{i, t}] = append(tr.fired[[2]int{i, t}], order[k*snn.WordBits+bits.TrailingZeros64(w)])
			}
		}
		tr.membranes[[2]int{i, t}] = make([]int64, p.Size())
	}
}

// inOrder makes a random network one of a chip that heeds the order of spikes: the spikes of the first layer come from a source,
// or for ByWeight from its drive.
func inOrder(t *rapid.T, n *Network) {
	n.Firing = snn.Plain
	n.Format.Order = rapid.SampledFrom([]Order{ByWeight, ByEvent}).Draw(t, "order")
	n.Format.Reached = rapid.Bool().Draw(t, "reached")
	if rapid.Bool().Draw(t, "unsigned") {
		n.Format.VMin = 0
	}
	for i := range n.Populations {
		for c, v := range n.Populations[i].Initial {
			n.Populations[i].Initial[c] = int32(min(max(int64(v), -(-n.Format.VMin>>n.Format.Shift)), n.Format.VMax>>n.Format.Shift)) // within the range once shifted
		}
	}
	if n.Format.Order == ByWeight {
		return
	}
	for i := range n.Populations {
		clear(n.Populations[i].Bias)
	}
	coding, err := encoder.Default("bernoulli", 3)
	if err != nil {
		t.Fatal(err)
	}
	source := Population{Shape: n.Populations[0].Shape, Neuron: snn.Source, Coding: &coding}
	n.Populations = slices.Insert(n.Populations, 1, source)
	for j := range n.Projections {
		n.Projections[j].Source, n.Projections[j].Target = n.Projections[j].Source+1, n.Projections[j].Target+1
	}
}

// TestOrderedIsTheDefinition: every spike in its order, every membrane of every step, and the counts at checkpoints.
func TestOrderedIsTheDefinition(t *testing.T) {
	several := false
	rapid.Check(t, func(t *rapid.T) {
		n, r := integers(t)
		inOrder(t, n)
		s, err := NewSimulator(n)
		if err != nil {
			t.Fatal(err)
		}
		l := s.NewLoop()
		for picture := range 2 {
			codes := make([]int32, n.Populations[0].Size())
			for i := range codes {
				codes[i] = int32(r.IntN(256) * r.IntN(2))
			}
			several = several || compareOrdered(t, n, l, codes, picture)
		}
	})
	if !several && !testing.Short() {
		t.Error("no neuron fired several times in a step")
	}
}

// compareOrdered presents codes to the simulator and to the definition. It reports whether a neuron fired twice in a step.
func compareOrdered(t tb, n *Network, l Loop, codes []int32, picture int) (several bool) {
	t.Helper()
	want := orderedDefinition(n, codes, picture)
	hwc := make([]int32, len(codes))
	snn.ToHWC(hwc, codes, n.Populations[0].Shape)
	counts := make([]int32, n.Populations[n.Output()].Size())
	got, err := l.Run(hwc, picture, func(p, step int, fired []int32, v []int32) {
		order := ascending(n.Populations[p].Shape)
		var spikes []int
		for _, k := range fired {
			several = several || slices.Contains(spikes, order[k])
			spikes = append(spikes, order[k])
			if p == n.Output() {
				counts[k]++
			}
		}
		if !slices.Equal(spikes, want.fired[[2]int{p, step}]) {
			t.Fatalf("population %d step %d: spikes %v, want %v", p, step, spikes, want.fired[[2]int{p, step}])
		}
		for k := range v {
			if w := want.membranes[[2]int{p, step}][order[k]]; int64(v[k]) != w {
				t.Fatalf("population %d step %d neuron %d: membrane %d, want %d", p, step, k, v[k], w)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	last := len(got.Steps) - 1
	if got.Steps[last] != n.Steps || !slices.Equal(got.Counts[last], counts) {
		t.Fatalf("counts %v after %d steps, want %v", got.Counts[last], got.Steps[last], counts)
	}
	return several
}

// TestOrderOfEvents by hand: a membrane of 0..255 with threshold 10 takes +7, +7, −3 and +7 in this order.
func TestOrderOfEvents(t *testing.T) {
	coding, err := encoder.Default("bernoulli", 0)
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{Steps: 1, Reset: snn.Zero, Format: Format{VMin: 0, VMax: 255},
		Populations: []Population{{Shape: [3]int{4, 1, 1}, Neuron: snn.Input}, {Shape: [3]int{4, 1, 1}, Neuron: snn.Source, Coding: &coding},
			{Shape: [3]int{1, 1, 1}, Neuron: snn.IF, Threshold: []int32{10}, Bias: []int32{0}, Initial: []int32{0}}},
		Projections: []Projection{{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: []int32{7, 7, -3, 7}}}}
	for _, c := range []struct {
		order         Order
		reset         snn.Reset
		spikes, after int
	}{
		{ByEvent, snn.Zero, 1, 7},     // 7, 14 → 0, −3 → 0, 7
		{ByEvent, snn.Subtract, 1, 8}, // 7, 14 → 4, 1, 8
		{ByWeight, snn.Zero, 1, 0},    // 7, 14, 11, 18 → 0
		{ByWeight, snn.Subtract, 1, 8},
	} {
		n.Format.Order, n.Reset = c.order, c.reset
		s, err := NewSimulator(n)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.NewLoop().Run([]int32{255, 255, 255, 255}, 0, nil) // every source fires in every step
		if err != nil {
			t.Fatal(err)
		}
		if int(r.Counts[0][0]) != c.spikes || int(r.Potentials[0][0]) != c.after || r.SynapticOperations != 4 || r.Spikes[1] != 4 {
			t.Errorf("%s, reset %s: got %d spikes and a membrane of %d, want %d and %d", c.order, c.reset, r.Counts[0][0], r.Potentials[0][0], c.spikes, c.after)
		}
	}
}

// TestAccumulatorsNeverFire: where the outputs are accumulators, a membrane at its limit sends nothing.
func TestAccumulatorsNeverFire(t *testing.T) {
	coding, err := encoder.Default("bernoulli", 0)
	if err != nil {
		t.Fatal(err)
	}
	n := &Network{Steps: 3, Reset: snn.Subtract, Format: Format{VMin: -128, VMax: 127, Order: ByWeight},
		Populations: []Population{{Shape: [3]int{1, 1, 1}, Neuron: snn.Input}, {Shape: [3]int{1, 1, 1}, Neuron: snn.Source, Coding: &coding},
			{Shape: [3]int{1, 1, 1}, Neuron: snn.Integrator, Threshold: []int32{127}, Bias: []int32{0}, Initial: []int32{0}}},
		Projections: []Projection{{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: []int32{100}}}}
	for accumulators, want := range map[bool][2]int32{false: {1, 100}, true: {0, 127}} { // 100, 127 → 0, 100; or 100, 127, 127
		n.Format.Accumulators = accumulators
		s, err := NewSimulator(n)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.NewLoop().Run([]int32{255}, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		last := len(r.Steps) - 1
		if got := [2]int32{r.Counts[last][0], r.Potentials[last][0]}; got != want {
			t.Errorf("accumulators %v: got %d spikes and %d, want %d", accumulators, got[0], got[1], want)
		}
	}
}
