package convert

import (
	"context"
	"fmt"

	"spikec/internal/window"
	"spikec/models/ann"
)

// comparePools writes max pooling as sums and rectifiers, which spiking neurons compute:
//
//	max(a, b) = a + ReLU(b − a)
//
// (Arora et al. 2018). A window of kH×kW values is compared along its rows, then along its columns, one value after the
// other: k values that are compared along one direction take k−1 rectifiers, and their maximum is the first value plus all
// of them,
//
//	r_j = ReLU(x_j − x_0 − Σ_{i<j} r_i)     max_j x_j = x_0 + Σ_j r_j
//
// What reads the pool, a Conv or a fully connected layer, reads the first value and the rectifiers instead, each with the
// same weights. It keeps the function. A pool whose input can be negative and is padded, that something else reads, or
// whose windows do not meet the map's border, stays: pass average-pooling makes it linear.
func comparePools(_ context.Context, s *State) error {
	if s.Options.Pooling != MaxPooling {
		return nil
	}
	c := comparer{parts: map[int][]part{}, consumers: s.Teacher.Consumers(), old: s.Teacher}
	g, err := rewrite(s.Teacher, c.emit)
	if err != nil {
		return err
	}
	s.Teacher, s.KeptPools = g, c.kept
	return nil
}

// part is a summand of a pooled map: its value at position o is that of the node at o·stride − pad, zero outside the map.
type part struct {
	node        int
	stride, pad [2]int
}

// comparer rewrites a graph; parts holds the summands of the pools that it took apart, by the node that stands for them.
type comparer struct {
	old       *ann.Graph
	consumers [][]int
	parts     map[int][]part
	kept      int // pools, so far
}

