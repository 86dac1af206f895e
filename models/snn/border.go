package snn

// Border is what is put around a picture of codes before the network sees it: so many rows above and below, and columns left
// and right, all of one code a channel.
type Border struct {
	Begin [2]int  `json:"begin"` // rows above, columns left; not negative
	End   [2]int  `json:"end"`   // rows below, columns right; not negative
	Codes []uint8 `json:"codes"` // one a channel
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
