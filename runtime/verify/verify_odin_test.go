package verify

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"spikec/runtime/progress"
	"spikec/target/chip"
	"spikec/target/config/odin"
)

func TestTinyODIN(t *testing.T) { passes(t, "tinyodin", "testdata/tinyodin.tar.gz", 24) }
func TestODIN(t *testing.T)     { passes(t, "odin", "testdata/odin.tar.gz", 24) }

// serialCases returns the recorded cases.
func serialCases(t *testing.T, c *odin.Chip) []*serialCase {
	t.Helper()
	f, err := Open("testdata/" + c.ID + ".tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	var cases []*serialCase
	for _, dir := range f.Folders(stimFile) {
		k, err := readSerial(c, f, dir)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, k)
	}
	return cases
}

// everywhere changes every micro-operation of a name.
func everywhere(op string, change func(m *chip.MicroOp)) func(*chip.Profile) {
	return func(p *chip.Profile) {
		for i := range p.Program {
			for k := range p.Program[i].Do {
				if m := &p.Program[i].Do[k]; m.Op == op {
					change(m)
				}
			}
		}
	}
}

// TestSerialMutated: cases fail where a rule is another one; how many of the 24 do is known (chip reference §3.5, §4.6).
func TestSerialMutated(t *testing.T) {
	above := everywhere("fire", func(m *chip.MicroOp) { m.Compare = "gt" })
	open := everywhere("emit", func(m *chip.MicroOp) {
		if m.To == chip.Queue {
			m.Also = "0 == 1"
		}
	})
	for _, c := range []struct {
		chip       *odin.Chip
		name       string
		change     func(p *chip.Profile)
		configured func(m *odin.Memory)
		want       int // cases that fail
	}{
		{odin.TinyODIN, "fires above the threshold only", above, nil, 18},
		{odin.TinyODIN, "wraps", everywhere("integrate", func(m *chip.MicroOp) { m.Arith = "wrap12" }), nil, 4},
		{odin.TinyODIN, "leaks to the floor", everywhere("leak", func(m *chip.MicroOp) { m.Toward = "floor" }), nil, 24},
		{odin.TinyODIN, "open loop", open, nil, 10},
		{odin.ODIN, "fires above the threshold only", above, nil, 24},
		{odin.ODIN, "the head leaves the queue before it is served", func(p *chip.Profile) { *p.Execution.Queue.Depth = 33 }, nil, 6},
		{odin.ODIN, "mapping bits without effect", func(*chip.Profile) {}, func(m *odin.Memory) { m.Registers[24] = 1 }, 10},
		{odin.ODIN, "open loop", open, nil, 14},
	} {
		cases, failed := serialCases(t, c.chip), 0
		p, err := chip.Load(c.chip.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.change(p)
		for _, k := range cases {
			d, err := k.run(t.Context(), p, c.configured)
			if err != nil || d != "" {
				failed++
			}
		}
		if failed != c.want {
			t.Errorf("%s, %s: %d of %d cases fail, want %d", c.chip.ID, c.name, failed, len(cases), c.want)
		}
	}
}

// TestSerialConfiguration: the recorded memories, written as transactions on the bus and replayed into empty memories, are the
// same ones, and a core that is made of them computes what a configuration made of the core does.
func TestSerialConfiguration(t *testing.T) {
	for _, c := range []*odin.Chip{odin.TinyODIN, odin.ODIN} {
		for i, k := range serialCases(t, c) {
			m := odin.NewMemory(c)
			for _, s := range k.stim {
				if s.op == opRegister {
					if err := m.SetRegister(s.addr, s.data); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := errors.Join(m.ReadNeuronHex("", k.files[odin.NeuronFile]), m.ReadSynapseHex("", k.files[odin.SynapseFile])); err != nil {
				t.Fatal(err)
			}
			text, err := m.SPI()
			if err != nil {
				t.Fatal(err)
			}
			again, err := odin.ReadSPI(c, "case.spi", text)
			if err != nil || !reflect.DeepEqual(m, again) {
				t.Fatalf("%s, case %d: replayed, the memories differ, %v", c.ID, i, err)
			}
			if !bytes.Equal(bytes.TrimSpace(again.NeuronHex()), k.files[odin.NeuronFile]) || !bytes.Equal(bytes.TrimSpace(again.SynapseHex()), k.files[odin.SynapseFile]) {
				t.Errorf("%s, case %d: written, the memories differ from the recorded files", c.ID, i)
			}
			core, err := again.Core()
			if err != nil {
				t.Fatal(err)
			}
			made, err := odin.Configure(c, &core)
			if err != nil {
				t.Fatal(err)
			}
			if same, err := made.Core(); err != nil || !reflect.DeepEqual(core, same) {
				t.Errorf("%s, case %d: a configuration made of the core is another core, %v", c.ID, i, err)
			}
		}
	}
}

// handCase is a case of a tinyODIN whose neuron 0 has threshold 3, and row 7 a synapse of weight 4 to it: its files.
func handCase(t *testing.T) map[string]string {
	t.Helper()
	m := odin.NewMemory(odin.TinyODIN)
	if err := m.ReadNeuronHex("", []byte("00003000\n"+strings.Repeat("00fff000\n", 255))); err != nil {
		t.Fatal(err)
	}
	synapses := string(m.SynapseHex())
	synapses = synapses[:7*32*9] + "00000004" + synapses[7*32*9+8:]
	neurons := string(m.NeuronHex())
	return map[string]string{odin.NeuronFile: neurons, odin.SynapseFile: synapses, neuronsOut: neurons, synapsesOut: strings.ToUpper(synapses),
		stimFile: "0 0 1\n0 1 1\n0 2 0\n0 3 ff\n3 0 0\n0 0 0\n2 0 0\n1 7 0\n2 0 0\n4 0 0\n", eventsFile: "T\nS 0\nT\n"}
}

// TestSerialDifferences: every kind of difference is found and named, and what cannot be run is refused.
func TestSerialDifferences(t *testing.T) {
	replaced := func(name, old, new string) func(map[string]string) {
		return func(files map[string]string) {
			if !strings.Contains(files[name], old) {
				t.Fatalf("%s does not hold %s", name, old)
			}
			files[name] = strings.Replace(files[name], old, new, 1)
		}
	}
	for _, c := range []struct {
		change  func(map[string]string)
		differs bool
		want    string
	}{
		{func(map[string]string) {}, false, ""},
		{replaced(eventsFile, "S 0", "S 1"), true, `stim.txt line 9, event 1: "S 0", recorded "S 1"`},
		{replaced(eventsFile, "S 0\nT\n", ""), true, `event 1: "S 0", none recorded`},
		{replaced(eventsFile, "S 0\nT\n", "S 0\nT\nT\n"), true, `event 3: none, recorded "T"`},
		{replaced(neuronsOut, "00003000", "00003001"), true, "neur_out.hex, word 0: 00003000, recorded 00003001"},
		{replaced(synapsesOut, "00000004", "00000005"), true, "syn_out.hex, word 224: 00000004, recorded 00000005"},
		{replaced(neuronsOut, "00003000\n", ""), false, "neur_out.hex: 255 words, want 256"},
		{replaced(odin.NeuronFile, "00003000\n", ""), false, "255 words, want 256"},
		{replaced(odin.SynapseFile, "00000004", "0000000x"), false, "want 8 hexadecimal digits"},
		{func(files map[string]string) { delete(files, eventsFile) }, false, "events.txt is missing"},
		{replaced(stimFile, "1 7 0", "1 7"), false, "stim.txt line 8: want at most"},
		{replaced(stimFile, "1 7 0", "1 g 0"), false, `stim.txt line 8: "g" is no hexadecimal number`},
		{replaced(stimFile, "1 7 0", "9 7 0"), false, "stim.txt line 8: operation 9 is none"},
		{replaced(stimFile, "1 7 0", "1 400 0"), false, "event 0x400 is none"},
		{replaced(stimFile, "0 0 0\n", ""), false, "register 0 (GATE_ACTIVITY): got 1"},
		{replaced(stimFile, "0 3 ff", "0 3 100"), false, "register 3 (max_neur): got 256, want 0..255"},
		{replaced(stimFile, "0 3 ff\n", ""), false, "register 3 (max_neur): was never written"},
		{replaced(stimFile, "2 0 0\n4 0 0\n", "4 0 0\n"), false, "the chip is not idle"},
		{replaced(stimFile, "4 0 0\n", ""), false, "does not dump the memories"},
	} {
		files := handCase(t)
		c.change(files)
		tree := map[string]string{"odin_1/stim.txt": "another chip's"}
		for name, text := range files {
			tree["tinyodin_1/"+name] = text
		}
		r, err := Run(t.Context(), "tinyodin", []string{packed(t, tree)}, progress.None)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case len(r.Cases) != 1:
			t.Fatalf("%d cases", len(r.Cases))
		case !r.Cases[0].Passed:
			got = *r.Cases[0].Difference
		}
		if (err == nil && got != "") != c.differs || !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestODINSynapseHonoursMapping: 6 of 24 cases fail where events of one synapse ignore its mapping bit, as ODIN's manual says that
// they do (chip reference §4.4). As the cases wait after every event, virtual events of the stored magnitudes do the same.
func TestODINSynapseHonoursMapping(t *testing.T) {
	p, err := chip.Load(odin.ODIN.ID)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, k := range serialCases(t, odin.ODIN) {
		m := odin.NewMemory(odin.ODIN)
		if err := m.ReadSynapseHex("", k.files[odin.SynapseFile]); err != nil {
			t.Fatal(err)
		}
		for i, s := range k.stim {
			if s.op == opRegister {
				m.Registers[s.addr] = s.data
			}
			if s.op != opEvent || s.addr>>16 == 0 {
				continue
			}
			row, neuron := s.addr>>8&0xff, s.addr&0xff
			w := uint32(m.Synapses[row<<7|neuron>>1]) >> (neuron & 1 * 4) & 7
			sign := m.Registers[2+row/16] >> (row % 16) & 1
			if w == 0 {
				sign = 1 // takes nothing off; without it the word would be a row
			}
			k.stim[i].addr = neuron<<8 | w<<5 | sign<<4 | 1
		}
		if d, err := k.run(t.Context(), p, nil); err != nil || d != "" {
			failed++
		}
	}
	if failed != 6 {
		t.Errorf("%d of 24 cases fail, want 6", failed)
	}
}
