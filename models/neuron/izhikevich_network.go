package neuron

// Draws is a stream of random numbers.
type Draws interface {
	Uniform() float64 // in [0, 1)
	Normal() float64  // standard
}

// PulseNetwork is the network of the 2003 paper: excitatory and inhibitory neurons with parameters that vary at random, all connected
// to all, driven by noise. It goes in steps of 1 ms. A step is: draw the noise I; the neurons with V ≥ 30 spike, V = C, U += D; I += what
// their synapses give; V in two halves of a step, then U.
type PulseNetwork struct {
	Excitatory int
	Cells      []Izhikevich
	V, U       []float64
	Effect     [][]float64 // [source][target]
	Noise      [2]float64  // standard deviation of the current of excitatory and inhibitory neurons
	RE, RI     []float64   // the draws that made the parameters
	input      []float64
}

// NewPulseNetwork draws a network. Order of the draws: one number re an excitatory neuron, one ri an inhibitory one; then, target by
// target, those of the synapses from excitatory neurons (times 0.5), then those from inhibitory ones (times −1). Parameters are
//
//	excitatory  A = 0.02, B = 0.2, C = −65 + 15·re², D = 8 − 6·re²
//	inhibitory  A = 0.02 + 0.08·ri, B = 0.25 − 0.05·ri, C = −65, D = 2
func NewPulseNetwork(excitatory, inhibitory int, noise [2]float64, v0 float64, d Draws) *PulseNetwork {
	size := excitatory + inhibitory
	n := &PulseNetwork{Excitatory: excitatory, Noise: noise, input: make([]float64, size)}
	for range excitatory {
		r := d.Uniform()
		n.RE = append(n.RE, r)
		n.Cells = append(n.Cells, Izhikevich{A: 0.02, B: 0.2, C: -65 + float64(15*r*r), D: 8 - float64(6*r*r), Peak: 30})
	}
	for range inhibitory {
		r := d.Uniform()
		n.RI = append(n.RI, r)
		n.Cells = append(n.Cells, Izhikevich{A: 0.02 + float64(0.08*r), B: 0.25 - float64(0.05*r), C: -65, D: 2, Peak: 30})
	}
	for i := range n.Cells {
		n.V, n.U = append(n.V, v0), append(n.U, n.Cells[i].B*v0)
		n.Effect = append(n.Effect, make([]float64, size))
	}
	for target := range size {
		for source := range excitatory {
			n.Effect[source][target] = 0.5 * d.Uniform()
		}
	}
	for target := range size {
		for source := excitatory; source < size; source++ {
			n.Effect[source][target] = -d.Uniform()
		}
	}
	return n
}

// Step takes 1 ms and calls spike for the neurons that spike in it, in ascending order. It draws one normal number a neuron.
func (n *PulseNetwork) Step(d Draws, spike func(neuron int)) {
	for i := range n.input {
		s := n.Noise[0]
		if i >= n.Excitatory {
			s = n.Noise[1]
		}
		n.input[i] = s * d.Normal()
	}
	for i, v := range n.V {
		if v < n.Cells[i].Peak {
			continue
		}
		spike(i)
		n.V[i] = n.Cells[i].C
		n.U[i] += n.Cells[i].D
		for j, w := range n.Effect[i] {
			n.input[j] += w
		}
	}
	for i := range n.Cells {
		c := &n.Cells[i]
		c.current = n.input[i]
		v := n.V[i]
		for range 2 {
			v += float64(0.5 * c.rise(v, n.U[i]))
		}
		n.V[i] = v
		n.U[i] += c.recover(v, n.U[i])
	}
}
