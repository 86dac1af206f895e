package image

import (
	"encoding/json"
	"fmt"
)

func init() { registerKind("identity", decodeIdentity) }

// identityHeader is the stored form of Identity.
type identityHeader struct {
	Kind string `json:"kind"`
	N    int    `json:"n"`
}

// weights returns none: the weight 1 is not stored.
func (s *Identity) weights() []int32 { return nil }

func (s *Identity) header(func([]int32) arrayRef) any { return identityHeader{Kind: s.Kind(), N: s.N} }

func (s *Identity) validate(t target) error {
	if s.N < 1 || s.N > t.neurons {
		return fmt.Errorf("%d axons, the target has %d neurons", s.N, t.neurons)
	}
	return nil
}

func decodeIdentity(raw json.RawMessage, _ func(arrayRef) ([]int32, error)) (stored, error) {
	var h identityHeader
	err := strict(raw, &h)
	return &Identity{N: h.N}, err
}
