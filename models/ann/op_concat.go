package ann

import "fmt"

// Concat joins tensors along their channels (ONNX Concat with the axis behind the batch), C1,H,W and C2,H,W to C1+C2,H,W, or
// vectors end to end.
type Concat struct{}

// Kind returns "Concat".
func (Concat) Kind() string { return "Concat" }

// OutputShape adds up the channels; what is behind them must be the same.
func (Concat) OutputShape(in []Shape) (Shape, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("needs at least one input")
	}
	out := append(Shape(nil), in[0]...)
	for _, s := range in[1:] {
		if len(s) != len(out) || !s[1:].Equal(out[1:]) {
			return nil, fmt.Errorf("inputs differ beyond their channels: %s and %s", in[0], s)
		}
		out[0] += s[0]
	}
	return out, nil
}

// Forward copies one input behind the other.
func (Concat) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	for _, x := range in {
		dst = dst[copy(dst, x):]
	}
}
