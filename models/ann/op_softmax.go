package ann

import (
	"fmt"
	"math"
)

// Softmax turns scores into probabilities or, with Log, into their logarithms (ONNX Softmax and LogSoftmax), for any shape.
// Each run of Run elements that follow each other is a set of scores of its own; Run = 0 means that all elements are one:
//
//	y[i] = exp(x[i] − m) / Σ_k exp(x[k] − m)        m = max x, k over the run of i
//	y[i] = x[i] − m − log Σ_k exp(x[k] − m)         with Log
type Softmax struct {
	Log bool
	Run int
}

// Kind returns "Softmax" or "LogSoftmax".
func (s Softmax) Kind() string {
	if s.Log {
		return "LogSoftmax"
	}
	return "Softmax"
}

// Whole reports whether all elements of a tensor of shape x are one set of scores.
func (s Softmax) Whole(x Shape) bool { return s.Run == 0 || s.Run == x.Size() }

// OutputShape returns the input's shape, whose elements must be whole runs.
func (s Softmax) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if s.Run < 0 || s.Run > 0 && x.Size()%s.Run != 0 {
		return nil, fmt.Errorf("runs of %d elements do not fit %s", s.Run, x)
	}
	return x, nil
}

// Forward computes the formula, adding in float64.
func (s Softmax) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	run := s.Run
	if run == 0 {
		run = len(dst)
	}
	for k := 0; k < len(dst); k += run {
		s.run(dst[k:k+run], in[0][k:k+run])
	}
}

// run is Forward for one set of scores.
func (s Softmax) run(dst, x []float32) {
	m := math.Inf(-1)
	for _, v := range x {
		m = max(m, float64(v))
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v) - m)
	}
	for i, v := range x {
		if s.Log {
			dst[i] = float32(float64(v) - m - math.Log(sum))
		} else {
			dst[i] = float32(math.Exp(float64(v)-m) / sum)
		}
	}
}