func (c *comparer) emit(out *ann.Graph, i int, n ann.Node, in []int) (int, error) {
	switch op := n.Op.(type) {
	case *ann.MaxPool:
		if !c.comparable(i, op) {
			break
		}
		mark := len(out.Nodes)
		if j, ok := c.compare(out, n, op, in[0]); ok {
			c.kept++
			return j, nil
		}
		out.Nodes = out.Nodes[:mark]
	case *ann.Conv:
		if p := c.parts[in[0]]; p != nil {
			return readParts(out, n.Name, op, p, out.Nodes[in[0]].Shape, n.Shape)
		}
	case ann.Flatten:
		if p := c.parts[in[0]]; p != nil {
			// The fully connected layer behind it reads the map.
			j, err := out.Add(n.Name, n.Op, in...)
			c.parts[j] = p
			return j, err
		}
	case *ann.Linear:
		if p := c.parts[in[0]]; p != nil {
			pooled := out.Nodes[out.Nodes[in[0]].Inputs[0]].Shape
			conv := &ann.Conv{Weight: op.Weight, Bias: op.Bias, In: pooled[0], Out: op.Out, Groups: 1,
				Window: window.Window2d{Kernel: [2]int{pooled[1], pooled[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}}
			j, err := readParts(out, n.Name+"/map", conv, p, pooled, ann.Shape{op.Out, 1, 1})
			if err != nil {
				return 0, err
			}
			return out.Add(n.Name, ann.Flatten{}, j)
		}
	}
	return out.Add(n.Name, n.Op, in...)
}

// comparable reports whether all that reads pool i is a Conv or a fully connected layer, and whether padding it with zeros
// changes nothing.
func (c *comparer) comparable(i int, p *ann.MaxPool) bool {
	n := c.old.Nodes[i]
	if _, ok := activation(c.old.Nodes[n.Inputs[0]].Op); !ok || p.Window.Dilation != [2]int{1, 1} {
		return false
	}
	for _, j := range c.consumers[i] {
		r := c.old.Nodes[j]
		switch op := r.Op.(type) {
		case *ann.Conv:
			if beyond(op.Window, n.Shape, r.Shape, p.Window, c.old.Nodes[n.Inputs[0]].Shape) {
				return false
			}
		case ann.Flatten:
			if j == c.old.Output {
				return false
			}
			for _, k := range c.consumers[j] {
				if _, ok := c.old.Nodes[k].Op.(*ann.Linear); !ok {
					return false
				}
			}
		default:
			return false
		}
	}
	return i != c.old.Output
}

// beyond reports whether a Conv over the pooled map reads padding where below, the map that the pool reads, has values.
func beyond(w window.Window2d, pooled, out ann.Shape, pool window.Window2d, below ann.Shape) bool {
	for d := range 2 {
		last := w.Source(d, out[1+d]-1, w.Kernel[d]-1)
		if last >= pooled[1+d] && pooled[1+d]*pool.Stride[d]-pool.PadBegin[d] < below[1+d] {
			return true
		}
	}
	return false
}

// compare adds the rectifiers of a pool and their sum.
func (c *comparer) compare(out *ann.Graph, n ann.Node, p *ann.MaxPool, in int) (int, bool) {
	parts := []part{{node: in, stride: [2]int{1, 1}}}
	size := [2]int{out.Nodes[in].Shape[1], out.Nodes[in].Shape[2]}
	for d := 1; d >= 0; d-- {
		w := p.Window
		size[d] = n.Shape[1+d]
		var ok bool
		if parts, ok = compareAlong(out, fmt.Sprintf("%s/%s", n.Name, [2]string{"columns", "rows"}[d]), parts, d, w.Kernel[d], w.Stride[d], w.PadBegin[d], size); !ok {
			return 0, false
		}
	}
	// The sum itself is read by nothing but the shapes of what follows.
	var ops []ann.Op
	var nodes []int
	for _, q := range parts {
		shape := out.Nodes[q.node].Shape
		ops, nodes = append(ops, pick(q, shape[0], shape, size)), append(nodes, q.node)
	}
	total, err := sum(out, n.Name, "part", ops, nodes)
	if err != nil || !out.Nodes[total].Shape.Equal(n.Shape) {
		return 0, false
	}
	c.parts[total] = parts
	return total, true
}

// compareAlong adds the k−1 rectifiers of a comparison along direction d of the map that parts sum up to, and returns the
// summands of the maxima. size is that of their map.
func compareAlong(out *ann.Graph, name string, parts []part, d, k, stride, pad int, size [2]int) ([]part, bool) {
	var after []part
	for _, p := range parts {
		q := p
		q.pad[d] += pad * p.stride[d]
		q.stride[d] *= stride
		after = append(after, q)
	}
	first := len(after)
	for j := 1; j < k; j++ {
		var terms []int
		for i, p := range parts {
			shape := out.Nodes[p.node].Shape
			conv := pick(after[i], shape[0], shape, size)
			conv.Window.Kernel[d], conv.Window.Dilation[d] = 2, j*p.stride[d]
			conv.Window.PadEnd[d] = reach(conv.Window, d, shape[1+d], size[d])
			conv.Weight = make([]float32, 0, 2*shape[0])
			for range shape[0] {
				conv.Weight = append(conv.Weight, -1, 1)
			}
			t, err := out.Add(fmt.Sprintf("%s%d/term%d", name, j, i), conv, p.node)
			if err != nil {
				return nil, false
			}
			terms = append(terms, t)
		}
		for i, r := range after[first:] {
			shape := out.Nodes[r.node].Shape
			conv := pick(r, shape[0], shape, size)
			for c := range conv.Weight {
				conv.Weight[c] = -1
			}
			t, err := out.Add(fmt.Sprintf("%s%d/less%d", name, j, i), conv, r.node)
			if err != nil {
				return nil, false
			}
			terms = append(terms, t)
		}
		sum := terms[0]
		for i, t := range terms[1:] {
			var err error
			if sum, err = out.Add(fmt.Sprintf("%s%d/sum%d", name, j, i), ann.Add{}, sum, t); err != nil {
				return nil, false
			}
		}
		r, err := out.Add(fmt.Sprintf("%s%d", name, j), ann.Relu{}, sum)
		if err != nil || out.Nodes[r].Shape[1] != size[0] || out.Nodes[r].Shape[2] != size[1] {
			return nil, false
		}
		after = append(after, part{node: r, stride: [2]int{1, 1}})
	}
	return after, true
}

// pick returns the Conv that takes the values of a part, a channel each.
func pick(p part, channels int, shape ann.Shape, size [2]int) *ann.Conv {
	c := &ann.Conv{Weight: make([]float32, channels), In: channels, Out: channels, Groups: channels, Window: window.Square(1, 1)}
	for i := range c.Weight {
		c.Weight[i] = 1
	}
	c.Window.Stride, c.Window.PadBegin = p.stride, p.pad
	for d := range 2 {
		c.Window.PadEnd[d] = reach(c.Window, d, shape[1+d], size[d])
	}
	return c
}

// reach returns the padding at the end that makes a window fit size times.
func reach(w window.Window2d, d, in, size int) int {
	return max(0, w.Source(d, size-1, w.Kernel[d]-1)+1-in)
}

// readParts adds what a Conv over a pooled map computes from its parts.
func readParts(out *ann.Graph, name string, c *ann.Conv, parts []part, pooled, shape ann.Shape) (int, error) {
	var ops []ann.Op
	var nodes []int
	for k, p := range parts {
		conv := *c
		for d := range 2 {
			conv.Window.Stride[d] *= p.stride[d]
			conv.Window.Dilation[d] *= p.stride[d]
			conv.Window.PadBegin[d] = c.Window.PadBegin[d]*p.stride[d] + p.pad[d]
			conv.Window.PadEnd[d] = reach(conv.Window, d, out.Nodes[p.node].Shape[1+d], shape[1+d])
		}
		if k > 0 {
			conv.Bias = nil
		}
		ops, nodes = append(ops, &conv), append(nodes, p.node)
	}
	total, err := sum(out, name, "part", ops, nodes)
	if err == nil && !out.Nodes[total].Shape.Equal(shape) {
		err = fmt.Errorf("convert: %q: shape %s from the parts of a max pool, want %s", name, out.Nodes[total].Shape, shape)
	}
	return total, err
}
