package verify

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/progress"
	"spikec/target/chip"
	"spikec/target/config/reckon"
	"spikec/target/image"
)

func TestReckOn(t *testing.T) { passes(t, "reckon", "testdata/reckon.tar.gz", 12) }

// moved takes operation i of the program and puts it in place j of what is left.
func moved(p *chip.Profile, i, j int) {
	m := p.Program[i]
	p.Program = slices.Insert(slices.Delete(slices.Clone(p.Program), i, i+1), j, m)
}

// apart lets the input and the recurrent weights of an index saturate one after the other.
func apart(p *chip.Profile) {
	both := p.Program[0]
	input, recurrent := both, both
	input.From, input.Shift, input.Combine = "winp", "s_inp", ""
	recurrent.From, recurrent.Shift, recurrent.Combine = "wrec", "s_rec", ""
	p.Program = slices.Concat([]chip.MicroOp{input, recurrent}, p.Program[1:])
}

// withoutInp lets STEP end at the last neuron or output, whatever the last input is.
func withoutInp(k *reckon.Chip) (*image.Core, error) {
	core, err := k.Core()
	if err != nil {
		return nil, err
	}
	last := max(k.Get(reckon.NumRec), k.Get(reckon.NumOut))
	for j := range reckon.Neurons {
		if uint32(j|1) > last {
			core.Registers["thr"][j], core.Registers["alpha"][j] = 1<<15, 1<<15
		}
	}
	return core, nil
}

