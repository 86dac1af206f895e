package odin

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/image"
)

var both = []*Chip{TinyODIN, ODIN}

// random returns memories of random bits, and registers that are emulated.
func random(c *Chip, r *rand.Rand) *Memory {
	m := NewMemory(c)
	for i := range m.Neurons {
		m.Neurons[i] = byte(r.Uint32())
	}
	for i := range m.Synapses {
		m.Synapses[i] = byte(r.Uint32())
	}
	for i, x := range c.registers {
		m.Registers[i] = 0
		if x.role == option || x.role == signs || x.role == propagate {
			m.Registers[i] = r.Uint32N(1 << x.bits)
		}
	}
	for _, f := range c.fixed {
		for n := range Size {
			f.set(m.neuron(n), f.want)
		}
	}
	return m
}

// TestRoundTrip: memories survive both forms of files; a core survives being configured.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range both {
		for range 3 {
			m := random(c, r)
			text, err := m.SPI()
			if err != nil {
				t.Fatal(err)
			}
			replayed, err := ReadSPI(c, "x.spi", text)
			if err != nil || !reflect.DeepEqual(m, replayed) {
				t.Fatalf("%s: replayed, the memories differ, %v", c.ID, err)
			}
			read := NewMemory(c)
			copy(read.Registers, m.Registers)
			if err := errors.Join(read.ReadNeuronHex("neur.hex", m.NeuronHex()), read.ReadSynapseHex("syn.hex", m.SynapseHex())); err != nil || !reflect.DeepEqual(m, read) {
				t.Fatalf("%s: read back, the memories differ, %v", c.ID, err)
			}
			core, err := m.Core()
			if err != nil {
				t.Fatal(err)
			}
			made, err := Configure(c, &core)
			if err != nil {
				t.Fatal(err)
			}
			if same, err := made.Core(); err != nil || !reflect.DeepEqual(core, same) {
				t.Fatalf("%s: configured, the core is another one, %v", c.ID, err)
			}
			if err := m.SetMembranes(made.Membranes()); err != nil || !reflect.DeepEqual(m.Membranes(), made.Membranes()) {
				t.Errorf("%s: membranes differ, %v", c.ID, err)
			}
		}
	}
}

// TestWords: the places of the chip reference, by hand.
func TestWords(t *testing.T) {
	tiny := NewMemory(TinyODIN)
	copy(tiny.Registers, []uint32{0, 1, 0, 200})
	// Neuron 5: membrane −2, threshold 0x123, leak 0x45, disabled. Row 3, neuron 13: weight −3, the high half of byte 2 of word 97.
	copy(tiny.neuron(5), []byte{0xfe, 0x3f, 0x12, 0x80 | 0x45})
	tiny.Synapses[97*4+2] = 0xd0
	core, err := tiny.Core()
	if err != nil {
		t.Fatal(err)
	}
	weights := core.Synapses[0].Synapses.(*image.Dense).Weight
	for name, got := range map[string][2]int32{
		"v": {core.InitialV[5], -2}, "thr": {core.Registers["thr"][5], 0x123}, "leak": {core.Registers["leak"][5], 0x45}, "disable": {core.Registers["disable"][5], 1},
		"weight": {weights[3*256+13], -3}, "max_neur": {core.Registers["max_neur"][0], 200}, "open_loop": {core.Registers["open_loop"][0], 1},
	} {
		if got[0] != got[1] {
			t.Errorf("tinyodin %s: got %d, want %d", name, got[0], got[1])
		}
	}
	text, err := tiny.SPI()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n40000 00001\n40001 00001\n40002 00000\n40003 000c8\n50000 ", "\n50005 000fe\n50105 0003f\n50205 00012\n50305 000c5\n", "\n64061 000d0\n", "\n40001 00001\n40000 00000\n"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("tinyodin: the transactions lack %q", want)
		}
	}
	if hex := string(tiny.NeuronHex()); hex[5*9:6*9] != "c5123ffe\n" {
		t.Errorf("tinyodin neur.hex has %q", hex[5*9:6*9])
	}

	m := NewMemory(ODIN)
	for i := range m.Registers {
		m.Registers[i] = 0
	}
	for n := range Size {
		m.neuron(n)[0] = 1
	}
	// Neuron 5: leak 0x45, enabled, threshold 0x81, membrane 0xcf, disabled.
	copy(m.neuron(5), []byte{1 | 0x45<<1, 1 | 0x81<<1&0xff, 0x81 >> 7})
	m.neuron(5)[8], m.neuron(5)[9], m.neuron(5)[15] = 0xcf<<6&0xff, 0xcf>>2, 0x80
	// Row 18 is inhibitory: neuron 0 mapped, 5; neuron 1 not mapped, 6.
	m.Registers[2+1] = 1 << 2
	m.Synapses[18*128] = 0x6d
	for propagated, want := range [][2]int32{{-5, 0}, {-5, -6}} {
		m.Registers[24] = uint32(propagated)
		if core, err = m.Core(); err != nil {
			t.Fatal(err)
		}
		weights = core.Synapses[0].Synapses.(*image.Dense).Weight
		if got := [2]int32{weights[18*256], weights[18*256+1]}; got != want {
			t.Errorf("odin, PROPAGATE_UNMAPPED %d: weights %v, want %v", propagated, got, want)
		}
	}
	for name, got := range map[string][2]int32{
		"v": {core.InitialV[5], 0xcf}, "thr": {core.Registers["thr"][5], 0x81}, "leak": {core.Registers["leak"][5], 0x45}, "leak_en": {core.Registers["leak_en"][5], 1},
		"disable": {core.Registers["disable"][5], 1}, "leak_en of another": {core.Registers["leak_en"][6], 0},
	} {
		if got[0] != got[1] {
			t.Errorf("odin %s: got %d, want %d", name, got[0], got[1])
		}
	}
	if text, err = m.SPI(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n40003 00004\n", "\n50f05 00080\n", "\n60240 0006d\n", "\n40018 00001\n40019 00000\n50000 00001\n"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("odin: the transactions lack %q", want)
		}
	}
}

