package snn

import "fmt"

// MaxBorder bounds the rows and columns of each side of a border.
const MaxBorder = 1 << 8

// Border is what is put around a picture of codes before the network sees it: so many rows above and below, and columns left
// and right, all of one code a channel.
type Border struct {
	Begin [2]int  `json:"begin"` // rows above, columns left; 0 to MaxBorder
	End   [2]int  `json:"end"`   // rows below, columns right; 0 to MaxBorder
	Codes []uint8 `json:"codes"` // one a channel
}

// Validate reports a border that a picture of so many channels cannot have.
func (b *Border) Validate(channels int) error {
	least, most := min(b.Begin[0], b.Begin[1], b.End[0], b.End[1]), max(b.Begin[0], b.Begin[1], b.End[0], b.End[1])
	if least < 0 || most > MaxBorder {
		return fmt.Errorf("a border of %v and %v, want 0..%d", b.Begin, b.End, MaxBorder)
	}
	if len(b.Codes) != channels {
		return fmt.Errorf("a border of %d codes for %d channels", len(b.Codes), channels)
	}
	return nil
}

// Around returns the shape, C,H,W, of a picture of a shape with its border.
func (b *Border) Around(shape [3]int) [3]int {
	if b == nil {
		return shape
	}
	for d := range 2 {
		shape[1+d] += b.Begin[d] + b.End[d]
	}
	return shape
}

// Within returns the shape, C,H,W, of a picture whose border makes it one of a shape.
func (b *Border) Within(shape [3]int) [3]int {
	if b == nil {
		return shape
	}
	for d := range 2 {
		shape[1+d] -= b.Begin[d] + b.End[d]
	}
	return shape
}
