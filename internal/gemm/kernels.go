package gemm

import "spikec/internal/simd"

//go:generate go -C _gen run . -out ../kernels_amd64.s -stubs ../stubs_amd64.go -pkg gemm

// kernels is one set of inner loops.
type kernels[T Float] struct {
	rows, cols int // of a tile
	lanes      int // columns of a tile come in multiples of this
	// tile[v−1] is tileGo for (v·lanes) columns.
	tile []func(k int, a, b, c *T, stride int)
	// combine1 and combine4 are combineGo for that many rows.
	combine1, combine4 func(length int, a, b *T, stride int, c *T)
}

// dotKernels are dotGo for one and for four rows.
type dotKernels struct {
	one, four func(length int, w *float32, stride int, x, sums *float32)
}

// set is all kernels of one level.
type set struct {
	f32 *kernels[float32]
	f64 *kernels[float64]
	dot dotKernels
}

// inUse is the kernels that the program runs.
var inUse = of(simd.Best())

// best returns the kernels in use for T.
func best[T Float]() *kernels[T] {
	return in[T](inUse)
}

// in returns the kernels of s for T.
func in[T Float](s set) *kernels[T] {
	if k, ok := any(s.f32).(*kernels[T]); ok {
		return k
	}
	return any(s.f64).(*kernels[T])
}
