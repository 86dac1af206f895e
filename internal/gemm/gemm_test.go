package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"spikec/internal/simd"
)

// fma32 is x·y + z rounded once. The product of two float32 is exact in float64; the sum is rounded to odd there, so
// that rounding it once more to float32 cannot err twice (Boldo and Melquiond 2008).
func fma32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	if math.IsNaN(s) || math.IsInf(s, 0) {
		return float32(s)
	}
	t := s - p
	rest := (p - (s - t)) + (c - t) // TwoSum: s + rest is exact
	if rest != 0 && math.Float64bits(s)&1 == 0 {
		toward := math.Inf(1)
		if rest < 0 {
			toward = math.Inf(-1)
		}
		s = math.Nextafter(s, toward)
	}
	return float32(s)
}

// fma is x·y + z rounded once.
func fma[T Float](x, y, z T) T {
	if v, ok := any(x).(float32); ok {
		return T(fma32(v, any(y).(float32), any(z).(float32)))
	}
	return T(math.FMA(float64(x), float64(y), float64(z)))
}

// TestFMA32 compares the oracle with cases in which rounding twice errs.
func TestFMA32(t *testing.T) {
	ulp := float32(math.Ldexp(1, -23))
	for _, c := range []struct{ x, y, z, want float32 }{
		{1 + ulp, 1 + ulp, -1, 2*ulp + ulp*ulp},
		{float32(math.Ldexp(1, -30)), float32(math.Ldexp(1, -54)), 1 + ulp, 1 + ulp},
		// 1 + half an ulp and a bit too small for float64: up, where float64 alone would make it a tie, and even.
		{1 + float32(math.Ldexp(1, -12)), float32(math.Ldexp(1, -24)), 1, 1 + ulp},
		{float32(math.Ldexp(1, -75)), float32(math.Ldexp(1, -75)), float32(math.Ldexp(3, -149)), float32(math.Ldexp(4, -149))}, // a tie between denormals
	} {
		if got := fma32(c.x, c.y, c.z); got != c.want {
			t.Errorf("fma32(%v, %v, %v) = %v, want %v", c.x, c.y, c.z, got, c.want)
		}
	}
}

// bits returns the representation of x.
func bits[T Float](x T) uint64 {
	if v, ok := any(x).(float32); ok {
		return uint64(math.Float32bits(v))
	}
	return math.Float64bits(float64(x))
}

// values says what random matrices hold.
var values = map[string]func(r *rand.Rand) float64{
	"normal": func(r *rand.Rand) float64 { return r.NormFloat64() },
	"sparse": func(r *rand.Rand) float64 { return max(0, r.NormFloat64()) },
	"wide":   func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), r.IntN(60)-30) },
	"tiny":   func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -r.IntN(20)-65) }, // products are denormal
	"huge":   func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), r.IntN(8)+56) },   // and sums infinite
}

// random returns a matrix with gaps between its rows, or between its columns.
func random[T Float](r *rand.Rand, rows, cols int, transposed bool, value func(r *rand.Rand) float64) Matrix[T] {
	if transposed {
		return random[T](r, cols, rows, false, value).Transposed()
	}
	m := Matrix[T]{Rows: rows, Cols: cols, RowStride: cols + r.IntN(3), ColStride: 1}
	m.Data = make([]T, rows*m.RowStride+1)
	for i := range m.Data {
		m.Data[i] = T(value(r))
	}
	return m
}

// computed makes a stored matrix one that is computed.
type computed[T Float] struct{ m Matrix[T] }

func (c computed[T]) Row(dst []T, k, first int) {
	for j := range dst {
		dst[j] = c.m.Data[c.m.at(k, first+j)]
	}
}

// levels lists what this processor and build can run.
func levels() []simd.Level {
	var all []simd.Level
	for l := simd.Scalar; l <= simd.Available(); l++ {
		all = append(all, l)
	}
	return all
}

