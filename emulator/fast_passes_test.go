package emulator

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"spikec/emulator/columns"
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
	"spikec/target/image"
)

// passProfiles are the profiles that the test draws cores for.
var passProfiles = []string{"generic8", "loihi1", "enginetest/profiles/reckon-style.yaml", "enginetest/profiles/ranc-style.yaml",
	"enginetest/profiles/loihi-style.yaml", "enginetest/profiles/leak-style.yaml",
	"generic8-signed", "enginetest/profiles/signed-style.yaml"}

// TestPasses: passes compute what the reference engine computes, in every variable, spike and saturation of every step,
// or they refuse the core.
func TestPasses(t *testing.T) {
	cores := 400
	switch {
	case os.Getenv("SPIKEC_LONG") != "":
		cores = 5000
	case testing.Short():
		cores = 100
	}
	for _, id := range passProfiles {
		t.Run(strings.TrimSuffix(id[strings.LastIndex(id, "/")+1:], ".yaml"), func(t *testing.T) {
			p, err := chip.Load(id)
			if err != nil {
				t.Fatal(err)
			}
			reasons := map[string]int{}
			refused, redone, saturated, ruled := 0, 0, int64(0), 0
			for seed := range uint64(cores) {
				g := &passCase{Rand: rand.New(rand.NewPCG(seed, 7)), profile: *p}
				ok, err := g.run()
				if err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, g)
				}
				if !ok {
					refused++
					reasons[strings.SplitN(g.reason.Error(), "may take", 2)[0]]++
				}
				redone += g.redone
				if g.ruled {
					ruled++
				}
				saturated += g.saturated
			}
			t.Logf("%d of %d cores refused %v, %d rules; %d neurons redone, %d saturations", refused, cores, reasons, ruled, redone, saturated)
			if refused > cores/2 {
				t.Error("too many are refused for the test to say much")
			}
		})
	}
}

// passCase is one random core on a profile.
type passCase struct {
	*rand.Rand
	profile   chip.Profile
	core      image.Core
	sources   int
	driven    map[string]interval
	reason    error
	again     *replayer
	redone    int
	saturated int64
	ruled     bool // the passes are those of a rule
	unit      uint
}

// String shows the case.
func (g *passCase) String() string {
	var text strings.Builder
	for _, m := range g.profile.Program {
		fmt.Fprintf(&text, "%+v\n", m)
	}
	fmt.Fprintf(&text, "registers %v\ninitial %v", g.core.Registers, g.core.InitialV)
	return text.String()
}

// pick returns one of the values.
func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// values returns random numbers for a register.
func (g *passCase) values(lo, hi int32) []int32 {
	v := make([]int32, pick(g.Rand, 1, g.core.Shape[0], g.core.Neurons))
	for i := range v {
		v[i] = pick(g.Rand, lo, hi, lo+int32(g.Int64N(int64(hi)-int64(lo)+1)), lo+int32(g.Int64N(int64(hi)-int64(lo)+1)))
	}
	return v
}

