package quantize

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/target/chip"
)

// checkFormats fails where an integer of q is not one that the chip can hold. Limits are those of the profile, not of
// Format.
func checkFormats(t tb, q *Network, p *chip.Profile, weightBits int) {
	t.Helper()
	lo, hi, step, err := p.WeightLevels(weightBits)
	if err != nil {
		t.Fatal(err)
	}
	shift, most := p.Threshold.Shift, int64(math.MaxInt32)
	if a := p.State.A; a != nil {
		most = a.Max >> shift
	}
	bias := int64(1)<<(*p.Bias.Bits-1) - 1
	stored := func(th int32) int32 { // the register's value
		if p.Threshold.Compare == "gt" {
			return th - 1
		}
		return th
	}
	for i := 1; i < len(q.Populations); i++ {
		pop := &q.Populations[i]
		for o := range pop.Shape[0] {
			if th := stored(pop.Threshold[o]); th < p.Threshold.Min || th > p.Threshold.Max {
				t.Fatalf("%s: threshold %d, want %d..%d", pop.Name, th, p.Threshold.Min, p.Threshold.Max)
			}
			if p.Threshold.Scope != "neuron" && pop.Threshold[o] != pop.Threshold[0] {
				t.Fatalf("%s: thresholds %v on a chip with one a layer", pop.Name, pop.Threshold)
			}
			sum := int64(0)
			high, low := int64(0), int64(0)
			for j := range q.Projections {
				proj := &q.Projections[j]
				if proj.Target != i {
					continue
				}
				fan, times := len(proj.Weight)/pop.Shape[0], int64(1)
				if proj.Pool != nil {
					times = int64(proj.Pool.Kernel[0] * proj.Pool.Kernel[1])
				}
				for _, w := range proj.Weight[o*fan : (o+1)*fan] {
					if proj.Source == 0 {
						high, low = high+times*255*int64(max(w, 0)), low+times*255*int64(min(w, 0))
						continue
					}
					if w < lo || w > hi || w%step != 0 {
						t.Fatalf("%s: weight %d, want multiples of %d in %d..%d", pop.Name, w, step, lo, hi)
					}
					sum += times * int64(max(w, -w))
				}
			}
			if sum > most {
				t.Fatalf("%s: Σ|w| = %d, the sum of a step holds %d", pop.Name, sum, most)
			}
			b := int64(pop.Bias[o])
			if high, low = shiftDrive(high, pop.DriveShift)+b, shiftDrive(low, pop.DriveShift)+b; high > bias || low < -bias || b > bias || b < -bias {
				t.Fatalf("%s: bias and drive are %d..%d, want within ±%d", pop.Name, low, high, bias)
			}
			if v := int64(pop.Initial[o]) << shift; v < p.State.V.Min || v > p.State.V.Max || v != 0 && !p.Initial.V {
				t.Fatalf("%s: membranes start at %d", pop.Name, v)
			}
		}
	}
}

// targets are chips with the widths of weights to try; 0 is all that the chip has.
var targets = map[string][]int{"generic8": {0, 2, 3, 4, 5, 6, 7, 8}, "generic4": {0, 2, 3, 4}, "loihi1": {0, 2, 4, 6, 8},
	"generic8-signed": {0, 4}, "generic8-staged": {0, 4}}

// TestRunStaysWithinFormats: drawn networks on every chip with every width of weights give integers that the chip can
// hold, and run as the definition says.
func TestRunStaysWithinFormats(t *testing.T) {
	for id, widths := range targets {
		p := load(t, id)
		t.Run(id, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				r := rand.New(rand.NewPCG(rapid.Uint64Range(0, 1<<32).Draw(t, "seed"), 1))
				net := randomNetwork(r, p)
				width := rapid.SampledFrom(widths).Draw(t, "bits")
				q, found, err := Run(context.Background(), net, p, Options{Bits: width})
				if err != nil {
					t.Fatal(err)
				}
				if found.HasErrors() || len(q.Report) != len(q.Populations)-1 {
					t.Fatalf("%v, %d reports", found, len(q.Report))
				}
				checkFormats(t, q, p, width)
				checkReport(t, q)
				s, err := NewSimulator(q)
				if err != nil {
					t.Fatal(err)
				}
				codes := make([]int32, q.Populations[0].Size())
				for i := range codes {
					codes[i] = r.Int32N(256)
				}
				compare(t, q, s.NewLoop(), codes)
			})
		})
	}
}

