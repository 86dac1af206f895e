package quantize

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// damping is the share of the mean second moment that is added to the diagonal before it is inverted.
const damping = 0.01

// gptq rounds rows of weights (each len(order of h) long) to the grid, column by column from the largest second moment
// h_jj down, and spreads each column's rounding error over the columns still to come so that the change of the layer's
// output on the calibration images, tr(E·H·Eᵀ), stays small (Frantar et al. 2023, after optimal brain surgeon):
//
//	UᵀU = (H + damping·mean(diag H)·I)⁻¹
//	for i in columns:  q_i = grid(w_i) ;  e = (w_i − q_i)/U_ii ;  w_j −= e·U_ij for j > i
//
// grid rounds one weight of a row. Inputs that are never active keep their own rounding. If the matrix cannot be
// factorised every weight is rounded to its nearest neighbour.
func gptq(rows [][]float64, h *mat.SymDense, grid func(row int, w float64) float64) {
	n := h.SymmetricDim()
	order := make([]int, n)
	mean := 0.0
	for i := range order {
		order[i] = i
		mean += h.At(i, i) / float64(n)
	}
	sort.SliceStable(order, func(a, b int) bool { return h.At(order[a], order[a]) > h.At(order[b], order[b]) })
	u := inverseFactor(h, order, damping*mean)
	for r, row := range rows {
		if u == nil {
			for i := range row {
				row[i] = grid(r, row[i])
			}
			continue
		}
		w := make([]float64, n)
		for k, c := range order {
			w[k] = row[c]
		}
		for i := range w {
			q := grid(r, w[i])
			e := (w[i] - q) / u.At(i, i)
			w[i] = q
			if e == 0 {
				continue
			}
			line := u.RawRowView(i)
			for j := i + 1; j < n; j++ {
				w[j] -= e * line[j]
			}
		}
		for k, c := range order {
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
