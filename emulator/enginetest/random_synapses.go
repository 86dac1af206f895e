package enginetest

import (
	"spikec/internal/window"
	"spikec/target/image"
)

// synapses returns random synapses from a map to neurons first..first+n-1 (all of them if n is negative) of another
// one; a convolution gives the target its height and width.
func (g *generator) synapses(in [3]int, out *[3]int, first, n int) image.Synapses {
	if g.intn(4) > 0 {
		if c := g.conv(in, out); c != nil {
			return c
		}
	}
	if n < 0 {
		n = size(*out)
	}
	return g.listed(in, out, first, n)
}

// listed returns random synapses of a kind that fits any two maps.
func (g *generator) listed(in [3]int, out *[3]int, first, n int) image.Synapses {
	if g.profile.Weight.Select != nil && g.intn(2) == 0 {
		return g.typed(size(in), n)
	}
	switch k := g.intn(3); {
	case k <= 1 && in == *out && first == 0 && n == size(in):
		return &image.Identity{N: n}
	case k <= 1:
		return g.dense(size(in), n)
	default:
		return g.table(size(in), n)
	}
}

// weight returns a weight that the chip stores, or a larger one.
func (g *generator) weight() int32 {
	if g.heavy {
		return 50 * g.stored()
	}
	return g.stored()
}

// stored returns a weight that the chip stores.
func (g *generator) stored() int32 {
	if g.intn(5) == 0 {
		return 0
	}
	w := &g.profile.Weight
	if g.extreme && g.intn(2) == 0 {
		return []int32{w.Min, w.Max}[g.intn(2)]
	}
	part := int32(1)
	if g.light {
		part = 16
	}
	return g.between(w.Min/w.Step/part, w.Max/w.Step/part) * w.Step
}

// weights returns n weights.
func (g *generator) weights(n int) []int32 {
	w := make([]int32, n)
	for i := range w {
		w[i] = g.weight()
	}
	return w
}

// dense returns a random matrix.
func (g *generator) dense(inputs, n int) image.Synapses {
	return &image.Dense{Inputs: inputs, Neurons: n, Weight: g.weights(inputs * n)}
}

// typed returns a crossbar, half of which is connected.
func (g *generator) typed(inputs, n int) image.Synapses {
	s := image.NewTyped(inputs, n, 1+g.intn(4))
	copy(s.Weight, g.weights(len(s.Weight)))
	for a := range inputs {
		s.Type[a] = int32(g.intn(s.Types))
		for k := range n {
			if g.intn(2) == 0 {
				s.Connect(a, k)
			}
		}
	}
	return s
}

// table returns a table whose axons share rows, and some rows and places.
func (g *generator) table(inputs, n int) image.Synapses {
	t := &image.Table{RowStart: []int32{0}}
	spread := make([]int32, 1+g.intn(6)) // of each row
	for r := range spread {
		spread[r] = int32(1 + g.intn(n))
		for range g.intn(7) {
			t.Target = append(t.Target, int32(g.intn(int(spread[r]))))
			t.Weight = append(t.Weight, g.weight())
		}
		t.RowStart = append(t.RowStart, int32(len(t.Target)))
	}
	for range inputs {
		r := g.intn(len(spread))
		t.Row = append(t.Row, int32(r))
		t.Base = append(t.Base, int32(g.intn(n-int(spread[r])+1)))
	}
	return t
}

// conv returns a random convolution from a map, and sets the size of the target; nil if the one that was drawn does
// not fit.
func (g *generator) conv(in [3]int, out *[3]int) *image.Conv2d {
	c := &image.Conv2d{In: in, Groups: 1, Window: g.window()}
	plane := [2]int{in[1], in[2]}
	var err error
	if g.intn(2) == 0 {
		pool := g.window()
		pool.Dilation = [2]int{1, 1}
		c.Pool = &pool
		if plane, err = pool.Output(plane); err != nil {
			return nil
		}
	}
	if plane, err = c.Window.Output(plane); err != nil {
		return nil
	}
	channels := out[0]
	if g.intn(3) == 0 {
		c.Groups = in[0] // depthwise
		if in[0]%2 == 0 && g.intn(2) == 0 {
			c.Groups = in[0] / 2
		}
		channels = c.Groups * (1 + g.intn(5))
	}
	weights := c.Window.Kernel[0] * c.Window.Kernel[1] * in[0] / c.Groups * channels
	if weights > maxWeights || size(in)*channels*plane[0]*plane[1] > 8*maxWeights {
		return nil
	}
	*out = [3]int{channels, plane[0], plane[1]}
	c.Out, c.Neurons = *out, size(*out)
	c.Weight = g.weights(weights)
	return c
}

// window returns a random window.
func (g *generator) window() window.Window2d {
	w := window.Square(1, 1)
	for d := range 2 {
		w.Kernel[d], w.Stride[d], w.Dilation[d] = 1+g.intn(3), 1+g.intn(3), 1+g.intn(5)/3
		w.PadBegin[d], w.PadEnd[d] = g.intn(2), g.intn(2)
		if g.intn(8) == 0 {
			w.Kernel[d] = 4 + g.intn(3)
		}
		if g.intn(3) > 0 {
			w.Stride[d], w.Dilation[d] = 1, 1
		}
	}
	return w
}
