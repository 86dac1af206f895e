package quantize

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/target/chip"
)

// tb is what the helpers need of *testing.T and *rapid.T.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func load(t tb, id string) *chip.Profile {
	t.Helper()
	p, err := chip.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// randomNetwork returns a network as convert makes it, for a chip: a first layer driven by the input, a second one with
// groups or a pool, with a skip connection, and perhaps with weights of the input too, and an output. Every layer has
// moments.
func randomNetwork(r *rand.Rand, p *chip.Profile) *snn.Network {
	groups := []int{1, 2, 4}[r.IntN(3)]
	c := groups * (1 + r.IntN(3))
	in := 1 + r.IntN(3)
	same := window.Window2d{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 1}, PadEnd: [2]int{1, 1}}
	n := &snn.Network{Name: "random", Steps: 1 + r.IntN(20), Reset: snn.Reset(p.Reset.Modes[r.IntN(len(p.Reset.Modes))]),
		Firing: snn.Firing(p.Capabilities().Firing)}
	if p.Initial.V {
		n.Initial = 0.5
	}
	n.Populations = []snn.Population{
		{Name: "x", Shape: [3]int{in, 6, 5}, Neuron: snn.Input},
		{Name: "first", Shape: [3]int{c, 6, 5}, Neuron: snn.IF},
		{Name: "second", Shape: [3]int{c, 6, 5}, Neuron: snn.IF},
		{Name: "output", Shape: [3]int{[]int{3, 4, 6}[r.IntN(3)], 1, 1}, Neuron: snn.Integrator, Range: 3 * float64(n.Steps)}}
	if r.IntN(2) == 0 {
		n.Populations[3].Neuron = snn.IF
	}
	n.Projections = []snn.Projection{
		{Source: 0, Target: 1, Window: same, Groups: 1, Weight: weights(r, c*in*9, 1.0/255)},
		{Source: 1, Target: 2, Window: same, Groups: groups, Weight: weights(r, c*c/groups*9, 0.3)}}
	if r.IntN(2) == 0 {
		n.Projections = append(n.Projections, snn.Projection{Source: 1, Target: 2, Window: window.Square(1, 1), Groups: c, Weight: weights(r, c, 1), Identity: true})
	}
	if r.IntN(2) == 0 {
		n.Projections = append(n.Projections, snn.Projection{Source: 0, Target: 2, Window: window.Square(1, 1), Groups: 1, Weight: weights(r, c*in, 1.0/255)})
	}
	for i := range 2 {
		if r.IntN(2) == 0 {
			n.Projections[i].Pool = &same
		}
	}
	pool := window.Square(2, 2)
	n.Projections = append(n.Projections, snn.Projection{Source: 2, Target: 3, Pool: &pool, Groups: 1,
		Window: window.Window2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Weight: weights(r, n.Populations[3].Shape[0]*c*6, 0.1)})
	for i := range n.Populations[1:] {
		pop := &n.Populations[i+1]
		for range pop.Shape[0] {
			pop.Scale = append(pop.Scale, 0.1+r.Float64())
			pop.Bias = append(pop.Bias, r.NormFloat64()/8)
		}
		pop.Moments = moments(r, n, i+1)
	}
	return n
}

func weights(r *rand.Rand, n int, spread float64) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(r.NormFloat64() * spread)
	}
	return w
}

// moments returns second moments in the order that snn.Population.Moments tells, as convert makes them: one matrix a
// group if all weighted projections have the same groups, each over all of them.
func moments(r *rand.Rand, n *snn.Network, population int) []*mat.SymDense {
	blocks, columns := 1, 0
	for _, i := range n.Incoming(population) {
		if p := &n.Projections[i]; !p.Identity {
			blocks = max(blocks, p.Groups)
			columns += len(p.Weight) / n.Populations[population].Shape[0]
		}
	}
	var m []*mat.SymDense
	for range blocks {
		m = append(m, positive(r, columns))
	}
	return m
}

// positive returns a random positive definite matrix: second moments of correlated non-negative inputs.
func positive(r *rand.Rand, n int) *mat.SymDense {
	m := mat.NewSymDense(n, nil)
	x := mat.NewVecDense(n, nil)
	for range 3 * n {
		common := r.Float64()
		for i := range n {
			x.SetVec(i, max(0, common+r.NormFloat64()/3))
		}
		m.SymRankOne(m, 1/float64(3*n), x)
	}
	return m
}

// cost is Σ_rows e·H·e of the rounding errors.
func cost(h *mat.SymDense, rows, rounded [][]float64) float64 {
	sum := 0.0
	for r := range rows {
		e := mat.NewVecDense(len(rows[r]), nil)
		for i := range rows[r] {
			e.SetVec(i, rows[r][i]-rounded[r][i])
		}
		sum += mat.Inner(e, h, e)
	}
	return sum
}

func copyRows(rows [][]float64) [][]float64 {
	var c [][]float64
	for _, r := range rows {
		c = append(c, append([]float64(nil), r...))
	}
	return c
}

// whole rounds to whole numbers from −7 to 7.
func whole(_ int, w float64) float64 { return max(-7, min(7, math.Round(w))) }