// sameAs fails unless got is want: bit by bit from AVX2 on, up to what rounding each product costs in plain Go.
func sameAs[T Float](t *testing.T, l simd.Level, got, want, room []T) {
	t.Helper()
	for i := range want {
		if bits(got[i]) == bits(want[i]) || got[i] != got[i] && want[i] != want[i] {
			continue
		}
		if d := math.Abs(float64(got[i] - want[i])); l == simd.Scalar && !(d > float64(room[i])) {
			continue
		}
		t.Fatalf("%v: element %d is %v, want %v", l, i, got[i], want[i])
	}
}

// clone copies a matrix.
func clone[T Float](m Matrix[T]) Matrix[T] {
	m.Data = append([]T(nil), m.Data...)
	return m
}

// chain is Add, or Sub if sign is minus, as documented. room gets what one rounding a product may add up to.
func chain[T Float](c, a, b Matrix[T], sign sign, part func(i, j int) bool) (room []T) {
	room = make([]T, len(c.Data))
	unit, small, largest := math.Ldexp(1, -23), math.SmallestNonzeroFloat32, float64(math.MaxFloat32)
	if _, ok := any(T(0)).(float64); ok {
		unit, small, largest = math.Ldexp(1, -52), math.SmallestNonzeroFloat64, math.MaxFloat64
	}
	for i := range c.Rows {
		for j := range c.Cols {
			if part != nil && !part(i, j) {
				continue
			}
			at, size := c.at(i, j), math.Abs(float64(c.Data[c.at(i, j)]))
			for k := range a.Cols {
				x, y := T(sign)*a.Data[a.at(i, k)], b.Data[b.at(k, j)]
				c.Data[at] = fma(x, y, c.Data[at])
				size += math.Abs(float64(x) * float64(y))
			}
			room[at] = T(float64(a.Cols+1) * (size*unit + small))
			if size > largest {
				room[at] = T(math.Inf(1)) // a product, or a sum on the way, is infinite if it is rounded by itself
			}
		}
	}
	return room
}

// TestAdd compares all ways to multiply, on all levels, with the chain.
func TestAdd(t *testing.T) {
	t.Run("float32", testAdd[float32])
	t.Run("float64", testAdd[float64])
}

var shapes = [][3]int{ // m, n, k
	{0, 5, 5}, {5, 0, 5}, {5, 5, 0}, {1, 1, 1}, {1, 100, 9}, {2, 35, 6}, {3, 16, 4}, {4, 24, 8}, {8, 32, 16}, {8, 16, 3}, {7, 31, 5}, {9, 33, 257},
	{5, 49, 300}, {16, 64, 256}, {17, 13, 513}, {130, 7, 5}, {133, 70, 10}, {1, 2050, 5}, {3, 2049, 7}, {9, 2050, 3}, {257, 1, 2}, {12, 96, 25},
}

func testAdd[T Float](t *testing.T) {
	var w Workspace[T] // one for all: what products leave in it must not matter
	for name, value := range values {
		for n, s := range shapes {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			for form := range 8 {
				a, b := random[T](r, s[0], s[2], form&1 != 0, value), random[T](r, s[2], s[1], form&2 != 0, value)
				c, sign := random[T](r, s[0], s[1], false, value), plus
				if form&4 != 0 {
					sign = minus
				}
				want := clone(c)
				room := chain(want, a, b, sign, nil)
				for _, l := range levels() {
					t.Run(fmt.Sprintf("%s/%v/%d/%v", name, s, form, l), func(t *testing.T) {
						k := in[T](of(l))
						got := clone(c)
						w.multiply(k, got, a, right[T]{matrix: b}, sign)
						sameAs(t, l, got.Data, want.Data, room)
						got = clone(c)
						w.multiply(k, got, a, right[T]{matrix: Matrix[T]{Rows: b.Rows, Cols: b.Cols}, rows: computed[T]{b}}, sign)
						sameAs(t, l, got.Data, want.Data, room)
						got = clone(c)
						if s[0]*s[1]*s[2] > 0 {
							w.block(k, product[T]{c: got, a: a, b: right[T]{matrix: b}, sign: sign})
							sameAs(t, l, got.Data, want.Data, room)
						}
					})
				}
			}
		}
	}
}

// TestGram compares Gram matrices, whole and in ranges of columns, with the chain.
func TestGram(t *testing.T) {
	t.Run("float32", testGram[float32])
	t.Run("float64", testGram[float64])
}

