package ann

import (
	"errors"
	"fmt"
	"strings"
)

// ElementClip bounds each element by bounds of its own (ONNX Max and Min with a constant tensor), for any shape:
//
//	y[i] = min(max(x[i], Min[i]), Max[i])
type ElementClip struct {
	Min []float32 // one an element, or nil for none
	Max []float32 // one an element, or nil for none
}

// Kind returns "ElementClip".
func (*ElementClip) Kind() string { return "ElementClip" }

// OutputShape returns the input's shape, which must have as many elements as there are bounds.
func (c *ElementClip) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if c.Min == nil && c.Max == nil {
		return nil, errors.New("has no bounds")
	}
	for _, v := range [][]float32{c.Min, c.Max} {
		if v != nil && len(v) != x.Size() {
			return nil, fmt.Errorf("%d bounds for the %d elements of %s", len(v), x.Size(), x)
		}
	}
	return x, nil
}

// Forward computes the formula; NaN stays NaN.
func (c *ElementClip) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	copy(dst, in[0])
	for i, b := range c.Min {
		dst[i] = max(dst[i], b)
	}
	for i, b := range c.Max {
		dst[i] = min(dst[i], b)
	}
}

// String says which of the two there are.
func (c *ElementClip) String() string {
	return strings.TrimSpace(numbers("lower bound", c.Min) + numbers("upper bound", c.Max))
}