// TestEvents: words of the event buses, by hand, and what has none.
func TestEvents(t *testing.T) {
	all := func(name string) image.Event { return image.Event{Name: name, Target: chip.TargetAll} }
	weighted := func(n uint32, w int32) image.Event {
		e := one(chip.EventVirtual, n)
		e.Weight = w
		return e
	}
	single := one(chip.EventPre, 0x5e)
	single.Axon = 0x14
	for _, c := range []struct {
		chip *Chip
		word uint32
		want image.Event
		back bool // the event has this word
	}{
		{TinyODIN, 0x0a7, row(0xa7), true}, {TinyODIN, 0x1ff, all(chip.EventTimeRef), true}, {TinyODIN, 0x1fe, one(chip.EventTimeRef, 254), true},
		{TinyODIN, 0x27f, weighted(15, 7), true}, {TinyODIN, 0x283, weighted(3, -8), true},
		{TinyODIN, 0x203, row(3), false}, // a virtual event without a weight is a row
		{ODIN, 0x1145e, single, true}, {ODIN, 0xc07, row(12), true}, {ODIN, 0x7f, all(chip.EventTimeRef), true}, {ODIN, 0x127f, all(chip.EventTimeRef), false},
		{ODIN, 0x95ff, one(chip.EventTimeRef, 0x95), true}, {ODIN, 0x12e1, weighted(0x12, 7), true}, {ODIN, 0x12b1, weighted(0x12, -5), true},
		{ODIN, 0x1211, weighted(0x12, 0), true}, {ODIN, 0x1201, row(0x12), false}, {ODIN, 0x1209, one(chip.EventVirtualLeak, 0x12), true},
		{ODIN, 0x12f9, one(chip.EventVirtualLeak, 0x12), false},
	} {
		got, err := c.chip.ParseEvent(c.word)
		if err != nil || got != c.want {
			t.Errorf("%s %#x: %+v, %v, want %+v", c.chip.ID, c.word, got, err, c.want)
		}
		if word, err := c.chip.EventWord(got); err != nil || (word == c.word) != c.back {
			t.Errorf("%s: the word of %+v is %#x, %v", c.chip.ID, got, word, err)
		}
	}
	for c, words := range map[*Chip][]uint32{TinyODIN: {0x300, 0x3ff, 0x400, 1 << 31}, ODIN: {0x1200, 0x1280, 0x1202, 0x20000, 1 << 31}} { // with bistability of one and of all
		for _, w := range words {
			if e, err := c.ParseEvent(w); err == nil || !strings.Contains(err.Error(), "none that is emulated") {
				t.Errorf("%s %#x: %+v, %v", c.ID, w, e, err)
			}
		}
	}
	for c, events := range map[*Chip][]image.Event{
		TinyODIN: {weighted(3, 0), weighted(16, 1), weighted(3, 8), row(256), one(chip.EventTimeRef, 255), one(chip.EventVirtualLeak, 1), single, {}},
		ODIN:     {weighted(3, 8), weighted(3, -8), weighted(256, 1), row(256), one(chip.EventPre, 256), all(chip.EventVirtual), {Name: chip.EventPre, Target: chip.TargetAll, Axon: -1}},
	} {
		for _, e := range events {
			if w, err := c.EventWord(e); err == nil {
				t.Errorf("%s: %+v has the word %#x", c.ID, e, w)
			}
		}
	}
}

