package image

import (
	"encoding/json"
	"fmt"
)

func init() { registerKind("dense", decodeDense) }

// denseHeader is the stored form of Dense.
type denseHeader struct {
	Inputs  int      `json:"inputs"`
	Kind    string   `json:"kind"`
	Neurons int      `json:"neurons"`
	Weight  arrayRef `json:"weight"`
}

func (s *Dense) weights() []int32 { return s.Weight }

func (s *Dense) header(put func([]int32) arrayRef) any {
	return denseHeader{Inputs: s.Inputs, Kind: s.Kind(), Neurons: s.Neurons, Weight: put(s.Weight)}
}

func (s *Dense) validate(t target) error {
	switch {
	case s.Inputs < 1 || s.Neurons < 1 || s.Inputs > maxSize/s.Neurons:
		return fmt.Errorf("%d inputs of %d neurons", s.Inputs, s.Neurons)
	case s.Neurons > t.neurons:
		return fmt.Errorf("%d neurons, the target has %d", s.Neurons, t.neurons)
	case len(s.Weight) != s.Inputs*s.Neurons:
		return fmt.Errorf("%d weights, want %d inputs × %d neurons", len(s.Weight), s.Inputs, s.Neurons)
	}
	return nil
}

func decodeDense(raw json.RawMessage, take func(arrayRef) ([]int32, error)) (stored, error) {
	var h denseHeader
	if err := strict(raw, &h); err != nil {
		return nil, err
	}
	w, err := take(h.Weight)
	return &Dense{Inputs: h.Inputs, Neurons: h.Neurons, Weight: w}, err
}
