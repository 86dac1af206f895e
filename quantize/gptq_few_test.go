package quantize

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/cholesky"
)

// samples returns the moments of some normal samples of n correlated inputs, of which some are never active.
func samples(r *rand.Rand, n, rank int) *mat.SymDense {
	v := mat.NewDense(rank, n, nil)
	for i := range rank {
		for j := range n {
			if j%11 != 3 {
				v.Set(i, j, r.NormFloat64()+0.5)
			}
		}
	}
	h := mat.NewSymDense(n, nil)
	h.SymOuterK(1/float64(rank), v.T())
	return h
}

// TestFewSamples compares with gptq by the factor of the inverse: the same integers.
func TestFewSamples(t *testing.T) {
	for seed, rank := range []int{1, 2, 40, 127, 128} {
		const n, out = 530, 5
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		h := samples(r, n, rank)
		rows := make([][]float64, out)
		for o := range rows {
			for range n {
				rows[o] = append(rows[o], r.NormFloat64()*2)
			}
		}
		few := newGPTQ(h, 1)
		if few.few == nil || few.few.rank != rank {
			t.Fatalf("rank %d: not taken as few samples", rank)
		}
		full := &gptq{order: few.order}
		full.u = inverseFactor(cholesky.NewTeam(1), h, few.order, damping*mat.Trace(h)/n)
		got, want := copyRows(rows), copyRows(rows)
		few.round(got, whole)
		full.round(want, whole)
		for o := range rows {
			for i := range rows[o] {
				if got[o][i] != whole(o, got[o][i]) {
					t.Fatalf("rank %d, row %d, column %d: %v is not on the grid", rank, o, i, got[o][i])
				}
			}
			if c := firstDifference(few.order, got[o], want[o]); c >= 0 {
				t.Errorf("rank %d, row %d, column %d: %v, by the factor %v", rank, o, c, got[o][c], want[o][c])
			}
		}
	}
}

// firstDifference returns the first column, in order, that differs, or -1.
func firstDifference(order []int, a, b []float64) int {
	for _, c := range order {
		if a[c] != b[c] {
			return c
		}
	}
	return -1
}

// TestManySamples: moments of full rank, and what is no moments, are left to the factor of the inverse.
func TestManySamples(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for _, rank := range []int{134, 600} {
		if newGPTQ(samples(r, 530, rank), 1).few != nil {
			t.Errorf("rank %d of 530 is taken as few samples", rank)
		}
	}
	broken := samples(r, 530, 3)
	broken.SetSym(7, 7, math.NaN())
	if g := newGPTQ(broken, 1); g.few != nil || g.u.Data != nil {
		t.Error("moments that are no numbers have a factor")
	}
}
