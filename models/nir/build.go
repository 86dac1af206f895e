package nir

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/models/snn"
)

// state is the tensor that leaves a node, and where it comes from: a sum of terms.
type state struct {
	shape [3]int // C,H,W; N,1,1 for a vector
	flat  bool   // the tensor is a vector, though the map that it was has the shape
	terms []term
	bias  []float64 // a channel, or nil
}

// term is what one population contributes to a tensor.
type term struct {
	source int
	pool   *window.Window2d
	gain   float64 // of the pool
	shape  [3]int  // of the map before the weights
	win    window.Window2d
	groups int
	weight []float64 // (O, C/groups, kH, kW); nil: none yet
}

// build makes the network, node by node.
func (r *reader) build(*hdf5.Group) {
	for _, n := range r.order {
		s, ok := r.arriving(n)
		if ok {
			s, ok = r.through(n, s)
		}
		if !ok {
			return // what follows has no shape
		}
		n.state = s
	}
}

// arriving returns the sum of what leads to a node.
func (r *reader) arriving(n *node) (state, bool) {
	var s state
	for i, from := range n.in {
		t := from.state
		if i == 0 {
			s = t
			s.terms = slices.Clone(t.terms)
			s.bias = slices.Clone(t.bias)
			continue
		}
		if s.shape != t.shape || s.flat != t.flat {
			return s, r.fail(idShape, n, "adds tensors of shapes %v and %v", s.tensor(), t.tensor())
		}
		s.terms = append(s.terms, t.terms...)
		if s.bias == nil {
			s.bias = slices.Clone(t.bias)
		} else {
			for c, b := range t.bias {
				s.bias[c] += b
			}
		}
	}
	if len(s.terms) > maxTerms {
		return s, r.fail(idInexact, n, "more than %d ways lead to it without neurons between", maxTerms)
	}
	return s, true
}

// fail reports an error about a node, and returns false.
func (r *reader) fail(id string, n *node, format string, args ...any) bool {
	r.errorf(id, n.name, "%s: %s", n.kind, fmt.Sprintf(format, args...))
	return false
}

// tensor returns the shape as the file has it.
func (s *state) tensor() []int {
	if s.flat {
		return []int{s.shape[0] * s.shape[1] * s.shape[2]}
	}
	return s.shape[:]
}

// size returns the number of elements.
func (s *state) size() int { return s.shape[0] * s.shape[1] * s.shape[2] }