// text returns what an error lists.
func text(err error) string {
	if failure := new(diag.Failure); errors.As(err, &failure) {
		return failure.Error()
	}
	return fmt.Sprint("no list of diagnostics: ", err)
}

// TestSPIRefuses: everything that is wrong with a file is listed with its lines.
func TestSPIRefuses(t *testing.T) {
	m := random(ODIN, rand.New(rand.NewPCG(3, 4)))
	good, err := m.SPI()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"40000 00001\n", "", ""}, // it is written again
		{"40000 00001\n", "40000\t00001 # gate\r\n\n   # nothing\n", ""},
		{"40000 00001\n", "40000 00002\n", "SPK-ODIN-023 x.spi line 2: register 0 (GATE_ACTIVITY): got 2, want 0..1"},
		{"40000 00001\n", "4001a 00000\n", "register 26: odin has 0..25"},
		{"40000 00001\n", "80000 00001\n", "address 80000 does not write"},
		{"40000 00001\n", "00000 00001\n", "address 00000 does not write"},
		{"40000 00001\n", "c0000 00001\n", "address c0000 does not write"},
		{"40000 00001\n", "70000 00001\n", "address 70000 is of no memory"},
		{"40000 00001\n", "51000 00001\n", "address 51000 is byte 16 of a neuron of 16"},
		{"40000 00001\n", "68000 00001\n", "address 68000 is byte 4 of a word of 4"},
		{"40000 00001\n", "60000 10001\n", "data word 10001: want 0, mask and byte"},
		{"40000 00001\n", "40000\n", "SPK-ODIN-021 x.spi line 2: got \"40000\", want an address word and a data word"},
		{"40000 00001\n", "40000 00001 00001\n", "SPK-ODIN-021"},
		{"40000 00001\n", "4000 00001\n", "SPK-ODIN-021"},
		{"40000 00001\n", "4000g 00001\n", "SPK-ODIN-021"},
		{"40000 00001\n", "+0000 00001\n", "SPK-ODIN-021"},
		{"40002 ", "#", "SPK-ODIN-024 x.spi: register 2 (SYN_SIGN) is not written"},
		{"\n50000 ", "\n#", "1 bytes of the neuron memory are not written, the first is byte 0 of word 0"},
		{"\n62001 ", "\n60001 000", "SPK-ODIN-021"},
		{"\n62001 ", "\n#", "1 bytes of the synapse memory are not written, the first is byte 1 of word 1"},
	} {
		if !bytes.Contains(good, []byte(c.old)) {
			t.Fatalf("no %q", c.old)
		}
		_, err := ReadSPI(ODIN, "x.spi", bytes.Replace(good, []byte(c.old), []byte(c.new), 1))
		if c.want == "" && err != nil || c.want != "" && !strings.Contains(text(err), c.want) {
			t.Errorf("%q for %q: %v, want %s", c.new, c.old, err, c.want)
		}
	}
	_, err = ReadSPI(TinyODIN, "x.spi", []byte(strings.Repeat("x\n", 100)))
	if !strings.Contains(text(err), "80 more problems are not listed") || strings.Count(text(err), "\n") > mostProblems {
		t.Error(err)
	}
	if _, err := ReadSPI(TinyODIN, "x.spi", make([]byte, mostBytes+1)); !strings.Contains(text(err), "longer than any file of the chip (4194305, limit 4194304)") {
		t.Error(err)
	}
	if _, err := ReadSPI(TinyODIN, "x.spi", nil); !strings.Contains(text(err), "1024 bytes of the neuron memory") {
		t.Error(err)
	}
	if _, err := NewMemory(ODIN).SPI(); err == nil || !strings.Contains(err.Error(), "register 0 (GATE_ACTIVITY) has no value") {
		t.Error(err)
	}
}

