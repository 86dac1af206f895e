package baseline

import "spikec/models/ann"

// Cost is what an image costs the 8-bit network.
type Cost struct {
	MACs int64 // multiplications of two bytes, added in 32 bits
	// Bytes that move between memory and arithmetic if nothing moves twice: every weight is read once an image, every stored
	// value is written once and read once by each that reads it.
	Bytes int64
}

// CostOf counts the operations of g and the bytes of its 8-bit form.
func CostOf(g *ann.Graph) Cost {
	c := Cost{MACs: g.MACs()}
	keep := stored(g)
	var from func(i int) int // the stored value that the values of node i are
	from = func(i int) int {
		if i == 0 || keep[i] || len(g.Nodes[i].Inputs) != 1 {
			return i
		}
		return from(g.Nodes[i].Inputs[0])
	}
	for i, n := range g.Nodes {
		size := int64(n.Shape.Size())
		if keep[i] || i == g.Output {
			c.Bytes += size
		}
		switch op := n.Op.(type) {
		case *ann.Conv:
			c.Bytes += int64(len(op.Weight))
		case *ann.Linear:
			c.Bytes += int64(len(op.Weight))
		}
		for _, in := range n.Inputs {
			if k := from(in); !fused(n.Op) && !moves(n.Op) && (k == 0 || keep[k]) {
				c.Bytes += int64(g.Nodes[k].Shape.Size())
			}
		}
	}
	return c
}

// Energy is an estimate, in nanojoule an image, from figures of a 45 nm chip at 0.9 V: a multiplication of 8 bits 0.2 pJ, an
// addition of 32 bits 0.1 pJ, and 64 bits from a cache of 8 KB 10 pJ, of 32 KB 20 pJ, of 1 MB 100 pJ. Least is with all bytes in
// 8 KB, Most with all in 1 MB, Middle in 32 KB. Control, clocks and memory beyond the chip are not in it.
// Source: Horowitz, ISSCC 2014, figure 1.1.9; see Source for the status.
type Energy struct{ Least, Middle, Most float64 }

// Source says where the figures are from.
const Source = "operations and caches of a 45 nm chip (Horowitz, ISSCC 2014, quoted from memory)"

const (
	macPicojoule   = 0.2 + 0.1
	smallPicojoule = 10.0 / 8 // a byte
	cachePicojoule = 20.0 / 8
	largePicojoule = 100.0 / 8
)

// Energy returns the estimate.
func (c Cost) Energy() Energy {
	with := func(picojoule float64) float64 {
		return (float64(c.MACs)*macPicojoule + float64(c.Bytes)*picojoule) / 1000
	}
	return Energy{with(smallPicojoule), with(cachePicojoule), with(largePicojoule)}
}
