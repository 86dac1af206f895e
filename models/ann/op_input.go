package ann

import "errors"

// Input is the graph's input: one image, C,H,W or N.
type Input struct{}

// Kind returns "Input".
func (Input) Kind() string { return "Input" }

// OutputShape fails: the input's shape is given, not inferred.
func (Input) OutputShape([]Shape) (Shape, error) {
	return nil, errors.New("an input has no inputs to infer its shape from")
}

// Forward does nothing: the executor places the image.
func (Input) Forward([]float32, [][]float32, []Shape, *Scratch) {}
