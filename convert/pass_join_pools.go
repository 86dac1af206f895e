package convert

import (
	"context"

	"spikec/internal/window"
	"spikec/models/ann"
)

// joinPools makes an average pool that follows a Conv without a ReLU, and is all that reads it, part of the Conv: the
// mean over P×P windows at stride p of a kernel of K taps at stride s and dilation d is a kernel of
// (P−1)·s + (K−1)·d + 1 taps at stride s·p,
//
//	W'[i·s + u·d][j·s + v·d] += W[u][v] / P²    b' = b
//
// It needs an unpadded pool; the padding of the Conv stays. A Conv that takes every value of a rectified map by itself, one tap at
// stride 1, reads the means instead, and keeps its few weights: of a mean over the whole map, W' would have one for every value.
func joinPools(_ context.Context, s *State) error {
	consumers := s.Teacher.Consumers()
	g, err := rewrite(s.Teacher, func(out *ann.Graph, i int, n ann.Node, in []int) (int, error) {
		if pool, ok := n.Op.(*ann.AveragePool); ok && !pool.Window.Padded() && pool.Window.Dilation == [2]int{1, 1} {
			before := out.Nodes[in[0]]
			if conv, ok := before.Op.(*ann.Conv); ok && len(consumers[n.Inputs[0]]) == 1 {
				if _, ok := activation(out.Nodes[before.Inputs[0]].Op); ok && conv.Window == oneTap() {
					mean, err := out.Add(n.Name, pool, before.Inputs...)
					if err != nil {
						return 0, err
					}
					return out.Add(before.Name, conv, mean)
				}
				return out.Add(n.Name, joined(conv, pool.Window), before.Inputs...)
			}
		}
		return out.Add(n.Name, n.Op, in...)
	})
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}

// joined returns the Conv that does what conv and then the mean over windows w do.
func joined(conv *ann.Conv, w window.Window2d) *ann.Conv {
	k, c := conv.Window.Kernel, *conv
	for d := range 2 {
		c.Window.Kernel[d] = (w.Kernel[d]-1)*conv.Window.Stride[d] + (k[d]-1)*conv.Window.Dilation[d] + 1
		c.Window.Stride[d] = conv.Window.Stride[d] * w.Stride[d]
		c.Window.Dilation[d] = 1
	}
	kh, kw := c.Window.Kernel[0], c.Window.Kernel[1]
	planes := len(conv.Weight) / (k[0] * k[1])
	c.Weight = make([]float32, planes*kh*kw)
	share := 1 / float32(w.Kernel[0]*w.Kernel[1])
	for p := range planes {
		for u := range k[0] {
			for v := range k[1] {
				x := conv.Weight[(p*k[0]+u)*k[1]+v] * share
				for i := range w.Kernel[0] {
					for j := range w.Kernel[1] {
						y := i*conv.Window.Stride[0] + u*conv.Window.Dilation[0]
						c.Weight[(p*kh+y)*kw+j*conv.Window.Stride[1]+v*conv.Window.Dilation[1]] += x
					}
				}
			}
		}
	}
	return &c
}
