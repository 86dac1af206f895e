package convert

import (
	"context"
	"slices"

	"spikec/models/ann"
)

// selections lets what reads selected, moved or reshaped elements (Select, Reshape, and constants that differ within a channel)
// read the tensor that they come from, so that maps stay maps of one layer. It keeps the function:
//
//	Linear of any selection S:   (W·S)·x
//	Conv of whole channels, or of a part of every map:   weights for the other channels, or taps beside the kernel, are zero
//	rectifiers, and pools of whole channels:   f(S·x) = S·f(x), with the neurons shared by all that select from x
//	what is linear and nothing of these:   fully connected, where that takes at most maxDense weights
//
// A selection that no weights take in becomes a Conv of one tap with weights of 0 and 1, or rows of the weights before it.
// What is left is refused by name. Each kind of operation has a file of its own, pass_selections_<kind>.go.
func selections(_ context.Context, s *State) error {
	r := &selector{s: s, old: s.Teacher, consumers: s.Teacher.Consumers(), views: make([]view, len(s.Teacher.Nodes)), plains: map[string]int{}, shared: map[activated]int{}, dense: map[int]bool{}}
	in := s.Teacher.Nodes[0]
	r.out = &ann.Graph{Name: s.Teacher.Name, Nodes: []ann.Node{in}}
	r.views[0] = view{name: in.Name, shape: in.Shape}
	for i := 1; i < len(r.old.Nodes); i++ {
		v, err := r.emit(i, r.old.Nodes[i])
		if err != nil {
			return err
		}
		r.views[i] = v
	}
	last := r.views[s.Teacher.Output]
	r.out.Output = last.node
	if last.index != nil {
		at, err := r.plain(last)
		if err != nil {
			return err
		}
		r.out.Output = at
	}
	s.Teacher = prune(r.out)
	return nil
}

// selector rewrites a graph.
type selector struct {
	s         *State
	old       *ann.Graph
	out       *ann.Graph
	consumers [][]int // of the old nodes
	views     []view  // of the old nodes
	plains    map[string]int
	shared    map[activated]int
	dense     map[int]bool // fully connected operations made here
}

// activated is a rectifier of a node.
type activated struct {
	node int
	op   ann.Op
}

// add appends a node, whose value is then a view of itself.
func (r *selector) add(n ann.Node, op ann.Op, inputs ...int) (view, error) {
	i, err := r.out.Add(n.Name, op, inputs...)
	if err != nil {
		return view{}, err
	}
	return view{name: n.Name, node: i, shape: r.out.Nodes[i].Shape}, nil
}

// emit returns the value of the old node i.
func (r *selector) emit(i int, n ann.Node) (view, error) {
	in := make([]view, len(n.Inputs))
	for k, from := range n.Inputs {
		in[k] = r.views[from]
	}
	v := in[0]
	switch op := n.Op.(type) {
	case ann.Reshape:
		return v.reshaped(n.Name, n.Shape), nil
	case ann.Flatten:
		if v.index == nil && len(r.out.Nodes[v.node].Shape) > 1 {
			return r.add(n, op, v.node)
		}
		return v.reshaped(n.Name, n.Shape), nil
	case *ann.Select:
		if w, ok := v.selected(n.Name, op, n.Shape); ok {
			return w, nil
		}
		at, err := r.plain(v)
		if err != nil {
			return v, err
		}
		if w, ok := (view{node: at, shape: v.shape}).selected(n.Name, op, n.Shape); ok {
			return w, nil
		}
	case ann.Relu, ann.Clip:
		return r.rectify(n, op, v)
	case *ann.BatchNorm, *ann.ChannelAffine:
		return r.affine(n, v)
	case *ann.ElementAffine:
		return r.elements(n, op, v)
	case *ann.Conv:
		return r.conv(n, op, v)
	case *ann.Linear:
		return r.linear(n, op, v)
	case *ann.Pad:
		if op.Value == 0 && r.bordersOnly(i) {
			return r.pool(n, v)
		}
		if w, ok := v.selected(n.Name, borderOf(op, v.shape), n.Shape); ok {
			return w, nil
		}
	case *ann.MaxPool, *ann.AveragePool, ann.GlobalAveragePool:
		return r.pool(n, v)
	case ann.Add:
		a, b := in[0], in[1]
		if slices.Equal(a.index, b.index) && r.out.Nodes[a.node].Shape.Equal(r.out.Nodes[b.node].Shape) {
			w, err := r.add(n, op, a.node, b.node)
			w.shape, w.index, w.value = n.Shape, a.index, a.value+b.value
			return w, err
		}
	case ann.Concat:
		if w, ok, err := r.concat(n, in); ok || err != nil {
			return w, err
		}
	}
	nodes := make([]int, len(in))
	for k, v := range in {
		var err error
		if nodes[k], err = r.plain(v); err != nil {
			return view{}, err
		}
	}
	return r.add(n, n.Op, nodes...)
}

// leftOut reports an operation that cannot be carried over, and returns a value of its shape that goes on to the next problem.
func (r *selector) leftOut(n ann.Node, why string) (view, error) {
	r.s.Diagnostics.Add(refusal(n.Name, n.Op.Kind(), why, "select whole channels, or use convolutions with stride and padding instead, before export"))
	nothing := &ann.Select{Axes: []ann.SelectAxis{{From: 0, Index: make([]int, n.Shape.Size())}}}
	at := 0
	var err error
	for _, step := range []struct {
		suffix string
		op     ann.Op
	}{{"/all", ann.Flatten{}}, {"/nothing", nothing}, {"/refused", ann.Reshape{To: n.Shape}}} {
		if at, err = r.out.Add(n.Name+step.suffix, step.op, at); err != nil {
			return view{}, err
		}
	}
	return view{name: n.Name, node: at, shape: n.Shape}, nil
}
