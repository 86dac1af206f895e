package gemm

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
)

// filled returns small numbers.
func filled[T Float](n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(i%13-6) / 16
	}
	return v
}

// rate reports multiply-accumulates a second.
func rate(b *testing.B, macs int) {
	b.ReportMetric(float64(macs)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

// BenchmarkAdd multiplies matrices of the shapes of convolutions, m × n × k, on every level and with gonum.
func BenchmarkAdd(b *testing.B) {
	for _, s := range [][3]int{{1024, 1024, 1024}, {64, 12544, 576}, {512, 196, 4608}, {64, 16, 576}, {12, 576, 25}, {3, 1024, 27}, {1, 4096, 9}} {
		m, n, k := s[0], s[1], s[2]
		name := fmt.Sprintf("%dx%dx%d", m, n, k)
		for _, l := range levels() {
			b.Run(name+"/float32/"+l.String(), func(b *testing.B) { benchmarkAdd(b, of(l).f32, m, n, k) })
			b.Run(name+"/float64/"+l.String(), func(b *testing.B) { benchmarkAdd(b, of(l).f64, m, n, k) })
		}
		b.Run(name+"/float32/gonum", func(b *testing.B) {
			x, y, z := filled[float32](m*k), filled[float32](k*n), filled[float32](m*n)
			for b.Loop() {
				blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, blas32.General{Rows: m, Cols: k, Stride: k, Data: x},
					blas32.General{Rows: k, Cols: n, Stride: n, Data: y}, 1, blas32.General{Rows: m, Cols: n, Stride: n, Data: z})
			}
			rate(b, m*n*k)
		})
		b.Run(name+"/float64/gonum", func(b *testing.B) {
			x, y, z := filled[float64](m*k), filled[float64](k*n), filled[float64](m*n)
			for b.Loop() {
				blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General{Rows: m, Cols: k, Stride: k, Data: x},
					blas64.General{Rows: k, Cols: n, Stride: n, Data: y}, 1, blas64.General{Rows: m, Cols: n, Stride: n, Data: z})
			}
			rate(b, m*n*k)
		})
	}
}

func benchmarkAdd[T Float](b *testing.B, kernels *kernels[T], m, n, k int) {
	x, y, z := Dense(filled[T](m*k), m, k), Dense(filled[T](k*n), k, n), Dense(filled[T](m*n), m, n)
	var w Workspace[T]
	for b.Loop() {
		w.multiply(kernels, z, x, right[T]{matrix: y}, plus)
	}
	rate(b, m*n*k)
}

// BenchmarkGram forms the Gram matrix of 5000 × 577 float64, on every level and with gonum.
func BenchmarkGram(b *testing.B) {
	const rows, cols = 5000, 577
	a := Dense(filled[float64](rows*cols), rows, cols)
	c := make([]float64, cols*cols)
	for _, l := range levels() {
		b.Run(l.String(), func(b *testing.B) {
			var w Workspace[float64]
			for b.Loop() {
				w.addGram(of(l).f64, Dense(c, cols, cols), a, 0, cols)
			}
			rate(b, rows*cols*(cols+1)/2)
		})
	}
	b.Run("gonum", func(b *testing.B) {
		for b.Loop() {
			blas64.Syrk(blas.Trans, 1, blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: a.Data}, 1,
				blas64.Symmetric{N: cols, Stride: cols, Data: c, Uplo: blas.Upper})
		}
		rate(b, rows*cols*(cols+1)/2)
	})
}

// BenchmarkMultiplyVector multiplies a vector with matrices that fit the caches, or do not, on every level and with gonum.
func BenchmarkMultiplyVector(b *testing.B) {
	for _, s := range [][2]int{{10, 1024}, {512, 512}, {4096, 4096}} {
		m, n := s[0], s[1]
		w, x, y := Dense(filled[float32](m*n), m, n), filled[float32](n), make([]float32, m)
		for _, l := range levels() {
			b.Run(fmt.Sprintf("%dx%d/%v", m, n, l), func(b *testing.B) {
				var ws Workspace[float32]
				for b.Loop() {
					multiplyVector(of(l).dot, &ws, y, w, x)
				}
				rate(b, m*n)
			})
		}
		b.Run(fmt.Sprintf("%dx%d/gonum", m, n), func(b *testing.B) {
			for b.Loop() {
				blas32.Gemv(blas.NoTrans, 1, blas32.General{Rows: m, Cols: n, Stride: n, Data: w.Data}, blas32.Vector{N: n, Inc: 1, Data: x}, 0,
					blas32.Vector{N: m, Inc: 1, Data: y})
			}
			rate(b, m*n)
		})
	}
}
