package ann

// GlobalAveragePool takes the mean of each channel (ONNX GlobalAveragePool, ReduceMean over H and W), C,H,W → C,1,1:
//
//	y[c] = Σ_i Σ_j x[c][i][j] / (H·W)
type GlobalAveragePool struct{}

// Kind returns "GlobalAveragePool".
func (GlobalAveragePool) Kind() string { return "GlobalAveragePool" }

// OutputShape checks the input C,H,W and returns C,1,1.
func (GlobalAveragePool) OutputShape(in []Shape) (Shape, error) {
	x, err := oneMap(in)
	if err != nil {
		return nil, err
	}
	return Shape{x[0], 1, 1}, nil
}

// Forward computes the formula, adding in float64.
func (GlobalAveragePool) Forward(dst []float32, in [][]float32, shapes []Shape, _ *Scratch) {
	plane := shapes[0][1] * shapes[0][2]
	for c := range dst {
		var sum float64
		for _, x := range in[0][c*plane : (c+1)*plane] {
			sum += float64(x)
		}
		dst[c] = float32(sum / float64(plane))
	}
}
