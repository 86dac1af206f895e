package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// Events of the host, and a mark for waiting.
func row(axon int) image.Event {
	return image.Event{Name: chip.EventPre, Target: chip.TargetAll, Axon: axon}
}
func synapse(axon, n int) image.Event {
	return image.Event{Name: chip.EventPre, Target: chip.TargetOne, Axon: axon, Neuron: n}
}
func tref() image.Event { return image.Event{Name: chip.EventTimeRef, Target: chip.TargetAll} }
func trefOf(n int) image.Event {
	return image.Event{Name: chip.EventTimeRef, Target: chip.TargetOne, Neuron: n}
}
func virtual(n int, w int32) image.Event {
	return image.Event{Name: chip.EventVirtual, Target: chip.TargetOne, Neuron: n, Weight: w}
}
func virtualLeak(n int) image.Event {
	return image.Event{Name: chip.EventVirtualLeak, Target: chip.TargetOne, Neuron: n}
}

var wait = image.Event{Name: "wait"}

// repeat is n times the same events.
func repeat(n int, events ...image.Event) []image.Event { return slices.Repeat(events, n) }

// serialCase is a core with as many axons as neurons, what is done with it, and what is to come of it.
type serialCase struct {
	name, chip string
	thr        []int32
	v          []int32
	weights    [][]int32          // axon, neuron
	registers  map[string][]int32 // beyond those of an integrate-and-fire network
	events     []image.Event      // a wait follows
	out        []int
	after      []int64
	dropped    int64
	mutations  []func(p *chip.Profile, c *image.Core) // each has to change something
}

// each does something with every micro-operation of a name.
func each(op string, f func(m *chip.MicroOp)) func(*chip.Profile, *image.Core) {
	return func(p *chip.Profile, _ *image.Core) {
		for i := range p.Program {
			for k := range p.Program[i].Do {
				if m := &p.Program[i].Do[k]; m.Op == op {
					f(m)
				}
			}
		}
	}
}

// serve serves the event of a name and target in another way.
func serve(event, target, how string) func(*chip.Profile, *image.Core) {
	return func(p *chip.Profile, _ *image.Core) {
		for i := range p.Program {
			if m := &p.Program[i]; m.Event == event && m.Target == target {
				m.Serve = how
			}
		}
	}
}

// depth gives the queue so many entries.
func depth(n int) func(*chip.Profile, *image.Core) {
	return func(p *chip.Profile, _ *image.Core) { p.Execution.Queue.Depth = &n }
}

// strict fires above thresholds only.
var strict = each("fire", func(m *chip.MicroOp) { m.Compare = "gt" })

