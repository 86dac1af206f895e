package onnx

import "spikec/models/ann"

// A graph of package ann is about one image. In a file the first dimension of every tensor is the batch, of any size, and an
// operation must keep it as it is: build.go tries that first. Where an operation does not, and the input's dimensions are all
// numbers, the whole input is taken as one image (builder.whole): then no dimension is a batch, and a network of one image
// that is written with a first dimension of 1 is still the same function. Importers count dimensions by the functions of this
// file, so that they hold both ways.

// lead returns the number of dimensions that stand in front of those of a Shape: the batch, or none.
func (c *call) lead() int {
	if c.b.whole {
		return 0
	}
	return 1
}

// rank returns the number of dimensions that x has in the file.
func (c *call) rank(x operand) int { return len(x.shape) + c.lead() }

// text prints the dimensions that x has in the file.
func (c *call) text(x operand) string {
	if c.b.whole {
		return x.shape.String()
	}
	return "Nx" + x.shape.String()
}

// dimension returns the dimension of x.shape that axis a of the file means, or −1 for the batch.
func (c *call) dimension(a int64, x operand) (int, bool) {
	d, ok := c.axis(a, c.rank(x))
	return d - c.lead(), ok
}

// inside is dimension for an operation that must not touch the batch; does says what it does to it.
func (c *call) inside(a int64, x operand, does string) (int, bool) {
	d, ok := c.dimension(a, x)
	if ok && d < 0 {
		c.refuse(idAttribute, "keep the batch as first dimension", "%s axis %d of %s, the batch", does, a, c.text(x))
		return 0, false
	}
	return d, ok
}

// sizes returns the dimensions of x as the file has them; the batch is batchMark.
func (c *call) sizes(x operand) []int64 {
	var dims []int64
	if !c.b.whole {
		dims = append(dims, batchMark)
	}
	for _, d := range x.shape {
		dims = append(dims, int64(d))
	}
	return dims
}

// image returns x without the dimension that ONNX defines as batch: where the whole input is one image, it must be 1.
func (c *call) image(x operand) operand {
	if !x.known || !c.b.whole {
		return x
	}
	if len(x.shape) < 2 || x.shape[0] != 1 {
		c.refuse(idShape, "export with the batch as first dimension", "needs a batch as first dimension; it has %s", x.shape)
		return operand{}
	}
	return c.reshapedAs("/image", x, x.shape[1:])
}

// batched is the way back from image.
func (c *call) batched(y operand) operand {
	if !y.known || !c.b.whole {
		return y
	}
	return c.reshapedAs("/batch", y, append(ann.Shape{1}, y.shape...))
}

// moved returns x with dimension order[k] in place k.
func (c *call) moved(suffix string, x operand, order []int) operand {
	s, trivial := &ann.Select{Axes: make([]ann.SelectAxis, len(order))}, true
	to, last := ann.Shape{}, -1
	for k, d := range order {
		s.Axes[k].From = d
		if !x.known {
			continue
		}
		if to = append(to, x.shape[d]); x.shape[d] > 1 { // dimensions of size 1 may be anywhere
			trivial, last = trivial && d > last, d
		}
	}
	if trivial {
		return c.reshapedAs(suffix, x, to)
	}
	return c.emitAs(suffix, s, x)
}

// picked returns x with the given positions of dimension d only, −1 standing for the value.
func (c *call) picked(suffix string, x operand, d int, index []int, value float32) operand {
	if !x.known {
		return x
	}
	s := &ann.Select{Axes: ann.Kept(len(x.shape)), Value: value}
	s.Axes[d].Index = index
	return c.selected(suffix, x, s)
}

// selected adds a selection unless it keeps everything.
func (c *call) selected(suffix string, x operand, s *ann.Select) operand {
	if !x.known {
		return x
	}
	for k, a := range s.Axes {
		if a.From != k || a.Index != nil && !counts(a.Index, x.shape[k]) {
			return c.emitAs(suffix, s, x)
		}
	}
	return x
}

// counts reports whether index is 0, 1, … n−1.
func counts(index []int, n int) bool {
	for i, v := range index {
		if v != i {
			return false
		}
	}
	return len(index) == n
}

// span returns from, from+1, … to−1.
func span(from, to int) []int {
	s := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		s = append(s, i)
	}
	return s
}