// checkReport compares the report's bounds with what the worst step can bring.
func checkReport(t tb, q *Network) {
	t.Helper()
	for i, r := range q.Report {
		pop := &q.Populations[i+1]
		var most, least int64
		for o := range pop.Shape[0] {
			drive, low := [2]int64{}, [2]int64{} // of the drive and of spikes
			for j := range q.Projections {
				p := &q.Projections[j]
				if p.Target != i+1 {
					continue
				}
				times, k := int64(1), 1
				if p.Source == 0 {
					times, k = 255, 0
				}
				if p.Pool != nil {
					times *= int64(p.Pool.Kernel[0] * p.Pool.Kernel[1])
				}
				fan := len(p.Weight) / pop.Shape[0]
				for _, w := range p.Weight[o*fan : (o+1)*fan] {
					drive[k] += times * int64(max(w, 0))
					low[k] += times * int64(min(w, 0))
					if k == 1 && q.Firing == snn.Signed {
						drive[k] -= times * int64(min(w, 0))
						low[k] -= times * int64(max(w, 0))
					}
				}
			}
			b := int64(pop.Bias[o])
			most = max(most, b+drive[1]+shiftDrive(drive[0], pop.DriveShift))
			least = min(least, b+low[1]+shiftDrive(low[0], pop.DriveShift))
		}
		if r.Population != pop.Name || r.Positive < most || r.Negative > least || r.Positive > most+1 || r.Negative < least-1 {
			t.Fatalf("%s: sums of %d..%d reported, want %d..%d", r.Population, r.Negative, r.Positive, least, most)
		}
		if bits := r.AccumulatorBits; max(r.Positive, -r.Negative) >= 1<<(bits-1) || bits > 1 && max(r.Positive, -r.Negative) < 1<<(bits-2) {
			t.Fatalf("%s: %d bits for sums of %d..%d", r.Population, bits, r.Negative, r.Positive)
		}
	}
}

// one returns a network of a first layer with weight 1/255 and a second population of one channel with the weights.
func one(neuron snn.Neuron, bias []float64, w ...float32) *snn.Network {
	return &snn.Network{Name: "one", Steps: 8, Reset: snn.Subtract, Initial: 0.5,
		Populations: []snn.Population{
			{Name: "x", Shape: [3]int{len(w), 1, 1}, Neuron: snn.Input},
			{Name: "spikes", Shape: [3]int{len(w), 1, 1}, Neuron: snn.IF, Scale: ones(len(w), 255)},
			{Name: "layer", Shape: [3]int{1, 1, 1}, Neuron: neuron, Bias: bias, Scale: []float64{4}, Range: 100},
		},
		Projections: []snn.Projection{
			{Source: 0, Target: 1, Window: window.Square(1, 1), Groups: len(w), Weight: toFloat32(ones(len(w), 1.0/255)), Identity: true},
			{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: w}}}
}

func ones(n int, x float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = x
	}
	return v
}

func toFloat32(v []float64) []float32 {
	w := make([]float32, len(v))
	for i := range v {
		w[i] = float32(v[i])
	}
	return w
}

