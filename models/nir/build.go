package nir

import (
	"fmt"
	"slices"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/models/snn"
)

// build makes the network, node by node. What lies behind a node that is not understood is left out, but neurons there are looked
// at all the same.
func (r *reader) build(*hdf5.Group) {
	for _, n := range r.order {
		if n.damaged {
			continue
		}
		s, ok := r.arriving(n)
		switch {
		case ok:
			if s, ok = r.through(n, s); ok {
				n.state = s
			}
		case n.fires() || slices.Contains(integrators, n.kind):
			r.normal(n, state{rank: 1, shape: [3]int{n.width(), 1, 1}})
		}
	}
}

// fail reports an error about a node, and returns false.
func (r *reader) fail(id string, n *node, format string, args ...any) bool {
	r.errorf(id, n.name, "%s: %s", n.kind, fmt.Sprintf(format, args...))
	return false
}

// refuse reports that a node cannot be part of a network of integrate-and-fire neurons, and returns false.
func (r *reader) refuse(n *node, remedy, format string, args ...any) bool {
	r.found.Add(diag.Diagnostic{ID: idInexact, Severity: diag.Error, Subject: n.name, Message: n.kind + ": " + fmt.Sprintf(format, args...), Remedy: remedy})
	return false
}

// through returns what leaves a node of what arrives at it.
func (r *reader) through(n *node, s state) (state, bool) {
	switch n.kind {
	case kindInput:
		return r.input(n)
	case kindOutput:
		return s, r.output(n, s)
	case kindAffine, kindLinear:
		return r.affine(n, s)
	case kindConv2d, kindConv1d:
		return r.conv(n, s)
	case kindScale:
		return r.scale(n, s)
	case kindSumPool, kindAvgPool:
		return r.pool(n, s)
	case kindFlatten:
		return r.flatten(n, s)
	}
	return r.neurons(n, s)
}

// input makes the input population.
func (r *reader) input(n *node) (state, bool) {
	dims, ok := integers(n.values["shape"])
	shape := [3]int{1, 1, 1}
	switch {
	case ok && len(dims) == 1:
		shape[0] = dims[0]
	case ok && len(dims) == 2:
		shape[0], shape[2] = dims[0], dims[1]
	case ok && len(dims) == 3:
		shape = [3]int(dims)
	default:
		return state{}, r.fail(idShape, n, "shape %v: want C,H,W, C,L or N", dims)
	}
	size := 1
	for _, d := range shape {
		if d < 1 || d > maxNeurons/size {
			return state{}, r.fail(idShape, n, "shape %v: want 1 to %d elements", dims, maxNeurons)
		}
		size *= d
	}
	r.net.Populations = append(r.net.Populations, snn.Population{Name: n.name, Shape: shape, Neuron: snn.Input})
	return from(0, shape, len(dims)), true
}

// output takes the last population, or makes one that adds up what arrives.
func (r *reader) output(n *node, s state) bool {
	if dims, ok := integers(n.values["shape"]); !ok || !slices.Equal(dims, s.tensor()) {
		r.found.Warnf(idTaken, n.name, "says that its shape is %v, and %v arrives: that is taken", dims, s.tensor())
	}
	if s.shape[1]*s.shape[2] > 1 {
		return r.refuse(n, "end the network in a classifier: Flatten and Affine", "takes a map %v, not one value a class", s.tensor())
	}
	if r.net.Readout.Kind == "" {
		r.net.Readout.Kind = snn.Count
	}
	if last := n.in[0]; len(n.in) == 1 && (last.fires() || slices.Contains(integrators, last.kind)) {
		if !last.fires() {
			r.net.Readout.Kind = snn.Membrane
		}
		return true
	}
	if _, ok := r.population(n, snn.Population{Name: n.name, Shape: s.shape, Neuron: snn.Integrator}, s); !ok {
		return false
	}
	r.net.Readout.Kind = snn.Membrane
	r.found.Infof(idTaken, n.name, "the output has no neurons: its current is added up, and the highest sum decides")
	return true
}

// population adds a population with projections for what arrives, and returns its number.
func (r *reader) population(n *node, p snn.Population, s state) (int, bool) {
	if s.size() > maxNeurons {
		return 0, r.fail(idShape, n, "%v neurons: want at most %d", s.tensor(), maxNeurons)
	}
	if slices.ContainsFunc(r.net.Populations, func(q snn.Population) bool { return q.Name == p.Name }) {
		return 0, r.fail(idNode, n, "is the second population of the name %q", p.Name)
	}
	p.Bias = s.bias
	if !slices.ContainsFunc(p.Bias, func(b float64) bool { return b != 0 }) {
		p.Bias = nil
	}
	if len(p.Scale) != s.shape[0] || !finite(p.Scale) || slices.Min(p.Scale) <= 0 {
		p.Scale = slices.Repeat([]float64{1}, s.shape[0])
	}
	number := len(r.net.Populations)
	r.net.Populations = append(r.net.Populations, p)
	for _, t := range s.terms {
		if t.weight == nil { // one tap a channel
			t.groups, t.win, t.weight = t.shape[0], window.Square(1, 1), slices.Repeat([]float64{1}, t.shape[0])
		}
		weight, groups := t.finished()
		w := make([]float32, len(weight))
		for k, x := range weight {
			w[k] = float32(x)
		}
		if slices.ContainsFunc(w, func(x float32) bool { return x-x != 0 }) {
			return 0, r.fail(idShape, n, "weights times resistances and scales over thresholds leave the range of 32 bits")
		}
		r.net.Projections = append(r.net.Projections, snn.Projection{Source: t.source, Target: number, Pool: t.pool, Window: t.win, Groups: groups, Weight: w})
	}
	return number, true
}
