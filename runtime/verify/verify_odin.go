package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/config/odin"
)

func init() {
	register(chipCases{name: odin.TinyODIN.ID, about: "networks on tinyODIN, recorded from its register-transfer description", find: findSerial(odin.TinyODIN)})
	register(chipCases{name: odin.ODIN.ID, about: "networks on ODIN, recorded from its register-transfer description", find: findSerial(odin.ODIN)})
}

// Files of a case's folder: the memories before (odin.NeuronFile, odin.SynapseFile), what was done with the chip, the events
// that it sent, the memories after.
const (
	stimFile    = "stim.txt"
	eventsFile  = "events.txt"
	neuronsOut  = "neur_out.hex"
	synapsesOut = "syn_out.hex"
)

// Operations of a stim.txt, a line `op addr data` each, in hexadecimal digits.
const (
	opRegister = iota // write data to the register addr
	opEvent           // the event addr of the host
	opWait            // until the chip is idle
	opLoad            // both memories
	opDump            // both memories
)

// stimulus is a line of a stim.txt.
type stimulus struct{ op, addr, data uint32 }

// mostStimuli bounds the lines of a stim.txt.
const mostStimuli = 1 << 20

// serialCase is a recorded network.
type serialCase struct {
	chip   *odin.Chip
	files  map[string][]byte // by the names above
	stim   []stimulus
	events []string // lines of events.txt
}

// findSerial takes every folder with a stim.txt whose name does not say that it is another chip's.
func findSerial(c *odin.Chip) func(f *Files) ([]Case, error) {
	return func(f *Files) ([]Case, error) {
		var cases []Case
		for _, dir := range f.Folders(stimFile) {
			if ofAnother(c.ID, path.Base(dir)) {
				continue
			}
			cases = append(cases, Case{Name: dir, Run: func(ctx context.Context) (string, error) {
				k, err := readSerial(c, f, dir)
				if err != nil {
					return "", err
				}
				p, err := chip.Load(c.ID)
				if err != nil {
					return "", err
				}
				return k.run(ctx, p, nil)
			}})
		}
		return cases, nil
	}
}

// ofAnother reports whether a folder's name starts with that of another chip.
func ofAnother(id, folder string) bool {
	for _, name := range Names() {
		if name != id && strings.HasPrefix(folder, name+"_") {
			return true
		}
	}
	return false
}

