package ann

import "fmt"

// sameShape is the OutputShape of operations that work element by element on one tensor.
func sameShape(in []Shape) (Shape, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("needs one input, has %d", len(in))
	}
	return in[0], nil
}

// oneMap returns the only input if it is a map C,H,W.
func oneMap(in []Shape) (Shape, error) {
	if len(in) != 1 || len(in[0]) != 3 {
		return nil, fmt.Errorf("needs one input of shape C,H,W, has %v", in)
	}
	return in[0], nil
}

// perChannel checks that a parameter has one value for each of the channels; nil stands for its default.
func perChannel(what string, v []float32, channels int) error {
	if v != nil && len(v) != channels {
		return fmt.Errorf("%d values of %s for %d channels", len(v), what, channels)
	}
	return nil
}
