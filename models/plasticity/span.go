package plasticity

// SPAN is the spike pattern association neuron (Mohemmed et al., Int. J. Neural Syst. 22, 2012): the Widrow-Hoff rule on trains that
// are filtered with an alpha function,
//
//	Δw = Rate·(⟨input, wanted⟩ − ⟨input, output⟩)
type SPAN struct{ Tau, Rate float64 }

// Change returns Δw/Rate of a synapse with those input spikes.
func (r SPAN) Change(input, output, wanted []float64) float64 {
	m := Alpha(r.Tau)
	return m.Inner(input, wanted) - m.Inner(input, output)
}