// TestReckOnMutated: cases fail where a rule is another one; how many of the 12 do is known for the first four (chip reference
// §2.7), and counted for the others.
func TestReckOnMutated(t *testing.T) {
	f, err := Open("testdata/reckon.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	names := f.Names()
	for _, m := range []struct {
		name   string
		change func(p *chip.Profile)
		core   func(*reckon.Chip) (*image.Core, error)
		want   int
	}{
		{"fires above the threshold only", func(p *chip.Profile) { operation(p, "fire", 0).Compare = "gt" }, (*reckon.Chip).Core, 4},
		{"the threshold is compared after the leak", func(p *chip.Profile) { moved(p, 2, 3) }, (*reckon.Chip).Core, 6},
		{"weights wrap", func(p *chip.Profile) { p.Program[0].Arith = "wrap16" }, (*reckon.Chip).Core, 9},
		{"outputs wrap", func(p *chip.Profile) { p.Program[1].Arith = "wrap16" }, (*reckon.Chip).Core, 5},
		{"STEP does not look at the last input", nil, withoutInp, 6},
		{"outputs round toward zero", func(p *chip.Profile) { operation(p, "decay", 4).Round = "toward_zero" }, (*reckon.Chip).Core, 9},
		{"input and recurrent weights saturate one by one", apart, (*reckon.Chip).Core, 9},
	} {
		failed := []int{}
		for i, name := range names {
			c, err := readReckOn(f, name)
			if err != nil {
				t.Fatal(err)
			}
			k, err := c.chip()
			if err != nil {
				t.Fatal(err)
			}
			if d, err := c.run(t.Context(), k, changedProfile(t, "reckon", m.change), m.core); err != nil || d != "" {
				failed = append(failed, i)
			}
		}
		if len(failed) != m.want {
			t.Errorf("%s: cases %v of %d fail, want %d of them", m.name, failed, len(names), m.want)
		}
	}
}

// reckonHand is a chip with INP, REC and OUT, no leak, thresholds out of reach and no weights, ready to run.
func reckonHand(inp, rec, out uint32, change func(k *reckon.Chip)) *reckon.Chip {
	k := reckon.New()
	k.Inference()
	for _, r := range []struct {
		to    reckon.Register
		value uint32
	}{{reckon.NumInp, inp}, {reckon.NumRec, rec}, {reckon.NumOut, out}, {reckon.Kappa, 128}, {reckon.SendLabelOnly, 0}} {
		k.Set(r.to, r.value)
	}
	for p := range reckon.Pairs {
		k.SetPair(p, reckon.Pair{Threshold: 32767, Alpha: 0x8000})
	}
	change(k)
	return k
}

// The records of a trace by hand: what is not given is 0.
func recordU(values ...int64) reckonRecord {
	return reckonRecord{"U", append(values, make([]int64, reckon.Neurons-len(values))...)}
}
func recordO(values ...int64) reckonRecord {
	return reckonRecord{"O", append(values, make([]int64, reckon.Outputs-len(values))...)}
}
func recordZ(values ...int64) reckonRecord   { return reckonRecord{"Z", values} }
func recordOut(values ...int64) reckonRecord { return reckonRecord{"OUT", values} }

// TestReckOnByHand: rules that the recorded cases do not exercise (chip reference §2.7), worked out from §2.2, each with
// mutations that it catches.
func TestReckOnByHand(t *testing.T) {
	type mutation struct {
		name   string
		change func(p *chip.Profile)
		core   func(*reckon.Chip) (*image.Core, error)
	}
	inProfile := func(name string, change func(p *chip.Profile)) mutation {
		return mutation{name, change, (*reckon.Chip).Core}
	}
	stepAll := mutation{"every neuron is stepped", nil, func(k *reckon.Chip) (*image.Core, error) {
		core, err := k.Core()
		for j := range reckon.Neurons {
			core.Registers["thr"][j], core.Registers["alpha"][j] = int32(k.Pair(j/2).Threshold), int32(k.Pair(j/2).Alpha)
		}
		return core, err
	}}
	for _, c := range []struct {
		name     string
		chip     *reckon.Chip
		stimulus [][][]int
		trace    []reckonRecord
		mutated  []mutation
	}{
		// u 29000, 16256 from the input and −16384 from the neuron itself: −128 together. One by one, the first would saturate.
		{"input and recurrent weight of an index are one sum",
			reckonHand(0, 1, 0, func(k *reckon.Chip) {
				k.Set(reckon.ShiftInput, 7)
				k.Set(reckon.ShiftRecurrent, 7)
				k.Input[0] = [reckon.Neurons]int8{0, 127}
				k.Recurrent[0] = [reckon.Neurons]int8{0, -128}
				k.SetPair(0, reckon.Pair{U: [2]int16{30000, 29000}, Threshold: 29500, Alpha: 0x8000})
			}),
			[][][]int{{{}, {0}}},
			[]reckonRecord{recordU(30000, 29000), recordO(), recordZ(0), recordU(500, 28872), recordO(), recordZ(), recordOut(0, 0)},
			[]mutation{inProfile("one by one", apart), inProfile("the sum in 7 bits", func(p *chip.Profile) { p.Program[0].Combine = "wrap7" })}},
		// The smallest sum, −128·2^7 twice, is −32768 and fits: with shifts of up to 7 the inner saturation changes nothing.
		{"the smallest sum of two weights fits 16 bits",
			reckonHand(0, 1, 0, func(k *reckon.Chip) {
				k.Set(reckon.ShiftInput, 7)
				k.Set(reckon.ShiftRecurrent, 7)
				k.Input[0] = [reckon.Neurons]int8{0, -128}
				k.Recurrent[0] = [reckon.Neurons]int8{0, -128}
				k.SetPair(0, reckon.Pair{U: [2]int16{100, 50}, Threshold: 100, Alpha: 0x8000})
			}),
			[][][]int{{{}, {0}}},
			[]reckonRecord{recordU(100, 50), recordO(), recordZ(0), recordU(0, -32718), recordO(), recordZ(), recordOut(0, 0)},
			[]mutation{inProfile("15 bits", func(p *chip.Profile) { p.Program[0].Combine = "sat15" })}},
		// REC 2: PROP reaches neurons 0..3, STEP the pair 0 alone: neurons 2 and 3 neither fire nor leak.
		{"an even REC: the last neuron is integrated and never stepped",
			reckonHand(0, 2, 0, func(k *reckon.Chip) {
				k.Input[0] = [reckon.Neurons]int8{10, 11, 12, 13, 14}
				for p := range 2 {
					k.SetPair(p, reckon.Pair{Threshold: 10, Alpha: 0x7000})
				}
			}),
			[][][]int{{{0}, {0}}},
			[]reckonRecord{recordU(10, 11, 12, 13), recordO(), recordZ(0, 1), recordU(8, 10, 24, 26), recordO(), recordZ(1), recordOut(0, 0)},
			[]mutation{stepAll}},
		// OUT 3 above INP and REC: neurons 2 and 3 are stepped and fire at u = 0, but PROP ends at neuron 1.
		{"STEP reaches OUT, PROP does not",
			reckonHand(0, 1, 3, func(k *reckon.Chip) {
				k.SetPair(1, reckon.Pair{Threshold: 0, Alpha: 0x8000})
				k.SetPair(2, reckon.Pair{Threshold: 0, Alpha: 0x8000})
				for i := range 8 {
					k.Output[i] = [reckon.Outputs]int8{1, 1, 1, 1, 1}
				}
			}),
			[][][]int{{{}, {}}},
			[]reckonRecord{recordU(), recordO(), recordZ(2, 3), recordU(), recordO(), recordZ(2, 3), recordOut(0, 0, 0, 0, 0, 0, 0, 0)},
			[]mutation{stepAll}},
		// 30000·0x8fff = 1105890000 → 33749 → −31787; −7·0x8fff = −258041 → −7.87 → −8.
		{"a leak factor above one amplifies and wraps, and rounds down",
			reckonHand(0, 1, 0, func(k *reckon.Chip) {
				k.SetPair(0, reckon.Pair{U: [2]int16{30000, -7}, Threshold: 32767, Alpha: 0x8fff})
			}),
			[][][]int{{{}, {}}},
			[]reckonRecord{recordU(30000, -7), recordO(), recordZ(), recordU(-31787, -8), recordO(), recordZ(), recordOut(0, 0)},
			[]mutation{inProfile("saturates", func(p *chip.Profile) { operation(p, "decay", 0).Arith = "sat16" }),
				inProfile("toward zero", func(p *chip.Profile) { operation(p, "decay", 0).Round = "toward_zero" })}},
		// 32767 − (−32768) = 65535 → −1; 5 + 32768 → −32763.
		{"taking the threshold off wraps",
			reckonHand(0, 1, 0, func(k *reckon.Chip) {
				k.SetPair(0, reckon.Pair{U: [2]int16{32767, 5}, Threshold: -32768, Alpha: 0x8000})
			}),
			[][][]int{{{}, {}}},
			[]reckonRecord{recordU(32767, 5), recordO(), recordZ(0, 1), recordU(-1, -32763), recordO(), recordZ(0, 1), recordOut(0, 0)},
			[]mutation{inProfile("saturates", func(p *chip.Profile) { operation(p, "reset", 0).Arith = "sat16" })}},
		// The neuron fires in the only STEP of each sample: its output weight never arrives. In the second sample the membrane is 0,
		// as nobody programmed it, and the input that came before counts no more.
		{"spikes of the last STEP are never propagated, and nothing stays for the next sample",
			reckonHand(0, 1, 0, func(k *reckon.Chip) {
				k.Input[0] = [reckon.Neurons]int8{5, 1}
				k.Output[0] = [reckon.Outputs]int8{100}
				k.Recurrent[0] = [reckon.Neurons]int8{0, 50}
				k.SetPair(0, reckon.Pair{U: [2]int16{95, 3}, Threshold: 100, Alpha: 0x8000})
			}),
			[][][]int{{{0}}, {{}, {0}}},
			[]reckonRecord{recordU(100, 4), recordO(), recordZ(0), recordOut(0, 0),
				recordU(), recordO(), recordZ(), recordU(5, 1), recordO(), recordZ(), recordOut(0, 0)},
			[]mutation{inProfile("STEP before PROP", func(p *chip.Profile) {
				p.Program = slices.Concat(p.Program[2:6:6], p.Program[:2], p.Program[6:])
			})}},
		// Two events of one input in a tick are one. The order of sources decides where a membrane saturates: 32000 + 127·8 − 1·8,
		// with the negative weight last. Outputs: 100·128>>7 and −1.
		{"events merge; sources ascend; the lower byte of an output comes first",
			reckonHand(1, 1, 1, func(k *reckon.Chip) {
				k.Set(reckon.ShiftInput, 3)
				k.Input[0], k.Input[1] = [reckon.Neurons]int8{127, 1}, [reckon.Neurons]int8{-1, 0}
				k.SetPair(0, reckon.Pair{U: [2]int16{32000, 0}, Threshold: 32700, Alpha: 0x8000})
				k.Set(reckon.ShiftOutput, 7)
				k.Output[0] = [reckon.Outputs]int8{5, -1}
			}),
			[][][]int{{{1, 0, 0}, {}}},
			[]reckonRecord{recordU(32759, 8), recordO(), recordZ(0), recordU(59, 8), recordO(640, -128), recordZ(), recordOut(0x80, 2, 0x80, 0xff)},
			[]mutation{inProfile("add up", func(p *chip.Profile) { p.Execution.Merge = false }),
				inProfile("no saturation on the way", func(p *chip.Profile) { p.Program[0].Arith = "int" })}},
	} {
		k := *c.chip
		replayed, err := throughReckOnFiles(&k)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		hand := reckonCase{Stimulus: c.stimulus, Trace: c.trace}
		if d, err := hand.run(t.Context(), replayed, changedProfile(t, "reckon", nil), (*reckon.Chip).Core); err != nil || d != "" {
			t.Errorf("%s: %s %v", c.name, d, err)
		}
		for _, m := range c.mutated {
			k := *c.chip
			if d, err := hand.run(t.Context(), &k, changedProfile(t, "reckon", m.change), m.core); err != nil || d == "" {
				t.Errorf("%s: mutated (%s), it still passes (%v)", c.name, m.name, err)
			}
		}
	}
}

// TestReckOnLabel runs a sample with SEND_LABEL_ONLY 1: output 1 wins the first two ticks, output 0 the last one with the higher
// potential; the label is the vote, 1.
func TestReckOnLabel(t *testing.T) {
	k := reckonHand(1, 1, 1, func(k *reckon.Chip) {
		k.Set(reckon.SendLabelOnly, 1)
		k.Set(reckon.ShiftOutput, 2)
		k.Input[0], k.Input[1] = [reckon.Neurons]int8{10}, [reckon.Neurons]int8{0, 10}
		k.SetPair(0, reckon.Pair{Threshold: 10, Alpha: 0x8000})
		k.Output[0], k.Output[1] = [reckon.Outputs]int8{0, 20}, [reckon.Outputs]int8{100, 0}
	})
	c := reckonCase{Stimulus: [][][]int{{{0}, {}, {1}, {}}}, Trace: []reckonRecord{
		recordU(10), recordO(), recordZ(0), // both at 0: a vote for 0
		recordU(), recordO(0, 80), recordZ(), // for 1
		recordU(0, 10), recordO(0, 80), recordZ(1), // for 1
		recordU(), recordO(400, 80), recordZ(), // for 0: two each, and the lower wins
		recordOut(0)}}
	run := func() string {
		k := *k
		d, err := c.run(t.Context(), &k, changedProfile(t, "reckon", nil), (*reckon.Chip).Core)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if d := run(); d != "" {
		t.Error(d)
	}
	c.Stimulus[0] = [][]int{{0}, {}, {}, {1}, {}}
	c.Trace = slices.Concat(c.Trace[:6], []reckonRecord{recordU(), recordO(0, 80), recordZ()}, c.Trace[6:12], []reckonRecord{recordOut(1)})
	if d := run(); d != "" {
		t.Error(d)
	}
	k.Set(reckon.Regression, 1)
	c.Trace[len(c.Trace)-1] = recordOut(0)
	if d := run(); d != "" {
		t.Errorf("REGRESSION: %s", d)
	}
}

// TestReckOnRefuses: cases that are no networks of the chip, or whose records end early or late.
func TestReckOnRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                           "unexpected end of JSON input",
		`{}`:                          "alpha, thr and u0 of 0, 0 and 0 entries, want 128, 128 and 256",
		`{"config": {"inp": 256}}`:    "inp is 256, want 0..255",
		`{"config": {"so": -1}}`:      "so is -1, want 0..7",
		`{"config": {"wi": [[200]]}}`: "cannot unmarshal number 200",
		`{"trace": [["U"]]}`:          "a record of 1 parts",
		`{"trace": [["U", 1]]}`:       "cannot unmarshal number",
	} {
		_, err := Run(t.Context(), "reckon", []string{packed(t, map[string]string{"reckon_1.json": text})}, progress.None)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	k := reckonHand(0, 1, 0, func(*reckon.Chip) {})
	for _, c := range []struct {
		stimulus [][][]int
		trace    []reckonRecord
		want     string
	}{
		{[][][]int{{{256}}}, nil, "an event of input 256"},
		{[][][]int{{{}}}, nil, "sample 0, tick 0: record 0 is no U"},
		{[][][]int{{{}}}, []reckonRecord{recordU(), recordO(1)}, "sample 0, tick 0: O[0] is 0, recorded 1"},
		{[][][]int{{{}}}, []reckonRecord{recordU(), recordO(), recordZ(7)}, "sample 0, tick 0: Z has 0 values, recorded 1"},
		{nil, []reckonRecord{recordU()}, "1 records behind the end"},
	} {
		hand := reckonCase{Stimulus: c.stimulus, Trace: c.trace}
		d, err := hand.run(t.Context(), k, changedProfile(t, "reckon", nil), (*reckon.Chip).Core)
		if got := d; err != nil && !strings.Contains(err.Error(), c.want) || err == nil && got != c.want {
			t.Errorf("got %s, %v, want %s", d, err, c.want)
		}
	}
}

// readReckOn reads a case.
func readReckOn(f *Files, name string) (*reckonCase, error) {
	data, err := f.Read(name)
	if err != nil {
		return nil, err
	}
	c := &reckonCase{}
	return c, json.Unmarshal(data, c)
}
