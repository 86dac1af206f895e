package ann

// Relu is the rectifier (ONNX Relu), element by element, for any shape:
//
//	y[i] = max(x[i], 0)
type Relu struct{}

// Kind returns "Relu".
func (Relu) Kind() string { return "Relu" }

// OutputShape returns the input's shape.
func (Relu) OutputShape(in []Shape) (Shape, error) { return sameShape(in) }

// Forward computes the formula; NaN stays NaN.
func (Relu) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	for i, x := range in[0] {
		dst[i] = max(x, 0)
	}
}
