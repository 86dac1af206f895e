package convert

import (
	"context"
	"fmt"

	"spikec/models/ann"
)

// splitConcat lets what reads joined branches read the branches: a population has no channels of several layers, but a sum
// may come from several.
//
//	Conv or fully connected:       W·concat(a, b) = W_a·a + W_b·b, with W_a the columns of a's channels
//	rectifiers, pools, batch normalisation, other affine maps, Flatten, grouped Conv:  f(concat(a, b)) = concat(f_a(a), f_b(b))
//
// It keeps the function. Branches keep scale factors of their own, each in its own weights. A grouped Conv with a group that
// reads several branches, and everything else, keeps the Concat; lowering refuses it by name.
func splitConcat(_ context.Context, s *State) error {
	c := splitter{parts: map[int][]int{}}
	g, err := rewrite(s.Teacher, c.emit)
	if err != nil {
		return err
	}
	s.Teacher = g
	return nil
}

// splitter rewrites a graph; parts holds the branches of a node that joins them.
type splitter struct{ parts map[int][]int }

func (c *splitter) emit(out *ann.Graph, _ int, n ann.Node, in []int) (int, error) {
	if _, ok := n.Op.(ann.Concat); ok {
		var parts []int
		for _, i := range in {
			if inner := c.parts[i]; inner != nil {
				parts = append(parts, inner...)
			} else {
				parts = append(parts, i)
			}
		}
		return c.join(out, n.Name, parts)
	}
	var parts []int
	if len(in) == 1 {
		parts = c.parts[in[0]]
	}
	if parts == nil {
		return out.Add(n.Name, n.Op, in...)
	}
	if w, ok := weightedOf(n.Op); ok && w.groups == 1 {
		return sum(out, n.Name, "branch", columnsOf(out, w, parts), parts)
	}
	ops := each(out, n.Op, parts)
	if ops == nil {
		return out.Add(n.Name, n.Op, in...)
	}
	after := make([]int, len(parts))
	for k, p := range parts {
		var err error
		if after[k], err = out.Add(fmt.Sprintf("%s/branch%d", n.Name, k), ops[k], p); err != nil {
			return 0, err
		}
	}
	return c.join(out, n.Name, after)
}

// join adds the Concat of parts.
func (c *splitter) join(out *ann.Graph, name string, parts []int) (int, error) {
	i, err := out.Add(name, ann.Concat{}, parts...)
	if err == nil {
		c.parts[i] = parts
	}
	return i, err
}

// columnsOf cuts the weights of an operation without groups into those for each part. The first one has the bias.
func columnsOf(out *ann.Graph, w weighted, parts []int) []ann.Op {
	var ops []ann.Op
	fan, first := w.fanIn(), 0
	taps := fan / w.in
	for k, p := range parts {
		in := out.Nodes[p].Shape[0]
		one := w
		one.in, one.weight = in, nil
		for o := range w.out {
			one.weight = append(one.weight, w.weight[o*fan+first*taps:o*fan+(first+in)*taps]...)
		}
		if k > 0 {
			one.bias = nil
		}
		ops = append(ops, one.op())
		first += in
	}
	return ops
}

// each returns what an operation that keeps channels apart, or groups of them, does to the channels of each part; nil for
// any other, and where a group reads several parts.
func each(out *ann.Graph, op ann.Op, parts []int) []ann.Op {
	var ops []ann.Op
	first := 0
	for _, p := range parts {
		n := out.Nodes[p].Shape[0]
		cut := func(v []float32) []float32 {
			if v == nil {
				return nil
			}
			return v[first : first+n]
		}
		switch x := op.(type) {
		case ann.Relu, ann.Clip, *ann.MaxPool, *ann.AveragePool, ann.GlobalAveragePool, ann.Flatten, *ann.Pad:
			ops = append(ops, op)
		case *ann.BatchNorm:
			ops = append(ops, &ann.BatchNorm{Gamma: cut(x.Gamma), Beta: cut(x.Beta), Mean: cut(x.Mean), Var: cut(x.Var), Epsilon: x.Epsilon})
		case *ann.ChannelAffine:
			ops = append(ops, &ann.ChannelAffine{Scale: cut(x.Scale), Shift: cut(x.Shift)})
		case *ann.Conv:
			size, channels := x.In/x.Groups, x.Out/x.Groups // of a group
			if first%size != 0 || n%size != 0 {
				return nil
			}
			from, to, fan := first/size*channels, (first+n)/size*channels, len(x.Weight)/x.Out
			one := &ann.Conv{Weight: x.Weight[from*fan : to*fan], In: n, Out: to - from, Groups: n / size, Window: x.Window}
			if x.Bias != nil {
				one.Bias = x.Bias[from:to]
			}
			ops = append(ops, one)
		default:
			return nil
		}
		first += n
	}
	return ops
}
