package quantize

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// damping is the share of the mean second moment that is added to the diagonal before it is inverted.
const damping = 0.01

// gptq rounds rows of weights for inputs with known second moments H. Column by column, from the largest H_jj down,
// it spreads each column's rounding error over the columns still to come so that the change of the layer's output on
// the calibration images, tr(E·H·Eᵀ), stays small (Frantar et al. 2023, after optimal brain surgeon):
//
//	UᵀU = (H + damping·mean(diag H)·I)⁻¹
//	for i in columns:  q_i = grid(w_i) ;  e = (w_i − q_i)/U_ii ;  w_j −= e·U_ij for j > i
type gptq struct {
	order []int      // columns, the largest moment first
	u     *mat.Dense // U in that order; nil if H cannot be factorised
}

// newGPTQ factorises h.
func newGPTQ(h *mat.SymDense) *gptq {
	n := h.SymmetricDim()
	g := &gptq{order: make([]int, n)}
	mean := 0.0
	for i := range g.order {
		g.order[i] = i
		mean += h.At(i, i) / float64(n)
	}
	sort.SliceStable(g.order, func(a, b int) bool { return h.At(g.order[a], g.order[a]) > h.At(g.order[b], g.order[b]) })
	g.u = inverseFactor(h, g.order, damping*mean)
	return g
}

// round rounds rows in place; grid rounds one weight of a row. Without a factor every weight goes to its nearest
// neighbour.
func (g *gptq) round(rows [][]float64, grid func(row int, w float64) float64) {
	w := make([]float64, len(g.order))
	for r, row := range rows {
		if g.u == nil {
			for i := range row {
				row[i] = grid(r, row[i])
			}
			continue
		}
		for k, c := range g.order {
			w[k] = row[c]
		}
		for i := range w {
			q := grid(r, w[i])
			e := (w[i] - q) / g.u.At(i, i)
			w[i] = q
			if e == 0 {
				continue
			}
			line := g.u.RawRowView(i)
			for j := i + 1; j < len(w); j++ {
				w[j] -= e * line[j]
			}
		}
		for k, c := range g.order {
			row[c] = w[k]
		}
	}
}

// inverseFactor returns the upper factor U with UᵀU = (P·H·Pᵀ + ridge·I)⁻¹, P by order; nil if there is none.
func inverseFactor(h *mat.SymDense, order []int, ridge float64) *mat.Dense {
	n := len(order)
	if !(ridge > 0) || math.IsInf(ridge, 0) {
		return nil
	}
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, h.At(order[i], order[j]))
		}
		a.SetSym(i, i, a.At(i, i)+ridge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(a) {
		return nil
	}
	var inverse mat.SymDense
	if err := chol.InverseTo(&inverse); err != nil {
		return nil
	}
	var again mat.Cholesky
	if !again.Factorize(&inverse) {
		return nil
	}
	var tri mat.TriDense
	again.UTo(&tri)
	return mat.DenseCopyOf(&tri)
}
