package plasticity

import (
	"math"

	"spikec/models/neuron"
)

// SpikeProp is a network of two layers of spike response neurons that spike once, with several delayed connections between each
// two, and the gradient of its error (Bohte, Kok and La Poutré, Neurocomputing 48, 2002):
//
//	E = ½Σ_j (t_j − want_j)²;  dE/dw = ε(t_j − t_i − d)·δ_j
//	δ_output = (want_j − t_j)/slope_j;  δ_hidden = (Σ_j δ_j·Σ_k w·ε′(t_j − t_i − d_k))/slope_i
//
// slope is Σ w·ε′ at the neuron's spike, 0.1 at least, so that a spike that just touches the threshold does not make weights jump.
// A neuron that does not spike counts as spiking at End.
type SpikeProp struct {
	Cell   neuron.SpikeResponse
	Delays []float64
	End    float64
	W      [2][][][]float64 // [layer][target][source][delay]
}

// Pass is what one presentation gave.
type Pass struct {
	Hidden, Output []float64        // times of the spikes
	Error          float64          // E
	Gradient       [2][][][]float64 // dE/dW
}

// leastSlope bounds slopes from below.
const leastSlope = 0.1

// layer returns the spike times and slopes of a layer.
func (n *SpikeProp) layer(w [][][]float64, sources []float64) (times, slopes []float64) {
	in := make([]neuron.Arrival, 0, len(sources)*len(n.Delays))
	for _, target := range w {
		in = in[:0]
		for i, t := range sources {
			for k, d := range n.Delays {
				in = append(in, neuron.Arrival{Time: t + d, Weight: target[i][k]})
			}
		}
		t, ok := n.Cell.FirstSpike(in, n.End)
		if !ok {
			t = n.End
		}
		times = append(times, t)
		slopes = append(slopes, math.Max(leastSlope, n.Cell.Rise(in, t)))
	}
	return times, slopes
}

// Present computes one pattern and the gradient of its error.
func (n *SpikeProp) Present(input, want []float64) Pass {
	var p Pass
	hidden, hiddenSlopes := n.layer(n.W[0], input)
	output, outputSlopes := n.layer(n.W[1], hidden)
	p.Hidden, p.Output = hidden, output
	deltas := make([]float64, len(output))
	back := make([]float64, len(hidden))
	for j, t := range output {
		p.Error += (t - want[j]) * (t - want[j]) / 2
		deltas[j] = (want[j] - t) / outputSlopes[j]
		for i := range hidden {
			for k, d := range n.Delays {
				back[i] += deltas[j] * n.W[1][j][i][k] * n.Cell.Slope(t-hidden[i]-d)
			}
		}
	}
	for i := range back {
		back[i] /= hiddenSlopes[i]
	}
	p.Gradient[0] = n.gradient(back, hidden, input)
	p.Gradient[1] = n.gradient(deltas, output, hidden)
	return p
}

// gradient is ε(t_j − t_i − d)·δ_j.
func (n *SpikeProp) gradient(deltas, targets, sources []float64) [][][]float64 {
	g := make([][][]float64, len(targets))
	for j := range g {
		g[j] = make([][]float64, len(sources))
		for i := range g[j] {
			g[j][i] = make([]float64, len(n.Delays))
			for k, d := range n.Delays {
				g[j][i][k] = deltas[j] * n.Cell.Epsilon(targets[j]-sources[i]-d)
			}
		}
	}
	return g
}

// Descend changes all weights by −rate·gradient.
func (n *SpikeProp) Descend(p Pass, rate float64) {
	for l := range n.W {
		for j := range n.W[l] {
			for i := range n.W[l][j] {
				for k := range n.W[l][j][i] {
					n.W[l][j][i][k] -= rate * p.Gradient[l][j][i][k]
				}
			}
		}
	}
}
