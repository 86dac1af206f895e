//go:build !noasm

package gemm

import "spikec/internal/simd"

// of returns the kernels of a level.
func of(l simd.Level) set {
	switch l {
	case simd.AVX512:
		return set{
			f32: &kernels[float32]{
				rows: 8, cols: 32, lanes: 16, combine1: combineAVX512F32_1, combine4: combineAVX512F32_4,
				tile: []func(int, *float32, *float32, *float32, int){tileAVX512F32_1, tileAVX512F32_2},
			},
			f64: &kernels[float64]{
				rows: 8, cols: 16, lanes: 8, combine1: combineAVX512F64_1, combine4: combineAVX512F64_4,
				tile: []func(int, *float64, *float64, *float64, int){tileAVX512F64_1, tileAVX512F64_2},
			},
			dot: dotKernels{dotAVX512F32_1, dotAVX512F32_4},
		}
	case simd.AVX2:
		return set{
			f32: &kernels[float32]{
				rows: 4, cols: 24, lanes: 8, combine1: combineAVX2F32_1, combine4: combineAVX2F32_4,
				tile: []func(int, *float32, *float32, *float32, int){tileAVX2F32_1, tileAVX2F32_2, tileAVX2F32_3},
			},
			f64: &kernels[float64]{
				rows: 4, cols: 12, lanes: 4, combine1: combineAVX2F64_1, combine4: combineAVX2F64_4,
				tile: []func(int, *float64, *float64, *float64, int){tileAVX2F64_1, tileAVX2F64_2, tileAVX2F64_3},
			},
			dot: dotKernels{dotAVX2F32_1, dotAVX2F32_4},
		}
	default:
		return plainSet()
	}
}
