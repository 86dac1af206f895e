package ann

import (
	"fmt"

	"spikec/internal/gemm"
)

// Linear is a fully connected layer (ONNX Gemm, MatMul with a constant), I → O:
//
//	y[o] = b[o] + Σ_i w[o][i] · x[i]
type Linear struct {
	Weight  []float32 // O, I, row major
	Bias    []float32 // O, or nil
	In, Out int
}

// Kind returns "Linear".
func (*Linear) Kind() string { return "Linear" }

// OutputShape checks the input vector and returns O.
func (l *Linear) OutputShape(in []Shape) (Shape, error) {
	if len(in) != 1 || len(in[0]) != 1 {
		return nil, fmt.Errorf("needs one vector as input, has %v", in)
	}
	if in[0][0] != l.In {
		return nil, fmt.Errorf("weights are for %d inputs, the input has %d", l.In, in[0][0])
	}
	if len(l.Weight) != l.In*l.Out {
		return nil, fmt.Errorf("%d weights, want %dx%d", len(l.Weight), l.Out, l.In)
	}
	if err := perChannel("bias", l.Bias, l.Out); err != nil {
		return nil, err
	}
	return Shape{l.Out}, nil
}

// Parameters counts weights and biases.
func (l *Linear) Parameters() int { return len(l.Weight) + len(l.Bias) }

// MACs counts one multiplication a weight.
func (l *Linear) MACs([]Shape, Shape) int64 { return int64(len(l.Weight)) }

// Forward computes the formula; the sum over i is in the 16 lanes of gemm.MultiplyVector, the bias is added last.
func (l *Linear) Forward(dst []float32, in [][]float32, _ []Shape, scratch *Scratch) {
	gemm.MultiplyVector(&scratch.gemm, dst, gemm.Dense(l.Weight, l.Out, l.In), in[0])
	for o, b := range l.Bias {
		dst[o] += b
	}
}

// String prints the weights' shape.
func (l *Linear) String() string {
	s := fmt.Sprintf("w=%dx%d", l.Out, l.In)
	if l.Bias != nil {
		s += " bias"
	}
	return s
}
