package convert

import (
	"context"
	"fmt"
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
// What is left is refused by name.
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

// Bounds on a fully connected layer that takes the place of other operations: its weights, and the elements that are looked at to
// find them.
const (
	maxDense  = 1 << 22
	maxProbed = 1 << 31
)

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

// bordersOnly reports whether all that reads an old node, a Pad of zeros, may pad itself (normalForms).
func (r *selector) bordersOnly(i int) bool {
	for _, c := range r.consumers[i] {
		switch r.old.Nodes[c].Op.(type) {
		case *ann.Conv, *ann.MaxPool, *ann.AveragePool:
		default:
			return false
		}
	}
	return i != r.old.Output
}

// borderOf returns the selection that does what a Pad does to a map.
func borderOf(p *ann.Pad, shape ann.Shape) *ann.Select {
	s := &ann.Select{Axes: ann.Kept(3), Value: p.Value}
	for d := range 2 {
		for i := -p.Begin[d]; i < shape[d+1]+p.End[d]; i++ {
			if i < 0 || i >= shape[d+1] {
				s.Axes[d+1].Index = append(s.Axes[d+1].Index, -1)
			} else {
				s.Axes[d+1].Index = append(s.Axes[d+1].Index, i)
			}
		}
	}
	return s
}

// rectify rectifies the whole node that v is a view of, once for all views of it.
func (r *selector) rectify(n ann.Node, op ann.Op, v view) (view, error) {
	if v.index == nil {
		w, err := r.add(n, op, v.node)
		return w.reshaped(n.Name, v.shape), err
	}
	value := []float32{v.value}
	op.Forward(value, [][]float32{{v.value}}, nil, nil)
	v.name, v.value = n.Name, value[0]
	if _, relu := op.(ann.Relu); relu {
		if _, ok := activation(r.out.Nodes[v.node].Op); ok {
			return v, nil
		}
	}
	at, ok := r.shared[activated{v.node, op}]
	if !ok {
		w, err := r.add(n, op, v.node)
		if err != nil {
			return w, err
		}
		at = w.node
		r.shared[activated{v.node, op}] = at
	}
	v.node = at
	return v, nil
}

// affine scales and shifts the channels of the node that v is a view of, where they can be told apart.
func (r *selector) affine(n ann.Node, v view) (view, error) {
	from := r.out.Nodes[v.node]
	source, ok := v.channels(r.out)
	if ok && v.index == nil {
		w, err := r.add(n, n.Op, v.node)
		return w.reshaped(n.Name, v.shape), err
	}
	if _, weights := weightedOf(from.Op); ok && !weights && once(source) {
		scale, shift, _ := affineOf(n.Op, len(source))
		a := &ann.ChannelAffine{Scale: make([]float32, from.Shape[0]), Shift: make([]float32, from.Shape[0])}
		for c, s := range source {
			a.Scale[s], a.Shift[s] = scale[c], shift[c]
		}
		w, err := r.add(n, a, v.node)
		w.shape, w.index = v.shape, v.index
		return w, err
	}
	at, err := r.plain(v)
	if err != nil {
		return v, err
	}
	return r.add(n, n.Op, at)
}

// elements keeps constants of every element in front of what takes them in (addLinear), and makes them constants of channels where
// they are the same within each.
func (r *selector) elements(n ann.Node, op *ann.ElementAffine, v view) (view, error) {
	if scale, shift, ok := perChannelOf(op, n.Shape); ok {
		return r.affine(ann.Node{Name: n.Name, Op: &ann.ChannelAffine{Scale: scale, Shift: shift}, Shape: n.Shape}, v)
	}
	if v.index == nil {
		w, err := r.add(n, op, v.node)
		return w.reshaped(n.Name, v.shape), err
	}
	at, err := r.plain(v)
	if err != nil {
		return v, err
	}
	return r.add(n, op, at)
}

// perChannelOf returns the scale and shift of each channel, where all elements of a channel have the same.
func perChannelOf(op *ann.ElementAffine, shape ann.Shape) (scale, shift []float32, ok bool) {
	plane := shape.Size() / shape[0]
	first := func(v []float32) []float32 {
		var out []float32
		for i, x := range v {
			if i%plane == 0 {
				out = append(out, x)
			}
			ok = ok && x == out[i/plane]
		}
		return out
	}
	ok = true
	return first(op.Scale), first(op.Shift), ok
}

// pool pools the node that v is whole channels of. Other means are fully connected.
func (r *selector) pool(n ann.Node, v view) (view, error) {
	if v.plain(r.out) {
		return r.add(n, n.Op, v.node)
	}
	if source, ok := v.maps(r.out); ok && !slices.Contains(source, -1) {
		w, err := r.add(n, n.Op, v.node)
		if err != nil {
			return w, err
		}
		return ofChannels(r.out, n.Name, w.node, n.Shape, source, 0), nil
	}
	if v.index == nil && r.onInput(v.node) {
		at, err := r.plain(v)
		if err != nil {
			return v, err
		}
		return r.add(n, n.Op, at)
	}
	if _, largest := n.Op.(*ann.MaxPool); largest {
		return r.leftOut(n, fmt.Sprintf("it compares elements of %s that are no whole channels, such as those of a map that was resized", r.out.Nodes[v.node].Name))
	}
	return r.connect(n, v)
}

// onInput reports whether the node is the input but for affine maps: it may have any shape.
func (r *selector) onInput(i int) bool {
	return i == 0 || onInput(r.out, i) && isAffine(r.out.Nodes[i])
}

// isAffine reports whether a node is an affine map of channels.
func isAffine(n ann.Node) bool {
	_, _, ok := affineOf(n.Op, n.Shape[0])
	return ok
}

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

// linear lets a fully connected operation read the node that v selects from.
func (r *selector) linear(n ann.Node, op *ann.Linear, v view) (view, error) {
	if v.plain(r.out) && !r.takesIn(v.node) {
		return r.add(n, op, v.node)
	}
	l := &ann.Linear{Weight: op.Weight, Bias: op.Bias, In: op.In, Out: op.Out}
	if v.index != nil {
		in := r.out.Nodes[v.node].Shape.Size()
		l.In, l.Weight, l.Bias = in, make([]float32, in*op.Out), biasOf(op)
		for o := range op.Out {
			for e, i := range v.index {
				if x := op.Weight[o*op.In+e]; i < 0 {
					l.Bias[o] += x * v.value
				} else {
					l.Weight[o*in+i] += x
				}
			}
		}
	}
	return r.addLinear(n, l, v.node)
}

// biasOf returns a copy of the bias, zeros where there is none.
func biasOf(op *ann.Linear) []float32 {
	b := make([]float32, op.Out)
	copy(b, op.Bias)
	return b
}

// takesIn reports whether a fully connected operation behind a node, or behind its Flatten, takes it into its own weights.
func (r *selector) takesIn(i int) bool {
	if _, flat := r.out.Nodes[i].Op.(ann.Flatten); flat {
		i = r.out.Nodes[i].Inputs[0]
	}
	_, elements := r.out.Nodes[i].Op.(*ann.ElementAffine)
	return elements || r.dense[i]
}

// addLinear adds a fully connected operation over a node of any shape, and takes constants of every element, and fully
// connected operations that were made here, into its weights.
func (r *selector) addLinear(n ann.Node, l *ann.Linear, at int) (view, error) {
	for {
		switch op := r.out.Nodes[at].Op.(type) {
		case ann.Flatten:
			at = r.out.Nodes[at].Inputs[0]
			continue
		case *ann.ElementAffine:
			l = behindElements(l, op)
			at = r.out.Nodes[at].Inputs[0]
			continue
		case *ann.Linear:
			if r.dense[at] {
				l = product(l, op)
				at = r.out.Nodes[at].Inputs[0]
				continue
			}
		}
		break
	}
	if len(r.out.Nodes[at].Shape) != 1 {
		var err error
		if at, err = r.out.Add(n.Name+"/flatten", ann.Flatten{}, at); err != nil {
			return view{}, err
		}
	}
	return r.add(n, l, at)
}

// behindElements returns the operation that does what op and then l do.
func behindElements(l *ann.Linear, op *ann.ElementAffine) *ann.Linear {
	p := &ann.Linear{Weight: slices.Clone(l.Weight), Bias: biasOf(l), In: l.In, Out: l.Out}
	for k := range p.Weight {
		if op.Shift != nil {
			p.Bias[k/l.In] += p.Weight[k] * op.Shift[k%l.In]
		}
		if op.Scale != nil {
			p.Weight[k] *= op.Scale[k%l.In]
		}
	}
	return p
}

// product returns the operation that does what first and then l do.
func product(l, first *ann.Linear) *ann.Linear {
	p := &ann.Linear{Weight: make([]float32, l.Out*first.In), Bias: biasOf(l), In: first.In, Out: l.Out}
	for o := range l.Out {
		for k, w := range l.Weight[o*l.In : (o+1)*l.In] {
			if w == 0 {
				continue
			}
			if first.Bias != nil {
				p.Bias[o] += w * first.Bias[k]
			}
			for i, x := range first.Weight[k*first.In : (k+1)*first.In] {
				p.Weight[o*first.In+i] += w * x
			}
		}
	}
	return p
}

// connect makes a linear operation over v fully connected: column i of its weights is what it makes of element i alone.
func (r *selector) connect(n ann.Node, v view) (view, error) {
	in, out := r.out.Nodes[v.node].Shape.Size(), n.Shape.Size()
	if in > maxDense/out || in > maxProbed/v.shape.Size() {
		return r.leftOut(n, fmt.Sprintf("it takes elements of %s that are no whole channels, and a fully connected layer in its place would have %d by %d weights, more than %d", r.out.Nodes[v.node].Name, out, in, maxDense))
	}
	l := &ann.Linear{Weight: make([]float32, in*out), Bias: make([]float32, out), In: in, Out: out}
	var scratch ann.Scratch
	x, y := make([]float32, v.shape.Size()), make([]float32, out)
	at := func(element int) {
		for e := range x {
			i := e
			if v.index != nil {
				i = v.index[e]
			}
			switch {
			case i < 0:
				x[e] = v.value
			case i == element:
				x[e] = 1
			default:
				x[e] = 0
			}
		}
		n.Op.Forward(y, [][]float32{x}, []ann.Shape{v.shape}, &scratch)
	}
	at(-2)
	copy(l.Bias, y)
	for i := range in {
		at(i)
		for o, b := range l.Bias {
			l.Weight[o*in+i] = y[o] - b
		}
	}
	r.s.Diagnostics.Infof("SPK-CONV-017", n.Name, "%s becomes fully connected: it reads elements of %s that are no whole channels", n.Op.Kind(), r.out.Nodes[v.node].Name)
	w, err := r.addLinear(n, l, v.node)
	if err != nil {
		return w, err
	}
	r.dense[w.node] = true
	return w.reshaped(n.Name, n.Shape), nil
}

// concat joins the nodes that the parts are whole channels of, each node once. It reports false where they are anything else.
func (r *selector) concat(n ann.Node, parts []view) (w view, ok bool, err error) {
	var nodes, channels []int
	first := map[int]int{} // channel of a node in the joined ones
	value, outside := float32(0), false
	for _, v := range parts {
		source, ok := v.channels(r.out)
		shape := r.out.Nodes[v.node].Shape
		if !ok || len(nodes) > 0 && !shape[1:].Equal(r.out.Nodes[nodes[0]].Shape[1:]) || len(nodes) > 0 && len(shape) != len(r.out.Nodes[nodes[0]].Shape) {
			return w, false, nil
		}
		if _, there := first[v.node]; !there {
			at := 0
			for _, node := range nodes {
				at += r.out.Nodes[node].Shape[0]
			}
			first[v.node] = at
			nodes = append(nodes, v.node)
		}
		for _, s := range source {
			if s < 0 {
				if outside && value != v.value {
					return w, false, nil
				}
				outside, value = true, v.value
				channels = append(channels, -1)
			} else {
				channels = append(channels, first[v.node]+s)
			}
		}
	}
	at := nodes[0]
	if len(nodes) > 1 {
		if at, err = r.out.Add(n.Name, ann.Concat{}, nodes...); err != nil {
			return w, false, err
		}
	}
	return ofChannels(r.out, n.Name, at, n.Shape, channels, value), true, nil
}

// plain returns a node whose value is v.
func (r *selector) plain(v view) (int, error) {
	if v.plain(r.out) {
		return v.node, nil
	}
	if at, ok := r.plains[v.name]; ok {
		return at, nil
	}
	name := v.name
	if slices.ContainsFunc(r.out.Nodes, func(n ann.Node) bool { return n.Name == name }) { // of what it selects from
		v.name += "/selected"
	}
	at, err := r.build(v)
	r.plains[name] = at
	return at, err
}

// build adds the operation that makes v of its node: a Reshape, rows of the weights that make the node, or a Conv of one tap.
func (r *selector) build(v view) (int, error) {
	from := r.out.Nodes[v.node]
	if v.index == nil {
		return r.out.Add(v.name, ann.Reshape{To: v.shape}, v.node)
	}
	source, ok := v.maps(r.out)
	if conv, is := from.Op.(*ann.Conv); is && ok && !slices.Contains(source, -1) {
		return r.out.Add(v.name, rowsOf(conv, source), from.Inputs...)
	}
	if ok {
		in := from.Shape[0]
		c := &ann.Conv{Weight: make([]float32, len(source)), In: len(source), Out: len(source), Groups: len(source), Window: oneTap()}
		for i := range c.Weight {
			c.Weight[i] = 1
		}
		return r.out.Add(v.name, convOf(c, source, in, v.value), v.node)
	}
	if in := from.Shape.Size(); len(v.shape) == 1 && in <= maxDense/v.shape[0] {
		l := &ann.Linear{Weight: make([]float32, in*v.shape[0]), Bias: make([]float32, v.shape[0]), In: in, Out: v.shape[0]}
		for o, i := range v.index {
			if i < 0 {
				l.Bias[o] = v.value
			} else {
				l.Weight[o*in+i] = 1
			}
		}
		if first, is := from.Op.(*ann.Linear); is {
			return r.out.Add(v.name, product(l, first), from.Inputs...)
		}
		w, err := r.addLinear(ann.Node{Name: v.name}, l, v.node)
		return w.node, err
	}
	w, err := r.leftOut(ann.Node{Name: v.name, Op: &ann.Select{}, Shape: v.shape}, fmt.Sprintf("it takes elements of %s that are no whole channels, and no weights behind it take that in", from.Name))
	return w.node, err
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

// leftOut reports an operation that cannot be carried over, and returns a value of its shape that goes on to the next problem.
func (r *selector) leftOut(n ann.Node, why string) (view, error) {
	r.s.Diagnostics.Add(unsupported(&ann.Graph{Nodes: []ann.Node{n}}, 0, why, "select whole channels, or use convolutions with stride and padding instead, before export"))
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
