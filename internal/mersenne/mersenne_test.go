package mersenne

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext/prng"
)

// TestFirstDraws compares with the numbers that NumPy gives for seed 42.
func TestFirstDraws(t *testing.T) {
	s := New(42)
	for i, want := range []float64{0.37454011884736249, 0.95071430640991617, 0.73199394181140509} {
		if got := s.Uniform(); got != want {
			t.Errorf("uniform %d: %v, want %v", i, got, want)
		}
	}
	s = New(42)
	for i, want := range []float64{0.49671415301123267, -0.13826430117118466, 0.64768853810069249} {
		if got := s.Normal(); math.Abs(got-want) > 1e-15 {
			t.Errorf("normal %d: %v, want %v", i, got, want)
		}
	}
}

// TestWords: the words are those of another implementation, over several blocks.
func TestWords(t *testing.T) {
	for _, seed := range []uint32{0, 1, 42, 1 << 31, math.MaxUint32} {
		s, want := New(seed), prng.NewMT19937()
		want.Seed(uint64(seed))
		for i := range 3000 {
			if got, w := s.word(), want.Uint32(); got != w {
				t.Fatalf("seed %d, word %d: %d, want %d", seed, i, got, w)
			}
		}
	}
}

// TestMoments: the forms have the mean and the variance of their distributions, within five standard errors.
func TestMoments(t *testing.T) {
	const n = 20000
	for _, c := range []struct {
		name           string
		draw           func(*Source) float64
		mean, variance float64
	}{
		{"uniform", (*Source).Uniform, 0.5, 1.0 / 12},
		{"normal", (*Source).Normal, 0, 1},
		{"binomial", func(s *Source) float64 { return float64(s.Binomial(20, 0.3)) }, 6, 4.2},
	} {
		s, sum, squares := New(1), 0.0, 0.0
		for range n {
			x := c.draw(s)
			sum += x
			squares += (x - c.mean) * (x - c.mean)
		}
		if e := math.Abs(sum/n - c.mean); e > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: the mean is off by %g", c.name, e)
		}
		if e := math.Abs(squares/n/c.variance - 1); e > 0.05 {
			t.Errorf("%s: the variance is off by %g of itself", c.name, e)
		}
	}
}

// TestNormals: lists of any length hold what Normal returns one by one.
func TestNormals(t *testing.T) {
	one, many := New(5), New(5)
	for _, n := range []int{3, 0, 1, 4, 1, 1, 700, 5} {
		x := make([]float64, n)
		many.Normals(x)
		for k, v := range x {
			if want := one.Normal(); v != want {
				t.Fatalf("number %d of %d: %v, want %v", k, n, v, want)
			}
		}
	}
}

func BenchmarkNormals(b *testing.B) {
	s, x := New(1), make([]float64, 1000)
	for b.Loop() {
		s.Normals(x)
	}
}
