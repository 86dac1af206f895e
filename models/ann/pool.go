package ann

import (
	"fmt"

	"spikec/internal/window"
)

// poolShape checks the input C,H,W of a pooling window and returns C,H',W'. Padding as large as the window is
// refused: the window would average or compare nothing.
func poolShape(in []Shape, w window.Window2d) (Shape, error) {
	x, err := oneMap(in)
	if err != nil {
		return nil, err
	}
	if err := w.Validate(); err != nil {
		return nil, err
	}
	for d := range 2 {
		if k := (w.Kernel[d]-1)*w.Dilation[d] + 1; w.PadBegin[d] >= k || w.PadEnd[d] >= k {
			return nil, fmt.Errorf("padding %v, %v is not smaller than the window of %v taps (dilation %v)", w.PadBegin, w.PadEnd, w.Kernel, w.Dilation)
		}
	}
	out, err := w.Output([2]int{x[1], x[2]})
	if err != nil {
		return nil, err
	}
	return Shape{x[0], out[0], out[1]}, nil
}

// tapsInside returns the range lo..hi-1 of the taps of output position o that read one of the positions 0..size-1
// of dimension d; lo = hi where none does.
func tapsInside(w window.Window2d, d, o, size int) (lo, hi int) {
	first, step := w.Source(d, o, 0), w.Dilation[d]
	if first < 0 {
		lo = (-first + step - 1) / step
	}
	if first < size {
		hi = min(w.Kernel[d], (size-first+step-1)/step)
	}
	return lo, max(lo, hi)
}

// CeilPadding returns the rows below and the columns right that have to be added to PadEnd so that the last, incomplete
// window of a map of in[0]×in[1] counts too (ONNX ceil_mode = 1). A window that would start beyond the map and its
// beginning pads, thus see only padding at the end, is not added; PyTorch, ONNX from opset 22 on and onnxruntime agree.
// The window is valid.
func CeilPadding(w window.Window2d, in [2]int) [2]int {
	var extra [2]int
	for d := range 2 {
		s := w.Stride[d]
		n := in[d] + w.PadBegin[d] + w.PadEnd[d] - (w.Kernel[d]-1)*w.Dilation[d] - 1
		if n <= -s { // not even an incomplete window
			continue
		}
		last := (n + s - 1) / s
		if last*s >= in[d]+w.PadBegin[d] {
			last--
		}
		extra[d] = max(0, last*s-n)
	}
	return extra
}

// describePool prints a pooling window.
func describePool(w window.Window2d) string {
	s := fmt.Sprintf("kernel=%v stride=%v", w.Kernel, w.Stride)
	if w.Padded() {
		s += fmt.Sprintf(" pads=%v%v", w.PadBegin, w.PadEnd)
	}
	if w.Dilation != [2]int{1, 1} {
		s += fmt.Sprintf(" dilation=%v", w.Dilation)
	}
	return s
}
