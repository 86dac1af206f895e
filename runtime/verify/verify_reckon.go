package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/config/reckon"
	"spikec/target/image"
)

func init() {
	register(chipCases{name: "reckon", about: "networks on ReckOn, recorded from the chip's RTL", find: findReckOn})
}

// reckonCase is a recorded network: values of registers and memories, the input events of every tick of every sample, and the
// records of the RTL in their order: of each tick but the first Z, the neurons that fired in STEP, then U, all membranes, and O,
// all outputs, after PROP; at the end of a sample Z once more and OUT, the bytes on the output bus.
type reckonCase struct {
	Config struct {
		Inp       int      `json:"inp"` // last indices
		Rec       int      `json:"rec"`
		Out       int      `json:"out"`
		Reset     int      `json:"rst"` // 1 zero, 0 subtract
		ShiftInp  int      `json:"si"`
		ShiftRec  int      `json:"sr"`
		ShiftOut  int      `json:"so"`
		Alpha     []uint16 `json:"alpha"` // a pair
		Kappa     int      `json:"kappa"`
		Threshold []int16  `json:"thr"` // a pair
		Input     [][]int8 `json:"wi"`  // source, target
		Recurrent [][]int8 `json:"wr"`
		Output    [][]int8 `json:"wo"`
		U0        []int16  `json:"u0"` // membranes of the first sample
	} `json:"config"`
	Stimulus [][][]int      `json:"stimulus_samples"`
	Trace    []reckonRecord `json:"trace"`
}

// reckonRecord is one record of the trace.
type reckonRecord struct {
	kind   string
	values []int64
}

// UnmarshalJSON reads [kind, values].
func (r *reckonRecord) UnmarshalJSON(data []byte) error {
	parts := []any{&r.kind, &r.values}
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) != 2 {
		return fmt.Errorf("a record of %d parts", len(parts))
	}
	return nil
}

// findReckOn takes every reckon_*.json, and the one file that a path names.
func findReckOn(f *Files) ([]Case, error) {
	return f.jsonCases("reckon_", func(ctx context.Context, data []byte) (string, error) {
		c := &reckonCase{}
		if err := json.Unmarshal(data, c); err != nil {
			return "", err
		}
		k, err := c.chip()
		if err != nil {
			return "", err
		}
		if k, err = throughReckOnFiles(k); err != nil {
			return "", err
		}
		p, err := chip.Load("reckon")
		if err != nil {
			return "", err
		}
		return c.run(ctx, k, p, (*reckon.Chip).Core)
	}), nil
}

// chip returns the chip as the recorded values program it.
func (c *reckonCase) chip() (*reckon.Chip, error) {
	v := &c.Config
	k := reckon.New()
	k.Inference()
	for _, r := range []struct {
		key   string
		to    reckon.Register
		value int
		most  int
	}{
		{"inp", reckon.NumInp, v.Inp, reckon.Neurons - 1}, {"rec", reckon.NumRec, v.Rec, reckon.Neurons - 1}, {"out", reckon.NumOut, v.Out, reckon.Outputs - 1},
		{"rst", reckon.RstMode, v.Reset, 1}, {"si", reckon.ShiftInput, v.ShiftInp, 7}, {"sr", reckon.ShiftRecurrent, v.ShiftRec, 7},
		{"so", reckon.ShiftOutput, v.ShiftOut, 7}, {"kappa", reckon.Kappa, v.Kappa, 255},
	} {
		if r.value < 0 || r.value > r.most {
			return nil, fmt.Errorf("%s is %d, want 0..%d", r.key, r.value, r.most)
		}
		k.Set(r.to, uint32(r.value))
	}
	k.Set(reckon.SendLabelOnly, 0)
	if len(v.Alpha) != reckon.Pairs || len(v.Threshold) != reckon.Pairs || len(v.U0) != reckon.Neurons {
		return nil, fmt.Errorf("alpha, thr and u0 of %d, %d and %d entries, want %d, %[4]d and %d", len(v.Alpha), len(v.Threshold), len(v.U0), reckon.Pairs, reckon.Neurons)
	}
	for p := range reckon.Pairs {
		if a := v.Alpha[p]; a < 0x7000 || a > 0x8fff {
			return nil, fmt.Errorf("alpha[%d] is %#x, want 0x7000..0x8fff", p, a)
		}
		k.SetPair(p, reckon.Pair{U: [2]int16{v.U0[2*p], v.U0[2*p+1]}, Threshold: v.Threshold[p], Alpha: v.Alpha[p]})
	}
	for _, m := range []struct {
		key  string
		rows [][]int8
		to   func(i int) []int8
	}{
		{"wi", v.Input, func(i int) []int8 { return k.Input[i][:] }},
		{"wr", v.Recurrent, func(i int) []int8 { return k.Recurrent[i][:] }},
		{"wo", v.Output, func(i int) []int8 { return k.Output[i][:] }},
	} {
		if len(m.rows) != reckon.Neurons {
			return nil, fmt.Errorf("%s: %d rows, want %d", m.key, len(m.rows), reckon.Neurons)
		}
		for i, row := range m.rows {
			if to := m.to(i); copy(to, row) != len(to) || len(row) != len(to) {
				return nil, fmt.Errorf("%s, row %d: %d weights, want %d", m.key, i, len(row), len(to))
			}
		}
	}
	return k, nil
}

