package image

import (
	"encoding/json"
	"fmt"
)

func init() { registerKind("table", decodeTable) }

// tableHeader is the stored form of Table.
type tableHeader struct {
	Base     arrayRef `json:"base"`
	Kind     string   `json:"kind"`
	Row      arrayRef `json:"row"`
	RowStart arrayRef `json:"rowStart"`
	Target   arrayRef `json:"target"`
	Weight   arrayRef `json:"weight"`
}

func (s *Table) weights() []int32 { return s.Weight }

func (s *Table) header(put func([]int32) arrayRef) any {
	return tableHeader{Base: put(s.Base), Kind: s.Kind(), Row: put(s.Row), RowStart: put(s.RowStart), Target: put(s.Target), Weight: put(s.Weight)}
}

func (s *Table) validate(t target) error {
	rows, n := len(s.RowStart)-1, len(s.Target)
	switch {
	case rows < 0:
		return fmt.Errorf("no row starts, want one a row and one more")
	case len(s.Base) != len(s.Row):
		return fmt.Errorf("%d bases for %d axons", len(s.Base), len(s.Row))
	case len(s.Weight) != n:
		return fmt.Errorf("%d weights for %d synapses", len(s.Weight), n)
	case s.RowStart[0] != 0 || int(s.RowStart[rows]) != n:
		return fmt.Errorf("rows from synapse %d to %d, want 0 to %d", s.RowStart[0], s.RowStart[rows], n)
	}
	for r := range rows {
		if s.RowStart[r] > s.RowStart[r+1] {
			return fmt.Errorf("row %d starts at %d and ends at %d", r, s.RowStart[r], s.RowStart[r+1])
		}
	}
	last, err := s.lastTargets()
	if err != nil {
		return err
	}
	for a, r := range s.Row {
		if r < 0 || int(r) >= rows {
			return fmt.Errorf("axon %d has row %d of %d", a, r, rows)
		}
		if s.Base[a] < 0 || int64(s.Base[a])+int64(last[r]) >= int64(t.neurons) {
			return fmt.Errorf("axon %d reaches neuron %d of %d", a, int64(s.Base[a])+int64(last[r]), t.neurons)
		}
	}
	return nil
}

// lastTargets returns the highest target of each row, −1 where the row is empty. Row starts must ascend.
func (s *Table) lastTargets() ([]int32, error) {
	last := make([]int32, len(s.RowStart)-1)
	for r := range last {
		last[r] = -1
		for i := s.RowStart[r]; i < s.RowStart[r+1]; i++ {
			if s.Target[i] < 0 {
				return nil, fmt.Errorf("synapse %d reaches neuron %d below its base", i, s.Target[i])
			}
			last[r] = max(last[r], s.Target[i])
		}
	}
	return last, nil
}

func decodeTable(raw json.RawMessage, take func(arrayRef) ([]int32, error)) (stored, error) {
	var h tableHeader
	if err := strict(raw, &h); err != nil {
		return nil, err
	}
	s := &Table{}
	for _, a := range []struct {
		to   *[]int32
		from arrayRef
	}{{&s.Base, h.Base}, {&s.Row, h.Row}, {&s.RowStart, h.RowStart}, {&s.Target, h.Target}, {&s.Weight, h.Weight}} {
		var err error
		if *a.to, err = take(a.from); err != nil {
			return nil, err
		}
	}
	return s, nil
}
