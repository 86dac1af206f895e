package ann

import (
	"fmt"
	"strings"
)

// ElementAffine scales and shifts each element (ONNX Mul, Div, Add, Sub with a constant that differs within a channel, such
// as a mean image), for any shape:
//
//	y[i] = Scale[i] · x[i] + Shift[i]
type ElementAffine struct {
	Scale []float32 // one an element, or nil for 1
	Shift []float32 // one an element, or nil for 0
}

// Kind returns "ElementAffine".
func (*ElementAffine) Kind() string { return "ElementAffine" }

// OutputShape returns the input's shape, which must have as many elements as there are values.
func (a *ElementAffine) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	for _, v := range [][]float32{a.Scale, a.Shift} {
		if v != nil && len(v) != x.Size() {
			return nil, fmt.Errorf("%d values for the %d elements of %s", len(v), x.Size(), x)
		}
	}
	return x, nil
}

// Parameters counts scales and shifts.
func (a *ElementAffine) Parameters() int { return len(a.Scale) + len(a.Shift) }

// MACs counts one multiplication an element where there is a scale.
func (a *ElementAffine) MACs([]Shape, Shape) int64 { return int64(len(a.Scale)) }

// Forward computes the formula.
func (a *ElementAffine) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	copy(dst, in[0])
	for i, s := range a.Scale {
		dst[i] *= s
	}
	for i, s := range a.Shift {
		dst[i] += s
	}
}

// String says which of the two there are.
func (a *ElementAffine) String() string {
	return strings.TrimSpace(numbers("scale", a.Scale) + numbers("shift", a.Shift))
}
