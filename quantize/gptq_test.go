package quantize

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestGPTQIsBetterThanNearest: over 50 seeds the error on correlated inputs is far below that of rounding to the
// nearest; in no case it is above by more than a tenth, which the greedy order does not exclude.
func TestGPTQIsBetterThanNearest(t *testing.T) {
	all, allNearest := 0.0, 0.0
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 2 + r.IntN(30)
		h := positive(r, n)
		rows := make([][]float64, 4)
		for o := range rows {
			for range n {
				rows[o] = append(rows[o], r.NormFloat64()*2)
			}
		}
		nearest, done := copyRows(rows), copyRows(rows)
		for o := range nearest {
			for i, w := range nearest[o] {
				nearest[o][i] = whole(o, w)
			}
		}
		newGPTQ(h, 2).round(done, whole)
		for o := range done {
			for i, w := range done[o] {
				if w != whole(o, w) {
					t.Fatalf("seed %d: row %d column %d is %v: not on the grid", seed, o, i, w)
				}
			}
		}
		a, b := cost(h, rows, done), cost(h, rows, nearest)
		if a > 1.1*b {
			t.Errorf("seed %d: %v, nearest %v", seed, a, b)
		}
		all, allNearest = all+a, allNearest+b
	}
	if all > 0.5*allNearest {
		t.Errorf("mean error %v, nearest %v", all/50, allNearest/50)
	}
}

// TestGPTQByHand: two inputs that are always equal. Nearest rounding loses 0.4 twice, (0.8)² = 0.64; spreading the
// first error makes the second weight nearly 0.8, which becomes 1: (0.8 − 1)² = 0.04.
func TestGPTQByHand(t *testing.T) {
	h := mat.NewSymDense(2, []float64{1, 1, 1, 1})
	rows := [][]float64{{0.4, 0.4}, {-0.4, -0.4}, {3, -2}}
	newGPTQ(h, 2).round(rows, whole)
	if got := fmt.Sprint(rows); got != "[[0 1] [-0 -1] [3 -2]]" {
		t.Errorf("got %s", got)
	}
	// The input with the larger moment is rounded first, whatever its place.
	h = mat.NewSymDense(2, []float64{1, 2, 2, 4.1})
	rows = [][]float64{{0.4, 0.4}}
	newGPTQ(h, 2).round(rows, whole)
	if got := fmt.Sprint(rows); got != "[[1 0]]" {
		t.Errorf("got %s", got)
	}
}

// TestGPTQWithoutCorrelation: where the moments say nothing, every weight goes to its nearest neighbour.
func TestGPTQWithoutCorrelation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	diagonal := mat.NewSymDense(12, nil)
	for i := range 12 {
		diagonal.SetSym(i, i, float64(i%5)) // some inputs are never active
	}
	broken := mat.NewSymDense(12, nil)
	broken.SetSym(0, 0, math.NaN())
	for name, h := range map[string]*mat.SymDense{"diagonal": diagonal, "no activity": mat.NewSymDense(12, nil), "not a number": broken} {
		rows := [][]float64{nil, nil, nil}
		for o := range rows {
			for range 12 {
				rows[o] = append(rows[o], r.NormFloat64()*3)
			}
		}
		want := copyRows(rows)
		newGPTQ(h, 2).round(rows, whole)
		for o := range rows {
			for i := range rows[o] {
				if rows[o][i] != whole(o, want[o][i]) {
					t.Errorf("%s: %v became %v", name, want[o][i], rows[o][i])
				}
			}
		}
	}
}

// TestGPTQBlocks compares the rounding of more columns than a block has with the definition, column by column.
func TestGPTQBlocks(t *testing.T) {
	const n = 2*gptqBlock + 17
	r := rand.New(rand.NewPCG(1, 2))
	h := positive(r, n)
	rows := make([][]float64, 3)
	for o := range rows {
		for range n {
			rows[o] = append(rows[o], r.NormFloat64()*2)
		}
	}
	g := newGPTQ(h, 2)
	got := copyRows(rows)
	g.round(got, whole)
	u := plainFactor(t, h, g.order)
	for o, row := range rows {
		for i, c := range g.order {
			q := whole(o, row[c])
			e := (row[c] - q) / u.At(i, i)
			row[c] = q
			for j := i + 1; j < n; j++ {
				row[g.order[j]] -= e * u.At(i, j)
			}
			if got[o][c] != q {
				t.Fatalf("row %d column %d is %v, want %v", o, c, got[o][c], q)
			}
		}
	}
}

// plainFactor is the U of gptq's doc comment: the Cholesky factor of the inverse.
func plainFactor(t *testing.T, h *mat.SymDense, order []int) *mat.TriDense {
	t.Helper()
	n, mean := len(order), mat.Trace(h)/float64(len(order))
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, h.At(order[i], order[j]))
		}
		a.SetSym(i, i, a.At(i, i)+damping*mean)
	}
	var chol, again mat.Cholesky
	var inverse mat.SymDense
	var u mat.TriDense
	if !chol.Factorize(a) || chol.InverseTo(&inverse) != nil || !again.Factorize(&inverse) {
		t.Fatal("no factor")
	}
	again.UTo(&u)
	return &u
}
