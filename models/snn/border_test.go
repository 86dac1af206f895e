package snn

import "testing"

// TestBorder: pictures grow by a border and shrink by it again, and a border that no picture has is refused.
func TestBorder(t *testing.T) {
	b := &Border{Begin: [2]int{1, 0}, End: [2]int{2, MaxBorder}, Codes: []uint8{7, 9}}
	shape := [3]int{2, 5, 4}
	if got := b.Around(shape); got != [3]int{2, 8, 4 + MaxBorder} || b.Within(got) != shape {
		t.Errorf("around %v: %v, and within that %v", shape, got, b.Within(got))
	}
	if none := (*Border)(nil); none.Around(shape) != shape || none.Within(shape) != shape {
		t.Error("no border changes a shape")
	}
	if err := b.Validate(2); err != nil {
		t.Error(err)
	}
	for what, c := range map[string]*Border{"negative": {Begin: [2]int{0, -1}, Codes: []uint8{1, 2}}, "wide": {End: [2]int{MaxBorder + 1, 0}, Codes: []uint8{1, 2}}, "codes": {Codes: []uint8{1}}} {
		if c.Validate(2) == nil {
			t.Errorf("%s: is valid", what)
		}
	}
}
