package onnx

import (
	"spikec/internal/window"
	"spikec/models/ann"
)

// windowAttributes are the attributes that describe a sliding window.
var windowAttributes = []string{"auto_pad", "dilations", "kernel_shape", "pads", "strides"}

// plane is a tensor that a window walks over: an operand C,H,W, and how many of the file's dimensions H and W stand for. The
// rows C,L of a one-dimensional network are maps of one row.
type plane struct {
	operand
	spatial int
}

// plane returns x as maps for windows of the given number of dimensions, or of as many as x has where that is 0.
func (c *call) plane(x operand, spatial int) plane {
	x = c.image(x)
	if !x.known {
		return plane{x, spatial}
	}
	if n := len(x.shape) - 1; spatial == 0 || spatial == n {
		switch n {
		case 1:
			return plane{c.reshapedAs("/rows", x, ann.Shape{x.shape[0], 1, x.shape[1]}), 1}
		case 2:
			return plane{x, 2}
		}
	}
	c.refuse(idShape, "one- and two-dimensional networks are supported", "needs an input of shape %s; it has %s", planeText[spatial], c.text(x))
	return plane{operand{}, spatial}
}

// planeText names shapes for messages, by their number of spatial dimensions.
var planeText = map[int]string{0: "N,C,H,W or N,C,L", 1: "N,C,L", 2: "N,C,H,W"}

// flat returns y, the result of a window over p, in the dimensions of the file.
func (c *call) flat(p plane, y operand) operand {
	if y.known && p.spatial == 1 {
		y = c.reshapedAs("/flat", y, ann.Shape{y.shape[0], y.shape[2]})
	}
	return c.batched(y)
}

// window reads the sliding window of a convolution or pooling over p with the given taps, one for each of its dimensions.
// Where p is not known, auto_pad SAME gives no padding; nothing is built then.
func (c *call) window(kernel []int, p plane) window.Window2d {
	n := len(kernel)
	first := 2 - n // a window over rows has one row
	w := window.Square(1, 1)
	copy(w.Kernel[first:], kernel)
	copy(w.Stride[first:], c.numbers("strides", n, 1, 1))
	copy(w.Dilation[first:], c.numbers("dilations", n, 1, 1))
	switch mode := c.choice("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"); mode {
	case "NOTSET":
		pads := c.numbers("pads", 2*n, 0, 0)
		copy(w.PadBegin[first:], pads[:n])
		copy(w.PadEnd[first:], pads[n:])
	case "SAME_UPPER", "SAME_LOWER":
		if w.Dilation != [2]int{1, 1} { // onnxruntime refuses it for Conv and leaves dilation out of the pads of poolings
			c.refuse(idAttribute, "export with explicit pads", "attribute auto_pad is %s together with dilations %v", mode, w.Dilation)
		} else if p.known {
			var ok bool
			if w.PadBegin, w.PadEnd, ok = samePadding(w, [2]int{p.shape[1], p.shape[2]}, mode == "SAME_LOWER"); !ok {
				c.refuse(idAttribute, "export with explicit pads, which may be 0", "attribute auto_pad is %s, and a kernel of %v with strides of %v leaves pixels of the map out; which ones, the specification does not say", mode, kernel, w.Stride[first:])
			}
			c.note("auto_pad %s makes pads %v and %v", mode, w.PadBegin, w.PadEnd)
		}
	}
	return w
}

// samePadding returns the pads that make the output size ⌈in/stride⌉; an odd pad more goes to the end, or with lower
// to the beginning. It reports false where two pixels or more are left over: TensorFlow leaves out the last ones, onnxruntime
// those at both ends.
func samePadding(w window.Window2d, in [2]int, lower bool) (begin, end [2]int, ok bool) {
	ok = true
	for d := range 2 {
		out := (in[d] + w.Stride[d] - 1) / w.Stride[d]
		total := (out-1)*w.Stride[d] + (w.Kernel[d]-1)*w.Dilation[d] + 1 - in[d]
		ok = ok && total > -2
		total = max(0, total)
		begin[d], end[d] = total/2, total-total/2
		if lower {
			begin[d], end[d] = end[d], begin[d]
		}
	}
	return begin, end, ok
}
