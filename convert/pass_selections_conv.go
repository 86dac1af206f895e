package convert

import (
	"slices"

	"spikec/models/ann"
)

// conv lets a Conv read the node that v is whole channels of, or a part of every map of.
func (r *selector) conv(n ann.Node, op *ann.Conv, v view) (view, error) {
	_, elements := r.out.Nodes[v.node].Op.(*ann.ElementAffine)
	if v.plain(r.out) && !elements {
		return r.add(n, op, v.node)
	}
	if source, ok := v.maps(r.out); ok && !elements {
		in := r.out.Nodes[v.node].Shape[0]
		if op.In == op.Groups && op.Groups > 1 && once(source) {
			w, err := r.add(n, depthwiseOf(op, source, in), v.node)
			if err != nil {
				return w, err
			}
			m := op.Out / op.In
			each := make([]int, op.Out)
			for o := range each {
				each[o] = source[o/m]*m + o%m
			}
			return ofChannels(r.out, n.Name, w.node, n.Shape, each, 0), nil
		}
		if !slices.Contains(source, -1) || v.value == 0 || !op.Window.Padded() {
			return r.add(n, convOf(op, source, in, v.value), v.node)
		}
	}
	if source, before, behind, ok := v.crop(r.out); ok && !elements && !op.Window.Padded() {
		c := convOf(op, source, r.out.Nodes[v.node].Shape[0], 0)
		return r.add(n, widened(c, before, behind), v.node)
	}
	if v.index == nil && r.onInput(v.node) && !elements {
		at, err := r.plain(v)
		if err != nil {
			return v, err
		}
		return r.add(n, op, at)
	}
	return r.connect(n, v)
}

// convOf returns the Conv without groups that does to a map of in channels what op does to its channels source; a channel of −1
// holds the value everywhere.
func convOf(op *ann.Conv, source []int, in int, value float32) *ann.Conv {
	fan := op.FanIn()
	cg, og := op.In/op.Groups, op.Out/op.Groups
	taps := fan / cg
	c := &ann.Conv{Weight: make([]float32, op.Out*in*taps), Bias: slices.Clone(op.Bias), In: in, Out: op.Out, Groups: 1, Window: op.Window}
	for o := range op.Out {
		for k := range cg {
			w := op.Weight[o*fan+k*taps : o*fan+(k+1)*taps]
			s := source[o/og*cg+k]
			if s < 0 && value != 0 && c.Bias == nil {
				c.Bias = make([]float32, op.Out)
			}
			for t, x := range w {
				switch {
				case s >= 0:
					c.Weight[(o*in+s)*taps+t] += x
				case value != 0:
					c.Bias[o] += x * value
				}
			}
		}
	}
	return c
}

// depthwiseOf returns the Conv of one input channel a group that does to in channels what op does to its channels source; the
// others become zero.
func depthwiseOf(op *ann.Conv, source []int, in int) *ann.Conv {
	m, taps := op.Out/op.In, op.FanIn()
	c := &ann.Conv{Weight: make([]float32, in*m*taps), In: in, Out: in * m, Groups: in, Window: op.Window}
	if op.Bias != nil {
		c.Bias = make([]float32, c.Out)
	}
	for k, s := range source {
		copy(c.Weight[s*m*taps:], op.Weight[k*m*taps:(k+1)*m*taps])
		if op.Bias != nil {
			copy(c.Bias[s*m:], op.Bias[k*m:(k+1)*m])
		}
	}
	return c
}

// widened returns the Conv with a kernel that begins so many rows and columns earlier and ends later, all zero.
func widened(op *ann.Conv, before, behind [2]int) *ann.Conv {
	c, k := *op, op.Window.Kernel
	for d := range 2 {
		c.Window.Kernel[d] = before[d] + (k[d]-1)*op.Window.Dilation[d] + 1 + behind[d]
		c.Window.Dilation[d] = 1
	}
	kh, kw := c.Window.Kernel[0], c.Window.Kernel[1]
	c.Weight = make([]float32, len(op.Weight)/(k[0]*k[1])*kh*kw)
	for i, x := range op.Weight {
		p, u, v := i/(k[0]*k[1]), i/k[1]%k[0], i%k[1]
		c.Weight[(p*kh+before[0]+u*op.Window.Dilation[0])*kw+before[1]+v*op.Window.Dilation[1]] = x
	}
	return &c
}

// rowsOf returns the Conv that makes the given output channels of op.
func rowsOf(op *ann.Conv, source []int) *ann.Conv {
	one := convOf(op, identity(op.In), op.In, 0)
	fan := one.FanIn()
	c := &ann.Conv{In: op.In, Out: len(source), Groups: 1, Window: op.Window}
	for _, s := range source {
		c.Weight = append(c.Weight, one.Weight[s*fan:(s+1)*fan]...)
		if one.Bias != nil {
			c.Bias = append(c.Bias, one.Bias[s])
		}
	}
	return c
}

// identity returns 0, 1, … n−1.
func identity(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}
