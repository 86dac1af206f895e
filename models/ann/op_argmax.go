package ann

import "errors"

// ArgMax takes the position of the largest value along the last dimension (ONNX ArgMax), …,R → …,1, as a float32:
//
//	y[…][0] = the first r with x[…][r] = max over r of x[…][r]; the last one with Last
type ArgMax struct{ Last bool }

// Kind returns "ArgMax".
func (ArgMax) Kind() string { return "ArgMax" }

// OutputShape returns the input's shape with a last dimension of 1. Positions must be numbers that float32 can hold.
func (ArgMax) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	last := len(x) - 1
	if x[last] > 1<<24 {
		return nil, errors.New("compares more than 2^24 values")
	}
	return append(append(Shape(nil), x[:last]...), 1), nil
}

// Forward computes the formula.
func (a ArgMax) Forward(dst []float32, in [][]float32, shapes []Shape, _ *Scratch) {
	r := shapes[0][len(shapes[0])-1]
	for k := range dst {
		row, best := in[0][k*r:(k+1)*r], 0
		for i, v := range row {
			if v > row[best] || a.Last && v == row[best] {
				best = i
			}
		}
		dst[k] = float32(best)
	}
}
