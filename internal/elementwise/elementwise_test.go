package elementwise

import (
	"math"
	"math/rand/v2"
	"testing"
)

// operations are the functions of this package beside their definition on two numbers.
var operations = []struct {
	name string
	run  func(dst, x, y []float64)
	is   func(x, y float64) float64
}{
	{"Add", Add, func(x, y float64) float64 { return x + y }},
	{"Sub", Sub, func(x, y float64) float64 { return x - y }},
	{"Mul", Mul, func(x, y float64) float64 { return x * y }},
	{"Div", Div, func(x, y float64) float64 { return x / y }},
	{"Greater", Greater, func(x, y float64) float64 { return truth(x > y) }},
	{"AtLeast", AtLeast, func(x, y float64) float64 { return truth(x >= y) }},
}

// extremes are numbers at which a loop may go wrong.
var extremes = []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, math.SmallestNonzeroFloat64, 0x1p-1022, 1e-310}

// list returns random numbers, some of them extreme.
func list(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		if x[i] = r.NormFloat64(); r.IntN(3) == 0 {
			x[i] = extremes[r.IntN(len(extremes))]
		}
	}
	return x
}

// TestLoops: with kernels and without, on lists and single numbers, into a new list and into an operand, every function gives the bits
// of its definition.
func TestLoops(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	same := func(a, b float64) bool {
		return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
	}
	for _, o := range operations {
		for n := 1; n < 70; n++ {
			for _, sizes := range [][2]int{{n, n}, {n, 1}, {1, n}} {
				x, y := list(r, sizes[0]), list(r, sizes[1])
				want := make([]float64, n)
				for i := range want {
					want[i] = o.is(at(x, i), at(y, i))
				}
				check := func() {
					t.Helper()
					dst := make([]float64, n)
					o.run(dst, x, y)
					for i := range dst {
						if !same(dst[i], want[i]) {
							t.Fatalf("%s of %d numbers, operands of %v: element %d is %v, want %v", o.name, n, sizes, i, dst[i], want[i])
						}
					}
					if sizes[0] == n {
						copy(dst, x)
						if o.run(dst, dst, y); !same(dst[n-1], want[n-1]) || !same(dst[0], want[0]) {
							t.Fatalf("%s of %d numbers into its first operand: %v, want %v", o.name, n, dst, want)
						}
					}
				}
				check()
				scalar(check)
			}
		}
	}
}

// TestNonZero: with kernels and without, each bit is that of its number, and the last word has no others.
func TestNonZero(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 200 {
		x := list(r, n)
		check := func() {
			t.Helper()
			words := make([]uint64, (n+63)/64)
			for k := range words {
				words[k] = r.Uint64()
			}
			NonZero(words, x)
			for i := range 64 * len(words) {
				if got, want := words[i/64]>>(i%64)&1 == 1, i < n && x[i] != 0; got != want {
					t.Fatalf("%d numbers, bit %d: %v, want %v", n, i, got, want)
				}
			}
		}
		check()
		scalar(check)
	}
}