// draw makes the core.
func (g *passCase) draw() {
	c := pick(g.Rand, 1, 3, 8)
	shape := [3]int{c, 1, 1 + g.IntN(30)}
	if g.IntN(20) == 0 {
		shape[2] = 1200 // more than a block
	}
	g.core = image.Core{Population: "random", Shape: shape, Neurons: c * shape[2]}
	g.sources = g.IntN(12)
	w := &g.profile.Weight
	weight := w.Max
	if g.IntN(2) == 0 {
		weight = max(w.Step, weight/16/w.Step*w.Step)
	}
	d := &image.Dense{Inputs: g.sources, Neurons: g.core.Neurons}
	scale := pick[int32](g.Rand, 1, 1, 2, 4)
	for range g.sources * g.core.Neurons {
		d.Weight = append(d.Weight, pick(g.Rand, 0, max(w.Min, -weight), weight, (g.Int32N(2*weight+1)-weight)/w.Step*w.Step)*scale)
	}
	g.core.Synapses = []image.Block{{Synapses: d}}
	g.unit = unitOf(g.core.Synapses)
	g.registers()
	g.driven = map[string]interval{}
	if g.IntN(3) == 0 {
		g.driven[g.profile.Registers.Bias] = interval{-50, 200}
	}
	g.profile.Program = slices.Clone(g.profile.Program)
	if g.profile.ID == "generic8" && g.IntN(2) == 0 {
		g.widths()
		return
	}
	if g.IntN(3) == 0 {
		g.mutate()
	}
	if g.IntN(2) == 0 {
		g.profile.Program = append(g.profile.Program, chip.MicroOp{Op: "clear", Var: "x"})
		for range 1 + g.IntN(4) {
			g.profile.Program = slices.Insert(g.profile.Program, g.IntN(len(g.profile.Program)+1), g.operation())
		}
	}
}

// widths changes the widths of membranes and sums.
func (g *passCase) widths() {
	ops := g.profile.Program
	ops[0].Shift = pick(g.Rand, "", "3", "16")
	ops[1].Arith = pick(g.Rand, "sat9", "sat20", "sat24", "satu24", "sat31", "sat32")
	ops[2].Compare = pick(g.Rand, "ge", "gt")
	ops[3].Arith = ops[1].Arith
	g.profile.Program = slices.Insert(ops, 1, chip.MicroOp{Op: "shift", Var: "a", By: pick(g.Rand, "0", "7", "9")})
}

// operation returns an operation for any place of a program, on the membrane or on a scratch variable x.
func (g *passCase) operation() chip.MicroOp {
	thr, bias := g.profile.Registers.Threshold, g.profile.Registers.Bias
	return pick(g.Rand,
		chip.MicroOp{Op: "add", Var: "x", Term: "v"},
		chip.MicroOp{Op: "add", Var: "x", Term: bias, Arith: "sat9"},
		chip.MicroOp{Op: "add", Var: "x", Term: "v + " + thr + " - (x << 2)", Arith: "wrap13"},
		chip.MicroOp{Op: "add", Var: "x", Term: "v * 2 - " + bias, Arith: "sat16"},
		chip.MicroOp{Op: "add", Var: "x", Term: "(v + x + " + bias + ") >> 2", Arith: "sat16"},
		chip.MicroOp{Op: "add", Var: "v", Term: "x", Arith: "sat9"},
		chip.MicroOp{Op: "add", Var: "v", Term: "-x", Arith: "wrap9"},
		chip.MicroOp{Op: "add", Var: "v", Term: bias + " << 17", Arith: "wrap_once24"},
		chip.MicroOp{Op: "decay", Var: "x", Mul: bias, Shift: "5", Round: "half_away", Arith: "sat16"},
		chip.MicroOp{Op: "decay", Var: "x", Mul: "4", Shift: "2", Round: "floor", Arith: "sat5"},
		chip.MicroOp{Op: "shift", Var: "x", By: "-3", Round: "half_away"},
		chip.MicroOp{Op: "shift", Var: "x", By: "2"},
		chip.MicroOp{Op: "leak", Var: "v", By: "5", Toward: "floor"},
		chip.MicroOp{Op: "leak", Var: "x", By: "5", Toward: "zero"},
		chip.MicroOp{Op: "clamp", Var: "v", Min: "-" + thr, Max: thr + " + 2"},
		chip.MicroOp{Op: "clamp", Var: "x", Min: "-100", Max: "1 << 40"},
		chip.MicroOp{Op: "clear", Var: "x"},
		chip.MicroOp{Op: "fire", Var: "x", Compare: "gt", Against: "3"},
		chip.MicroOp{Op: "fire", Var: "v", Compare: "ge", Against: "x + 3"},
		chip.MicroOp{Op: "reset", Mode: "subtract", Value: "x + 3", Arith: "satu10"},
		chip.MicroOp{Op: "reset", Mode: "subtract", Value: thr, Arith: "sat9"},
		chip.MicroOp{Op: "reset", Mode: "value", Value: "x", Arith: "sat9"},
		chip.MicroOp{Op: "reset", Mode: "zero"},
		chip.MicroOp{Op: "lower_fire", Var: "x", Compare: "lt", Against: "-5"},
		chip.MicroOp{Op: "lower_fire", Compare: "le", Against: "-20"},
		chip.MicroOp{Op: "lower_reset", Mode: "subtract", Value: "-20", Arith: "sat24"},
		chip.MicroOp{Op: "lower_reset", Mode: "value", Value: bias, Arith: "wrap9"},
		chip.MicroOp{Op: "count", Var: "x", Arith: "sat5"},
		chip.MicroOp{Op: "emit"})
}

