package ann

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
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

// Forward computes the formula.
func (l *Linear) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) {
	w := blas32.General{Rows: l.Out, Cols: l.In, Stride: l.In, Data: l.Weight}
	blas32.Gemv(blas.NoTrans, 1, w, blas32.Vector{N: l.In, Inc: 1, Data: in[0]}, 0, blas32.Vector{N: l.Out, Inc: 1, Data: dst})
	addBias(dst, l.Bias, 1)
}

// String prints the weights' shape.
func (l *Linear) String() string {
	s := fmt.Sprintf("w=%dx%d", l.Out, l.In)
	if l.Bias != nil {
		s += " bias"
	}
	return s
}
