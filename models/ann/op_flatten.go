package ann

// Flatten makes a vector of a tensor, last dimension fastest (ONNX Flatten with axis 1): C,H,W → C·H·W.
type Flatten struct{}

// Kind returns "Flatten".
func (Flatten) Kind() string { return "Flatten" }

// OutputShape returns the number of elements.
func (Flatten) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	return Shape{x.Size()}, nil
}

// Forward copies.
func (Flatten) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) { copy(dst, in[0]) }