// registers draws registers that fit the profile, extremes among them.
func (g *passCase) registers() {
	r := map[string][]int32{}
	v := g.profile.State.V
	lo, hi := int32(v.Min), int32(v.Max)
	thr := &g.profile.Threshold
	r[g.profile.Registers.Threshold] = g.values(pick(g.Rand, thr.Min, thr.Max/50+1), pick(g.Rand, thr.Max/20+1, thr.Max))
	r[g.profile.Registers.Bias] = g.values(-200, 200)
	if g.IntN(4) == 0 {
		limit := int32(1)<<(*g.profile.Bias.Bits-1) - 1
		r[g.profile.Registers.Bias] = g.values(-limit, limit)
	}
	for _, name := range slices.Sorted(maps.Keys(g.profile.Registers.Constants)) {
		switch name {
		case "alpha":
			r[name] = pick(g.Rand, g.values(0x7000, 0x8FFF), []int32{0x8000})
		case "s_w":
			r[name] = g.values(0, 7)
		case "neg":
			r[name] = g.values(-256, -1)
		case "to":
			r[name] = g.values(-256, 255)
		case "du":
			r[name] = pick(g.Rand, []int32{4095}, g.values(0, 4095))
		case "dv":
			r[name] = pick(g.Rand, []int32{0}, g.values(0, 4096))
		case "weight_exp":
			r[name] = pick(g.Rand, []int32{0}, g.values(0, 3))
		case "bias_exp":
			r[name] = g.values(0, 7)
		case "low":
			r[name] = g.values(-200, 200)
		case "leak":
			r[name] = g.values(0, 127)
		}
	}
	if len(g.profile.Reset.Modes) > 1 && g.IntN(3) > 0 {
		r["reset"] = pick(g.Rand, []int32{0}, []int32{1}, g.values(0, 2))
	}
	g.core.Registers = r
	g.core.InitialV = pick(g.Rand, nil, g.values(-100, 100), g.values(lo, hi))
}

// mutate changes the arithmetic or the rounding of an operation.
func (g *passCase) mutate() {
	m := &g.profile.Program[g.IntN(len(g.profile.Program))]
	if m.Arith != "" {
		m.Arith = pick(g.Rand, "sat16", "wrap16", "wrap9", "sat9", "satu10", "wrap_once24", "sat24", "wrap24", "int", "wrap13")
	}
	if m.Round != "" {
		m.Round = pick(g.Rand, "floor", "toward_zero", "rne", "half_away")
	}
	switch m.Op {
	case "fire":
		m.Compare = pick(g.Rand, "ge", "gt")
		m.Also = pick(g.Rand, "", "v >= 0", "v < 50", "v != 7", "v == 7", "v <= -2", "v + v > 9")
	case "lower_fire":
		m.Compare = pick(g.Rand, "lt", "le")
		m.Also = pick(g.Rand, "", "v > -50", "v + v < 9")
	case "clamp":
		m.Max = pick(g.Rand, "100", "8388607", "1 << 40")
	case "leak":
		m.Toward = pick(g.Rand, "zero", "floor")
	}
}

