package quantize

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/gemm"
)

// fewSamples rounds as gptq does where the moments are those of few samples, H = Vᵀ·V with far fewer rows v than columns: a
// fully connected layer has one an image. It needs neither the inverse nor its factor. With V's columns v_i in the order of
// rounding and δ the damping, the inverse of what is left of H + δ·I once columns before i are done is
//
//	(δ·I + V_iᵀ·V_i)⁻¹ = (I − V_iᵀ·K_i·V_i)/δ ,   K_i = (δ·I + Σ_{j≥i} v_j·v_jᵀ)⁻¹ ,   V_i the columns from i on
//
// (Woodbury), so that with t_i = K_{i+1}·v_i and s the sum of what was spread
//
//	for i in columns:  w_i += s·v_i ;  q_i = grid(w_i) ;  s += (w_i − q_i)·t_i
//
// K comes from the last column to the first, K_i = K_{i+1} − t_i·t_iᵀ/(1 + v_i·t_i), which only ever makes it smaller.
type fewSamples struct {
	order []int
	v, t  []float64 // by column in order, rank numbers each
	rank  int
}

const (
	// fewColumns is from how many columns on it is worth to look for few samples.
	fewColumns = 512
	// fewShare is the largest rank, as a share of the columns, that counts as few: 1/fewShare.
	fewShare = 4
	// negligible is what may be missing of the trace of H.
	negligible = 1e-9
)

// newFewSamples returns nil where the rank of h is not small.
func newFewSamples(w *gemm.Workspace[float64], h *mat.SymDense, order []int, ridge float64) *fewSamples {
	n := len(order)
	if n < fewColumns || !(ridge > 0) || math.IsInf(ridge, 0) {
		return nil
	}
	rows := partialFactor(w, h, n/fewShare)
	if rows.Data == nil {
		return nil
	}
	f := &fewSamples{order: order, rank: rows.Rows, v: make([]float64, n*rows.Rows), t: make([]float64, n*rows.Rows)}
	for r := range f.rank {
		for i, c := range order {
			f.v[i*f.rank+r] = rows.Data[r*n+c]
		}
	}
	f.condition(w, ridge)
	return f
}

// partialFactor returns V, at most `most` rows, with Vᵀ·V = H but for a negligible rest: the Cholesky factorisation with
// the largest pivot first. No data where that is not enough.
func partialFactor(w *gemm.Workspace[float64], h *mat.SymDense, most int) gemm.Matrix[float64] {
	n := h.SymmetricDim()
	left := make([]float64, n)
	for i := range left {
		left[i] = h.At(i, i)
	}
	trace := mat.Trace(h)
	v := gemm.Dense(make([]float64, most*n), most, n)
	for r := range most + 1 {
		pivot, rest := 0, 0.0
		for i, d := range left {
			rest += max(d, 0)
			if d > left[pivot] {
				pivot = i
			}
		}
		if rest <= negligible*trace {
			return v.Block(0, 0, r, n)
		}
		if r == most || !(left[pivot] > 0) {
			break
		}
		row := v.Block(r, 0, 1, n)
		for i := range n {
			row.Data[i] = h.At(pivot, i)
		}
		w.Sub(row, v.Block(0, pivot, r, 1).Transposed(), v.Block(0, 0, r, n))
		root := math.Sqrt(left[pivot])
		for i := range n {
			x := row.Data[i] / root
			row.Data[i] = x
			left[i] -= float64(x * x)
		}
		left[pivot] = 0
	}
	return gemm.Matrix[float64]{}
}

// condition computes every t_i, from the last column to the first, in blocks: K is brought up to date once a block.
func (f *fewSamples) condition(w *gemm.Workspace[float64], ridge float64) {
	n, r := len(f.order), f.rank
	k := gemm.Dense(make([]float64, r*r), r, r)
	for i := range r {
		k.Data[i*r+i] = 1 / ridge
	}
	v, t := gemm.Dense(f.v, n, r), gemm.Dense(f.t, n, r)
	for last := n; last > 0; {
		first := max(0, last-gptqBlock)
		w.Add(t.Block(first, 0, last-first, r), v.Block(first, 0, last-first, r), k)
		scaled := gemm.Dense(make([]float64, (last-first)*r), last-first, r) // t_i/(1 + v_i·t_i)
		for i := last - 1; i >= first; i-- {
			vi, ti := f.of(f.v, i), f.of(f.t, i)
			for j := i + 1; j < last; j++ {
				subtract(ti, dot(vi, f.of(f.t, j)), f.of(scaled.Data, j-first))
			}
			den := 1 + dot(vi, ti)
			for x, y := range ti {
				scaled.Data[(i-first)*r+x] = y / den
			}
		}
		w.Sub(k, t.Block(first, 0, last-first, r).Transposed(), scaled)
		last = first
	}
}

// of returns the numbers of column i.
func (f *fewSamples) of(all []float64, i int) []float64 { return all[i*f.rank : (i+1)*f.rank] }

// round rounds rows in place.
func (f *fewSamples) round(rows [][]float64, grid func(row int, w float64) float64) {
	s := make([]float64, f.rank)
	for o, row := range rows {
		clear(s)
		for i, c := range f.order {
			w := row[c] + dot(s, f.of(f.v, i))
			row[c] = grid(o, w)
			subtract(s, row[c]-w, f.of(f.t, i))
		}
	}
}

// dot returns Σ a·b, in four sums: more than one addition is then under way at a time.
func dot(a, b []float64) float64 {
	var s [4]float64
	b = b[:len(a)]
	for len(a) >= 4 {
		for i := range s {
			s[i] += float64(a[i] * b[i])
		}
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s[0] += float64(a[i] * b[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// subtract computes a −= by·b.
func subtract(a []float64, by float64, b []float64) {
	b = b[:len(a)]
	for i := range a {
		a[i] -= float64(by * b[i])
	}
}
