package ann

import (
	"math"

	"spikec/internal/window"
)

// MaxPool takes the largest value under a window (ONNX MaxPool), C,H,W → C,H',W':
//
//	y[c][i][j] = max over u, v of x[c][i·s+u·d−p][j·s+v·d−p]
//
// Positions outside the map do not take part. ceil_mode is more padding at the end (CeilPadding).
type MaxPool struct{ Window window.Window2d }

// Kind returns "MaxPool".
func (*MaxPool) Kind() string { return "MaxPool" }

// OutputShape checks the input C,H,W and the window.
func (p *MaxPool) OutputShape(in []Shape) (Shape, error) { return poolShape(in, p.Window) }

// Forward computes the formula; a window with no tap inside the map, which only dilation can make, gives −Inf.
func (p *MaxPool) Forward(dst []float32, in [][]float32, shapes []Shape, scratch *Scratch) {
	h, w := shapes[0][1], shapes[0][2]
	out, _ := p.Window.Output([2]int{h, w})
	columns := scratch.columns(p.Window, w, out[1])
	for c := range shapes[0][0] {
		plane := in[0][c*h*w : (c+1)*h*w]
		for i := range out[0] {
			line := dst[(c*out[0]+i)*out[1] : (c*out[0]+i+1)*out[1]]
			for j := range line {
				line[j] = float32(math.Inf(-1))
			}
			u0, u1 := tapsInside(p.Window, 0, i, h)
			for u := u0; u < u1; u++ {
				y := p.Window.Source(0, i, u)
				maxRow(line, plane[y*w:(y+1)*w], columns, p.Window.Stride[1])
			}
		}
	}
}

// maxRow takes the taps of one row of the window into the maxima of one row of the output.
func maxRow(dst, src []float32, columns []column, stride int) {
	for _, c := range columns {
		x := c.first
		for j := c.lo; j < c.hi; j++ {
			dst[j] = max(dst[j], src[x])
			x += stride
		}
	}
}

// String prints the window.
func (p *MaxPool) String() string { return describePool(p.Window) }