// run compares the passes with the reference engine over some pictures; ok is false where there are no passes.
func (g *passCase) run() (ok bool, err error) {
	g.draw()
	prog, err := compileProgram(&g.profile, &image.Image{Cores: []image.Core{g.core}})
	if err != nil {
		return false, err
	}
	n := g.core.Neurons
	least, most := make([]int64, n), make([]int64, n)
	for a := range g.sources {
		g.core.Synapses[0].Synapses.Each(a, func(n int, w int32) {
			least[n] += 2 * min(0, int64(w)) // up to two spikes an axon
			most[n] += 2 * max(0, int64(w))
		})
	}
	if planesOf(&g.profile) > 1 {
		for n := range least {
			least[n], most[n] = least[n]-most[n], most[n]-least[n]
		}
	}
	p, refused := newPasses(prog, &g.core, least, most, g.driven, g.unit)
	if r, err := deriveRule(prog, &g.core, interval{slices.Min(least), slices.Max(most)}, g.driven); err == nil && g.IntN(3) > 0 {
		if m, err := newRulePasses(r, &g.core, g.unit); err == nil {
			p, refused, g.ruled = m, nil, true
		}
	}
	if refused != nil {
		g.reason = refused
		return false, nil
	}
	room := 1 << 20
	ref := newCoreState(newRefCore(&g.core, &room), prog, 0)
	s := p.newState()
	room = g.IntN(2) << 20 // with lists or without
	c := newRefCore(&g.core, &room)
	g.again = newReplayer(c, newIncoming(c))
	for range 2 {
		g.startBoth(ref, s)
		for step := range 1 + g.IntN(25) {
			if err := g.stepBoth(ref, s); err != nil {
				return true, fmt.Errorf("step %d: %w", step, err)
			}
		}
		g.saturated += s.saturated()
	}
	return true, nil
}

// startBoth starts a picture with the same drives.
func (g *passCase) startBoth(ref *coreState, s *passState) {
	ref.start()
	drive := map[string][]int32{}
	for name, r := range g.driven {
		values := make([]int32, g.core.Neurons)
		for n := range values {
			values[n] = int32(r.lo + g.Int64N(r.hi-r.lo+1))
			ref.row(n)[ref.program.slots[name]] += int64(values[n])
		}
		drive[name] = values
	}
	s.start(drive)
}

// stepBoth runs a step in which random spikes arrive, and compares.
func (g *passCase) stepBoth(ref *coreState, s *passState) error {
	n := g.core.Neurons
	arrived := make([]int32, g.sources)
	for a := range arrived {
		arrived[a] = pick[int32](g.Rand, 0, 0, 1, 1, 2)
	}
	sum, negative := make([]int32, n), make([]int32, g.sources)
	for a, times := range arrived {
		if planesOf(&g.profile) > 1 {
			negative[a] = pick(g.Rand, 0, times)
			arrived[a] -= negative[a]
		}
		g.core.Synapses[0].Synapses.Each(a, func(n int, w int32) { sum[n] += (arrived[a] - negative[a]) * w })
	}
	if !slices.ContainsFunc(slices.Concat(negative, arrived), func(x int32) bool { return x != 0 }) {
		sum = pick(g.Rand, nil, sum)
	}
	for n := range sum {
		sum[n] >>= g.unit
	}
	ref.step(0, arrivals{arrived, negative})
	if ref.fault != nil {
		return fmt.Errorf("the reference engine: %w", ref.fault)
	}
	spikes, minus := make([]uint64, (n+63)/64), make([]uint64, (n+63)/64)
	again := g.again
	copy(again.arrived, arrived)
	s.step(0, n, sum, spikes, minus, func(neurons []int32, add func(int, int32)) {
		g.redone += len(neurons)
		again.replay(neurons, add)
	})
	return g.compare(ref, s, spikes, minus)
}

