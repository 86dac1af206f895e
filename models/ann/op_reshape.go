package ann

import "fmt"

// Reshape gives the elements, in their order, another shape (ONNX Reshape that keeps the batch).
type Reshape struct{ To Shape }

// Kind returns "Reshape".
func (Reshape) Kind() string { return "Reshape" }

// OutputShape returns To; it must have as many elements as the input.
func (r Reshape) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if len(r.To) == 0 || r.To.Size() != x.Size() {
		return nil, fmt.Errorf("shape %s does not have the %d elements of %s", r.To, x.Size(), x)
	}
	return r.To, nil
}

// Forward copies.
func (Reshape) Forward(dst []float32, in [][]float32, _ []Shape, _ *Scratch) { copy(dst, in[0]) }
