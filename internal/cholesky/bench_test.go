package cholesky

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/gemm"
)

// BenchmarkFactor factorises 864 × 864, here and with gonum.
func BenchmarkFactor(b *testing.B) {
	const n = 864
	a := random(n)
	b.Run("here", func(b *testing.B) {
		u := clone(a)
		team := NewTeam(1)
		for b.Loop() {
			copy(u.Data, a.Data)
			Factor(team, u)
		}
	})
	b.Run("gonum", func(b *testing.B) {
		s := mat.NewSymDense(n, a.Data)
		var c mat.Cholesky
		for b.Loop() {
			c.Factorize(s)
		}
	})
}

// BenchmarkSolve solves for 96 right-hand sides of 864, here and with gonum.
func BenchmarkSolve(b *testing.B) {
	const n, sides = 864, 96
	a := random(n)
	b.Run("here", func(b *testing.B) {
		u := clone(a)
		var w Workspace
		Factor(NewTeam(1), u)
		x := gemm.Dense(make([]float64, sides*n), sides, n)
		for b.Loop() {
			for i := range x.Data {
				x.Data[i] = 1
			}
			Solve(&w, u, x)
		}
	})
	b.Run("gonum", func(b *testing.B) {
		var c mat.Cholesky
		c.Factorize(mat.NewSymDense(n, a.Data))
		x := mat.NewDense(n, sides, nil)
		for b.Loop() {
			for i := range x.RawMatrix().Data {
				x.RawMatrix().Data[i] = 1
			}
			if err := c.SolveTo(x, x); err != nil {
				b.Fatal(err)
			}
		}
	})
}