func testGram[T Float](t *testing.T) {
	var w Workspace[T]
	for seed, s := range [][2]int{{0, 3}, {3, 0}, {1, 1}, {5, 7}, {40, 33}, {300, 50}, {20, 200}, {3, 2060}} {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		a := random[T](r, s[0], s[1], seed%2 == 1, values["normal"])
		c := random[T](r, s[1], s[1], false, values["normal"])
		want := clone(c)
		room := chain(want, a.Transposed(), a, plus, func(i, j int) bool { return i <= j })
		for _, l := range levels() {
			for _, stripe := range []int{s[1] + 1, 19} {
				got := clone(c)
				for first := 0; first < s[1]; first += stripe {
					w.addGram(in[T](of(l)), got, a, first, min(s[1], first+stripe))
				}
				sameAs(t, l, got.Data, want.Data, room)
			}
		}
	}
}

// TestMultiplyVector compares the product with the lanes of its doc comment.
func TestMultiplyVector(t *testing.T) {
	var ws Workspace[float32]
	for name, value := range values {
		for seed, s := range [][2]int{{0, 3}, {3, 0}, {1, 1}, {4, 16}, {5, 15}, {9, 33}, {10, 1024}, {7, 1000}} {
			r := rand.New(rand.NewPCG(uint64(seed), 3))
			w := random[float32](r, s[0], s[1], false, value)
			x := random[float32](r, 1, s[1], false, value).Data[:s[1]]
			want, room := make([]float32, s[0]), make([]float32, s[0])
			for o := range want {
				var lane [16]float32
				for i := range s[1] {
					lane[i%16] = fma32(w.Data[w.at(o, i)], x[i], lane[i%16])
					room[o] += float32(math.Abs(float64(w.Data[w.at(o, i)]) * float64(x[i])))
				}
				for half := 8; half > 0; half /= 2 {
					for l := range half {
						lane[l] += lane[l+half]
					}
				}
				want[o] = lane[0]
				if room[o] <= math.MaxFloat32 {
					room[o] = float32(s[1]+17) * (room[o]*float32(math.Ldexp(1, -23)) + math.SmallestNonzeroFloat32)
				}
			}
			for _, l := range levels() {
				t.Run(fmt.Sprintf("%s/%v/%v", name, s, l), func(t *testing.T) {
					got := make([]float32, s[0])
					multiplyVector(of(l).dot, &ws, got, w, x)
					sameAs(t, l, got, want, room)
				})
			}
		}
	}
}

// TestRefuses gives shapes that do not fit.
func TestRefuses(t *testing.T) {
	var w Workspace[float64]
	m := func(rows, cols int) Matrix[float64] { return Dense(make([]float64, rows*cols), rows, cols) }
	short := m(3, 3)
	short.Data = short.Data[:8]
	for name, f := range map[string]func(){
		"inner":      func() { w.Add(m(2, 2), m(2, 3), m(2, 2)) },
		"outer":      func() { w.Add(m(2, 2), m(3, 2), m(2, 2)) },
		"transposed": func() { w.Add(m(2, 3).Transposed(), m(3, 2), m(2, 2)) },
		"short":      func() { w.Add(m(3, 3), short, m(3, 3)) },
		"block":      func() { m(3, 3).Block(1, 1, 3, 1) },
		"gram":       func() { w.AddGram(m(3, 3), m(4, 2), 0, 2) },
		"vector": func() {
			MultiplyVector(new(Workspace[float32]), make([]float32, 2), Dense(make([]float32, 6), 2, 3), make([]float32, 2))
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("was taken")
				}
			}()
			f()
		})
	}
}

// TestAllocations: a workspace that has grown is enough.
func TestAllocations(t *testing.T) {
	var w Workspace[float32]
	c, a, b := Dense(make([]float32, 20*40), 20, 40), Dense(make([]float32, 20*30), 20, 30), Dense(make([]float32, 30*40), 30, 40)
	y := make([]float32, 20)
	if n := testing.AllocsPerRun(5, func() {
		w.Add(c, a, b)
		MultiplyVector(&w, y, a, b.Data[:30])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
