package ann

import "fmt"

// Add adds two tensors of the same shape (ONNX Add of two branches, as in residual networks):
//
//	y[i] = a[i] + b[i]
type Add struct{}

// Kind returns "Add".
func (Add) Kind() string { return "Add" }

// OutputShape returns the common shape of the two inputs.
func (Add) OutputShape(in []Shape) (Shape, error) {
	if len(in) != 2 {
		return nil, fmt.Errorf("needs two inputs, has %d", len(in))
	}
	if !in[0].Equal(in[1]) {
		return nil, fmt.Errorf("inputs differ in shape: %s and %s", in[0], in[1])
	}
	return in[0], nil
}

// Forward computes the formula.
func (Add) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	for i, a := range in[0] {
		dst[i] = a + in[1][i]
	}
}