// readSerial reads a case.
func readSerial(c *odin.Chip, f *Files, dir string) (*serialCase, error) {
	k := &serialCase{chip: c, files: map[string][]byte{}}
	for _, name := range []string{odin.NeuronFile, odin.SynapseFile, stimFile, eventsFile, neuronsOut, synapsesOut} {
		data, err := f.Read(path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		k.files[name] = data
	}
	for n, line := range strings.Split(strings.TrimSpace(string(k.files[stimFile])), "\n") {
		words := strings.Fields(line)
		if len(words) != 3 || n >= mostStimuli {
			return nil, fmt.Errorf("%s line %d: want at most %d lines of three numbers", stimFile, n+1, mostStimuli)
		}
		var numbers [3]uint32
		for i, w := range words {
			x, err := strconv.ParseUint(w, 16, 32)
			if err != nil {
				return nil, fmt.Errorf("%s line %d: %q is no hexadecimal number", stimFile, n+1, w)
			}
			numbers[i] = uint32(x)
		}
		k.stim = append(k.stim, stimulus{numbers[0], numbers[1], numbers[2]})
	}
	for line := range strings.Lines(string(k.files[eventsFile])) {
		k.events = append(k.events, strings.TrimSpace(line))
	}
	return k, nil
}

// run does what was done with the chip, and compares what it sent, in its order, and both memories after. configured, if there
// is one, changes what was written to the chip before it starts.
func (k *serialCase) run(ctx context.Context, p *chip.Profile, configured func(*odin.Memory)) (string, error) {
	m := &serialMachine{profile: p, memory: odin.NewMemory(k.chip), configured: configured}
	compared, dumped := 0, false
	for n, s := range k.stim {
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
		different := ""
		var err error
		switch s.op {
		case opRegister:
			err = m.program(func(to *odin.Memory) error { return to.SetRegister(s.addr, s.data) })
		case opEvent:
			err = m.send(s.addr)
		case opWait:
			err = m.wait()
		case opLoad:
			err = m.program(func(to *odin.Memory) error {
				return errors.Join(to.ReadNeuronHex(odin.NeuronFile, k.files[odin.NeuronFile]), to.ReadSynapseHex(odin.SynapseFile, k.files[odin.SynapseFile]))
			})
		case opDump:
			dumped = true
			if err = m.program(func(*odin.Memory) error { return nil }); err == nil {
				different, err = k.sameMemory(m.memory)
			}
		default:
			err = fmt.Errorf("operation %x is none", s.op)
		}
		if err != nil {
			return "", fmt.Errorf("%s line %d: %w", stimFile, n+1, err)
		}
		if events := k.sameEvents(m.events, &compared); events != "" {
			return fmt.Sprintf("%s line %d, %s", stimFile, n+1, events), nil
		}
		if different != "" {
			return different, nil
		}
	}
	switch {
	case compared < len(k.events):
		return fmt.Sprintf("event %d: none, recorded %q", compared, k.events[compared]), nil
	case !dumped:
		return "", fmt.Errorf("%s does not dump the memories", stimFile)
	}
	return "", nil
}

// sameEvents compares the events from the one on that was not yet compared; "" where they are those recorded.
func (k *serialCase) sameEvents(got []string, compared *int) string {
	for ; *compared < len(got); *compared++ {
		switch i := *compared; {
		case i >= len(k.events):
			return fmt.Sprintf("event %d: %q, none recorded", i, got[i])
		case got[i] != k.events[i]:
			return fmt.Sprintf("event %d: %q, recorded %q", i, got[i], k.events[i])
		}
	}
	return ""
}

// sameMemory compares memories, as they are written, with the recorded ones word by word.
func (k *serialCase) sameMemory(m *odin.Memory) (string, error) {
	for _, f := range []struct {
		name string
		got  []byte
	}{{neuronsOut, m.NeuronHex()}, {synapsesOut, m.SynapseHex()}} {
		got, want := bytes.Fields(f.got), bytes.Fields(k.files[f.name])
		if len(got) != len(want) {
			return "", fmt.Errorf("%s: %d words, want %d", f.name, len(want), len(got))
		}
		for i := range got {
			if !bytes.Equal(got[i], bytes.ToLower(want[i])) {
				return fmt.Sprintf("%s, word %d: %s, recorded %s", f.name, i, got[i], want[i]), nil
			}
		}
	}
	return "", nil
}

// serialMachine is a chip: its memories while it is programmed, the emulator from the first event on.
type serialMachine struct {
	profile    *chip.Profile
	memory     *odin.Memory
	configured func(*odin.Memory)
	running    *emulator.Serial // nil while the chip is programmed
	events     []string
}

// program takes the membranes back into the memory, so that the chip can be programmed.
func (m *serialMachine) program(write func(*odin.Memory) error) error {
	if m.running != nil {
		if !m.running.Idle() {
			return errors.New("the chip is not idle")
		}
		v, _ := m.running.Values("v")
		if err := m.memory.SetMembranes(v); err != nil {
			return err
		}
		m.running = nil
	}
	return write(m.memory)
}

// start lets the emulator take over.
func (m *serialMachine) start() error {
	if m.running != nil {
		return nil
	}
	if m.configured != nil {
		m.configured(m.memory)
	}
	core, err := m.memory.Core()
	if err != nil {
		return err
	}
	m.running, err = emulator.NewSerial(core, m.profile)
	return err
}

// send sends an event of the host.
func (m *serialMachine) send(word uint32) error {
	if err := m.start(); err != nil {
		return err
	}
	e, err := m.memory.Chip.ParseEvent(word)
	if err != nil {
		return err
	}
	err = m.running.Send(e)
	m.collect()
	return err
}

// wait waits until the chip is idle, and marks that.
func (m *serialMachine) wait() error {
	if m.running != nil {
		if err := m.running.Wait(); err != nil {
			return err
		}
		m.collect()
	}
	m.events = append(m.events, "T")
	return nil
}

// collect writes down what the chip sent.
func (m *serialMachine) collect() {
	for _, n := range m.running.Outputs() {
		m.events = append(m.events, "S "+strconv.Itoa(n))
	}
}
