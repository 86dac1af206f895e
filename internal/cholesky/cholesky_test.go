package cholesky

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/gemm"
)

// random returns a symmetric positive definite matrix: a Gram matrix and a share of the unit matrix.
func random(n int) Matrix {
	r := rand.New(rand.NewPCG(uint64(n), 0))
	b := values(r, n+3, n)
	a := gemm.Dense(make([]float64, n*n), n, n)
	new(Workspace).Add(a, b.Transposed(), b)
	for i := range n {
		a.Data[i*n+i] += 0.1 * float64(n)
	}
	return a
}

func values(r *rand.Rand, rows, cols int) Matrix {
	m := gemm.Dense(make([]float64, rows*cols), rows, cols)
	for i := range m.Data {
		m.Data[i] = r.NormFloat64()
	}
	return m
}

// clone copies a matrix.
func clone(m Matrix) Matrix {
	m.Data = slices.Clone(m.Data)
	return m
}

// product returns a·b.
func product(a, b Matrix) Matrix {
	c := gemm.Dense(make([]float64, a.Rows*b.Cols), a.Rows, b.Cols)
	new(Workspace).Add(c, a, b)
	return c
}

// near fails where got and want differ by more than a share of want's largest element.
func near(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	largest, worst := 0.0, 0.0
	for i, v := range want.Data {
		largest, worst = max(largest, math.Abs(v)), max(worst, math.Abs(got.Data[i]-v))
	}
	if worst > 1e-12*largest {
		t.Errorf("%s: off by %g of %g", what, worst, largest)
	}
}

var sizes = []int{1, 2, 3, 63, 64, 65, 130, 200}

// upper returns the factor with zeros below the diagonal.
func upper(t *testing.T, a Matrix) Matrix {
	t.Helper()
	u := clone(a)
	if !Factor(NewTeam(1), u) {
		t.Fatal("not positive definite")
	}
	for i := range u.Rows {
		clear(line(u, i)[:i])
	}
	return u
}

func TestFactor(t *testing.T) {
	for _, n := range sizes {
		a := random(n)
		u := upper(t, a)
		near(t, fmt.Sprintf("UᵀU of %d", n), product(u.Transposed(), u), a)
	}
}

// TestSolve also shares the right-hand sides out: the same bits.
func TestSolve(t *testing.T) {
	for _, n := range sizes {
		a := random(n)
		u := upper(t, a)
		b := values(rand.New(rand.NewPCG(uint64(n), 1)), 7, n)
		x := clone(b)
		Solve(new(Workspace), u, x)
		near(t, fmt.Sprintf("A·x of %d", n), product(x, a), b)
		parts := clone(b)
		Solve(new(Workspace), u, parts.Block(0, 0, 2, n))
		Solve(new(Workspace), u, parts.Block(2, 0, 5, n))
		if !slices.Equal(parts.Data, x.Data) {
			t.Errorf("%d: other solutions for right-hand sides that are shared out", n)
		}
	}
}

func TestInvert(t *testing.T) {
	for _, n := range sizes {
		u := upper(t, random(n))
		x, one := clone(u), clone(u)
		clear(one.Data)
		for i := range n {
			one.Data[i*n+i] = 1
		}
		Invert(NewTeam(1), u, x)
		near(t, fmt.Sprintf("U·U⁻¹ of %d", n), product(u, x), one)
		for i := range n {
			for j := range i {
				if x.Data[i*n+j] != 0 {
					t.Fatalf("%d: element (%d, %d) of the inverse is %v", n, i, j, x.Data[i*n+j])
				}
			}
		}
	}
}

// TestIndefinite: no factor of what is not positive definite.
func TestIndefinite(t *testing.T) {
	for name, a := range map[string][]float64{
		"negative": {1, 2, 2, 1}, "zero": {0, 0, 0, 1}, "NaN": {1, 0, 0, math.NaN()}, "infinite": {1, 0, 0, math.Inf(1)},
	} {
		if Factor(NewTeam(1), gemm.Dense(a, 2, 2)) {
			t.Errorf("%s: has a factor", name)
		}
	}
}

// TestTeam: whoever computes what, the bits are the same.
func TestTeam(t *testing.T) {
	for _, n := range []int{65, 200, 700} {
		a := random(n)
		want := clone(a)
		Factor(NewTeam(1), want)
		inverse := clone(a)
		Invert(NewTeam(1), want, inverse)
		for _, jobs := range []int{2, 5} {
			u, x := clone(a), clone(a)
			if !Factor(NewTeam(jobs), u) || !slices.Equal(u.Data, want.Data) {
				t.Errorf("%d goroutines: another factor of %d", jobs, n)
			}
			if Invert(NewTeam(jobs), want, x); !slices.Equal(x.Data, inverse.Data) {
				t.Errorf("%d goroutines: another inverse of %d", jobs, n)
			}
		}
	}
}
