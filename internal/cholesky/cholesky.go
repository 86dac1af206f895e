// Package cholesky factorises symmetric positive definite matrices of float64, and solves and inverts with the factor.
// Nearly all of its work is products of package gemm; what it computes does not depend on how right-hand sides are shared
// out.
package cholesky

import (
	"math"

	"spikec/internal/gemm"
)

// Matrix and Workspace are those of package gemm.
type (
	Matrix    = gemm.Matrix[float64]
	Workspace = gemm.Workspace[float64]
)

// block is how many columns are finished one by one before the rest is brought up to date by a product.
const block = 64

// Factor replaces the upper triangle of a by U, UᵀU = A, and leaves nothing of use below the diagonal:
//
//	for i := range n { for j := i; j < n; j++ {
//		for k := range i { a[i][j] = fma(−u[k][i], u[k][j], a[i][j]) }
//		u[i][j] = a[i][j] / √a[i][i]
//	} }
//
// It reports whether A is positive definite, which is that all a[i][i] are positive and finite there.
func Factor(w *Workspace, a Matrix) bool {
	n := a.Rows
	for first := 0; first < n; first += block {
		rows := min(block, n-first)
		w.Sub(a.Block(first, first, rows, n-first), a.Block(0, first, first, rows).Transposed(), a.Block(0, first, first, n-first))
		for i := first; i < first+rows; i++ {
			row := a.Block(i, i, 1, n-i)
			w.Sub(row, a.Block(first, i, i-first, 1).Transposed(), a.Block(first, i, i-first, n-i))
			pivot := row.Data[0]
			if !(pivot > 0) || math.IsInf(pivot, 1) {
				return false
			}
			root := math.Sqrt(pivot)
			for j := range n - i {
				row.Data[j] /= root
			}
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
func Invert(w *Workspace, u, x Matrix) {
	n := u.Rows
	for i := range n {
		clear(line(x, i))
		line(x, i)[i] = 1
	}
	for first := 0; first < n; first += block {
		forward(w, u.Block(first, first, n-first, n-first), x.Block(first, first, min(block, n-first), n-first))
	}
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
