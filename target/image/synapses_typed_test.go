package image

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// typed draws a crossbar.
func typed(t *rapid.T, axons, neurons int) *Typed {
	s := NewTyped(axons, neurons, rapid.IntRange(1, 4).Draw(t, "types"))
	for i := range s.Weight {
		s.Weight[i] = rapid.Int32Range(-256, 255).Draw(t, "weight")
	}
	for a := range axons {
		s.Type[a] = rapid.Int32Range(0, int32(s.Types-1)).Draw(t, "type")
		for n := range neurons {
			if rapid.Bool().Draw(t, "connected") {
				s.Connect(a, n)
			}
		}
	}
	return s
}

// TestTyped: an axon of type k reaches the neurons that it is connected to by their weights k, and a crossbar comes back as it
// was stored.
func TestTyped(t *testing.T) {
	s := NewTyped(3, 40, 2)
	s.Type = []int32{1, 0, 1}
	s.Weight[2*0+0], s.Weight[2*0+1], s.Weight[2*33+1], s.Weight[2*39+0] = 5, -7, 9, 11
	for _, c := range [][2]int{{0, 0}, {0, 33}, {1, 0}, {1, 39}, {2, 1}} {
		s.Connect(c[0], c[1])
	}
	want := [][][2]int32{{{0, -7}, {33, 9}}, {{0, 5}, {39, 11}}, {{1, 0}}}
	for a := range want {
		var got [][2]int32
		s.Each(a, func(n int, w int32) { got = append(got, [2]int32{int32(n), w}) })
		if !reflect.DeepEqual(got, want[a]) {
			t.Errorf("axon %d: %v, want %v", a, got, want[a])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		axons, neurons := rapid.IntRange(1, 5).Draw(t, "axons"), rapid.IntRange(1, 70).Draw(t, "neurons")
		m := &Image{Chip: "ranc", Steps: 1, Input: Input{Shape: [3]int{1, 1, 1}, Step: 1, Encoding: "regular"},
			Cores:  []Core{{Population: "x", Shape: [3]int{neurons, 1, 1}, Neurons: neurons, Synapses: []Block{{Synapses: typed(t, axons, neurons)}}}},
			Output: Output{Cores: []int{0}, Classes: neurons, Readout: Count}}
		var b bytes.Buffer
		if err := Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b.Bytes())
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("%v: got %+v, want %+v", err, got, m)
		}
	})
}

// TestTypedValidate: what would lead out of bounds.
func TestTypedValidate(t *testing.T) {
	for want, breakIt := range map[string]func(s *Typed){
		"0 neurons with weights for 2 types":              func(s *Typed) { s.Neurons = 0 },
		"33 neurons with weights for 9223372036854775807": func(s *Typed) { s.Types = math.MaxInt },
		"34 neurons, the target has 33":                   func(s *Typed) { s.Neurons = 34 },
		"65 weights, want 33 neurons × 2 types":           func(s *Typed) { s.Weight = s.Weight[1:] },
		"5 words of connections for 3 axons, want 2":      func(s *Typed) { s.Connected = s.Connected[1:] },
		"0 words of connections for 0 axons":              func(s *Typed) { s.Type, s.Connected = nil, nil },
		"axon 1 is of type 2 of 2":                        func(s *Typed) { s.Type[1] = 2 },
		"axon 1 is of type -1":                            func(s *Typed) { s.Type[1] = -1 },
		"axon 2 is connected to neurons beyond 32":        func(s *Typed) { s.Connected[5] = 2 },
	} {
		s := NewTyped(3, 33, 2)
		if err := s.validate(target{neurons: 33}); err != nil {
			t.Fatal(err)
		}
		breakIt(s)
		if err := s.validate(target{neurons: 33}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestTypedOnChips: a crossbar takes a bit a connection on RANC, and other chips have none.
func TestTypedOnChips(t *testing.T) {
	c := &Core{Neurons: 33, Synapses: []Block{{Synapses: NewTyped(3, 33, 4)}}}
	if got := SynapseBits(c, profile(t, "ranc")); got != 3*33 {
		t.Errorf("%d bits, want %d", got, 3*33)
	}
	m := sample()
	m.Cores[4].Synapses[1].Synapses = NewTyped(3, 3, 2)
	list, _ := Check(m, profile(t, "generic8"))
	if text := list.Err(); text == nil || !strings.Contains(text.Error(), "generic8 does not compute weights chosen by types of axons") {
		t.Errorf("got %v", text)
	}
}
