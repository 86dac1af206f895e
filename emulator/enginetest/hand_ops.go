package enginetest

import (
	"fmt"
	"slices"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// opCase is a program on a core of some neurons, with what it does worked out by hand. The neurons start at v, and
// spikes of a source that fires in every step arrive over weights. Registers are written as in an image.
type opCase struct {
	name      string
	program   []chip.MicroOp
	registers map[string][]int32
	v         []int32
	weights   []int32   // source × neuron; nil: nothing arrives
	want      [][]int32 // step × neuron: membranes
	fired     [][]int   // step: the neurons that fire; −1−n for a spike of −1 of neuron n
	changed   int64     // saturations of all steps
}

// emit ends every program.
var emit = chip.MicroOp{Op: "emit", To: "targets"}

// never lets the source fire in every step, and the neurons of a case never: their threshold is out of reach.
var never = chip.MicroOp{Op: "fire", Var: "v", Compare: "ge", Against: "thr"}

// decay is an operation on the membrane.
func decay(mul, shift, round, arith string) []chip.MicroOp {
	return []chip.MicroOp{{Op: "decay", Var: "v", Mul: mul, Shift: shift, Round: round, Arith: arith}, never}
}

// add is an operation on the membrane.
func add(term, arith string) []chip.MicroOp {
	return []chip.MicroOp{{Op: "add", Var: "v", Term: term, Arith: arith}, never}
}

// leak is an operation on the membrane.
func leak(by, toward string) []chip.MicroOp {
	return []chip.MicroOp{{Op: "leak", Var: "v", By: by, Toward: toward}, never}
}

// fireAt fires at 10 and then does what follows.
func fireAt(ops ...chip.MicroOp) []chip.MicroOp {
	return append([]chip.MicroOp{{Op: "fire", Var: "v", Compare: "ge", Against: "10"}}, ops...)
}

// lower is fireAt(reset to −9), a comparison with −5, and what follows where it holds.
func lower(compare string, ops ...chip.MicroOp) []chip.MicroOp {
	return append(fireAt(chip.MicroOp{Op: "reset", Mode: "value", Value: "-9", Arith: "int"},
		chip.MicroOp{Op: "lower_fire", Compare: compare, Against: "-5"}), ops...)
}

// sums adds the arriving weights to the membrane.
func sums(shift, arith string) []chip.MicroOp {
	return []chip.MicroOp{{Op: "integrate", From: "w", Into: "v", Order: "ascending_source", Shift: shift, Arith: arith}, never}
}

// opCases: in each list of membranes, a column is one neuron.
var opCases = []opCase{
	// 5/2 = 2.5, 7/2 = 3.5, 1/2 = 0.5.
	{name: "decay, floor", program: decay("1", "1", "floor", "int"),
		v: []int32{5, -5, 7, -7, 6, -6, 1, -1}, want: [][]int32{{2, -3, 3, -4, 3, -3, 0, -1}}},
	{name: "decay, toward zero", program: decay("1", "1", "toward_zero", "int"),
		v: []int32{5, -5, 7, -7, 6, -6, 1, -1}, want: [][]int32{{2, -2, 3, -3, 3, -3, 0, 0}}},
	{name: "decay, nearest even", program: decay("1", "1", "rne", "int"),
		v: []int32{5, -5, 7, -7, 6, -6, 1, -1}, want: [][]int32{{2, -2, 4, -4, 3, -3, 0, 0}}},
	{name: "decay, half away", program: decay("1", "1", "half_away", "int"),
		v: []int32{5, -5, 7, -7, 6, -6, 1, -1}, want: [][]int32{{3, -3, 4, -4, 3, -3, 1, -1}}},
	// 7·3/4 = 5.25, 5·3/4 = 3.75: no ties.
	{name: "decay, nearest", program: decay("3", "2", "rne", "int"), v: []int32{7, -7, 5, -5, 2, -2}, want: [][]int32{{5, -5, 4, -4, 2, -2}}},
	// By no shift nothing is rounded.
	{name: "decay without shift", program: decay("-3", "0", "half_away", "int"), v: []int32{7, -7, 0}, want: [][]int32{{-21, 21, 0}}},
	// 200·3/2 = 300 = 512 − 212; −171·3/2 = −256.5 → −257 = 255 − 512, −170·3/2 = −255.
	{name: "decay, wrapping", program: decay("3", "1", "floor", "wrap9"), v: []int32{200, -171, -170, 170}, want: [][]int32{{-212, 255, -255, 255}}, changed: 2},
	// Q1.15 above one, as ReckOn has it: 32767·0x8FFF/2^15 = 36861.9 → 36861 = 65536 − 28675.
	{name: "decay by more than one", program: decay("0x8FFF", "15", "floor", "wrap16"), v: []int32{32767, 8}, want: [][]int32{{-28675, 8}}, changed: 1},
	{name: "wrap at 5 bits", program: add("1", "wrap5"), v: []int32{14, 15, -16, -1}, want: [][]int32{{15, -16, -15, 0}, {-16, -15, -14, 1}}, changed: 2},
	{name: "wrap at 7 bits", program: add("-2", "wrap7"), v: []int32{-62, -63, 63}, want: [][]int32{{-64, 63, 61}, {62, 61, 59}}, changed: 2},
	{name: "wrap at one bit", program: add("1", "wrap1"), v: []int32{0, -1}, want: [][]int32{{-1, 0}}, changed: 1},
	{name: "saturate", program: add("2", "sat5"), v: []int32{12, 13, 14, 15, -16}, want: [][]int32{{14, 15, 15, 15, -14}, {15, 15, 15, 15, -12}}, changed: 6},
	{name: "saturate unsigned", program: add("-2", "satu4"), v: []int32{3, 2, 1, 0, 15}, want: [][]int32{{1, 0, 0, 0, 13}}, changed: 2},
	{name: "one correction", program: add("bias", "wrap_once24"), registers: map[string][]int32{"bias": {1, 2, -1, -2}}, v: []int32{8388607, 8388607, -8388607, -8388607},
		want: [][]int32{{8388608, -8388607, 8388608, 8388607}}, changed: 3},
	{name: "leak toward zero", program: leak("3", "zero"), v: []int32{5, 3, 2, 0, -1, -3, -5},
		want: [][]int32{{2, 0, 0, 0, 0, 0, -2}, {0, 0, 0, 0, 0, 0, 0}}},
	{name: "leak toward the floor", program: leak("3", "floor"), v: []int32{5, 1, -32764, -32765, -32767, -32768, -40000},
		want: [][]int32{{2, -2, -32767, -32768, -32768, -32768, -40000}, {-1, -5, -32768, -32768, -32768, -32768, -40000}}},
	{name: "leak by a register", program: leak("bias", "zero"), registers: map[string][]int32{"bias": {0, 1, 2}}, v: []int32{3, 3, -3}, want: [][]int32{{3, 2, -1}}},
	// The undecayed value is compared: 11 fires, and its half loses 10; 9 does not.
	{name: "fire before decay", program: fireAt(append(decay("1", "1", "floor", "int")[:1], chip.MicroOp{Op: "reset", Mode: "subtract", Value: "10", Arith: "int"})...),
		v: []int32{9, 10, 11, -1}, want: [][]int32{{4, -5, -5, -1}}, fired: [][]int{{1, 2}}},
	{name: "reset by configuration", program: fireAt(chip.MicroOp{Op: "reset", Mode: "cfg", Value: "10", To: "3", Arith: "int"}),
		registers: map[string][]int32{"reset": {0, 1, 2, 2}}, v: []int32{12, 12, 12, 9}, want: [][]int32{{2, 0, 3, 9}}, fired: [][]int{{0, 1, 2}}},
	{name: "reset by the first mode", program: fireAt(chip.MicroOp{Op: "reset", Mode: "cfg", Value: "10", Arith: "int"}),
		v: []int32{12, 9}, want: [][]int32{{2, 9}}, fired: [][]int{{0}}},
	// 12 − 32 = −20 → −16; a value passes through the arithmetic too.
	{name: "reset saturates", program: fireAt(chip.MicroOp{Op: "reset", Mode: "cfg", Value: "32", To: "-17", Arith: "sat5"}),
		registers: map[string][]int32{"reset": {0, 2}}, v: []int32{12, 12}, want: [][]int32{{-16, -16}}, fired: [][]int{{0, 1}}, changed: 2},
	// The threshold was 0 + 3, what is subtracted 100 + 3: 10 − 103 → 0.
	{name: "reset by what changed since the spike", program: []chip.MicroOp{{Op: "integrate", From: "w", Into: "b", Order: "none", Arith: "int"},
		{Op: "fire", Var: "v", Compare: "ge", Against: "a + 3"}, {Op: "add", Var: "a", Term: "100", Arith: "int"},
		{Op: "reset", Mode: "subtract", Value: "a + 3", Arith: "satu10"}}, v: []int32{10, 2}, want: [][]int32{{0, 2}}, fired: [][]int{{0}}, changed: 1},
	// Two steps of rest after a spike, as ref goes 3 − 1 = 2, 1, 0; what is added meanwhile is forgotten.
	{name: "rest", program: []chip.MicroOp{{Op: "integrate", From: "w", Into: "b", Order: "none", Arith: "int"}, {Op: "add", Var: "v", Term: "5", Arith: "int"},
		{Op: "hold", Var: "v", Value: "-1", While: "ref > 0"}, {Op: "fire", Var: "v", Compare: "ge", Against: "10"}, {Op: "reset", Mode: "zero"},
		{Op: "rest", Var: "ref", By: "bias"}}, registers: map[string][]int32{"bias": {3, 1}}, v: []int32{5, 5},
		want: [][]int32{{0, 0}, {-1, 5}, {-1, 0}, {4, 5}, {9, 0}, {0, 5}}, fired: [][]int{{0, 1}, {}, {1}, {}, {1}, {0}}},
	// −9 after a spike is below −5, but a spike is no lower spike.
	{name: "lower bound, lt", program: lower("lt", chip.MicroOp{Op: "lower_reset", Mode: "zero"}),
		v: []int32{-4, -5, -6, 10}, want: [][]int32{{-4, -5, 0, -9}}, fired: [][]int{{3}}},
	{name: "lower bound, le", program: lower("le", chip.MicroOp{Op: "lower_reset", Mode: "subtract", Value: "-5", Arith: "int"}),
		v: []int32{-4, -5, -6, 10}, want: [][]int32{{-4, 0, -1, -9}, {-4, 0, -1, -4}}, fired: [][]int{{3}}},
	// −(−256) = 256 wraps.
	{name: "lower bound, value", program: lower("lt", chip.MicroOp{Op: "lower_reset", Mode: "cfg", Value: "-5", To: "-bias", Arith: "wrap9"}),
		registers: map[string][]int32{"reset": {2}, "bias": {-256, 7, 255}}, v: []int32{-6, -7, -5}, want: [][]int32{{-256, -7, -5}}, changed: 1},
	// Of two neurons below −5 that with the bias is reset.
	{name: "lower bound with a condition", program: fireAt(chip.MicroOp{Op: "reset", Mode: "zero"},
		chip.MicroOp{Op: "lower_fire", Compare: "lt", Against: "-5", Also: "bias > 0"}, chip.MicroOp{Op: "lower_reset", Mode: "zero"}),
		registers: map[string][]int32{"bias": {0, 1, 1, 0}}, v: []int32{-6, -6, -5, 12}, want: [][]int32{{-6, 0, -5, 0}}, fired: [][]int{{3}}},
	// The count, which starts at zero in every step, is added to the membrane: +1 where 12 fires, −1 below −5.
	{name: "count", program: fireAt(chip.MicroOp{Op: "lower_fire", Compare: "lt", Against: "-5"}, chip.MicroOp{Op: "count", Var: "x", Arith: "int"},
		chip.MicroOp{Op: "add", Var: "v", Term: "x * 100", Arith: "int"}), v: []int32{12, -6, 3}, want: [][]int32{{112, -106, 3}}, fired: [][]int{{0}}},
	// A count of one bit holds −1 and 0.
	{name: "count, limited", program: fireAt(chip.MicroOp{Op: "lower_fire", Compare: "lt", Against: "-5"}, chip.MicroOp{Op: "count", Var: "x", Arith: "sat1"},
		chip.MicroOp{Op: "add", Var: "v", Term: "x", Arith: "int"}), v: []int32{12, -6, 3}, want: [][]int32{{12, -7, 3}}, fired: [][]int{{0}}, changed: 1},
	{name: "emit both signs", program: fireAt(chip.MicroOp{Op: "reset", Mode: "subtract", Value: "20", Arith: "int"},
		chip.MicroOp{Op: "lower_fire", Compare: "lt", Against: "-5"}, chip.MicroOp{Op: "emit", To: "targets", Lower: "negative"}),
		v: []int32{12, -6, 3}, want: [][]int32{{-8, -6, 3}, {-8, -6, 3}}, fired: [][]int{{0, -2}, {-1, -2}}},
	// The first axon adds, the second subtracts; the lower neuron has it the other way round: 12+12 → 15, −12 → 3, and
	// −12−12 → −16, +12 → −4; 0+12 and 0−12 stay within.
	{name: "saturate after every weight", program: sums("2", "sat5"), v: []int32{12, -12, 0}, weights: []int32{3, -3, 3, -3, 3, -3}, want: [][]int32{{3, -4, 0}}, changed: 2},
	// 12 + 12 = 24 = 32 − 8, −8 − 12 = −20 = 12 − 32: the sum is what it was, and does not count. 12 + 4 + 4 = 20 = 32 − 12
	// does, once; so does 12 + 80 + 28 = 4·32 − 8.
	{name: "wrap after every weight", program: sums("2", "wrap5"), v: []int32{12, 0, 12, 12}, weights: []int32{3, 1, 1, 20, -3, 1, 1, 7},
		want: [][]int32{{12, 8, -12, -8}}, changed: 2},
	// 20 + 1 = 21 = 32 − 11; what no weight reaches does not wrap.
	{name: "wrap where weights arrive", program: sums("0", "wrap5"), v: []int32{20, 20}, weights: []int32{1, 0}, want: [][]int32{{-11, 20}, {-10, 20}}, changed: 1},
	{name: "weights in two variables", program: append([]chip.MicroOp{
		{Op: "integrate", From: "w", Into: "a", Order: "none", Arith: "int"},
		{Op: "integrate", From: "w - 1", Into: "b", Order: "none", Shift: "1", Arith: "sat4"}}, add("a + b", "int")...),
		v: []int32{0, 100}, weights: []int32{3, -4, 4, 1}, want: [][]int32{{7 + 7, 100 - 3 - 8}}, changed: 2},
}

// runOpCases runs every case on an engine; one may refuse those that the reference engine runs.
func runOpCases(t *testing.T, make Constructor) {
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, make) })
	}
}

