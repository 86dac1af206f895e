package image

import (
	"fmt"

	"spikec/internal/window"
	"spikec/target/chip"
)

// NotNative says what of a convolution a chip's convolution engine does not compute, or "".
func NotNative(c *Conv2d, l *chip.Layers) string {
	e := l.Conv
	if e == nil {
		return "convolutions"
	}
	w := c.Window
	pads := max(w.PadBegin[0], w.PadBegin[1], w.PadEnd[0], w.PadEnd[1])
	within := func(shape [3]int, most []int) bool {
		return len(most) < 2 || shape[1] <= most[0] && shape[2] <= most[1]
	}
	switch {
	case c.Pool != nil && !nativePool(c.Pool, c.In, l.Pool):
		return fmt.Sprintf("sum pooling of %v by %v before a convolution", c.Pool.Kernel, c.Pool.Stride)
	case !e.Groups && c.Groups > 1:
		return "convolutions in groups"
	case e.KernelMax != nil && max(w.Kernel[0], w.Kernel[1]) > *e.KernelMax:
		return fmt.Sprintf("kernels of more than %d taps", *e.KernelMax)
	case e.Square && w.Kernel[0] != w.Kernel[1]:
		return "kernels that are not square"
	case e.KernelMax != nil && w.Dilation != [2]int{1, 1}:
		return "dilated kernels"
	case !oneOf(e.Stride, w.Stride[:]):
		return fmt.Sprintf("strides of %v", w.Stride)
	case e.PadMax != nil && pads > *e.PadMax:
		return fmt.Sprintf("a padding of more than %d", *e.PadMax)
	case !within(c.In, e.InputMax):
		return fmt.Sprintf("maps of %d×%d, more than %v", c.In[1], c.In[2], e.InputMax)
	case !within(c.Out, e.OutputMax):
		return fmt.Sprintf("layers of %d×%d, more than %v", c.Out[1], c.Out[2], e.OutputMax)
	case e.ChannelsMax != nil && max(c.In[0], c.Out[0]) > *e.ChannelsMax:
		return fmt.Sprintf("more than %d channels", *e.ChannelsMax)
	}
	return ""
}

// nativePool reports whether a chip sums over windows of a map before a convolution. At the output of a core it does so by
// shifting the addresses of its spikes: the windows are squares that cover the map, side by side.
func nativePool(w *window.Window2d, in [3]int, l *chip.PoolLayers) bool {
	if l == nil || l.Kind != "sum" || !oneOf(l.Sizes, w.Kernel[:]) {
		return false
	}
	if l.At != "output" {
		return true
	}
	k := w.Kernel[0]
	return *w == window.Square(k, k) && in[1]%k == 0 && in[2]%k == 0
}

// oneOf reports whether all values are among those of set; an empty set has all.
func oneOf(set, values []int) bool {
	if len(set) == 0 {
		return true
	}
	for _, v := range values {
		found := false
		for _, s := range set {
			found = found || s == v
		}
		if !found {
			return false
		}
	}
	return true
}
