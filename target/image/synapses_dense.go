package image

// Dense is a full matrix: axon a reaches every neuron n by Weight[a·Neurons + n]. Zero weights are not synapses.
type Dense struct {
	Inputs  int
	Neurons int
	Weight  []int32 // Inputs × Neurons: the weights of one axon lie side by side
}

// Kind returns "dense".
func (s *Dense) Kind() string { return "dense" }

// Axons returns Inputs.
func (s *Dense) Axons() int { return s.Inputs }

// Each yields the non-zero weights of the axon's row.
func (s *Dense) Each(axon int, yield func(int, int32)) {
	for n, w := range s.Weight[axon*s.Neurons : (axon+1)*s.Neurons] {
		if w != 0 {
			yield(n, w)
		}
	}
}