// compare compares the state after a step.
func (g *passCase) compare(ref *coreState, s *passState, spikes, negative []uint64) error {
	for n := range g.core.Neurons {
		if got, want := s.membranes()[n], ref.membrane(n); got != want {
			return fmt.Errorf("neuron %d: membrane %d, want %d", n, got, want)
		}
		if got, want := int8(spikes[n/64]>>(n%64)&1)-int8(negative[n/64]>>(n%64)&1), ref.spikes[n]; got != want {
			return fmt.Errorf("neuron %d: spike %v, want %v", n, got, want)
		}
		for name, column := range s.passes.kept {
			if got, want := s.columns[column][n], ref.row(n)[ref.program.slots[name]]; int64(got) != want {
				return fmt.Errorf("neuron %d: %s is %d, want %d", n, name, got, want)
			}
		}
	}
	if got, want := s.saturated(), ref.saturations; got != want {
		return fmt.Errorf("%d saturations, want %d", got, want)
	}
	return nil
}

// TestScale: the loop rounds as the package that defines roundings.
func TestScale(t *testing.T) {
	x := []int32{-2147483648, 2147483647, -1000, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 1000, 255, 256, -256, -257}
	for k := range uint(63) {
		for _, f := range []int32{1, -1, 3, 4095, 32768, 65536, -65536, 36863} {
			for _, r := range []fixedpoint.Rounding{fixedpoint.Floor, fixedpoint.TowardZero, fixedpoint.NearestEven, fixedpoint.HalfAway} {
				got := make([]int32, len(x))
				columns.Scale(got, x, slices.Repeat([]int32{f}, len(x)), k, scaleRounding(r, k))
				for i := range x {
					if want := int32(fixedpoint.Decay(int64(x[i]), int64(f), k, r)); got[i] != want {
						t.Errorf("%d·%d / 2^%d by %v is %d, want %d", x[i], f, k, r, got[i], want)
					}
				}
			}
		}
	}
}

// BenchmarkNeurons runs the neurons of a core alone, in a step in which nothing is added up weight by weight.
func BenchmarkNeurons(b *testing.B) {
	for _, id := range passProfiles {
		p, err := chip.Load(id)
		if err != nil {
			b.Fatal(err)
		}
		const neurons = 8192
		c := &image.Core{Population: "many", Shape: [3]int{neurons, 1, 1}, Neurons: neurons, Registers: map[string][]int32{}}
		for name, v := range p.Registers.Constants {
			c.Registers[name] = []int32{v}
		}
		if p.ID == "reckon-style" {
			c.Registers["alpha"] = []int32{32000}
		}
		c.Registers[p.Registers.Threshold], c.Registers[p.Registers.Bias] = make([]int32, neurons), make([]int32, neurons)
		for n := range neurons {
			c.Registers[p.Registers.Threshold][n] = int32(100 + n%50)
			c.Registers[p.Registers.Bias][n] = int32(n % 31)
		}
		prog, err := compileProgram(p, &image.Image{Cores: []image.Core{*c}})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(p.ID+"/passes", func(b *testing.B) {
			bound := slices.Repeat([]int64{20}, neurons)
			m, err := newPasses(prog, c, make([]int64, neurons), bound, nil, 0)
			if err != nil {
				b.Fatal(err)
			}
			s, sum, spikes := m.newState(), slices.Repeat([]int32{5}, neurons), make([]uint64, neurons/64)
			s.start(nil)
			for b.Loop() {
				s.step(0, neurons, sum, spikes, spikes, func([]int32, func(int, int32)) {})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/neurons, "ns/neuron")
			b.ReportMetric(float64(len(m.before)+len(m.after)), "passes")
		})
		b.Run(p.ID+"/reference", func(b *testing.B) {
			room := 0
			s := newCoreState(newRefCore(c, &room), prog, 0)
			s.start()
			for b.Loop() {
				s.step(0, arrivals{})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/neurons, "ns/neuron")
		})
	}
}