// TestRunByHand: weights of 1, 1/2 and −1/4 thresholds with 8 bits. The grid search takes the unit at which 1 is 127,
// or one that clips it; 127, 63.5 and −31.75 lose less than any other only if they are near whole numbers, so the test
// holds what follows from the unit that was taken.
func TestRunByHand(t *testing.T) {
	q, _, err := Run(context.Background(), one(snn.IF, []float64{0.3}, 1, 0.5, -0.25), load(t, "generic8"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, w := q.Populations[2], q.Projections[1].Weight
	th := float64(p.Threshold[0])
	if p.Unit[0] != th/4 {
		t.Errorf("an activation of 1 is worth %v units, want threshold/λ = %v", p.Unit[0], th/4)
	}
	for i, x := range []float64{1, 0.5, -0.25} {
		if want := min(127, math.Round(x*th)); float64(w[i]) != want {
			t.Errorf("weight %v is %d units at a threshold of %v, want %v", x, w[i], th, want)
		}
	}
	if p.Initial[0] != int32(th/2) || p.Bias[0] != int32(math.Round(0.3*th)) {
		t.Errorf("starts at %d with bias %d", p.Initial[0], p.Bias[0])
	}
	// 128, 64, −32 is exact but for one unit of clipping; 124, 62, −31 is exact.
	if err := 1 - float64(w[0])/th; math.Abs(err) > 1.0/127 {
		t.Errorf("the largest weight is off by %v", err)
	}
	// The input's copy: threshold and drive are as large as bias and membrane allow, an eighth of the membrane: 4095.
	if in := q.Populations[1]; in.Threshold[0] != 4095 || q.Projections[0].Weight[0] == 0 || in.DriveShift == 0 {
		t.Errorf("input neurons: threshold %d, drive weight %d >> %d", in.Threshold[0], q.Projections[0].Weight[0], in.DriveShift)
	}
	// A code of 255 drives one spike a step: the drive is the threshold, to within its rounding.
	if in := q.Populations[1]; math.Abs(float64(shiftDrive(255*int64(q.Projections[0].Weight[0]), in.DriveShift)-int64(in.Threshold[0]))) > 1 {
		t.Errorf("a code of 255 drives %d >> %d, threshold %d", 255*q.Projections[0].Weight[0], in.DriveShift, in.Threshold[0])
	}
}

// TestIntegratorStaysBelowItsThreshold: the unit of an output that must not fire leaves room for its range.
func TestIntegratorStaysBelowItsThreshold(t *testing.T) {
	for id := range targets {
		p := load(t, id)
		net := one(snn.Integrator, nil, 1, 0.5, -0.25)
		net.Reset, net.Firing, net.Initial = snn.Reset(p.Reset.Modes[0]), snn.Firing(p.Capabilities().Firing), 0
		q, _, err := Run(context.Background(), net, p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		out := q.Populations[2]
		if unit := out.Unit[0] * 4; unit*100 >= float64(out.Threshold[0]) || out.Threshold[0] != q.Format.ThresholdMax || out.Initial[0] != 0 {
			t.Errorf("%s: unit %v times a range of 100, threshold %d, starts at %d", id, unit, out.Threshold[0], out.Initial[0])
		}
	}
}

// TestMoreBitsLoseLess: the error that the report names falls with the width of the weights.
func TestMoreBitsLoseLess(t *testing.T) {
	p := load(t, "generic8")
	net := randomNetwork(rand.New(rand.NewPCG(3, 1)), p)
	for i := range net.Populations {
		net.Populations[i].Moments = nil
	}
	before := math.Inf(-1)
	for bits := 2; bits <= 8; bits++ {
		q, _, err := Run(context.Background(), net, p, Options{Bits: bits})
		if err != nil {
			t.Fatal(err)
		}
		r := q.Report[len(q.Report)-1]
		if r.Bits != bits || r.SQNR < before+3 { // a bit is worth 6 dB; clipping and units take some
			t.Errorf("%d bits: %v dB after %v (report says %d bits)", bits, r.SQNR, before, r.Bits)
		}
		before = r.SQNR
	}
}

// TestFormatOf: the formats of the profiles, by hand from their files.
func TestFormatOf(t *testing.T) {
	for _, c := range []struct {
		id   string
		bits int
		want Format
	}{
		{"generic8", 0, Format{WeightMax: 127, WeightStep: 1, Bits: 8, ThresholdMin: 1, ThresholdMax: 32767, ThresholdPerChannel: true, BiasMax: 32767, SumMax: math.MaxInt32,
			InitialV: true, VMin: -32768, VMax: 32767}},
		{"generic8", 3, Format{WeightMax: 3, WeightStep: 1, Bits: 3, ThresholdMin: 1, ThresholdMax: 32767, ThresholdPerChannel: true, BiasMax: 32767, SumMax: math.MaxInt32,
			InitialV: true, VMin: -32768, VMax: 32767}},
		{"generic4", 0, Format{WeightMax: 7, WeightStep: 1, Bits: 4, ThresholdMin: 1, ThresholdMax: 32767, ThresholdPerChannel: true, BiasMax: 32767, SumMax: math.MaxInt32,
			InitialV: true, VMin: -32768, VMax: 32767}},
		// Fires at v > vth·64: at v >= (vth+1)·64. Sums below 2^21 in steps of 64 are below 2^15.
		{"loihi1", 0, Format{WeightMax: 254, WeightStep: 2, Bits: 8, ThresholdMin: 2, ThresholdMax: 131072, BiasMax: 4095, SumMax: 32767, Shift: 6, VMin: -8388607, VMax: 8388607}},
		{"generic8-signed", 0, Format{WeightMax: 127, WeightStep: 1, Bits: 8, ThresholdMin: 1, ThresholdMax: 32767, ThresholdPerChannel: true, BiasMax: 32767, SumMax: math.MaxInt32,
			InitialV: true, VMin: -32768, VMax: 32767, Firing: snn.Signed, CountMax: 32767}},
		{"generic8-staged", 0, Format{WeightMax: 127, WeightStep: 1, Bits: 8, ThresholdMin: 1, ThresholdMax: 1<<27 - 1, ThresholdPerChannel: true, BiasMax: 32767, SumMax: math.MaxInt32,
			InitialV: true, VMin: -1 << 27, VMax: 1<<27 - 1, Firing: snn.Staged}},
		{"ranc", 0, Format{WeightMax: 7, WeightStep: 1, Bits: 4, ThresholdMin: 1, ThresholdMax: 255, ThresholdPerChannel: true, BiasMax: 255, SumMax: math.MaxInt32,
			InitialV: true, VMin: -256, VMax: 255, Wraps: true, LowerReset: true}},
		{"reckon", 0, Format{WeightMax: 127, WeightStep: 1, Bits: 8, ThresholdMin: 1, ThresholdMax: 32767, SumMax: math.MaxInt32,
			InitialV: true, VMin: -32768, VMax: 32767, Order: ByWeight, Accumulators: true}},
		{"tinyodin", 0, Format{WeightMax: 7, WeightStep: 1, Bits: 4, ThresholdMin: 1, ThresholdMax: 2047, ThresholdPerChannel: true, SumMax: math.MaxInt32,
			InitialV: true, VMin: -2048, VMax: 2047, Order: ByEvent}},
		{"odin", 0, Format{WeightMax: 7, WeightStep: 1, Bits: 3, ThresholdMin: 1, ThresholdMax: 255, ThresholdPerChannel: true, SumMax: math.MaxInt32,
			InitialV: true, VMin: 0, VMax: 255, Order: ByEvent}},
	} {
		got, err := FormatOf(load(t, c.id), c.bits)
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", c.id, got, err, c.want)
		}
	}
}

// TestRefusals: the texts are in testdata.
func TestRefusals(t *testing.T) {
	change := func(id string, change func(p *chip.Profile)) *chip.Profile {
		p := *load(t, id)
		change(&p)
		return &p
	}
	cases := []struct {
		name string
		net  *snn.Network
		chip *chip.Profile
		bits int
	}{
		{"weights of nine bits", one(snn.IF, nil, 1), load(t, "generic8"), 9},
		{"weights of one bit", one(snn.IF, nil, 1), load(t, "generic4"), 1},
		{"a chip of events", one(snn.IF, nil, 1), change("generic8", func(p *chip.Profile) { p.Execution.Kind = "event" }), 0},
		{"a membrane that wraps once", one(snn.IF, nil, 1), change("generic8", func(p *chip.Profile) { v := *p.State.V; v.Overflow = "wrap_once"; p.State.V = &v }), 0},
		{"weights of one sign", one(snn.IF, nil, 1), change("generic8", func(p *chip.Profile) { p.Weight.Sign, p.Weight.Min = "unsigned_per_receptor", 0 }), 0},
		{"a reset that the chip does not have", one(snn.IF, nil, 1), load(t, "loihi1"), 0},
		{"membranes that cannot be preset", func() *snn.Network { n := one(snn.IF, nil, 1); n.Reset = snn.Zero; return n }(), load(t, "loihi1"), 0},
		{"neurons that fire in another way", one(snn.IF, nil, 1), load(t, "generic8-signed"), 0},
		{"staged neurons on a plain chip", func() *snn.Network { n := one(snn.IF, nil, 1); n.Firing = snn.Staged; return n }(), load(t, "generic8"), 0},
		{"signed spikes without a count", one(snn.IF, nil, 1), change("generic8-signed", func(p *chip.Profile) { p.State.N = nil }), 0},
		{"signed spikes in two stages", one(snn.IF, nil, 1), change("generic8-staged", func(p *chip.Profile) { p.Lower.Kind = "spike" }), 0},
		{"staged neurons that compare by gt", one(snn.IF, nil, 1), change("generic8-staged", func(p *chip.Profile) { p.Threshold.Compare = "gt" }), 0},
		{"more inputs than the sum holds", one(snn.IF, nil, toFloat32(ones(300, 1))...), change("generic8", func(p *chip.Profile) {
			p.State.A = &chip.Variable{Bits: 8, Signed: true, Min: -127, Max: 127, Overflow: "forbid"}
		}), 0},
		{"a bias beyond its register", one(snn.IF, []float64{70000}, 1), load(t, "generic8"), 0},
		{"no register for the drive", one(snn.IF, nil, 1), change("generic8", func(p *chip.Profile) { p.Bias.Kind, p.Bias.Bits = "none", nil }), 0},
		{"a coarse threshold", one(snn.IF, nil, 100), load(t, "generic8"), 0},
		{"several synapse memories", one(snn.IF, nil, 1), change("reckon", func(p *chip.Profile) { p.Execution.Layers = "" }), 0},
		{"layers in one core without accumulators", one(snn.IF, nil, 1), change("generic8", func(p *chip.Profile) { p.Execution.Layers = chip.LayersRecurrent }), 0},
		{"accumulators that are narrower than membranes", one(snn.IF, nil, 1), change("reckon", func(p *chip.Profile) { p.State.O.Max = 127 }), 0},
		{"weights chosen by axons", one(snn.IF, nil, 1), change("ranc", func(p *chip.Profile) { p.Capacity.Targets = nil }), 0},
		{"shifted membranes that wrap", one(snn.IF, nil, 1), change("ranc", func(p *chip.Profile) { p.Threshold.Shift = 1 }), 0},
	}
	var b strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&b, "== %s\n", c.name)
		_, found, err := Run(context.Background(), c.net, c.chip, Options{Bits: c.bits})
		var f *diag.Failure
		if err != nil && !errors.As(err, &f) {
			fmt.Fprintln(&b, "error:", err)
		}
		for _, d := range found {
			fmt.Fprintln(&b, d)
		}
		b.WriteByte('\n')
	}
	golden.File(t, "refusals.txt", b.String())
}

// TestHostWeightsOverflow: weights of the input that 16 bits do not hold are reported, and Apply leaves them as they are.
func TestHostWeightsOverflow(t *testing.T) {
	p := *load(t, "generic8")
	bias, v := 32, *p.State.V
	v.Bits, v.Min, v.Max = 46, -1<<45, 1<<45-1
	p.Bias.Bits, p.State.V, p.Threshold.Min, p.Threshold.Max = &bias, &v, 1<<20, 1<<30
	net := one(snn.IF, nil, 1)
	net.Projections[0].Weight[0] = 0.5
	if _, found, err := Run(context.Background(), net, &p, Options{}); err == nil || len(found) == 0 || found[0].ID != "SPK-QUANT-001" {
		t.Errorf("found %v, %v, want SPK-QUANT-001", found, err)
	}
	if err := Apply(net, 1, &p, Options{}); err != nil || net.Projections[0].Weight[0] != 0.5 {
		t.Errorf("Apply left the weight %v, %v", net.Projections[0].Weight[0], err)
	}
}
