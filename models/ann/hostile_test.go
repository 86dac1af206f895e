package ann

import (
	"math"
	"testing"

	"spikec/internal/window"
)

// TestHostileShapes checks that sizes at the ends of the integers are refused before anything is allocated, and that sums of
// them do not pass for small ones.
func TestHostileShapes(t *testing.T) {
	const most, large = math.MaxInt, 1 << 31
	with := func(change func(*window.Window2d)) window.Window2d {
		w := window.Square(2, 1)
		change(&w)
		return w
	}
	for name, op := range map[string]Op{
		"pads of 2^31":               &Pad{Begin: [2]int{large, 0}},
		"pads whose sum wraps":       &Pad{Begin: [2]int{most, 0}, End: [2]int{most - 1, 0}},
		"pads that fit one by one":   &Pad{Begin: [2]int{1 << 20, 1 << 20}},
		"pooling pads that wrap":     &MaxPool{Window: with(func(w *window.Window2d) { w.Kernel[0], w.PadBegin[0], w.PadEnd[0] = most, most-1, most-1 })},
		"a dilation that wraps":      &AveragePool{Window: with(func(w *window.Window2d) { w.Kernel[1], w.Dilation[1] = 3, most })},
		"a stride beyond the limit":  &MaxPool{Window: with(func(w *window.Window2d) { w.Stride[1] = most })},
		"a kernel that has no bound": &AveragePool{Window: with(func(w *window.Window2d) { w.Kernel = [2]int{large, large} })},
		"a reshape whose size wraps": Reshape{To: Shape{1 << 32, 1 << 32, 12}},
		"a reshape below zero":       Reshape{To: Shape{-3, -4}},
		"a convolution of no groups": &Conv{Window: window.Square(1, 1), In: 3, Out: most, Groups: 1},
	} {
		g := NewGraph("hostile", "x", Shape{3, 2, 2})
		if _, err := g.Add("y", op, 0); err == nil {
			t.Errorf("%s: taken, with shape %s", name, g.Nodes[1].Shape)
		}
	}
	for _, shape := range []Shape{nil, {0}, {-1}, {most}, {large, large}, {1 << 32, 1 << 32}, {MaxElements, 2}} {
		if NewGraph("hostile", "x", shape).Validate() == nil {
			t.Errorf("an input of shape %s was taken", shape)
		}
	}
}