// image returns the case's program as a profile, and its neurons as a core behind a source that fires in every step.
func (c *opCase) image(t *testing.T) (*image.Image, *chip.Profile) {
	p := *profile(t, "generic8")
	p.Program = slices.Clone(c.program)
	if !slices.ContainsFunc(p.Program, func(m chip.MicroOp) bool { return m.Op == "emit" }) {
		p.Program = append(p.Program, emit)
	}
	n := int32(len(c.v))
	sources := int32(len(c.weights)) / n
	cores := []image.Core{vector(&p, "in", max(sources, 1), 0), vector(&p, "ops", n, 1<<30)}
	cores[1].InitialV = c.v
	for name, values := range c.registers {
		cores[1].Registers[name] = values
	}
	if sources > 0 {
		join(cores, 0, c.weights)
	}
	return driven(&p, len(c.want), cores...), &p
}

// run compares membranes, spikes and saturations.
func (c *opCase) run(t *testing.T, make Constructor) {
	img, p := c.image(t)
	if _, err := emulator.NewReference(img, p); err != nil {
		t.Fatal(err)
	}
	e, err := make(img, p)
	if err != nil {
		t.Skip(err)
	}
	fired := slices.Repeat([][]int{nil}, len(c.want))
	copy(fired, c.fired)
	r, err := e.NewSession().Trace(slices.Repeat([]uint8{0}, img.Cores[0].Neurons), 0, func(core, step int, spikes []int8, membranes []int32) {
		if core == 0 {
			return
		}
		var now []int
		for n, s := range spikes {
			switch s {
			case 1:
				now = append(now, n)
			case -1:
				now = append(now, -1-n)
			}
		}
		want(t, fmt.Sprintf("step %d: membranes", step), membranes, c.want[step])
		want(t, fmt.Sprintf("step %d: neurons that fire", step), now, fired[step])
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "saturations", r.Counters.Saturations[1], c.changed)
}