// TestSPIMask: bits of the mask keep what was there; a byte that was only written in part was not written.
func TestSPIMask(t *testing.T) {
	good, err := random(TinyODIN, rand.New(rand.NewPCG(5, 6))).SPI()
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadSPI(TinyODIN, "x.spi", append(good, "50007 000a5\n50007 00fff\n"...))
	if err != nil || m.Neurons[7*4] != 0xf5 {
		t.Errorf("got %#x, %v", m.Neurons[7*4], err)
	}
	at := bytes.Index(good, []byte("\n50007 ")) + len("\n50007 ")
	copy(good[at:], "00f")
	if _, err := ReadSPI(TinyODIN, "x.spi", good); !strings.Contains(text(err), "1 bytes of the neuron memory are not written, the first is byte 0 of word 7") {
		t.Error(err)
	}
}

// TestHexRefuses: as TestSPIRefuses.
func TestHexRefuses(t *testing.T) {
	m := random(TinyODIN, rand.New(rand.NewPCG(7, 8)))
	good := string(m.NeuronHex())
	for change, want := range map[string]string{
		good: "", strings.ToUpper(good): "", strings.ReplaceAll(good, "\n", " // a word\r\n\r\n"): "", strings.TrimSpace(good): "",
		good[9:]:                          "SPK-ODIN-022 neur.hex: 255 words, want 256",
		good + "00000000":                 "257 words, want 256",
		good[1:]:                          "SPK-ODIN-021 neur.hex line 1: got",
		"x" + good[1:]:                    "want 8 hexadecimal digits",
		"@0000000\n" + good:               "SPK-ODIN-021",
		"1234567_\n" + good:               "SPK-ODIN-021",
		strings.Repeat("\n", mostBytes+1): "SPK-ODIN-020",
		"":                                "0 words, want 256",
	} {
		got := NewMemory(TinyODIN)
		err := got.ReadNeuronHex("neur.hex", []byte(change))
		switch {
		case want == "" && (err != nil || !bytes.Equal(got.Neurons, m.Neurons)):
			t.Errorf("%.30q: %v", change, err)
		case want != "" && (!strings.Contains(text(err), want) || !bytes.Equal(got.Neurons, make([]byte, 1024))):
			t.Errorf("%.30q: %v, want %s", change, err, want)
		}
	}
}

