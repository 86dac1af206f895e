package quantize

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/cholesky"
	"spikec/internal/gemm"
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
	order []int                // columns, the largest moment first
	u     gemm.Matrix[float64] // U in that order; no data if H cannot be factorised, or few does it
	few   *fewSamples          // nil where H's rank is not small
	gemm  gemm.Workspace[float64]
}

// gptqBlock is how many columns are rounded one by one before their errors are spread over all that come later.
const gptqBlock = 64

// newGPTQ factorises h, on some goroutines.
func newGPTQ(h *mat.SymDense, jobs int) *gptq {
	n := h.SymmetricDim()
	g := &gptq{order: make([]int, n)}
	mean := 0.0
	for i := range g.order {
		g.order[i] = i
		mean += h.At(i, i) / float64(n)
	}
	sort.SliceStable(g.order, func(a, b int) bool { return h.At(g.order[a], g.order[a]) > h.At(g.order[b], g.order[b]) })
	if g.few = newFewSamples(&g.gemm, h, g.order, damping*mean); g.few == nil {
		g.u = inverseFactor(cholesky.NewTeam(jobs), h, g.order, damping*mean)
	}
	return g
}

// round rounds rows in place; grid rounds one weight of a row. Without a factor every weight goes to its nearest
// neighbour.
func (g *gptq) round(rows [][]float64, grid func(row int, w float64) float64) {
	if g.few != nil {
		g.few.round(rows, grid)
		return
	}
	if g.u.Data == nil {
		for r, row := range rows {
			for i := range row {
				row[i] = grid(r, row[i])
			}
		}
		return
	}
	n := len(g.order)
	w := gemm.Dense(make([]float64, len(rows)*n), len(rows), n)
	for r, row := range rows {
		for k, c := range g.order {
			w.Data[r*n+k] = row[c]
		}
	}
	for first := 0; first < n; first += gptqBlock {
		last := min(n, first+gptqBlock)
		errors := gemm.Dense(make([]float64, len(rows)*(last-first)), len(rows), last-first)
		for r := range rows {
			g.roundBlock(w.Data[r*n+first:r*n+last], errors.Data[r*errors.Cols:(r+1)*errors.Cols], first, func(w float64) float64 { return grid(r, w) })
		}
		g.gemm.Sub(w.Block(0, last, len(rows), n-last), errors, g.u.Block(first, last, last-first, n-last))
	}
	for r, row := range rows {
		for k, c := range g.order {
			row[c] = w.Data[r*n+k]
		}
	}
}

// roundBlock rounds columns first to first+len(w)−1 of one row, notes their errors e, and spreads them within the block.
func (g *gptq) roundBlock(w, e []float64, first int, grid func(w float64) float64) {
	for i := range w {
		line := g.u.Data[(first+i)*g.u.RowStride+first:][:len(w)]
		q := grid(w[i])
		e[i] = (w[i] - q) / line[i]
		w[i] = q
		for j := i + 1; j < len(w); j++ {
			w[j] -= float64(e[i] * line[j])
		}
	}
}

// inverseFactor returns the upper factor U with UᵀU = (P·H·Pᵀ + ridge·I)⁻¹, P by order; no data if there is none. With
// the order of rows and columns reversed, J, a factor R of the matrix itself gives it: RᵀR = J·(P·H·Pᵀ + ridge·I)·J,
// U = J·R⁻ᵀ·J.
func inverseFactor(team cholesky.Team, h *mat.SymDense, order []int, ridge float64) gemm.Matrix[float64] {
	n := len(order)
	if !(ridge > 0) || math.IsInf(ridge, 0) {
		return gemm.Matrix[float64]{}
	}
	r, x, u := gemm.Dense(make([]float64, n*n), n, n), gemm.Dense(make([]float64, n*n), n, n), gemm.Dense(make([]float64, n*n), n, n)
	for i := range n {
		for j := i; j < n; j++ {
			r.Data[i*n+j] = h.At(order[n-1-i], order[n-1-j])
		}
		r.Data[i*n+i] += ridge
	}
	if !cholesky.Factor(team, r) {
		return gemm.Matrix[float64]{}
	}
	cholesky.Invert(team, r, x)
	for i := range n {
		for j := i; j < n; j++ {
			u.Data[i*n+j] = x.Data[(n-1-j)*n+n-1-i]
		}
	}
	return u
}
