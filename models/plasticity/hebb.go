package plasticity

// Hebb is the supervised Hebb rule for neurons that spike once: inputs that arrived before the spike are strengthened by
// Rate·(t_out − t_wanted), so that a late spike comes earlier; a neuron without a spike has all inputs strengthened by 5·Rate.
type Hebb struct{ Rate float64 }

// Change sets w after a presentation. Arrivals hold the times at which the inputs arrive; spiked says whether there was an output.
func (r Hebb) Change(w, arrivals []float64, output float64, spiked bool, wanted float64) {
	for i := range w {
		switch {
		case !spiked:
			w[i] += 5 * r.Rate
		case arrivals[i] < output:
			w[i] += r.Rate * (output - wanted)
		}
	}
}