// TestNotEmulated: what the emulator does not compute is refused, all at once.
func TestNotEmulated(t *testing.T) {
	m := NewMemory(ODIN)
	_, err := m.Core()
	for _, want := range []string{"SPK-ODIN-001 register 0 (GATE_ACTIVITY): was never written", "register 25 (SDSP_ON_SYN_STIM)", "SPK-ODIN-003 neuron 0: bit 0 is 0: an Izhikevich neuron, which is not emulated (256 neurons)"} {
		if !strings.Contains(text(err), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	m = random(ODIN, rand.New(rand.NewPCG(9, 10)))
	m.Registers[0], m.Registers[19], m.Registers[25] = 1, 1, 1
	m.neuron(4)[2] |= 2
	_, err = m.Core()
	for _, want := range []string{"SPK-ODIN-002 register 0 (GATE_ACTIVITY): got 1: the chip is still being programmed", "register 19 (AER_SRC_CTRL_nNEUR): got 1, of which only 0 is emulated",
		"register 25 (SDSP_ON_SYN_STIM): got 1", "neuron 4: bit 17 is 1: calcium, which is for learning, which is not emulated (1 neurons)"} {
		if !strings.Contains(text(err), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := m.SetMembranes(make([]int64, 255)); err == nil {
		t.Error("255 membranes")
	}
	for c, x := range map[*Chip]int64{TinyODIN: 2048, ODIN: -1} {
		if err := NewMemory(c).SetMembranes(append(make([]int64, 255), x)); err == nil || !strings.Contains(err.Error(), "membrane of neuron 255") {
			t.Error(err)
		}
	}
}

// TestConfigure: neurons that a core lacks never fire, and everything that a chip cannot hold is named at once.
func TestConfigure(t *testing.T) {
	core := image.Core{Population: "fc", Shape: [3]int{2, 1, 1}, Neurons: 2, InitialV: []int32{7},
		Registers: map[string][]int32{"thr": {5, 6}, "leak": {0}, "leak_en": {0}, "disable": {0}, "open_loop": {1}},
		Synapses:  []image.Block{{Synapses: &image.Dense{Inputs: 1, Neurons: 2, Weight: []int32{7, 0}}}, {FirstAxon: 1, Synapses: &image.Dense{Inputs: 2, Neurons: 2, Weight: []int32{-1, -7, 0, 0}}}}}
	m, err := Configure(ODIN, &core)
	if err != nil {
		t.Fatal(err)
	}
	if m.Registers[2] != 2 || m.Synapses[0] != 0x0f || m.Synapses[128] != 0xf9 || m.Synapses[256] != 0 || m.Membranes()[1] != 7 {
		t.Errorf("signs %#x, rows %#x %#x %#x, membranes %v", m.Registers[2], m.Synapses[0], m.Synapses[128], m.Synapses[256], m.Membranes()[:2])
	}
	back, err := m.Core()
	if err != nil || back.Registers["thr"][1] != 6 || back.Registers["thr"][2] != 255 || back.Registers["disable"][2] != 1 || back.Registers["disable"][1] != 0 {
		t.Errorf("%v %v", back.Registers, err)
	}

	bad := core
	bad.InitialV = []int32{-1, 3}
	bad.Registers = map[string][]int32{"thr": {256, -1}, "leak": {128}, "leak_en": {2}, "disable": {0, 0, 0}, "open_loop": {0, 1}, "max_neur": {1}}
	bad.Synapses = []image.Block{{Synapses: &image.Dense{Inputs: 2, Neurons: 2, Weight: []int32{8, 0, 3, -2}}}}
	_, err = Configure(ODIN, &bad)
	for _, want := range []string{
		"SPK-ODIN-011 fc, initial membranes: got -1, want 0..255 (1 values, first at 0)", "SPK-ODIN-011 fc, thr: got 256, want 0..255 (2 values, first at 0)", "fc, leak: got 128, want 0..127",
		"fc, leak_en: got 2, want 0..1", "SPK-ODIN-012 fc, disable: 3 values", "SPK-ODIN-012 fc, open_loop: differs between neurons", "SPK-ODIN-012 fc, max_neur: is no register of the chip",
		"SPK-ODIN-013 fc, axon 0: weight 8 to neuron 0, want -7..7 (1 synapses)", "SPK-ODIN-014 fc, axon 1: weights of both signs: the chip has one sign a row (1 rows)",
	} {
		if !strings.Contains(text(err), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	large := core
	large.Neurons = 257
	if _, err := Configure(TinyODIN, &large); !strings.Contains(text(err), "SPK-ODIN-010 fc: 257 neurons and 3 axons: the chip has 256 of each") {
		t.Error(err)
	}
}

// seeds adds the files of a folder, and one whole file.
func seeds(f *testing.F, pattern string, whole []byte) {
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(whole)
}

// FuzzSPI: what is accepted is written and read back the same, and what it computes can be asked for; all else is a list of
// diagnostics.
func FuzzSPI(f *testing.F) {
	whole, err := random(TinyODIN, rand.New(rand.NewPCG(11, 12))).SPI()
	if err != nil {
		f.Fatal(err)
	}
	seeds(f, "*.spi", whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range both {
			m, err := ReadSPI(c, "fuzz.spi", data)
			if err != nil {
				if text(err) != err.Error() || err.Error() == "" {
					t.Fatal(text(err))
				}
				continue
			}
			written, err := m.SPI()
			if err != nil {
				t.Fatal(err)
			}
			if again, err := ReadSPI(c, "again.spi", written); err != nil || !reflect.DeepEqual(m, again) {
				t.Fatalf("read back, the memories differ, %v", err)
			}
			if _, err := m.Core(); err != nil && text(err) != err.Error() {
				t.Fatal(text(err))
			}
		}
	})
}

// FuzzHex is FuzzSPI for images of memories.
func FuzzHex(f *testing.F) {
	seeds(f, "*.hex", random(ODIN, rand.New(rand.NewPCG(13, 14))).NeuronHex())
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range both {
			for _, k := range []struct {
				read  func(*Memory, []byte) error
				write func(*Memory) []byte
			}{
				{func(m *Memory, b []byte) error { return m.ReadNeuronHex("fuzz.hex", b) }, (*Memory).NeuronHex},
				{func(m *Memory, b []byte) error { return m.ReadSynapseHex("fuzz.hex", b) }, (*Memory).SynapseHex},
			} {
				m, again := NewMemory(c), NewMemory(c)
				if err := k.read(m, data); err != nil {
					if text(err) != err.Error() || !reflect.DeepEqual(m, again) {
						t.Fatal(text(err))
					}
					continue
				}
				if err := k.read(again, k.write(m)); err != nil || !reflect.DeepEqual(m, again) {
					t.Fatalf("read back, the memories differ, %v", err)
				}
			}
		}
	})
}
