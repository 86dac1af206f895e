package ann

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"spikec/internal/window"
)

// Conv is a two-dimensional correlation (ONNX Conv): for output channel o of group g,
//
//	y[o][i][j] = b[o] + Σ_c Σ_u Σ_v w[o][c][u][v] · x[g·C/G+c][i·s+u·d−p][j·s+v·d−p]
//
// with zeros outside the map.
type Conv struct {
	Weight  []float32 // O, C/G, kH, kW, row major
	Bias    []float32 // O, or nil
	In, Out int       // channels
	Groups  int       // at least 1; divides In and Out
	Window  window.Window2d
}

// Kind returns "Conv".
func (*Conv) Kind() string { return "Conv" }

// OutputShape checks the input C,H,W and returns O,H',W'.
func (c *Conv) OutputShape(in []Shape) (Shape, error) {
	if len(in) != 1 || len(in[0]) != 3 {
		return nil, fmt.Errorf("needs one input of shape C,H,W, has %v", in)
	}
	if err := c.Window.Validate(); err != nil {
		return nil, err
	}
	if c.Groups < 1 || c.In%c.Groups != 0 || c.Out%c.Groups != 0 {
		return nil, fmt.Errorf("%d groups do not divide %d input and %d output channels", c.Groups, c.In, c.Out)
	}
	if in[0][0] != c.In {
		return nil, fmt.Errorf("weights are for %d input channels, the input has %d", c.In, in[0][0])
	}
	if want := c.Out * c.FanIn(); len(c.Weight) != want {
		return nil, fmt.Errorf("%d weights, want %d", len(c.Weight), want)
	}
	if c.Bias != nil && len(c.Bias) != c.Out {
		return nil, fmt.Errorf("%d biases for %d output channels", len(c.Bias), c.Out)
	}
	out, err := c.Window.Output([2]int{in[0][1], in[0][2]})
	if err != nil {
		return nil, err
	}
	return Shape{c.Out, out[0], out[1]}, nil
}

// FanIn returns the weights of one output channel: C/G·kH·kW.
func (c *Conv) FanIn() int { return c.In / c.Groups * c.Window.Kernel[0] * c.Window.Kernel[1] }

// Parameters counts weights and biases.
func (c *Conv) Parameters() int { return len(c.Weight) + len(c.Bias) }

// MACs counts one multiplication a weight and output position, padding included.
func (c *Conv) MACs(_ []Shape, out Shape) int64 {
	return int64(len(c.Weight)) * int64(out[1]) * int64(out[2])
}

// Forward multiplies the weights of each group with the unfolded input (Im2col).
func (c *Conv) Forward(dst []float32, in [][]float32, shapes []Shape, scratch *Scratch) {
	out, _ := c.Window.Output([2]int{shapes[0][1], shapes[0][2]})
	positions := out[0] * out[1]
	fan, og, cg := c.FanIn(), c.Out/c.Groups, c.In/c.Groups
	col := scratch.take(fan * positions)
	plane := shapes[0][1] * shapes[0][2]
	for g := range c.Groups {
		Im2col(col, in[0][g*cg*plane:(g+1)*cg*plane], Shape{cg, shapes[0][1], shapes[0][2]}, c.Window, out)
		w := blas32.General{Rows: og, Cols: fan, Stride: fan, Data: c.Weight[g*og*fan : (g+1)*og*fan]}
		x := blas32.General{Rows: fan, Cols: positions, Stride: positions, Data: col}
		y := blas32.General{Rows: og, Cols: positions, Stride: positions, Data: dst[g*og*positions : (g+1)*og*positions]}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, w, x, 0, y)
	}
	addBias(dst, c.Bias, positions)
}

// String prints the weights' shape and the window.
func (c *Conv) String() string {
	s := fmt.Sprintf("w=%dx%dx%dx%d stride=%v pads=%v%v", c.Out, c.In/c.Groups, c.Window.Kernel[0], c.Window.Kernel[1],
		c.Window.Stride, c.Window.PadBegin, c.Window.PadEnd)
	if c.Groups > 1 {
		s += fmt.Sprintf(" groups=%d", c.Groups)
	}
	if c.Bias != nil {
		s += " bias"
	}
	return s
}

// Im2col unfolds x (shape C,H,W) into dst of kH·kW·C rows and out[0]·out[1] columns: row (c, u, v) holds what tap
// (u, v) of channel c reads at every output position, 0 where it falls on padding.
func Im2col(dst, x []float32, shape Shape, w window.Window2d, out [2]int) {
	h, wd := shape[1], shape[2]
	row := 0
	for c := range shape[0] {
		plane := x[c*h*wd : (c+1)*h*wd]
		for u := range w.Kernel[0] {
			for v := range w.Kernel[1] {
				r := dst[row*out[0]*out[1] : (row+1)*out[0]*out[1]]
				row++
				for i := range out[0] {
					line := r[i*out[1] : (i+1)*out[1]]
					y := w.Source(0, i, u)
					if y < 0 || y >= h {
						clear(line)
						continue
					}
					src := plane[y*wd : (y+1)*wd]
					for j := range line {
						if x := w.Source(1, j, v); x >= 0 && x < wd {
							line[j] = src[x]
						} else {
							line[j] = 0
						}
					}
				}
			}
		}
	}
}

// addBias adds b[o] to every one of the plane elements of channel o; a nil b adds nothing.
func addBias(dst, b []float32, plane int) {
	for o, v := range b {
		row := dst[o*plane : (o+1)*plane]
		for i := range row {
			row[i] += v
		}
	}
}
