package quantize

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/snn"
)

// TestDriveRounding compares with ⌊(sum + 2^(s−1)) / 2^s⌋ in whole numbers of any size.
func TestDriveRounding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum, s := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "sum"), rapid.UintRange(0, 31).Draw(t, "shift")
		want := big.NewInt(sum)
		if s > 0 {
			want.Add(want, new(big.Int).Lsh(big.NewInt(1), s-1))
			want.Div(want, new(big.Int).Lsh(big.NewInt(1), s)) // Euclidean: floor for a positive divisor
		}
		if got := shiftDrive(sum, s); got != want.Int64() {
			t.Fatalf("%d >> %d: got %d, want %d", sum, s, got, want)
		}
	})
	for _, c := range [][3]int64{{5, 1, 3}, {-5, 1, -2}, {-6, 2, -1}, {6, 2, 2}, {7, 3, 1}, {3, 3, 0}, {-4, 3, 0}, {-5, 3, -1}} {
		if got := shiftDrive(c[0], uint(c[1])); got != c[2] {
			t.Errorf("%d >> %d: got %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// trace is everything that a network does: spikes and membranes (C,H,W order) of every population at every step.
type trace struct {
	spikes    map[[2]int][]int8
	membranes map[[2]int][]int64
}

// definition runs an integer network by its definition, in 64-bit integers, with plain loops over maps in C,H,W order. Of
// staged neurons, steps 0..T-1 add and steps T..2T-1 fire.
func definition(n *Network, codes []int32) trace {
	tr := trace{map[[2]int][]int8{}, map[[2]int][]int64{}}
	sent := make([][][]int64, len(n.Populations)) // population, step: spikes
	pixels := make([]int64, len(codes))
	for i, c := range codes {
		pixels[i] = int64(c)
	}
	for i := 1; i < len(n.Populations); i++ {
		p := &n.Populations[i]
		x := neuronsOf(n, p)
		for t := range n.Steps {
			drive, current := make([]int64, p.Size()), make([]int64, p.Size())
			for j := range n.Projections {
				switch q := &n.Projections[j]; {
				case q.Target != i:
				case q.Source == 0:
					convolve(drive, n.Geometry(j), q.Weight, pixels)
				default:
					convolve(current, n.Geometry(j), q.Weight, sent[q.Source][t])
				}
			}
			x.add(drive, current)
			if n.Firing != snn.Staged {
				sent[i] = append(sent[i], x.fire(tr, [2]int{i, t}))
			}
			tr.membranes[[2]int{i, t}] = slices.Clone(x.v)
			if n.Firing == snn.Staged {
				tr.spikes[[2]int{i, t}] = make([]int8, p.Size())
			}
		}
		for t := n.Steps; n.Firing == snn.Staged && t < 2*n.Steps; t++ {
			sent[i] = append(sent[i], x.fire(tr, [2]int{i, t}))
			tr.membranes[[2]int{i, t}] = slices.Clone(x.v)
		}
	}
	return tr
}

// plainNeurons are the neurons of a population in C,H,W order.
type plainNeurons struct {
	n        *Network
	p        *Population
	v, count []int64
}

func neuronsOf(n *Network, p *Population) *plainNeurons {
	x := &plainNeurons{n, p, make([]int64, p.Size()), make([]int64, p.Size())}
	for k := range x.v {
		x.v[k] = int64(p.Initial[x.channel(k)]) << n.Format.Shift
	}
	return x
}

func (x *plainNeurons) channel(k int) int { return k / (x.p.Shape[1] * x.p.Shape[2]) }

// add is v = clamp(v + (current + drive + bias) << shift).
func (x *plainNeurons) add(drive, current []int64) {
	f := &x.n.Format
	for k, in := range drive {
		if s := x.p.DriveShift; s > 0 {
			in = (in + 1<<(s-1)) >> s
		}
		v := x.v[k] + (current[k]+in+int64(x.p.Bias[x.channel(k)]))<<f.Shift
		x.v[k] = max(f.VMin, min(f.VMax, v))
	}
}

// fire returns the spikes of a step, and notes them.
func (x *plainNeurons) fire(tr trace, at [2]int) []int64 {
	spikes, sent := make([]int8, len(x.v)), make([]int64, len(x.v))
	for k, v := range x.v {
		th := int64(x.p.Threshold[x.channel(k)]) << x.n.Format.Shift
		switch {
		case v >= th && x.n.Reset == snn.Zero:
			spikes[k], x.v[k] = 1, 0
		case v >= th:
			spikes[k], x.v[k] = 1, v-th
		case x.n.Firing == snn.Signed && v < 0 && x.count[k] > 0:
			spikes[k], x.v[k] = -1, v+th
		}
		x.count[k] = min(x.count[k]+int64(spikes[k]), max(x.count[k], int64(x.n.Format.CountMax)))
		sent[k] = int64(spikes[k])
	}
	tr.spikes[at] = spikes
	return sent
}

// convolve adds a projection's sums (snn.Projection) to y.
func convolve(y []int64, s snn.Shape2d, weight []int32, x []int64) {
	at := func(x []int64, shape [3]int, c, i, j int) int64 {
		if i < 0 || i >= shape[1] || j < 0 || j >= shape[2] {
			return 0
		}
		return x[(c*shape[1]+i)*shape[2]+j]
	}
	in := s.In
	if s.Pool != nil {
		out, _ := s.Pool.Output([2]int{in[1], in[2]})
		pooled := make([]int64, in[0]*out[0]*out[1])
		for k := range pooled {
			c, i, j := k/out[1]/out[0], k/out[1]%out[0], k%out[1]
			for u := range s.Pool.Kernel[0] {
				for v := range s.Pool.Kernel[1] {
					pooled[k] += at(x, in, c, s.Pool.Source(0, i, u), s.Pool.Source(1, j, v))
				}
			}
		}
		x, in = pooled, [3]int{in[0], out[0], out[1]}
	}
	cg, og, kh, kw := in[0]/s.Groups, s.Out[0]/s.Groups, s.Window.Kernel[0], s.Window.Kernel[1]
	for k := range y {
		o, i, j := k/s.Out[2]/s.Out[1], k/s.Out[2]%s.Out[1], k%s.Out[2]
		for w := range cg * kh * kw {
			c, u, v := w/kw/kh, w/kw%kh, w%kw
			y[k] += int64(weight[o*cg*kh*kw+w]) * at(x, in, o/og*cg+c, s.Window.Source(0, i, u), s.Window.Source(1, j, v))
		}
	}
}

// compare presents codes to the simulator and to the definition and compares every spike and membrane.
func compare(t tb, n *Network, l Loop, codes []int32) {
	t.Helper()
	want := definition(n, codes)
	hwc := make([]int32, len(codes))
	snn.ToHWC(hwc, codes, n.Populations[0].Shape)
	total := make([]int64, len(n.Populations))
	_, err := l.Run(hwc, 0, func(p, step int, fired []int32, v []int32) {
		shape := n.Populations[p].Shape
		spikes := make([]int8, len(v))
		for _, k := range fired {
			if k < 0 {
				spikes[-1-k] = -1
			} else {
				spikes[k] = 1
			}
		}
		total[p] += int64(len(fired))
		if n.Firing != snn.Signed && !slices.IsSorted(fired) {
			t.Fatalf("population %d step %d: spikes %v do not ascend", p, step, fired)
		}
		for k := range v {
			chw := k%shape[0]*shape[1]*shape[2] + k/shape[0]
			if w := want.membranes[[2]int{p, step}][chw]; int64(v[k]) != w || spikes[k] != want.spikes[[2]int{p, step}][chw] {
				t.Fatalf("population %d step %d neuron %d: membrane %d, spike %v, want %d, %v", p, step, k, v[k], spikes[k], w, want.spikes[[2]int{p, step}][chw])
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// integers returns a random integer network whose sums and formats fit 32 bits or do not.
func integers(t *rapid.T) (*Network, *rand.Rand) {
	r := rand.New(rand.NewPCG(rapid.Uint64Range(0, 1<<32).Draw(t, "seed"), 1))
	groups := rapid.SampledFrom([]int{1, 2, 3}).Draw(t, "groups")
	c := groups * rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "channels of a group")
	large := int32(rapid.SampledFrom([]int{7, 127, 400000}).Draw(t, "largest weight"))
	n := &Network{Steps: 7, Reset: rapid.SampledFrom([]snn.Reset{snn.Subtract, snn.Zero}).Draw(t, "reset")}
	if n.Reset == snn.Subtract {
		n.Firing = rapid.SampledFrom([]snn.Firing{snn.Plain, snn.Signed, snn.Staged}).Draw(t, "firing")
		n.Format.CountMax = rapid.SampledFrom([]int32{2, 1000}).Draw(t, "largest count")
	}
	n.Format.Shift = rapid.SampledFrom([]uint{0, 6}).Draw(t, "shift")
	bits := rapid.SampledFrom([]int{6, 12, 16, 24, 32}).Draw(t, "membrane bits")
	n.Format.VMin, n.Format.VMax = -1<<(bits-1), 1<<(bits-1)-1
	if n.Format.Shift == 6 {
		n.Format.VMin, n.Format.VMax = -8388607, 8388607
	}
	some := func(k int, most int32) []int32 {
		v := make([]int32, k)
		for i := range v {
			v[i] = r.Int32N(2*most+1) - most
		}
		return v
	}
	add := func(shape [3]int, neuron snn.Neuron) {
		p := Population{Shape: shape, Neuron: neuron}
		for range shape[0] {
			p.Threshold = append(p.Threshold, 1+r.Int32N(4*large))
		}
		p.Bias, p.Initial = some(shape[0], large), some(shape[0], large/2)
		p.DriveShift = uint(r.IntN(4))
		n.Populations = append(n.Populations, p)
	}
	add([3]int{2, 5, 4}, snn.Input)
	add([3]int{c, 4, 3}, snn.IF)
	add([3]int{c, 4, 3}, snn.IF)
	add([3]int{rapid.SampledFrom([]int{3, 4, 6}).Draw(t, "classes"), 1, 1}, snn.Integrator)
	same := window.Window2d{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 1}, PadEnd: [2]int{1, 1}}
	pool := window.Square(2, 1)
	n.Projections = []Projection{
		{Source: 0, Target: 1, Window: window.Square(2, 1), Groups: 1, Weight: some(c*2*4, large)},
		{Source: 1, Target: 2, Window: same, Groups: groups, Weight: some(c*c/groups*9, large)},
		{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: c, Weight: some(c, large), Identity: true},
		{Source: 0, Target: 2, Window: window.Window2d{Kernel: [2]int{2, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Groups: 1, Weight: some(c*2*4, large)},
		{Source: 2, Target: 3, Pool: &pool, Window: window.Window2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Groups: 1, Weight: some(n.Populations[3].Shape[0]*c*6, large)},
	}
	if rapid.Bool().Draw(t, "pooled") {
		n.Projections[1].Pool = &same
	}
	return n, r
}

// TestSimulatorIsTheDefinition: in 32 bits or 64, saturating or not, spikes and membranes are those of the definition.
func TestSimulatorIsTheDefinition(t *testing.T) {
	seen := map[bool]bool{}
	rapid.Check(t, func(t *rapid.T) {
		n, r := integers(t)
		s, err := NewSimulator(n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n.Populations[1:] {
			seen[n.fits32(1+i)] = true
		}
		l := s.NewLoop()
		for range 2 {
			codes := make([]int32, 40)
			for i := range codes {
				codes[i] = int32(r.IntN(256) * r.IntN(2))
			}
			compare(t, n, l, codes)
		}
	})
	if len(seen) != 2 && !testing.Short() {
		t.Errorf("32 and 64 bits were not both drawn: %v", seen)
	}
}

// TestNeuronsAtTheirLimit: membranes whose last sum is 2^31−1 in either direction fit 32 bits, 2^31 does not; either way
// they are those of the definition.
func TestNeuronsAtTheirLimit(t *testing.T) {
	for _, c := range []struct {
		vmax int64
		want bool
	}{{1 << 29, true}, {1<<29 + 1, false}} {
		for _, sign := range []int32{1, -1} {
			n := &Network{Steps: 4, Format: Format{VMin: -c.vmax, VMax: c.vmax}, Populations: []Population{{Shape: [3]int{1, 1, 1}, Neuron: snn.Input},
				{Shape: [3]int{2, 1, 1}, Neuron: snn.IF, Threshold: []int32{1, 1}, Bias: []int32{1, 1}, Initial: []int32{0, 0}},
				{Shape: [3]int{1, 1, 1}, Neuron: snn.IF, Threshold: []int32{1 << 29}, Bias: []int32{sign * (1<<30 - 1)}, Initial: []int32{0}}}}
			n.Projections = []Projection{{Source: 0, Target: 1, Window: window.Square(1, 1), Groups: 1, Weight: []int32{0, 0}},
				{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: []int32{sign << 28, sign << 28}}}
			if got := n.fits32(2); got != c.want {
				t.Errorf("membranes up to %d: 32 bits %v, want %v", c.vmax, got, c.want)
			}
			s, err := NewSimulator(n)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, n, s.NewLoop(), []int32{1})
		}
	}
}

// TestSaturation by hand: a membrane of −32768..32767 that is driven down stays at its rail, and needs as many steps
// up as the rail says, not as the sums say.
func TestSaturation(t *testing.T) {
	n := &Network{Steps: 4, Reset: snn.Subtract, Format: Format{VMin: -32768, VMax: 32767},
		Populations: []Population{{Shape: [3]int{1, 1, 1}, Neuron: snn.Input},
			{Shape: [3]int{1, 1, 1}, Neuron: snn.IF, Threshold: []int32{30000}, Bias: []int32{-20000}, Initial: []int32{-20000}}},
		Projections: []Projection{{Source: 0, Target: 1, Window: window.Square(1, 1), Groups: 1, Weight: []int32{200}, Identity: true}}}
	for code, want := range map[int32][]int32{
		0:   {-32768, -32768, -32768, -32768},
		250: {10000, 2767, 2767, 2767}, // −20000 + 30000; 40000 → 32767 − 30000; 2767 + 30000 = 32767 − 30000, …
	} {
		s, err := NewSimulator(n)
		if err != nil {
			t.Fatal(err)
		}
		var got []int32
		if _, err := s.NewLoop().Run([]int32{code}, 0, func(_, _ int, _ []int32, v []int32) { got = append(got, v[0]) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("code %d: membranes %v, want %v", code, got, want)
		}
	}
}
