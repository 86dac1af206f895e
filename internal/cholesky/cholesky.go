// Package cholesky factorises symmetric positive definite matrices of float64, and solves and inverts with the factor.
// Nearly all of its work is products of package gemm; what it computes does not depend on how right-hand sides are shared
// out.
package cholesky

import (
	"context"
	"math"

	"spikec/internal/gemm"
	"spikec/internal/parallel"
)

// Matrix and Workspace are those of package gemm.
type (
	Matrix    = gemm.Matrix[float64]
	Workspace = gemm.Workspace[float64]
)

// Team are the workspaces of goroutines that share a matrix, one each. How many there are changes no bit.
type Team []Workspace

// NewTeam returns a team of jobs goroutines, or of as many as Go may use processors if jobs is not positive.
func NewTeam(jobs int) Team { return make(Team, parallel.Jobs(jobs)) }

// each calls body for every i in 0..n-1, concurrently.
func (t Team) each(n int, body func(w *Workspace, i int)) {
	_ = parallel.For(context.Background(), n, len(t), func(k, i int) error { // nothing ends it early
		body(&t[k], i)
		return nil
	})
}

const (
	// block is how many rows are finished one by one before those below are brought up to date by a product.
	block = 64
	// share is how many columns of those rows a goroutine takes at a time.
	share = 256
)

// Factor replaces the upper triangle of a by U, UᵀU = A, and leaves nothing of use below the diagonal:
//
//	for i := range n { for j := i; j < n; j++ {
//		for k := range i { a[i][j] = fma(−u[k][i], u[k][j], a[i][j]) }
//		u[i][j] = a[i][j] / √a[i][i]
//	} }
//
// It reports whether A is positive definite, which is that all a[i][i] are positive and finite there.
func Factor(t Team, a Matrix) bool {
	n := a.Rows
	roots := make([]float64, block)
	for first := 0; first < n; first += block {
		last := min(n, first+block)
		if !finish(&t[0], a, first, last, first, last, roots) {
			return false
		}
		t.each((n-last+share-1)/share, func(w *Workspace, i int) {
			from := last + i*share
			finish(w, a, first, last, from, min(n, from+share), roots)
		})
	}
	return true
}

// finish computes U in the rows first to last−1 and the columns from to to−1; above them it is there. Where the columns are
// those of the diagonal it fills roots, what rows are divided by, and reports whether there are such; else it uses them.
func finish(w *Workspace, a Matrix, first, last, from, to int, roots []float64) bool {
	w.Sub(a.Block(first, from, last-first, to-from), a.Block(0, first, first, last-first).Transposed(), a.Block(0, from, first, to-from))
	for i := first; i < last; i++ {
		begin := max(from, i)
		row := a.Block(i, begin, 1, to-begin)
		w.Sub(row, a.Block(first, i, i-first, 1).Transposed(), a.Block(first, begin, i-first, to-begin))
		if begin == i {
			pivot := row.Data[0]
			if !(pivot > 0) || math.IsInf(pivot, 1) {
				return false
			}
			roots[i-first] = math.Sqrt(pivot)
		}
		for j := range row.Cols {
			row.Data[j] /= roots[i-first]
		}
	}
	return true
}

// Solve replaces every row of x by the solution s of UᵀU·s = row.
func Solve(w *Workspace, u, x Matrix) {
	forward(w, u, x)
	backward(w, u, x)
}

// Invert replaces the upper triangle of x by U⁻¹ and what is below by zeros.
func Invert(t Team, u, x Matrix) {
	n := u.Rows
	t.each((n+block-1)/block, func(w *Workspace, k int) {
		first := k * block
		rows := min(block, n-first)
		for i := first; i < first+rows; i++ {
			clear(line(x, i))
			line(x, i)[i] = 1
		}
		forward(w, u.Block(first, first, n-first, n-first), x.Block(first, first, rows, n-first))
	})
}

// forward replaces every row of x by the solution s of Uᵀ·s = row:
//
//	for j := range n { for k := range j { x[j] −= s[k]·u[k][j] } ; s[j] = x[j] / u[j][j] }
func forward(w *Workspace, u, x Matrix) {
	n := u.Rows
	for first := 0; first < n; first += block {
		cols := min(block, n-first)
		w.Sub(x.Block(0, first, x.Rows, cols), x.Block(0, 0, x.Rows, first), u.Block(0, first, first, cols))
		for r := range x.Rows {
			s := line(x, r)[first : first+cols]
			for k := range s {
				factors := line(u, first+k)[first : first+cols]
				s[k] /= factors[k]
				v := s[k]
				for j := k + 1; j < cols; j++ {
					s[j] -= float64(v * factors[j])
				}
			}
		}
	}
}

// backward replaces every row of x by the solution s of U·s = row:
//
//	for j := n − 1; j >= 0; j-- { for k := j + 1; k < n; k++ { x[j] −= u[j][k]·s[k] } ; s[j] = x[j] / u[j][j] }
//
// but for the order of the sum, in which columns of the same block come last.
func backward(w *Workspace, u, x Matrix) {
	n := u.Rows
	for last := n; last > 0; {
		first := (last - 1) / block * block
		cols := last - first
		w.Sub(x.Block(0, first, x.Rows, cols), x.Block(0, last, x.Rows, n-last), u.Block(first, last, cols, n-last).Transposed())
		for r := range x.Rows {
			s := line(x, r)[first:last]
			for j := cols - 1; j >= 0; j-- {
				factors := line(u, first+j)[first:last]
				v := s[j]
				for k := j + 1; k < cols; k++ {
					v -= float64(factors[k] * s[k])
				}
				s[j] = v / factors[j]
			}
		}
		last = first
	}
}

// line returns row i of m, whose rows are contiguous.
func line(m Matrix, i int) []float64 { return m.Data[i*m.RowStride:][:m.Cols] }
