package ann

import (
	"fmt"
	"math"
)

// Softmax turns the scores of one image into probabilities or, with Log, into their logarithms (ONNX Softmax and
// LogSoftmax over axis 1), for N or C,1,1:
//
//	y[i] = exp(x[i] − m) / Σ_k exp(x[k] − m)        m = max x
//	y[i] = x[i] − m − log Σ_k exp(x[k] − m)         with Log
type Softmax struct{ Log bool }

// Kind returns "Softmax" or "LogSoftmax".
func (s Softmax) Kind() string {
	if s.Log {
		return "LogSoftmax"
	}
	return "Softmax"
}

// OutputShape returns the input's shape, which must be a vector or a map of one pixel.
func (s Softmax) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if x.Size() != x.Channels() {
		return nil, fmt.Errorf("needs a vector, has %s", x)
	}
	return x, nil
}

// Forward computes the formula, adding in float64.
func (s Softmax) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	m := math.Inf(-1)
	for _, x := range in[0] {
		m = max(m, float64(x))
	}
	var sum float64
	for _, x := range in[0] {
		sum += math.Exp(float64(x) - m)
	}
	for i, x := range in[0] {
		if s.Log {
			dst[i] = float32(float64(x) - m - math.Log(sum))
		} else {
			dst[i] = float32(math.Exp(float64(x)-m) / sum)
		}
	}
}
