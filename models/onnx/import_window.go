package onnx

import "spikec/internal/window"

// windowAttributes are the attributes that describe a sliding window.
var windowAttributes = []string{"auto_pad", "dilations", "kernel_shape", "pads", "strides"}

// window reads the sliding window of a convolution or pooling over x with the given taps. Where x is not known,
// auto_pad SAME gives no padding; nothing is built then.
func (c *call) window(kernel [2]int, x operand) window.Window2d {
	w := window.Window2d{Kernel: kernel}
	copy(w.Stride[:], c.numbers("strides", 2, 1, 1))
	copy(w.Dilation[:], c.numbers("dilations", 2, 1, 1))
	switch mode := c.choice("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"); mode {
	case "NOTSET":
		pads := c.numbers("pads", 4, 0, 0)
		copy(w.PadBegin[:], pads[:2])
		copy(w.PadEnd[:], pads[2:])
	case "SAME_UPPER", "SAME_LOWER":
		if w.Dilation != [2]int{1, 1} { // onnxruntime refuses it for Conv and leaves dilation out of the pads of poolings
			c.refuse(idAttribute, "export with explicit pads", "attribute auto_pad is %s together with dilations %v", mode, w.Dilation)
		} else if x.known && len(x.shape) == 3 {
			w.PadBegin, w.PadEnd = samePadding(w, [2]int{x.shape[1], x.shape[2]}, mode == "SAME_LOWER")
			c.note("auto_pad %s makes pads %v and %v", mode, w.PadBegin, w.PadEnd)
		}
	}
	return w
}

// samePadding returns the pads that make the output size ⌈in/stride⌉; an odd pad more goes to the end, or with lower
// to the beginning.
func samePadding(w window.Window2d, in [2]int, lower bool) (begin, end [2]int) {
	for d := range 2 {
		out := (in[d] + w.Stride[d] - 1) / w.Stride[d]
		total := max(0, (out-1)*w.Stride[d]+(w.Kernel[d]-1)*w.Dilation[d]+1-in[d])
		begin[d], end[d] = total/2, total-total/2
		if lower {
			begin[d], end[d] = end[d], begin[d]
		}
	}
	return begin, end
}
