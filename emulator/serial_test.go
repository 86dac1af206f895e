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

// flood is a case in which row 0 fires so many neurons, whose spikes come back as rows of weight 1 to neuron 0.
func flood(id string, fired int, counted int64, mutations ...func(*chip.Profile, *image.Core)) serialCase {
	k := serialCase{name: "a row fills the queue", chip: id, registers: map[string][]int32{"open_loop": {0}}, events: []image.Event{row(0)},
		dropped: int64(fired) - counted, mutations: mutations}
	for n := range fired + 1 {
		weights, thr := make([]int32, fired+1), int32(5)
		if n == 0 {
			for i := range fired {
				weights[i+1] = 5
			}
			thr = 200
		} else {
			weights[0] = 1
			k.out = append(k.out, n)
		}
		k.weights, k.thr, k.after = append(k.weights, weights), append(k.thr, thr), append(k.after, 0)
	}
	k.after[0] = counted
	return k
}

// overtakes is a case in which row 3 fires neurons 1 and 2, whose rows add w to neuron 0, and an event follows without a wait.
// Only neuron 0 leaks, by 4; axon 0 takes 7 off it.
func overtakes(name, id string, v, w int32, e image.Event, after int64, mutations ...func(*chip.Profile, *image.Core)) serialCase {
	k := serialCase{name: name, chip: id, thr: []int32{99, 5, 5, 99}, v: []int32{v, 0, 0, 0}, weights: [][]int32{{-7, 0, 0, 0}, {w, 0, 0, 0}, {w, 0, 0, 0}, {0, 5, 5, 0}},
		registers: map[string][]int32{"open_loop": {0}, "leak": {4, 0, 0, 0}}, events: []image.Event{row(3), e}, out: []int{1, 2}, after: []int64{after, 0, 0, 0}, mutations: mutations}
	if id == "odin" {
		k.registers["leak_en"] = []int32{1}
	}
	return k
}

// serialCases are worked out by hand from the rules of the chips; what recorded answers do not exercise comes first.
var serialCases = []serialCase{
	// Row 0 fires the neurons behind neuron 0. It keeps its slot meanwhile, so that the last three find the queue full; the others
	// come back as rows, which neuron 0 counts.
	flood("tinyodin", 130, 127, depth(127), depth(129), serve(chip.EventPre, chip.TargetAll, chip.ServeAtOnce)),
	flood("odin", 34, 31, depth(31), depth(33), serve(chip.EventPre, chip.TargetAll, chip.ServeAtOnce)),
	// A burst in open loop drops nothing: the host waits while a row is served.
	{name: "a burst in open loop", chip: "tinyodin", thr: []int32{2047}, weights: [][]int32{{1}}, events: slices.Repeat([]image.Event{row(0)}, 500), after: []int64{500},
		mutations: []func(*chip.Profile, *image.Core){each("integrate", func(m *chip.MicroOp) { m.Arith = "sat8" })}},
	// The row is served before the time reference, as with a wait: 2+3−4.
	{name: "a burst of two", chip: "tinyodin", thr: []int32{99}, v: []int32{2}, weights: [][]int32{{3}}, registers: map[string][]int32{"leak": {4}},
		events: []image.Event{row(0), tref()}, after: []int64{1}, mutations: []func(*chip.Profile, *image.Core){each("leak", func(m *chip.MicroOp) { m.By = "0" })}},
	// Neuron 1 fires neuron 2, which excites neuron 0. In a burst, row 4 comes between the two: −3+7. With a wait neuron 0 fires.
	{name: "a burst overtakes a chain", chip: "tinyodin", thr: []int32{7, 5, 5, 99, 99}, weights: [][]int32{{0, 0, 0, 0, 0}, {0, 0, 5, 0, 0}, {7, 0, 0, 0, 0}, {0, 5, 0, 0, 0}, {-3, 0, 0, 0, 0}},
		registers: map[string][]int32{"open_loop": {0}}, events: []image.Event{row(3), row(4)}, out: []int{1, 2}, after: []int64{4, 0, 0, 0, 0},
		mutations: []func(*chip.Profile, *image.Core){each("fire", func(m *chip.MicroOp) { m.Also = "v < 5" })}},
	{name: "no burst", chip: "tinyodin", thr: []int32{7, 5, 5, 99, 99}, weights: [][]int32{{0, 0, 0, 0, 0}, {0, 0, 5, 0, 0}, {7, 0, 0, 0, 0}, {0, 5, 0, 0, 0}, {-3, 0, 0, 0, 0}},
		registers: map[string][]int32{"open_loop": {0}}, events: []image.Event{row(3), wait, row(4)}, out: []int{1, 2, 0}, after: []int64{-3, 0, 0, 0, 0}, mutations: []func(*chip.Profile, *image.Core){strict}},
	// In the next cases row 3 leaves two rows in the queue, which excite neuron 0. What is served at once comes before both:
	// 2 leaked to 0, then 3+3; not 2+6−4.
	overtakes("a time reference goes before the queue", "tinyodin", 2, 3, tref(), 6, serve(chip.EventTimeRef, chip.TargetAll, chip.ServeQueued)),
	overtakes("a time reference of one neuron goes before the queue", "tinyodin", 2, 3, trefOf(0), 6, serve(chip.EventTimeRef, chip.TargetOne, chip.ServeQueued)),
	// 5−7 stops at 0, then 4+4; not 5+8−7.
	overtakes("a synapse goes before the queue", "odin", 5, 4, synapse(0, 0), 8, serve(chip.EventPre, chip.TargetOne, chip.ServeQueued)),
	// Virtual events wait: 1+12−4 and 1+12−3, not 12.
	overtakes("a virtual leak waits", "odin", 1, 6, virtualLeak(0), 9, serve(chip.EventVirtualLeak, chip.TargetOne, chip.ServeAtOnce)),
	overtakes("a virtual weight waits", "odin", 1, 6, virtual(0, -3), 10, serve(chip.EventVirtual, chip.TargetOne, chip.ServeAtOnce)),
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
