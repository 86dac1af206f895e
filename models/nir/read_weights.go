package nir

import (
	"fmt"
	"slices"

	"spikec/internal/window"
)

// weights returns a tensor of numbers of the given rank.
func (r *reader) weights(n *node, key string, rank int) ([]float64, []int, bool) {
	v := n.values[key]
	w := reals(v)
	if len(v.Dims) != rank || len(w) == 0 || !finite(w) {
		return nil, nil, r.fail(idNode, n, "%s has the shape %v, no numbers, or numbers that are infinite: want %d dimensions", key, v.Dims, rank)
	}
	return w, v.Dims, r.count(n, len(w))
}

// count counts weights that are made, and reports too many.
func (r *reader) count(n *node, weights int) bool {
	if r.made += weights; r.made > maxWeights {
		return r.fail(idInexact, n, "more than %d weights in all", maxWeights)
	}
	return true
}

// weightless reports whether nothing but pools lies between populations and a node.
func (r *reader) weightless(n *node, s state) bool {
	for _, t := range s.terms {
		if t.weight != nil {
			return r.refuse(n, "join the two, or put neurons between them", "lies behind another node of weights, without neurons between")
		}
	}
	return true
}

// offsets takes the biases of a node.
func (r *reader) offsets(n *node, channels int, s *state) bool {
	if n.kind == kindLinear {
		s.bias = nil
		return true
	}
	b := reals(n.values["bias"])
	if len(b) != channels || !finite(b) {
		return r.fail(idShape, n, "%d biases, or infinite ones, for %d outputs", len(b), channels)
	}
	s.bias = slices.Clone(b)
	return true
}

// affine is a fully connected node: kernels that cover the whole map.
func (r *reader) affine(n *node, s state) (state, bool) {
	w, dims, ok := r.weights(n, "weight", 2)
	if !ok || !r.weightless(n, s) {
		return s, false
	}
	if s.rank != 1 && s.shape[1]*s.shape[2] > 1 || dims[1] != s.size() {
		return s, r.fail(idShape, n, "takes %d values, %v arrive", dims[1], s.tensor())
	}
	for i := range s.terms {
		t := &s.terms[i]
		t.win = window.Window2d{Kernel: [2]int{t.shape[1], t.shape[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
		t.groups, t.weight = 1, w
	}
	s.shape, s.rank = [3]int{dims[0], 1, 1}, 1
	return s, r.offsets(n, dims[0], &s)
}

// conv is a convolution; along a sequence it is one over a map of one row.
func (r *reader) conv(n *node, s state) (state, bool) {
	rank := 3
	if n.kind == kindConv1d {
		rank = 2
	}
	size := func(key string, idle int) ([2]int, bool) {
		v, ok := two(n.values[key])
		if rank == 2 {
			v[0] = idle
		}
		return v, ok
	}
	w, dims, ok := r.weights(n, "weight", rank+1)
	if !ok || !r.weightless(n, s) {
		return s, false
	}
	groups, ok := integer(n.values["groups"])
	if s.rank != rank || !ok || groups < 1 || dims[0]%groups != 0 || s.shape[0]%groups != 0 || dims[1] != s.shape[0]/groups {
		return s, r.fail(idShape, n, "weights %v in %d groups, %v arrives", dims, groups, s.tensor())
	}
	win := window.Window2d{Kernel: [2]int{1, dims[len(dims)-1]}}
	if rank == 3 {
		win.Kernel[0] = dims[2]
	}
	stride, ok1 := size("stride", 1)
	dilation, ok2 := size("dilation", 1)
	padding, ok3 := size("padding", 0)
	win.Stride, win.Dilation, win.PadBegin, win.PadEnd = stride, dilation, padding, padding
	switch text(n.values["padding"]) {
	case "valid":
		win.PadBegin, win.PadEnd, ok3 = [2]int{}, [2]int{}, true
	case "same": // PyTorch: the smaller half before, stride 1 only
		ok3 = stride == [2]int{1, 1}
		for d := range 2 {
			all := dilation[d] * (win.Kernel[d] - 1)
			win.PadBegin[d], win.PadEnd[d] = all/2, all-all/2
		}
	}
	if !ok1 || !ok2 || !ok3 {
		return s, r.fail(idNode, n, "stride, dilation or padding are no integers, or padding is \"same\" with a stride")
	}
	out, ok := r.slide(n, win, s.shape)
	if !ok {
		return s, false
	}
	for i := range s.terms {
		t := &s.terms[i]
		t.win, t.groups, t.weight = win, groups, w
	}
	s.shape = [3]int{dims[0], out[0], out[1]}
	return s, r.offsets(n, dims[0], &s)
}

// slide returns the size of the map that a window makes.
func (r *reader) slide(n *node, win window.Window2d, shape [3]int) ([2]int, bool) {
	err := win.Validate()
	var out [2]int
	if err == nil {
		out, err = win.Output([2]int{shape[1], shape[2]})
	}
	if err == nil && out[0] > maxNeurons/out[1] {
		err = fmt.Errorf("a map of %v", out)
	}
	if err != nil {
		return out, r.fail(idShape, n, "%v", err)
	}
	return out, true
}

// finished returns the weights of a term, with what its channels are multiplied by and the pool's gain in them, and the largest
// number of groups, at least t.groups, between which all weights are 0: files write grouped kernels out.
func (t *term) finished() (weight []float64, groups int) {
	fan := t.shape[0] / t.groups // channels
	taps := t.win.Kernel[0] * t.win.Kernel[1]
	rows := len(t.weight) / (fan * taps)
	weight = make([]float64, len(t.weight))
	for k, x := range t.weight {
		weight[k] = x * t.gain
		if t.before != nil {
			weight[k] *= t.before[k/(fan*taps)/(rows/t.groups)*fan+k/taps%fan]
		}
	}
	if t.groups > 1 {
		return weight, t.groups
	}
	for groups = min(fan, rows); groups > 1; groups-- {
		if fan%groups == 0 && rows%groups == 0 && apart(weight, rows, fan, taps, groups) {
			return within(weight, rows, fan, taps, groups), groups
		}
	}
	return weight, 1
}

// apart reports whether all weights (rows, fan, taps) between channels of different groups are 0.
func apart(weight []float64, rows, fan, taps, groups int) bool {
	for k, x := range weight {
		if x != 0 && k/(fan*taps)/(rows/groups) != k/taps%fan/(fan/groups) {
			return false
		}
	}
	return true
}

// within returns the weights (rows, fan/groups, taps) within the groups.
func within(weight []float64, rows, fan, taps, groups int) []float64 {
	var some []float64
	per := fan / groups * taps
	for o := range rows {
		first := o*fan*taps + o/(rows/groups)*per
		some = append(some, weight[first:first+per]...)
	}
	return some
}
