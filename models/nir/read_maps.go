package nir

import (
	"slices"

	"spikec/internal/window"
)

// pool is a sum or mean over windows.
func (r *reader) pool(n *node, s state) (state, bool) {
	var win window.Window2d
	var ok1, ok2, ok3 bool
	win.Kernel, ok1 = two(n.values["kernel_size"])
	win.Stride, ok2 = two(n.values["stride"])
	win.PadBegin, ok3 = two(n.values["padding"])
	win.PadEnd, win.Dilation = win.PadBegin, [2]int{1, 1}
	if s.rank != 3 || !ok1 || !ok2 || !ok3 {
		return s, r.fail(idShape, n, "kernel_size, stride or padding are no integers, or %v arrives, which is no map", s.tensor())
	}
	out, ok := r.slide(n, win, s.shape)
	if !ok {
		return s, false
	}
	for i := range s.terms {
		t := &s.terms[i]
		if t.weight != nil || t.pool != nil {
			return s, r.refuse(n, "put neurons between them", "lies behind another pool or behind weights, without neurons between")
		}
		if t.pool = &win; n.kind == kindAvgPool {
			t.gain = 1 / float64(win.Kernel[0]*win.Kernel[1])
		}
		t.shape = [3]int{s.shape[0], out[0], out[1]}
	}
	s.shape = [3]int{s.shape[0], out[0], out[1]}
	return s, true
}

// flatten makes a vector of a map.
func (r *reader) flatten(n *node, s state) (state, bool) {
	start, ok1 := integer(n.values["start_dim"])
	end, ok2 := integer(n.values["end_dim"])
	if rank := len(s.tensor()); !ok1 || !ok2 || start != 0 && start != -rank || end != -1 && end != rank-1 {
		return s, r.refuse(n, "dimensions are counted without that of the batch: flatten from 0 to -1", "from dimension %d to %d of %v, not all of them", start, end, s.tensor())
	}
	s.rank = 1
	return s, true
}

// scale multiplies each channel by a number.
func (r *reader) scale(n *node, s state) (state, bool) {
	by, ok := r.channels(n, "scale", s)
	if ok {
		ok = r.multiply(n, &s, by)
	}
	return s, ok
}

// channels returns a parameter that has one value for each element of a tensor, as one value a channel.
func (r *reader) channels(n *node, key string, s state) ([]float64, bool) {
	all := reals(n.values[key])
	plane := s.shape[1] * s.shape[2]
	switch {
	case !finite(all) || len(all) != 1 && len(all) != s.size():
		return nil, r.fail(idShape, n, "%s has %d values, or infinite ones, %v arrives", key, len(all), s.tensor())
	case len(all) == 1:
		plane = 0 // one for all
	}
	by := make([]float64, s.shape[0])
	for c := range by {
		by[c] = all[c*plane]
		for _, x := range all[c*plane : c*plane+max(plane, 1)] {
			if x != by[c] {
				return nil, r.refuse(n, "one value for all neurons of a channel", "%s differs within channel %d", key, c)
			}
		}
	}
	return by, true
}

// multiply multiplies what arrives by a number a channel: weights and biases, or where there are no weights yet what they will
// read.
func (r *reader) multiply(n *node, s *state, by []float64) bool {
	for i := range s.terms {
		t := &s.terms[i]
		if t.weight == nil {
			before := slices.Clone(by)
			for c := range t.before {
				before[c] *= t.before[c]
			}
			t.before = before
			continue
		}
		if !r.count(n, len(t.weight)) {
			return false
		}
		fan := len(t.weight) / s.shape[0]
		w := make([]float64, len(t.weight))
		for k, x := range t.weight {
			w[k] = x * by[k/fan]
		}
		t.weight = w
	}
	for c := range s.bias {
		s.bias[c] *= by[c]
	}
	return true
}