// through returns what leaves a node of what arrives at it.
func (r *reader) through(n *node, s state) (state, bool) {
	switch n.kind {
	case kindInput:
		return r.input(n)
	case kindOutput:
		return s, r.output(n, s)
	case kindAffine, kindLinear:
		return r.affine(n, s)
	case kindConv2d:
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

// from returns the tensor that a population sends.
func from(population int, shape [3]int, flat bool) state {
	return state{shape: shape, flat: flat, terms: []term{{source: population, gain: 1, shape: shape, groups: 1}}}
}

// input makes the input population.
func (r *reader) input(n *node) (state, bool) {
	dims, ok := integers(n.values["shape"])
	shape := [3]int{1, 1, 1}
	switch {
	case ok && len(dims) == 1:
		shape[0] = dims[0]
	case ok && len(dims) == 3:
		shape = [3]int(dims)
	default:
		return state{}, r.fail(idShape, n, "shape %v: want C,H,W or N", dims)
	}
	size := 1
	for _, d := range shape {
		if d < 1 || d > maxNeurons/size {
			return state{}, r.fail(idShape, n, "shape %v: want 1 to %d elements", dims, maxNeurons)
		}
		size *= d
	}
	r.net.Populations = append(r.net.Populations, snn.Population{Name: n.name, Shape: shape, Neuron: snn.Input})
	return from(0, shape, len(dims) == 1), true
}

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
			return r.fail(idInexact, n, "lies behind another node of weights, without neurons between; join the two")
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
		return r.fail(idShape, n, "%d biases for %d outputs", len(b), channels)
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
	if !s.flat && s.shape[1]*s.shape[2] > 1 || dims[1] != s.size() {
		return s, r.fail(idShape, n, "takes %d values, %v arrive", dims[1], s.tensor())
	}
	for i := range s.terms {
		t := &s.terms[i]
		t.win = window.Window2d{Kernel: [2]int{t.shape[1], t.shape[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
		t.weight = w
	}
	s.shape, s.flat = [3]int{dims[0], 1, 1}, true
	return s, r.offsets(n, dims[0], &s)
}

// conv is a convolution.
func (r *reader) conv(n *node, s state) (state, bool) {
	w, dims, ok := r.weights(n, "weight", 4)
	if !ok || !r.weightless(n, s) {
		return s, false
	}
	groups, ok := integer(n.values["groups"])
	if s.flat || !ok || groups < 1 || dims[0]%groups != 0 || s.shape[0]%groups != 0 || dims[1] != s.shape[0]/groups {
		return s, r.fail(idShape, n, "weights %v in %d groups, %v arrives", dims, groups, s.tensor())
	}
	win := window.Window2d{Kernel: [2]int{dims[2], dims[3]}}
	stride, ok1 := two(n.values["stride"])
	dilation, ok2 := two(n.values["dilation"])
	padding, ok3 := two(n.values["padding"])
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

// pool is a sum or mean over windows.
func (r *reader) pool(n *node, s state) (state, bool) {
	var win window.Window2d
	var ok1, ok2, ok3 bool
	win.Kernel, ok1 = two(n.values["kernel_size"])
	win.Stride, ok2 = two(n.values["stride"])
	win.PadBegin, ok3 = two(n.values["padding"])
	win.PadEnd, win.Dilation = win.PadBegin, [2]int{1, 1}
	if s.flat || !ok1 || !ok2 || !ok3 {
		return s, r.fail(idShape, n, "kernel_size, stride or padding are no integers, or a vector arrives")
	}
	out, ok := r.slide(n, win, s.shape)
	if !ok {
		return s, false
	}
	for i := range s.terms {
		t := &s.terms[i]
		if t.weight != nil || t.pool != nil {
			return s, r.fail(idInexact, n, "lies behind another pool or behind weights, without neurons between")
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
		return s, r.fail(idInexact, n, "from dimension %d to %d of %v: want all, 0 to -1", start, end, s.tensor())
	}
	s.flat = true
	return s, true
}

// scale multiplies each channel by a number.
func (r *reader) scale(n *node, s state) (state, bool) {
	by, ok := r.channels(n, "scale", s)
	return s, ok && r.multiply(n, &s, by)
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
				return nil, r.fail(idInexact, n, "%s differs within channel %d", key, c)
			}
		}
	}
	return by, true
}

// multiply multiplies what arrives by a number a channel.
func (r *reader) multiply(n *node, s *state, by []float64) bool {
	for i := range s.terms {
		t := &s.terms[i]
		if t.weight == nil { // one tap a channel
			t.groups, t.win, t.weight = s.shape[0], window.Square(1, 1), slices.Repeat([]float64{1}, s.shape[0])
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

// neurons makes a population.
func (r *reader) neurons(n *node, s state) (state, bool) {
	gain, ok := r.normal(n, s)
	if !ok || !r.multiply(n, &s, gain) {
		return s, false
	}
	p := snn.Population{Name: cmp.Or(text(n.meta[metaName]), n.name), Shape: s.shape, Neuron: snn.IF}
	if n.kind == kindI {
		if p.Neuron = snn.Integrator; len(n.out) != 1 || n.out[0].kind != kindOutput {
			return s, r.fail(idInexact, n, "sends its membrane to others than the output, which no spike can carry")
		}
		p.Range, _ = real(n.meta[metaRange])
	}
	p.Scale = reals(n.meta[metaScale])
	number, ok := r.population(n, p, s)
	return from(number, s.shape, s.flat), ok
}

// normal returns what the weights of each channel are to be multiplied by so that the threshold is 1.
func (r *reader) normal(n *node, s state) ([]float64, bool) {
	get := func(key string) ([]float64, bool) { return r.channels(n, key, s) }
	gain, ok := get("r")
	if !ok {
		return nil, false
	}
	if n.kind == kindI {
		return gain, true
	}
	threshold, ok := get("v_threshold")
	if !ok {
		return nil, false
	}
	for _, key := range []string{"v_reset", "v_leak"} {
		if _, there := n.values[key]; there {
			x, ok := get(key)
			if !ok {
				return nil, false
			}
			for _, x := range x {
				if x != 0 {
					return nil, r.fail(idInexact, n, "%s of %g: want 0", key, x)
				}
			}
		}
	}
	if n.kind != kindIF {
		more, ok := r.leakless(n, s)
		if !ok {
			return nil, false
		}
		for c := range gain {
			gain[c] *= more[c]
		}
	}
	perStep := true
	for c := range gain {
		perStep = perStep && n.kind == kindIF && math.Abs(gain[c]*step-1) < 1e-6
	}
	for c := range gain {
		if threshold[c] <= 0 || gain[c] <= 0 {
			return nil, r.fail(idInexact, n, "threshold %g and resistance %g of channel %d: want more than 0", threshold[c], gain[c], c)
		}
		if gain[c] /= threshold[c]; perStep {
			gain[c] = 1 / threshold[c]
		}
	}
	if perStep {
		r.found.Infof(idTaken, n.name, "resistances of 1/dt with dt = %g s are taken as 1 for a step", step)
	}
	return gain, true
}

// leakless returns the gain of a LIF or CubaLIF that is an integrate-and-fire neuron in steps of dt = step: whose membrane
// keeps what it has (1 − dt/τ is 1 in 32 bits), and whose current is that of the step (τ of the synapse is dt). The gain is
// dt/τ, times w_in.
func (r *reader) leakless(n *node, s state) ([]float64, bool) {
	key := "tau"
	if n.kind == kindCubaLIF {
		key = "tau_mem"
		synapse, ok := r.channels(n, "tau_syn", s)
		if !ok {
			return nil, false
		}
		for _, tau := range synapse {
			if math.Abs(tau/step-1) > 1e-6 {
				return nil, r.fail(idInexact, n, "current that lasts: tau_syn of %g s, want the step of time, %g s", tau, step)
			}
		}
	}
	gain, ok := r.channels(n, key, s)
	if !ok {
		return nil, false
	}
	in := []float64{1}
	if _, there := n.values["w_in"]; there {
		if in, ok = r.channels(n, "w_in", s); !ok {
			return nil, false
		}
	}
	for c, tau := range gain {
		if tau <= 0 || float32(1-step/tau) != 1 {
			return nil, r.fail(idInexact, n, "leaks: %s of %g s, want so much that 1 − dt/τ is 1", key, tau)
		}
		gain[c] = step / tau * in[c%len(in)]
	}
	return gain, true
}

// output takes the last population, or makes one that adds up what arrives.
func (r *reader) output(n *node, s state) bool {
	if r.net.Readout.Kind == "" {
		r.net.Readout.Kind = snn.Count
	}
	if last := n.in[0]; len(n.in) == 1 && (last.kind == kindI || last.kind == kindIF || last.kind == kindLIF || last.kind == kindCubaLIF) {
		if r.net.Populations[r.net.Output()].Neuron == snn.Integrator {
			r.net.Readout.Kind = snn.Membrane
		}
		return true
	}
	if !r.multiply(n, &s, slices.Repeat([]float64{1}, s.shape[0])) {
		return false
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
	p.Bias = s.bias
	if !slices.ContainsFunc(p.Bias, func(b float64) bool { return b != 0 }) {
		p.Bias = nil
	}
	if len(p.Scale) != s.shape[0] || !finite(p.Scale) {
		p.Scale = slices.Repeat([]float64{1}, s.shape[0])
	}
	number := len(r.net.Populations)
	r.net.Populations = append(r.net.Populations, p)
	for _, t := range s.terms {
		w := make([]float32, len(t.weight))
		for k, x := range t.weight {
			w[k] = float32(x * t.gain)
		}
		r.net.Projections = append(r.net.Projections, snn.Projection{Source: t.source, Target: number, Pool: t.pool, Window: t.win, Groups: t.groups, Weight: w})
	}
	return number, true
}
