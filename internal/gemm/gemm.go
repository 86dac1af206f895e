// Package gemm multiplies dense matrices of float32 and float64. It knows strides, not networks.
//
// # Rounding
//
// Every element of a result is one chain of fused multiply-adds that starts at what the element holds and goes through
// the products in ascending order:
//
//	for k := range a.Cols { c[i][j] = fma(a[i][k], b[k][j], c[i][j]) } // one rounding a step
//
// Blocks, the shape of tiles, the number of goroutines that share a matrix, and the vector instructions in use change
// nothing in it: the kernels for AVX2 and for AVX-512 give the same bits. The plain Go kernels, for other processors,
// walk the same chain; whether they round the product before the sum is the Go compiler's choice on that processor.
//
// # Kernels
//
// Kernels exist in Go (kernels_go.go, the definition) and in assembly that _gen generates. The package chooses once, by
// the level of package simd.
package gemm

import "fmt"

// Workspace is the memory that products need beside their operands; the zero value is ready. It keeps what it
// allocates, and bounds it: about 1.2 MB of float32. It is not safe for concurrent use.
type Workspace[T Float] struct {
	left, right []T // packed blocks
	lines       []T // rows of a computed matrix, or the ends of rows
	tile        []T // a tile that reaches beyond the matrix
}

// Add is C += A·B, for A of m × k, B of k × n, C of m × n, its rows contiguous:
//
//	for i := range m { for j := range n { for p := range k { c[i][j] = fma(a[i][p], b[p][j], c[i][j]) } } }
//
// C does not overlap A or B.
func (w *Workspace[T]) Add(c, a, b Matrix[T]) { w.multiply(best[T](), c, a, right[T]{matrix: b}, plus) }

// Sub is C −= A·B: Add with −A.
func (w *Workspace[T]) Sub(c, a, b Matrix[T]) {
	w.multiply(best[T](), c, a, right[T]{matrix: b}, minus)
}

// AddRows is Add for a B that is computed while it is read, C's number of columns wide. B's rows are read in ascending
// order within a range of columns, and each range once.
func (w *Workspace[T]) AddRows(c, a Matrix[T], b Rows[T]) {
	w.multiply(best[T](), c, a, right[T]{matrix: Matrix[T]{Rows: a.Cols, Cols: c.Cols}, rows: b}, plus)
}

// AddGram is C += Aᵀ·A in the columns first to last−1 of C's upper triangle, for A of k × n, C of n × n, its rows
// contiguous:
//
//	for j := first; j < last; j++ { for i := range j + 1 { for p := range k { c[i][j] = fma(a[p][i], a[p][j], c[i][j]) } } }
//
// What lies below the diagonal is left alone. Ranges of columns can be computed concurrently.
func (w *Workspace[T]) AddGram(c, a Matrix[T], first, last int) {
	w.addGram(best[T](), c, a, first, last)
}

// addGram is AddGram with given kernels.
func (w *Workspace[T]) addGram(k *kernels[T], c, a Matrix[T], first, last int) {
	if c.Rows != a.Cols || c.Cols != a.Cols || first < 0 || first > last || last > a.Cols {
		panic(fmt.Sprintf("gemm: columns %d to %d of the Gram matrix of %dx%d, in %dx%d", first, last, a.Rows, a.Cols, c.Rows, c.Cols))
	}
	a.check()
	c.check()
	w.block(k, product[T]{
		c: c.Block(0, first, last, last-first), a: a.Block(0, 0, a.Rows, last).Transposed(),
		b: right[T]{matrix: a.Block(0, first, a.Rows, last-first)}, sign: plus, upper: true, diagonal: first,
	})
}

// multiply checks the shapes and chooses how to walk.
func (w *Workspace[T]) multiply(k *kernels[T], c, a Matrix[T], b right[T], sign sign) {
	if a.Rows != c.Rows || b.matrix.Cols != c.Cols || a.Cols != b.matrix.Rows || c.ColStride != 1 {
		panic(fmt.Sprintf("gemm: %dx%d times %dx%d into %dx%d with column stride %d", a.Rows, a.Cols, b.matrix.Rows, b.matrix.Cols, c.Rows, c.Cols, c.ColStride))
	}
	a.check()
	c.check()
	if b.rows == nil {
		b.matrix.check()
	}
	if a.Rows == 0 || a.Cols == 0 || c.Cols == 0 {
		return
	}
	p := product[T]{c: c, a: a, b: b, sign: sign}
	if a.Rows <= few && b.wholeRows() {
		w.combine(k, p)
	} else {
		w.block(k, p)
	}
}

// sign is what the left operand is multiplied by.
type sign int

const (
	plus  sign = 1
	minus sign = -1
)

// product is one multiplication.
type product[T Float] struct {
	c, a Matrix[T]
	b    right[T]
	sign sign
	// upper leaves alone the elements (i, j) of c with i > j + diagonal.
	upper    bool
	diagonal int
}

// right is a right operand: a matrix that is stored, or one that is computed, of which matrix holds the size.
type right[T Float] struct {
	matrix Matrix[T]
	rows   Rows[T]
}

// wholeRows reports whether rows can be had as contiguous elements.
func (r right[T]) wholeRows() bool { return r.rows != nil || r.matrix.ColStride == 1 }

// grown returns a slice of n elements of unspecified content, buf's memory if that is enough.
func grown[T Float](buf *[]T, n int) []T {
	if cap(*buf) < n {
		*buf = make([]T, n)
	}
	return (*buf)[:n]
}
