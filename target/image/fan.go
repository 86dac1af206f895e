package image

import "math"

// Fan says what can arrive at each neuron of a core in one step.
type Fan struct {
	Positive []int64 // the largest sum of weights: every spike that excites arrives, none that inhibits
	Negative []int64 // the smallest sum, not above zero
	Synapses []int64 // non-zero synapses, each counted as often as a spike can take it in one step
}

// newFan returns a fan of n neurons that nothing reaches.
func newFan(n int) Fan {
	return Fan{Positive: make([]int64, n), Negative: make([]int64, n), Synapses: make([]int64, n)}
}

// synapse counts a synapse that up to times spikes take in one step.
func (f *Fan) synapse(n int, w int32, times int64) {
	switch {
	case w > 0:
		f.Positive[n] += times * int64(w)
	case w < 0:
		f.Negative[n] += times * int64(w)
	default:
		return
	}
	f.Synapses[n] += times
}

// Signed returns what can arrive where spikes may be of either sign: a spike of −1 brings the weights with their signs
// changed, so that the sums of a neuron reach as far on one side as on the other.
func (f Fan) Signed() Fan {
	s := newFan(len(f.Positive))
	copy(s.Synapses, f.Synapses)
	for n := range f.Positive {
		s.Positive[n] = f.Positive[n] - f.Negative[n]
		s.Negative[n] = -s.Positive[n]
	}
	return s
}

// fanner is a kind of synapses that computes fans faster than synapse by synapse.
type fanner interface {
	// fan adds every synapse, taken once in a step.
	fan(f *Fan)
}

// add counts the synapses of s; axon a takes times[a] spikes in a step, or one if times is nil.
func (f *Fan) add(s Synapses, times []int32) {
	if fast, ok := s.(fanner); ok && once(times) {
		fast.fan(f)
		return
	}
	for a := range s.Axons() {
		t := int64(1)
		if times != nil {
			t = int64(times[a])
		}
		if t != 0 {
			s.Each(a, func(n int, w int32) { f.synapse(n, w, t) })
		}
	}
}

// once reports whether every axon takes one spike a step.
func once(times []int32) bool {
	for _, t := range times {
		if t != 1 {
			return false
		}
	}
	return true
}

// arrivals returns how many spikes each axon of a core can take in one step: one a route that ends there, as a neuron
// fires at most once a step.
func (m *Image) arrivals(core int) []int32 {
	times := make([]int32, m.Cores[core].Axons())
	for i := range core {
		for _, r := range m.Cores[i].Routes {
			if r.Core != core {
				continue
			}
			for a := r.Axon; a < r.Axon+r.Count; a++ {
				times[a]++
			}
		}
	}
	return times
}

// Fan returns what can arrive at the neurons of a core in one step over its axons; drives and biases are not part of
// it. An axon that reaches a neuron more than once, as through overlapping pooling windows, counts each time. The image
// must satisfy Validate.
func (m *Image) Fan(core int) Fan {
	c := &m.Cores[core]
	f, times := newFan(c.Neurons), m.arrivals(core)
	for _, b := range c.Synapses {
		f.add(b.Synapses, times[b.FirstAxon:][:b.Synapses.Axons()])
	}
	return f
}

// Bound returns the interval of the synaptic sum that can arrive at each neuron of a core in one step:
// neg[n] <= Σ w <= pos[n]. Every partial sum, in any order, lies in the same interval. See Fan.
func (m *Image) Bound(core int) (pos, neg []int64) {
	f := m.Fan(core)
	return f.Positive, f.Negative
}

// DriveRange returns the interval of what the drives of an image can add to each neuron of a core in one step, over
// all pictures: lo[n] <= I[n] <= hi[n], with codes 0..255.
func (m *Image) DriveRange(core int) (lo, hi []int64) {
	c := &m.Cores[core]
	lo, hi = make([]int64, c.Neurons), make([]int64, c.Neurons)
	for i := range m.Input.Drives {
		d := &m.Input.Drives[i]
		for _, k := range d.Cores {
			if k != core {
				continue
			}
			f := newFan(size(c.Shape))
			f.add(d.Synapses, nil)
			for n := range c.Neurons {
				lo[n] += d.shifted(math.MaxUint8 * f.Negative[c.Index(n)])
				hi[n] += d.shifted(math.MaxUint8 * f.Positive[c.Index(n)])
			}
		}
	}
	return lo, hi
}

// shifted returns the current that a sum becomes (Drive).
func (d *Drive) shifted(sum int64) int64 {
	if d.Shift == 0 {
		return sum
	}
	return (sum + 1<<(d.Shift-1)) >> d.Shift
}
