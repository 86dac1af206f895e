package image

import (
	"encoding/json"
	"fmt"
)

func init() { registerKind("typed", decodeTyped) }

// typedHeader is the stored form of Typed.
type typedHeader struct {
	Connected arrayRef `json:"connected"`
	Kind      string   `json:"kind"`
	Neurons   int      `json:"neurons"`
	Type      arrayRef `json:"type"`
	Types     int      `json:"types"`
	Weight    arrayRef `json:"weight"`
}

func (s *Typed) weights() []int32 { return s.Weight }

func (s *Typed) header(put func([]int32) arrayRef) any {
	return typedHeader{Connected: put(s.Connected), Kind: s.Kind(), Neurons: s.Neurons, Type: put(s.Type), Types: s.Types, Weight: put(s.Weight)}
}

func (s *Typed) validate(t target) error {
	switch {
	case s.Neurons < 1 || s.Types < 1 || s.Types > maxSize/s.Neurons:
		return fmt.Errorf("%d neurons with weights for %d types", s.Neurons, s.Types)
	case s.Neurons > t.neurons:
		return fmt.Errorf("%d neurons, the target has %d", s.Neurons, t.neurons)
	case len(s.Weight) != s.Neurons*s.Types:
		return fmt.Errorf("%d weights, want %d neurons × %d types", len(s.Weight), s.Neurons, s.Types)
	case len(s.Type) < 1 || len(s.Type) > maxSize/s.words() || len(s.Connected) != len(s.Type)*s.words():
		return fmt.Errorf("%d words of connections for %d axons, want %d an axon", len(s.Connected), len(s.Type), s.words())
	}
	for a, k := range s.Type {
		if k < 0 || int(k) >= s.Types {
			return fmt.Errorf("axon %d is of type %d of %d", a, k, s.Types)
		}
	}
	if spare := s.Neurons % 32; spare != 0 {
		for a := range s.Type {
			if w := uint32(s.Connected[(a+1)*s.words()-1]); w>>spare != 0 {
				return fmt.Errorf("axon %d is connected to neurons beyond %d", a, s.Neurons-1)
			}
		}
	}
	return nil
}

func decodeTyped(raw json.RawMessage, take func(arrayRef) ([]int32, error)) (stored, error) {
	var h typedHeader
	if err := strict(raw, &h); err != nil {
		return nil, err
	}
	s := &Typed{Neurons: h.Neurons, Types: h.Types}
	for _, a := range []struct {
		to   *[]int32
		from arrayRef
	}{{&s.Connected, h.Connected}, {&s.Type, h.Type}, {&s.Weight, h.Weight}} {
		var err error
		if *a.to, err = take(a.from); err != nil {
			return nil, err
		}
	}
	return s, nil
}
