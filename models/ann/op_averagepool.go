package ann

import (
	"fmt"

	"spikec/internal/window"
)

// AveragePool takes the mean under a window (ONNX AveragePool), C,H,W → C,H',W':
//
//	y[c][i][j] = Σ_u Σ_v x[c][i·s+u·d−p][j·s+v·d−p] / Count(i, j)
//
// Positions outside the map add nothing.
type AveragePool struct {
	Window window.Window2d
	// CountPad makes padding count in the mean (count_include_pad = 1).
	CountPad bool
	// Excess is the part of Window.PadEnd that only ceil_mode made (CeilPadding); it never counts in the mean.
	Excess [2]int
}

// Kind returns "AveragePool".
func (*AveragePool) Kind() string { return "AveragePool" }

// OutputShape checks the input C,H,W and the window.
func (p *AveragePool) OutputShape(in []Shape) (Shape, error) {
	for d := range 2 {
		if p.Excess[d] < 0 || p.Excess[d] > p.Window.PadEnd[d] {
			return nil, fmt.Errorf("%v of %v pads at the end cannot come from ceil_mode", p.Excess, p.Window.PadEnd)
		}
	}
	return poolShape(in, p.Window)
}

// Count returns the divisor of output position (i, j) for a map of in[0]×in[1]: the taps inside the map or, with
// CountPad, inside the padded map without the excess.
func (p *AveragePool) Count(in [2]int, i, j int) int {
	o, n := [2]int{i, j}, 1
	for d := range 2 {
		n *= p.count(d, o[d], in[d])
	}
	return n
}

// count is Count for one dimension.
func (p *AveragePool) count(d, o, size int) int {
	w := p.Window
	if p.CountPad {
		size += w.PadBegin[d] + w.PadEnd[d] - p.Excess[d]
		w.PadBegin[d] = 0
	}
	lo, hi := tapsInside(w, d, o, size)
	return hi - lo
}

// Forward computes the formula; a window with no tap inside the map, which only dilation can make, gives 0.
func (p *AveragePool) Forward(dst []float32, in [][]float32, shapes []Shape, scratch *Scratch) {
	h, w := shapes[0][1], shapes[0][2]
	out, _ := p.Window.Output([2]int{h, w})
	counts := scratch.takeInts(out[1])
	for j := range counts {
		counts[j] = p.count(1, j, w)
	}
	columns := scratch.columns(p.Window, w, out[1])
	for i := range out[0] {
		u0, u1 := tapsInside(p.Window, 0, i, h)
		rows := p.count(0, i, h)
		for c := range shapes[0][0] {
			line := dst[(c*out[0]+i)*out[1] : (c*out[0]+i+1)*out[1]]
			clear(line)
			for u := u0; u < u1; u++ {
				y := c*h + p.Window.Source(0, i, u)
				sumRow(line, in[0][y*w:(y+1)*w], columns, p.Window.Stride[1])
			}
			for j := range line {
				line[j] /= float32(max(1, rows*counts[j]))
			}
		}
	}
}

// sumRow adds the taps of one row of the window to the sums of one row of the output.
func sumRow(dst, src []float32, columns []column, stride int) {
	for _, c := range columns {
		x := c.first
		for j := c.lo; j < c.hi; j++ {
			dst[j] += src[x]
			x += stride
		}
	}
}

// String prints the window and what counts.
func (p *AveragePool) String() string {
	s := describePool(p.Window)
	if p.CountPad && p.Window.Padded() {
		s += " count_include_pad"
	}
	if p.Excess != [2]int{} {
		s += fmt.Sprintf(" excess=%v", p.Excess)
	}
	return s
}
