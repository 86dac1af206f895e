package ann

import (
	"fmt"
	"slices"
	"strings"
)

// ChannelAffine scales and shifts each channel (ONNX Mul, Div, Add, Sub with a constant per channel or a scalar), for
// C,H,W or N:
//
//	y[c][…] = Scale[c] · x[c][…] + Shift[c]
type ChannelAffine struct {
	Scale []float32 // C, or nil for 1
	Shift []float32 // C, or nil for 0
}

// Kind returns "ChannelAffine".
func (*ChannelAffine) Kind() string { return "ChannelAffine" }

// OutputShape returns the input's shape; its first dimension must be the number of values.
func (a *ChannelAffine) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if err := perChannel("scale", a.Scale, x.Channels()); err != nil {
		return nil, err
	}
	if err := perChannel("shift", a.Shift, x.Channels()); err != nil {
		return nil, err
	}
	return x, nil
}

// Parameters counts scales and shifts.
func (a *ChannelAffine) Parameters() int { return len(a.Scale) + len(a.Shift) }

// MACs counts one multiplication an element where there is a scale.
func (a *ChannelAffine) MACs(_ []Shape, out Shape) int64 {
	if a.Scale == nil {
		return 0
	}
	return int64(out.Size())
}

// Forward computes the formula.
func (a *ChannelAffine) Forward(dst []float32, in [][]float32, shapes []Shape, _ *Scratch) {
	channels := shapes[0].Channels()
	plane := len(dst) / channels
	for c := range channels {
		scale, shift := float32(1), float32(0)
		if a.Scale != nil {
			scale = a.Scale[c]
		}
		if a.Shift != nil {
			shift = a.Shift[c]
		}
		affine(dst[c*plane:(c+1)*plane], in[0][c*plane:(c+1)*plane], scale, shift)
	}
}

// String says which of the two there are.
func (a *ChannelAffine) String() string {
	return strings.TrimSpace(numbers("scale", a.Scale) + numbers("shift", a.Shift))
}

// numbers prints the parameters of an operation behind a space: their value where they are all the same, else how many they are.
func numbers(what string, v []float32) string {
	switch {
	case len(v) == 0:
		return ""
	case slices.ContainsFunc(v, func(x float32) bool { return x != v[0] }):
		return fmt.Sprintf(" %d %ss", len(v), what)
	}
	return fmt.Sprintf(" %s=%v", what, v[0])
}

// affine is: for i := range dst { dst[i] = scale*x[i] + shift }.
func affine(dst, x []float32, scale, shift float32) {
	for i, v := range x {
		dst[i] = scale*v + shift
	}
}
