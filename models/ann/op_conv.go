package ann

import (
	"fmt"

	"spikec/internal/gemm"
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

// Forward multiplies the weights of each group with the unfolded input: every output is one chain of fused
// multiply-adds from the bias on, over c, then u, then v (package gemm). The unfolded input is never whole in memory.
func (c *Conv) Forward(dst []float32, in [][]float32, shapes []Shape, scratch *Scratch) {
	out, _ := c.Window.Output([2]int{shapes[0][1], shapes[0][2]})
	positions := out[0] * out[1]
	fan, og, cg := c.FanIn(), c.Out/c.Groups, c.In/c.Groups
	setBias(dst, c.Bias, positions)
	plane := shapes[0][1] * shapes[0][2]
	for g := range c.Groups {
		w := gemm.Dense(c.Weight[g*og*fan:(g+1)*og*fan], og, fan)
		x := in[0][g*cg*plane : (g+1)*cg*plane]
		y := gemm.Dense(dst[g*og*positions:(g+1)*og*positions], og, positions)
		if c.Window == window.Square(1, 1) {
			scratch.gemm.Add(y, w, gemm.Dense(x, cg, plane))
			continue
		}
		scratch.unfolded = unfolded{x: x, size: [2]int{shapes[0][1], shapes[0][2]}, out: out, window: c.Window}
		scratch.gemm.AddRows(y, w, &scratch.unfolded)
	}
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

// setBias sets every one of the plane elements of channel o to b[o], or to 0 where b is nil.
func setBias(dst, b []float32, plane int) {
	if b == nil {
		clear(dst)
		return
	}
	for o, v := range b {
		row := dst[o*plane : (o+1)*plane]
		for i := range row {
			row[i] = v
		}
	}
}
