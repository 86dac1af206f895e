package ann

import "fmt"

// Clip bounds every element (ONNX Clip), for any shape:
//
//	y[i] = min(max(x[i], Min), Max)
//
// Min = 0 and Max = 6 is ReLU6. A missing bound is an infinity.
type Clip struct{ Min, Max float32 }

// Kind returns "Clip".
func (Clip) Kind() string { return "Clip" }

// OutputShape returns the input's shape; it refuses bounds that leave nothing.
func (c Clip) OutputShape(in []Shape) (Shape, error) {
	if !(c.Min <= c.Max) {
		return nil, fmt.Errorf("lower bound %v is not below the upper bound %v", c.Min, c.Max)
	}
	return sameShape(in)
}

// Forward computes the formula; NaN stays NaN.
func (c Clip) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	for i, x := range in[0] {
		dst[i] = min(max(x, c.Min), c.Max)
	}
}

// String prints the bounds.
func (c Clip) String() string { return fmt.Sprintf("min=%v max=%v", c.Min, c.Max) }
