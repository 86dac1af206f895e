package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/runtime/progress"
	"spikec/target/chip"
	"spikec/target/config/ranc"
)

func TestRANC(t *testing.T) { passes(t, "ranc", "testdata/ranc.tar.gz", 16) }

// changedProfile returns a bundled profile with some of it changed.
func changedProfile(t *testing.T, id string, change func(p *chip.Profile)) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(p)
	}
	return p
}

// operation returns the operation of a program that has the given name, the first one from number from on.
func operation(p *chip.Profile, name string, from int) *chip.MicroOp {
	i := slices.IndexFunc(p.Program[from:], func(m chip.MicroOp) bool { return m.Op == name })
	return &p.Program[from+i]
}

// TestRANCMutated: cases fail where a rule is another one; how many of the 16 do is known for the first three (chip
// reference §5.6), and counted for the others.
func TestRANCMutated(t *testing.T) {
	f, err := Open("testdata/ranc.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	var cases []rancCase
	for _, name := range f.Names() {
		data, err := f.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		var c rancCase
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	for _, m := range []struct {
		name   string
		change func(p *chip.Profile)
		want   int
	}{
		{"fires above the threshold only", func(p *chip.Profile) { operation(p, "fire", 0).Compare = "gt" }, 16},
		{"is reset at the negative threshold too", func(p *chip.Profile) { operation(p, "lower_fire", 0).Compare = "le" }, 16},
		{"the reset value below the negative threshold is not negated", func(p *chip.Profile) { operation(p, "lower_reset", 0).To = "reset_value" }, 16},
		{"a spike acts a tick later", func(p *chip.Profile) { p.Execution.Latency = 2 }, 16},
		{"spikes of one axon and tick add up", func(p *chip.Profile) { p.Execution.Merge = false }, 16},
	} {
		p := changedProfile(t, "ranc", m.change)
		failed := 0
		for i := range cases {
			n, err := cases[i].network()
			if err != nil {
				t.Fatal(err)
			}
			if d, err := cases[i].run(t.Context(), n, p); err != nil || d != "" {
				failed++
			}
		}
		if failed != m.want {
			t.Errorf("%s: %d of %d cases fail, want %d", m.name, failed, len(cases), m.want)
		}
	}
}

// rancHand is a core of two axons, of types 0 and 3, and two neurons, of which the first is given and sends to axon 1; the
// second one listens to axon 1 with the weight 1, never fires, and stands where the others can see it.
func rancHand(u ranc.Neuron, packets [][]ranc.Packet) *ranc.Network {
	u.Connected, u.Axon = []bool{true, false}, 1
	listener := ranc.Neuron{Connected: []bool{false, true}, Weights: [4]int32{3: 1}, Positive: 255, Negative: -256}
	return &ranc.Network{Architecture: ranc.Architecture{Grid: [2]int{2, 1}, Axons: 2, Neurons: 2, Bus: ranc.Bus{At: [2]int{1, 0}, Outputs: 2}},
		Cores: []ranc.Core{{Types: []uint8{0, 3}, Neurons: []ranc.Neuron{u, listener}}}, Packets: packets}
}

// TestRANCByHand: rules that the recorded cases do not exercise (chip reference §5.6), worked out from §5.2, each with
// mutations that it catches. A case lists the potentials of both neurons after every tick.
func TestRANCByHand(t *testing.T) {
	hit := func(ticks ...int) [][]ranc.Packet { // a spike on axon 0 in each of these ticks
		list := make([][]ranc.Packet, slices.Max(ticks)+1)
		for _, tick := range ticks {
			list[tick] = append(list[tick], ranc.Packet{})
		}
		return list
	}
	arith := func(op string, from int, name string) func(p *chip.Profile) {
		return func(p *chip.Profile) { operation(p, op, from).Arith = name }
	}
	for _, c := range []struct {
		name    string
		neuron  ranc.Neuron
		packets [][]ranc.Packet
		want    [][2]int64
		mutated map[string]func(p *chip.Profile)
	}{
		{"weights wrap at 9 bits: 200 + 100 is −212",
			ranc.Neuron{Potential: 200, Weights: [4]int32{100}, Positive: 255, Negative: -256},
			hit(0, 2), [][2]int64{{-212, 0}, {-212, 0}, {-112, 0}},
			map[string]func(p *chip.Profile){"saturate": arith("integrate", 0, "sat9"), "neither there nor with the leak": func(p *chip.Profile) {
				arith("integrate", 0, "int")(p)
				arith("add", 0, "int")(p)
			}}},
		{"the leak wraps: sustained inhibition comes out positive and fires; −250 − 10 is 252, 252 − 250 is 2",
			ranc.Neuron{Potential: -240, Leak: -10, Positive: 250, Negative: -256, Linear: true},
			nil, [][2]int64{{-250, 0}, {2, 0}, {-8, 1}, {-18, 1}},
			map[string]func(p *chip.Profile){"no wrap": arith("add", 0, "int"), "saturate": arith("add", 0, "sat9")}},
		{"a negative threshold of −256 resets nothing",
			ranc.Neuron{Potential: -250, Leak: -6, Reset: 33, Positive: 255, Negative: -256},
			nil, [][2]int64{{-256, 0}, {250, 0}},
			map[string]func(p *chip.Profile){"le": func(p *chip.Profile) { operation(p, "lower_fire", 0).Compare = "le" }}},
		{"linear below the negative threshold: −60 − (−50) is −10; at it, nothing",
			ranc.Neuron{Potential: -20, Leak: -15, Positive: 255, Negative: -50, Linear: true},
			nil, [][2]int64{{-35, 0}, {-50, 0}, {-15, 0}},
			map[string]func(p *chip.Profile){
				"le": func(p *chip.Profile) { operation(p, "lower_fire", 0).Compare = "le" },
				"to the value": func(p *chip.Profile) {
					m := operation(p, "lower_reset", 0)
					m.Mode, m.To = "value", "-reset_value"
				},
				"add": func(p *chip.Profile) { operation(p, "lower_reset", 0).Value = "-neg" }}},
		{"to the value: the reset potential after a spike, its negative below the negative threshold, which wraps at −256",
			ranc.Neuron{Potential: 5, Leak: -6, Reset: -256, Positive: 255, Negative: 0},
			nil, [][2]int64{{-256, 0}, {250, 0}, {244, 0}},
			map[string]func(p *chip.Profile){"no wrap": arith("lower_reset", 0, "int"), "saturate": arith("lower_reset", 0, "sat9")}},
		{"a linear reset wraps: 200 − (−100) is −212",
			ranc.Neuron{Potential: 200, Positive: -100, Negative: -256, Linear: true},
			nil, [][2]int64{{-212, 0}, {-212, 1}},
			map[string]func(p *chip.Profile){"no wrap": arith("reset", 0, "int"), "saturate": arith("reset", 0, "sat9")}},
		{"a spike below the negative threshold: a neuron is not reset twice",
			ranc.Neuron{Potential: 10, Positive: 10, Negative: 5, Reset: 2},
			nil, [][2]int64{{2, 0}, {-2, 1}},
			map[string]func(p *chip.Profile){"twice": func(p *chip.Profile) {
				p.Program = slices.Concat(p.Program[:2:2], p.Program[4:6], p.Program[2:4], p.Program[6:])
			}}},
		{"a delay of 14: a spike of tick 0 acts in tick 15; a packet of delay 14 before tick 0 in tick 14",
			ranc.Neuron{Potential: 100, Positive: 90, Negative: -256, Linear: true, Delay: 14},
			[][]ranc.Packet{{{Axon: 1, Delay: 14}}}, append(slices.Repeat([][2]int64{{10, 0}}, 14), [2]int64{10, 1}, [2]int64{10, 2}, [2]int64{10, 2}),
			map[string]func(p *chip.Profile){"later": func(p *chip.Profile) { p.Execution.Latency = 2 }}},
		{"two packets for one axon and tick merge, and so does a spike with one",
			ranc.Neuron{Potential: 100, Positive: 90, Negative: -256, Linear: true, Weights: [4]int32{7}},
			[][]ranc.Packet{nil, {{}, {}, {Axon: 1}}}, [][2]int64{{10, 0}, {17, 1}},
			map[string]func(p *chip.Profile){"add up": func(p *chip.Profile) { p.Execution.Merge = false }}},
	} {
		n, err := throughRANCFiles(rancHand(c.neuron, c.packets))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := potentials(t, n, changedProfile(t, "ranc", nil), len(c.want)); !slices.Equal(got, c.want) {
			t.Errorf("%s: potentials %v, want %v", c.name, got, c.want)
		}
		for name, change := range c.mutated {
			if got := potentials(t, n, changedProfile(t, "ranc", change), len(c.want)); slices.Equal(got, c.want) {
				t.Errorf("%s: mutated (%s), it still passes", c.name, name)
			}
		}
	}
	late := rancHand(ranc.Neuron{Positive: 1, Delay: 15}, nil)
	if _, err := throughRANCFiles(late); err == nil || !strings.Contains(err.Error(), "SPK-RANC-007 core 0, neuron 0: the destination tick is 15") {
		t.Errorf("a destination tick of 15: %v", err)
	}
}

// potentials steps a network of one core and returns the potentials of two neurons after every tick.
func potentials(t *testing.T, n *ranc.Network, p *chip.Profile, ticks int) [][2]int64 {
	t.Helper()
	s, err := emulator.NewStepper(n.Layout().Cores, p)
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]int64
	for tick := range ticks {
		if tick < len(n.Packets) {
			for _, packet := range n.Packets[tick] {
				if err := s.SendLater(0, packet.Axon, packet.Delay); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
		v, _ := s.Values(0, "v")
		got = append(got, [2]int64{v[0], v[1]})
	}
	return got
}

// TestRANCBusDoesNotMerge: two neurons that send to one output in one tick, and with a delay, are both seen at once.
func TestRANCBusDoesNotMerge(t *testing.T) {
	u := ranc.Neuron{Connected: []bool{false}, Potential: 5, Positive: 5, Negative: -256, Offset: [2]int{1, 0}, Delay: 3}
	n := &ranc.Network{Architecture: ranc.Architecture{Grid: [2]int{2, 1}, Axons: 1, Neurons: 2, Bus: ranc.Bus{At: [2]int{1, 0}, Outputs: 1}},
		Cores: []ranc.Core{{Types: []uint8{0}, Neurons: []ranc.Neuron{u, u}}}}
	c := rancCase{Ticks: 2, Output: [][]int{{0, 0}, nil}}
	p := changedProfile(t, "ranc", nil)
	if d, err := c.run(t.Context(), n, p); err != nil || d != "" {
		t.Errorf("%s %v", d, err)
	}
	c.Output[0] = []int{0}
	if d, err := c.run(t.Context(), n, p); err != nil || d != "tick 0: outputs [0 0], recorded [0]" {
		t.Errorf("%s %v", d, err)
	}
}

// TestRANCRefuses: cases that are no grids.
func TestRANCRefuses(t *testing.T) {
	core := func(rest string) string {
		return fmt.Sprintf(`{"axons": 1, "neurons": 1, "grid": [2, 1], "out_core": [1, 0], "ticks": 0, "cores": [%s]}`, rest)
	}
	for text, want := range map[string]string{
		`{`:  "unexpected end of JSON input",
		`{}`: "SPK-RANC-003 grid: 0×0 places",
		core(`{"core": [0, 0], "axon_type": [4]}`):                                      "axon 0 is of type 4",
		core(`{"core": [0, 0], "axon_type": [0], "neurons": [{"rm": 2}]}`):              "reset mode 2",
		core(`{"core": [0, 0], "axon_type": [0], "neurons": [{"tk": 15}]}`):             "SPK-RANC-007",
		`{"ticks": 1000000000}`:                                                         "1000000000 ticks",
		core(`{"core": [0, 0], "axon_type": [0], "neurons": [{"con": [1], "v": 256}]}`): "the potential is 256, want -256..255",
	} {
		_, err := Run(t.Context(), "ranc", []string{packed(t, map[string]string{"ranc_1.json": text})}, progress.None)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