// throughReckOnFiles writes a chip as words on its bus and as images of its memories, and returns what the words program: the
// images must hold the same.
func throughReckOnFiles(k *reckon.Chip) (*reckon.Chip, error) {
	replayed, err := reckon.DecodeSPI(reckon.EncodeSPI(k))
	if err != nil {
		return nil, err
	}
	memories, err := reckon.DecodeMemories(reckon.EncodeMemories(&k.Memories))
	if err != nil {
		return nil, err
	}
	if replayed.Memories != *memories {
		return nil, errors.New("the words on the bus and the images give different memories")
	}
	return replayed, nil
}

// propagated returns the number of the last operation of PROP: the last that integrates.
func propagated(p *chip.Profile) int {
	last := -1
	for i, m := range p.Program {
		if m.Op == "integrate" {
			last = i
		}
	}
	return last
}

// run compares all records of all samples, of which each runs the chip as a core. Later samples start with the membranes of pairs
// that nobody programmed again: at 0.
func (c *reckonCase) run(ctx context.Context, k *reckon.Chip, p *chip.Profile, asCore func(*reckon.Chip) (*image.Core, error)) (string, error) {
	t := reckonTrace{records: c.Trace}
	for sample, ticks := range c.Stimulus {
		core, err := asCore(k)
		if err != nil {
			return "", err
		}
		s, err := emulator.NewStepper([]image.Core{*core}, p)
		if err != nil {
			return "", err
		}
		answer, prop := k.Answer(), propagated(p)
		s.Observe = func(_, operation int) {
			if operation == prop {
				u, _ := s.Values(0, "v")
				o, _ := s.Values(0, "o")
				t.compare("U", u)
				t.compare("O", o[:reckon.Outputs])
			}
		}
		var o []int64
		for tick, events := range ticks {
			if err := context.Cause(ctx); err != nil {
				return "", err
			}
			for _, i := range events {
				if i < 0 || i >= reckon.Neurons {
					return "", fmt.Errorf("sample %d, tick %d: an event of input %d", sample, tick, i)
				}
				if err := s.Send(0, i); err != nil {
					return "", err
				}
			}
			t.place = fmt.Sprintf("sample %d, tick %d", sample, tick)
			if err := s.Step(); err != nil {
				return "", err
			}
			t.compare("Z", fired(s.Spikes(0)))
			o, _ = s.Values(0, "o")
			answer.Tick(o, true)
		}
		if o != nil {
			t.compare("OUT", numbers(answer.Send(o)))
		}
		if t.difference != "" {
			return t.difference, nil
		}
		k.EndSample()
	}
	if n := len(t.records) - t.at; n > 0 {
		return "", fmt.Errorf("%d records behind the end of the last sample", n)
	}
	return "", nil
}

// reckonTrace walks through the records.
type reckonTrace struct {
	records    []reckonRecord
	at         int
	place      string
	difference string // the first one
}

// compare compares values with the next record, which must be of the kind.
func (t *reckonTrace) compare(kind string, got []int64) {
	switch {
	case t.difference != "":
		return
	case t.at >= len(t.records) || t.records[t.at].kind != kind:
		t.difference = fmt.Sprintf("%s: record %d is no %s", t.place, t.at, kind)
		return
	}
	want := t.records[t.at].values
	t.at++
	if slices.Equal(got, want) {
		return
	}
	if len(got) == len(want) {
		i := 0
		for got[i] == want[i] {
			i++
		}
		t.difference = fmt.Sprintf("%s: %s[%d] is %d, recorded %d", t.place, kind, i, got[i], want[i])
		return
	}
	t.difference = fmt.Sprintf("%s: %s has %d values, recorded %d", t.place, kind, len(got), len(want))
}

// fired returns the neurons that spiked, ascending.
func fired(spikes []int8) []int64 {
	var list []int64
	for n, spike := range spikes {
		if spike != 0 {
			list = append(list, int64(n))
		}
	}
	return list
}

// numbers returns bytes as numbers.
func numbers(b []byte) []int64 {
	var list []int64
	for _, v := range b {
		list = append(list, int64(v))
	}
	return list
}
