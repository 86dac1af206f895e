package snn

import "spikec/emulator/encoder"

// Topology is what a Loop must know of a network.
type Topology struct {
	Shapes [][3]int // C,H,W of each population
	Ends   [][2]int // source and target of each projection
	// Codings are those of the populations, nil for all but Source neurons; the whole of it may be nil.
	Codings []*encoder.Coding
	Firing  Firing // of all populations
}

// NewTopology returns the topology of n.
func NewTopology(n *Network) Topology {
	t := Topology{Firing: n.Firing}
	for _, p := range n.Populations {
		t.Shapes, t.Codings = append(t.Shapes, p.Shape), append(t.Codings, p.Coding)
	}
	for _, p := range n.Projections {
		t.Ends = append(t.Ends, [2]int{p.Source, p.Target})
	}
	return t
}

// Rates writes the rates λ·N/steps of population p to dst, C,H,W order: counts holds N, the spikes of each neuron, H,W,C
// order, less those that were taken back; λ is the channel's scale factor. λ/steps is rounded to float32, and then the
// product with N.
func Rates(dst []float32, counts []int32, p *Population, steps int) {
	c, plane := p.Shape[0], p.Shape[1]*p.Shape[2]
	for ch := range c {
		unit := float32(p.Scale[ch] / float64(steps))
		for i := range plane {
			dst[ch*plane+i] = float32(counts[i*c+ch]) * unit
		}
	}
}

// ToHWC reorders one map from C,H,W to H,W,C.
func ToHWC[N Number](dst, src []N, shape [3]int) {
	c, plane := shape[0], shape[1]*shape[2]
	for ch := range c {
		for i, v := range src[ch*plane : (ch+1)*plane] {
			dst[i*c+ch] = v
		}
	}
}
