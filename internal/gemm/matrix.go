package gemm

import "fmt"

// Float is an element of a matrix.
type Float interface{ float32 | float64 }

// Matrix is a view of Rows × Cols elements: element (i, j) is Data[i·RowStride + j·ColStride].
type Matrix[T Float] struct {
	Data                 []T
	Rows, Cols           int
	RowStride, ColStride int
}

// Dense returns the view of a matrix stored row by row without gaps.
func Dense[T Float](data []T, rows, cols int) Matrix[T] {
	return Matrix[T]{Data: data, Rows: rows, Cols: cols, RowStride: cols, ColStride: 1}
}

// Transposed returns the view in which rows and columns have changed places.
func (m Matrix[T]) Transposed() Matrix[T] {
	return Matrix[T]{Data: m.Data, Rows: m.Cols, Cols: m.Rows, RowStride: m.ColStride, ColStride: m.RowStride}
}

// Block returns the view of rows × cols elements from (i, j) on.
func (m Matrix[T]) Block(i, j, rows, cols int) Matrix[T] {
	if i < 0 || j < 0 || rows < 0 || cols < 0 || i+rows > m.Rows || j+cols > m.Cols {
		panic(fmt.Sprintf("gemm: block of %dx%d at (%d, %d) of a matrix of %dx%d", rows, cols, i, j, m.Rows, m.Cols))
	}
	b := m
	b.Rows, b.Cols = rows, cols
	if rows > 0 && cols > 0 {
		b.Data = m.Data[i*m.RowStride+j*m.ColStride:]
	}
	return b
}

// at returns the index of element (i, j).
func (m Matrix[T]) at(i, j int) int { return i*m.RowStride + j*m.ColStride }

// check panics if the view reaches beyond its data: kernels in assembly do not look.
func (m Matrix[T]) check() {
	if m.Rows < 0 || m.Cols < 0 || m.RowStride < 0 || m.ColStride < 0 {
		panic(fmt.Sprintf("gemm: matrix of %dx%d with strides %d, %d", m.Rows, m.Cols, m.RowStride, m.ColStride))
	}
	if m.Rows > 0 && m.Cols > 0 && m.at(m.Rows-1, m.Cols-1) >= len(m.Data) {
		panic(fmt.Sprintf("gemm: matrix of %dx%d with strides %d, %d in %d elements", m.Rows, m.Cols, m.RowStride, m.ColStride, len(m.Data)))
	}
}

// Rows is a matrix that is computed while it is read, row by row.
type Rows[T Float] interface {
	// Row writes elements first to first+len(dst)−1 of row k.
	Row(dst []T, k, first int)
}
