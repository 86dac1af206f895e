package ann

import (
	"math"
	"math/rand/v2"
	"testing"

	"spikec/internal/window"
)

// plainConv is the formula of Conv, in float64; size is the sum of the absolute terms.
func plainConv(c *Conv, x []float32, in, out Shape, o, i, j int) (y, size float64) {
	if c.Bias != nil {
		y = float64(c.Bias[o])
		size = math.Abs(y)
	}
	cg, k := c.In/c.Groups, c.Window.Kernel
	group := o / (c.Out / c.Groups)
	for n := range cg * k[0] * k[1] {
		h, w := c.Window.Source(0, i, n/k[1]%k[0]), c.Window.Source(1, j, n%k[1])
		if h >= 0 && h < in[1] && w >= 0 && w < in[2] {
			p := float64(c.Weight[o*cg*k[0]*k[1]+n]) * float64(x[((group*cg+n/(k[0]*k[1]))*in[1]+h)*in[2]+w])
			y, size = y+p, size+math.Abs(p)
		}
	}
	return y, size
}

// randomConv returns a convolution and the shape of an input for it.
func randomConv(r *rand.Rand) (*Conv, Shape) {
	pick := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
	groups := pick(1, 3)
	c := &Conv{In: groups * pick(1, 5), Out: groups * pick(1, 11), Groups: groups}
	for d := range 2 {
		c.Window.Kernel[d], c.Window.Stride[d], c.Window.Dilation[d] = pick(1, 4), pick(1, 3), pick(1, 2)
		c.Window.PadBegin[d], c.Window.PadEnd[d] = pick(0, 7), pick(0, 3)
	}
	if r.IntN(4) == 0 {
		c.Window = window.Square(1, 1)
	}
	c.Weight = make([]float32, c.Out*c.FanIn())
	for i := range c.Weight {
		c.Weight[i] = float32(r.NormFloat64())
	}
	if r.IntN(2) == 0 {
		c.Bias = make([]float32, c.Out)
		for i := range c.Bias {
			c.Bias[i] = float32(r.NormFloat64())
		}
	}
	return c, Shape{c.In, pick(7, 20), pick(7, 130)}
}

// TestConv compares random convolutions, also with windows that see only padding and with more positions than a block
// holds, with the formula.
func TestConv(t *testing.T) {
	var scratch Scratch
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		c, in := randomConv(r)
		out, err := c.OutputShape([]Shape{in})
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float32, in.Size()), make([]float32, out.Size())
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		c.Forward(y, [][]float32{x}, []Shape{in}, &scratch)
		for i, got := range y {
			plane := out[1] * out[2]
			want, size := plainConv(c, x, in, out, i/plane, i%plane/out[2], i%out[2])
			if math.Abs(float64(got)-want) > size*float64(c.FanIn()+1)*math.Ldexp(1, -23) {
				t.Fatalf("seed %d, %s on %s: element %d is %v, want %v", seed, c, in, i, got, want)
			}
		}
	}
}