// serialCases are worked out by hand from the rules of the chips; what recorded answers do not exercise comes first.
var serialCases = []serialCase{
	// The 129th and the 130th row find the queue full, so the head is served; its spike of neuron 1 finds the queue full, too,
	// because the head keeps its slot. So does the first one of the wait, when 128 rows are left. The other 127 spikes come back
	// as rows of axon 1, which neuron 0 counts.
	{name: "a burst fills the queue", chip: "tinyodin", thr: []int32{2047, 5}, weights: [][]int32{{0, 5}, {1, 0}}, registers: map[string][]int32{"open_loop": {0}},
		events: repeat(130, row(0)), out: slices.Repeat([]int{1}, 130), after: []int64{127, 0}, dropped: 3,
		mutations: []func(*chip.Profile, *image.Core){depth(127), depth(129), serve(chip.EventPre, chip.TargetAll, chip.ServeAtOnce)}},
	{name: "a burst fills the queue", chip: "odin", thr: []int32{255, 5}, weights: [][]int32{{0, 5}, {1, 0}}, registers: map[string][]int32{"open_loop": {0}},
		events: repeat(34, row(0)), out: slices.Repeat([]int{1}, 34), after: []int64{31, 0}, dropped: 3,
		mutations: []func(*chip.Profile, *image.Core){depth(31), depth(33), serve(chip.EventPre, chip.TargetAll, chip.ServeAtOnce)}},
	// Spikes of the host's own bursts alone do not drop anything: the host waits.
	{name: "a burst in open loop", chip: "tinyodin", thr: []int32{2047}, weights: [][]int32{{1}}, events: repeat(500, row(0)), after: []int64{500},
		mutations: []func(*chip.Profile, *image.Core){each("integrate", func(m *chip.MicroOp) { m.Arith = "sat8" })}},
	// The head goes before a time reference where the queue is full: 3, leaked to 0, then 31 rows.
	{name: "a full queue goes before a time reference", chip: "odin", thr: []int32{255}, weights: [][]int32{{3}}, registers: map[string][]int32{"leak": {10}, "leak_en": {1}},
		events: append(repeat(32, row(0)), tref()), after: []int64{93}, mutations: []func(*chip.Profile, *image.Core){depth(33), depth(31)}},
	// 2 leaked to 0, then 3.
	{name: "a time reference goes before the queue", chip: "tinyodin", thr: []int32{99}, v: []int32{2}, weights: [][]int32{{3}}, registers: map[string][]int32{"leak": {4}},
		events: []image.Event{row(0), tref()}, after: []int64{3},
		mutations: []func(*chip.Profile, *image.Core){serve(chip.EventTimeRef, chip.TargetAll, chip.ServeQueued), serve(chip.EventPre, chip.TargetAll, chip.ServeAtOnce)}},
	{name: "a time reference of one neuron goes before the queue", chip: "tinyodin", thr: []int32{99, 99}, v: []int32{2, 2}, weights: [][]int32{{3, 3}, {0, 0}},
		registers: map[string][]int32{"leak": {4}}, events: []image.Event{row(0), trefOf(1)}, after: []int64{5, 3},
		mutations: []func(*chip.Profile, *image.Core){serve(chip.EventTimeRef, chip.TargetOne, chip.ServeQueued)}},
	// The synapse 5−7 stops at 0, then the row adds 4; behind the row it would be 2.
	{name: "a synapse goes before the queue", chip: "odin", thr: []int32{255, 255}, v: []int32{5, 5}, weights: [][]int32{{4, 4}, {-7, -7}},
		events: []image.Event{row(0), synapse(1, 1)}, after: []int64{9, 4},
		mutations: []func(*chip.Profile, *image.Core){serve(chip.EventPre, chip.TargetOne, chip.ServeQueued)}},
	// A virtual leak waits, unlike a time reference: 1+6−3, and not 0+6.
	{name: "virtual events wait", chip: "odin", thr: []int32{255}, v: []int32{1}, weights: [][]int32{{6}}, registers: map[string][]int32{"leak": {3}, "leak_en": {1}},
		events: []image.Event{row(0), virtualLeak(0)}, after: []int64{4}, mutations: []func(*chip.Profile, *image.Core){serve(chip.EventVirtualLeak, chip.TargetOne, chip.ServeAtOnce)}},
	{name: "virtual weights wait", chip: "odin", thr: []int32{255}, v: []int32{1}, weights: [][]int32{{6}},
		events: []image.Event{row(0), virtual(0, -3)}, after: []int64{4}, mutations: []func(*chip.Profile, *image.Core){serve(chip.EventVirtual, chip.TargetOne, chip.ServeAtOnce)}},
	// Rows that were served leave the chip, spikes do not, but come back as rows; neither virtual events nor time references show.
	{name: "sources in place of neurons", chip: "tinyodin", thr: []int32{50, 5, 9}, v: []int32{0, 0, 10}, weights: [][]int32{{1, 5, 0}, {7, 0, 0}, {0, 0, 0}},
		registers: map[string][]int32{"aer_src": {1}, "open_loop": {0}}, events: []image.Event{tref(), wait, row(0), wait, virtual(1, 7)}, out: []int{2, 0, 1, 1}, after: []int64{15, 0, 0},
		mutations: []func(*chip.Profile, *image.Core){each("emit", func(m *chip.MicroOp) { m.Also = strings.Replace(m.Also, " + aer_src", "", 1) }),
			func(p *chip.Profile, _ *image.Core) { p.Program[0].Announce = "" },
			func(_ *chip.Profile, c *image.Core) { c.Registers["aer_src"] = []int32{0} }}},
	// A threshold of 0 fires at every touch where the membrane is not negative, by a weight of 0, too.
	{name: "threshold 0", chip: "tinyodin", thr: []int32{0, 0, 0}, v: []int32{0, -5, -3}, weights: [][]int32{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, registers: map[string][]int32{"leak": {4}},
		events: []image.Event{row(0), wait, tref(), wait, trefOf(1)}, out: []int{0, 0, 2, 1}, after: []int64{0, 0, 0}, mutations: []func(*chip.Profile, *image.Core){strict,
			each("leak", func(m *chip.MicroOp) { m.Toward = "floor" })}},
	{name: "threshold 0", chip: "odin", thr: []int32{0, 1}, weights: [][]int32{{0, 0}, {0, 0}}, events: []image.Event{row(1), virtual(0, 0), trefOf(0), synapse(1, 0), virtualLeak(0)},
		out: []int{0, 0, 0, 0, 0}, after: []int64{0, 0}, mutations: []func(*chip.Profile, *image.Core){strict}},
	// Thresholds of 0x800 and above are never reached: they are not negative.
	{name: "thresholds from 0x800 on", chip: "tinyodin", thr: []int32{0x7ff, 0x800, 0xfff}, v: []int32{2045, 2045, 2045}, weights: [][]int32{{7, 7, 7}, {0, 0, 0}, {0, 0, 0}},
		events: []image.Event{row(0), row(0)}, out: []int{0}, after: []int64{7, 2047, 2047},
		mutations: []func(*chip.Profile, *image.Core){each("integrate", func(m *chip.MicroOp) { m.Arith = "wrap12" }), each("integrate", func(m *chip.MicroOp) { m.Arith = "int" }),
			func(_ *chip.Profile, c *image.Core) { c.Registers["thr"] = []int32{0x7ff, 0x800 - 4096, 0xfff - 4096} }}},
	// A neuron that is disabled is reset, but neither leaves the chip nor comes back.
	{name: "a disabled neuron", chip: "tinyodin", thr: []int32{4, 4}, weights: [][]int32{{7, 4}, {1, 1}}, registers: map[string][]int32{"disable": {1, 0}, "open_loop": {0}},
		events: []image.Event{row(0)}, out: []int{1}, after: []int64{1, 1},
		mutations: []func(*chip.Profile, *image.Core){each("emit", func(m *chip.MicroOp) { m.Also = strings.Replace(m.Also, "disable + ", "", 1) }),
			func(p *chip.Profile, _ *image.Core) {
				each("reset", func(m *chip.MicroOp) { m.Mode, m.Value = "subtract", "thr" })(p, nil)
			}}},
	{name: "a disabled neuron", chip: "odin", thr: []int32{4, 4}, weights: [][]int32{{7, 4}, {1, 1}}, registers: map[string][]int32{"disable": {1, 0}, "open_loop": {0}},
		events: []image.Event{row(0)}, out: []int{1}, after: []int64{1, 1},
		mutations: []func(*chip.Profile, *image.Core){each("emit", func(m *chip.MicroOp) {
			m.Also = strings.NewReplacer("disable + ", "", "disable == 0", "0 == 0").Replace(m.Also)
		})}},
	// Rows and time references of all neurons stop at max_neur, events of one neuron do not.
	{name: "the last neuron", chip: "tinyodin", thr: []int32{99, 99, 99}, v: []int32{10, 10, 10}, weights: [][]int32{{1, 1, 1}, {0, 0, 0}, {0, 0, 0}},
		registers: map[string][]int32{"max_neur": {1}, "leak": {3}}, events: []image.Event{row(0), wait, tref(), wait, trefOf(2), virtual(2, 5)}, after: []int64{8, 8, 12},
		mutations: []func(*chip.Profile, *image.Core){func(p *chip.Profile, _ *image.Core) { p.Program[0].Upto = "" }, func(p *chip.Profile, _ *image.Core) { p.Program[1].Upto = "" },
			func(p *chip.Profile, _ *image.Core) { p.Program[0].Upto = "max_neur - 1" }}},
	// −2045−8 saturates; −3+7 fires at 4; leaks stop at 0 from both sides.
	{name: "saturation and leak", chip: "tinyodin", thr: []int32{99, 4, 99, 99}, v: []int32{-2045, -3, -2, 2}, weights: [][]int32{{-8, 7, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
		registers: map[string][]int32{"leak": {3}}, events: []image.Event{row(0), wait, tref()}, out: []int{1}, after: []int64{-2045, 0, 0, 0},
		mutations: []func(*chip.Profile, *image.Core){strict, each("integrate", func(m *chip.MicroOp) { m.Arith = "wrap12" }), each("leak", func(m *chip.MicroOp) { m.Toward = "floor" })}},
	// Membranes of ODIN stop at 0; a leak needs its enable bit. 7 of 8 stay 1 below the threshold, 8 reach it.
	{name: "floor, leak and threshold", chip: "odin", thr: []int32{8, 8, 8}, v: []int32{1, 2, 7}, weights: [][]int32{{7, 7, 1}, {-3, -1, 0}, {0, 0, 0}},
		registers: map[string][]int32{"leak": {5, 1, 1}, "leak_en": {1, 0, 1}}, events: []image.Event{row(1), row(0), wait, tref()}, out: []int{1, 2}, after: []int64{2, 0, 0},
		mutations: []func(*chip.Profile, *image.Core){strict, each("integrate", func(m *chip.MicroOp) { m.Arith = "int" }), each("reset", func(m *chip.MicroOp) { m.Mode, m.Value, m.Arith = "value", "1", "int" }),
			func(_ *chip.Profile, c *image.Core) { c.Registers["leak_en"] = []int32{0} }}},
	{name: "a leak that is not enabled", chip: "odin", thr: []int32{99, 99}, v: []int32{9, 9}, weights: [][]int32{{0, 0}, {0, 0}}, registers: map[string][]int32{"leak": {5}, "leak_en": {1, 0}},
		events: []image.Event{tref(), tref()}, after: []int64{0, 9}, mutations: []func(*chip.Profile, *image.Core){each("leak", func(m *chip.MicroOp) { m.By = "leak" })}},
}

// run returns what comes of a case, as text.
func (k *serialCase) run(t *testing.T, mutate func(*chip.Profile, *image.Core)) (string, error) {
	t.Helper()
	p, err := chip.Load(k.chip)
	if err != nil {
		t.Fatal(err)
	}
	n := len(k.thr)
	c := image.Core{Population: "hand", Shape: [3]int{n, 1, 1}, Neurons: n, Registers: map[string][]int32{"thr": k.thr}, InitialV: k.v}
	for name, x := range p.Registers.Constants {
		c.Registers[name] = []int32{x}
	}
	for name, x := range k.registers {
		c.Registers[name] = x
	}
	c.Synapses = []image.Block{{Synapses: &image.Dense{Inputs: len(k.weights), Neurons: n, Weight: slices.Concat(k.weights...)}}}
	if mutate != nil {
		mutate(p, &c)
	}
	s, err := emulator.NewSerial(c, p)
	if err != nil {
		return "", err
	}
	for _, e := range k.events {
		if e == wait {
			err = s.Wait()
		} else {
			err = s.Send(e)
		}
		if err != nil {
			return "", err
		}
	}
	if err := s.Wait(); err != nil {
		return "", err
	}
	v, _ := s.Values("v")
	return serialText(s.Outputs(), v, s.Dropped()), nil
}

func serialText(out []int, v []int64, dropped int64) string {
	return fmt.Sprintf("sent %v, membranes %v, dropped %d", out, v, dropped)
}

// TestSerialByHand: what the rules of the chips say, and that it shows where a rule is another one.
func TestSerialByHand(t *testing.T) {
	for _, k := range serialCases {
		want := serialText(k.out, k.after, k.dropped)
		if got, err := k.run(t, nil); err != nil || got != want {
			t.Errorf("%s, %s: %s, %v\nwant %s", k.chip, k.name, got, err, want)
		}
		for i, m := range k.mutations {
			if got, err := k.run(t, m); err == nil && got == want {
				t.Errorf("%s, %s: mutation %d changes nothing", k.chip, k.name, i+1)
			}
		}
	}
}

// TestSerialNeverRests: two neurons that fire each other for ever are an error, in time.
func TestSerialNeverRests(t *testing.T) {
	k := serialCase{chip: "odin", thr: []int32{1, 1}, weights: [][]int32{{0, 1}, {1, 0}}, registers: map[string][]int32{"open_loop": {0}}, events: []image.Event{row(0)}}
	if _, err := k.run(t, nil); err == nil || !strings.Contains(err.Error(), "does not come to rest") {
		t.Errorf("got %v", err)
	}
}

// TestSerialRefuses: chips of steps, cores that lack something, events that there are not.
func TestSerialRefuses(t *testing.T) {
	valid := serialCase{chip: "tinyodin", thr: []int32{1, 1}, weights: [][]int32{{0, 1}, {1, 0}}}
	for want, m := range map[string]func(*chip.Profile, *image.Core){
		"want serial events":                    func(p *chip.Profile, _ *image.Core) { p.Execution.Kind = "tick" },
		"want serial events with a queue":       func(p *chip.Profile, _ *image.Core) { p.Execution.Queue.Depth = nil },
		"with a queue that drops":               func(p *chip.Profile, _ *image.Core) { p.Execution.Queue.Full = "stall" },
		"no neurons":                            func(_ *chip.Profile, c *image.Core) { c.Neurons = 0 },
		"register max_neur is missing":          func(_ *chip.Profile, c *image.Core) { delete(c.Registers, "max_neur") },
		"register thr: 3 values":                func(_ *chip.Profile, c *image.Core) { c.Registers["thr"] = []int32{1, 2, 3} },
		"initial membranes: 3 values":           func(_ *chip.Profile, c *image.Core) { c.InitialV = []int32{1, 2, 3} },
		"operation clear is not emulated":       func(p *chip.Profile, _ *image.Core) { p.Program[1] = chip.MicroOp{Op: "clear", Var: "v"} },
		"for_each input all: operation for_ea":  func(p *chip.Profile, _ *image.Core) { p.Program[1].Event = "input" },
		"for_each pre window: operation for_ea": func(p *chip.Profile, _ *image.Core) { p.Program[0].Target = "window" },
		"it is there twice":                     func(p *chip.Profile, _ *image.Core) { p.Program[1].Event = "pre" },
		"it emits no spikes":                    func(p *chip.Profile, _ *image.Core) { p.Program[0].Do = p.Program[0].Do[:2] },
		"for_each tref one, operation 1, leap":  func(p *chip.Profile, _ *image.Core) { p.Program[2].Do[0].Op = "leap" },
		"upto \"x\"":                            func(p *chip.Profile, _ *image.Core) { p.Program[0].Upto = "x" },
		"2 neurons emit to the queue of a core": func(_ *chip.Profile, c *image.Core) {
			c.Synapses[0].Synapses = &image.Dense{Inputs: 1, Neurons: 2, Weight: []int32{1, 1}}
		},
	} {
		if _, err := valid.run(t, m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for want, e := range map[string]image.Event{
		"event virtual_leak for one, which": virtualLeak(0), "event pre for one": synapse(0, 0), "axon 2 of 2": row(2), "axon -1 of 2": row(-1), "neuron 2 of 2": trefOf(2), "neuron -1": virtual(-1, 1),
	} {
		k := valid
		k.events = []image.Event{e}
		if _, err := k.run(t, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
