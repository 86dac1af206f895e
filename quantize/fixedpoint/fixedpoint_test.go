package fixedpoint

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The expected values of the tables are worked out by hand from the definitions in the comments.

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		x    int64
		bits int
		want int64
	}{
		{0, 9, 0}, {255, 9, 255}, {256, 9, -256}, {-256, 9, -256}, {-257, 9, 255}, {511, 9, -1}, {512, 9, 0}, {1023, 9, -1},
		{1 << 21, 22, -(1 << 21)}, {1<<23 + 5, 24, -(1 << 23) + 5}, {1, 1, -1}, {2, 1, 0},
		{math.MaxInt64, 64, math.MaxInt64}, {math.MinInt64, 64, math.MinInt64}, {math.MinInt64, 63, 0},
	} {
		if got := Wrap(c.x, c.bits); got != c.want {
			t.Errorf("Wrap(%d, %d) = %d, want %d", c.x, c.bits, got, c.want)
		}
	}
}

func TestSaturate(t *testing.T) {
	for _, c := range []struct {
		x             int64
		bits          int
		want, wantPos int64 // Sat, SatU
	}{
		{0, 8, 0, 0}, {127, 8, 127, 127}, {128, 8, 127, 128}, {255, 8, 127, 255}, {256, 8, 127, 255}, {-1, 8, -1, 0},
		{-128, 8, -128, 0}, {-129, 8, -128, 0}, {32768, 16, 32767, 32768}, {1, 1, 0, 1}, {-5, 1, -1, 0},
		{math.MaxInt64, 63, 1<<62 - 1, math.MaxInt64}, {math.MinInt64, 63, -1 << 62, 0},
	} {
		if got := Sat(c.x, c.bits); got != c.want {
			t.Errorf("Sat(%d, %d) = %d, want %d", c.x, c.bits, got, c.want)
		}
		if got := SatU(c.x, c.bits); got != c.wantPos {
			t.Errorf("SatU(%d, %d) = %d, want %d", c.x, c.bits, got, c.wantPos)
		}
	}
}

func TestWrapOnce24(t *testing.T) {
	const m = 1 << 23
	for _, c := range [][2]int64{
		{0, 0}, {m - 1, m - 1}, {m, m}, {m + 1, -m + 1}, {-m + 1, -m + 1}, {-m, m}, {-m - 1, m - 1},
		{3 * m, m}, {3*m + 1, m + 1}, {-3 * m, -m}, {4 * m, 2 * m}, {math.MinInt64, math.MinInt64 + 2*m},
	} {
		if got := WrapOnce24(c[0]); got != c[1] {
			t.Errorf("WrapOnce24(%d) = %d, want %d", c[0], got, c[1])
		}
	}
}

func TestShiftRight(t *testing.T) {
	for _, c := range []struct {
		x    int64
		k    uint
		want [4]int64 // rne, half_away, floor, toward_zero
	}{
		{5, 1, [4]int64{2, 3, 2, 2}},      // 2.5
		{7, 1, [4]int64{4, 4, 3, 3}},      // 3.5
		{-5, 1, [4]int64{-2, -3, -3, -2}}, // −2.5
		{-7, 1, [4]int64{-4, -4, -4, -3}}, // −3.5
		{-1, 2, [4]int64{0, 0, -1, 0}},    // −0.25
		{11, 2, [4]int64{3, 3, 2, 2}},     // 2.75
		{-11, 2, [4]int64{-3, -3, -3, -2}},
		{12, 2, [4]int64{3, 3, 3, 3}},
		{-12, 0, [4]int64{-12, -12, -12, -12}},
		{math.MinInt64, 63, [4]int64{-1, -1, -1, -1}},
		{math.MaxInt64, 63, [4]int64{1, 1, 0, 0}},
		{1 << 62, 63, [4]int64{0, 1, 0, 0}},      // 0.5
		{-(1 << 62), 63, [4]int64{0, -1, -1, 0}}, // −0.5
	} {
		for r, want := range c.want {
			if got := ShiftRight(c.x, c.k, Rounding(r)); got != want {
				t.Errorf("ShiftRight(%d, %d, %v) = %d, want %d", c.x, c.k, Rounding(r), got, want)
			}
		}
	}
}

func TestDecay(t *testing.T) {
	for _, c := range []struct {
		x, mul int64
		shift  uint
		r      Rounding
		want   int64
	}{
		{1000, 4096, 12, TowardZero, 1000},  // IF: factor one
		{1000, 0, 12, TowardZero, 0},        // current without memory
		{-1001, 2048, 12, TowardZero, -500}, // −500.5
		{-1001, 2048, 12, Floor, -501},
		{8388607, 4095, 12, TowardZero, 8386559}, // 8388607 − 8388607/4096 = 8386559.0002
		{-8388607, 4095, 12, TowardZero, -8386559},
		{-32768, 0x8FFF, 15, Floor, -36863}, // ReckOn, α above one
	} {
		if got := Decay(c.x, c.mul, c.shift, c.r); got != c.want {
			t.Errorf("Decay(%d, %d, %d, %v) = %d, want %d", c.x, c.mul, c.shift, c.r, got, c.want)
		}
	}
}

func TestOutOfRangePanics(t *testing.T) {
	for name, f := range map[string]func(){
		"wrap 0":        func() { Wrap(1, 0) },
		"wrap 65":       func() { Wrap(1, 65) },
		"sat 0":         func() { Sat(1, 0) },
		"satu 64":       func() { SatU(1, 64) },
		"clamp":         func() { Clamp(0, 1, 0) },
		"left":          func() { ShiftLeft(1, 63) },
		"left 64":       func() { ShiftLeft(0, 64) },
		"right 64":      func() { ShiftRight(1, 64, Floor) },
		"rounding":      func() { ShiftRight(1, 1, 9) },
		"round":         func() { Rounding(-1).Round(1) },
		"decay":         func() { Decay(1<<32, 1<<31, 0, Floor) },
		"decay minimum": func() { Decay(-1, math.MinInt64, 0, Floor) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// bigRound is x/2^k rounded, by exact rational arithmetic.
func bigRound(x *big.Int, k uint, r Rounding) *big.Int {
	den := new(big.Int).Lsh(big.NewInt(1), k)
	q, m := new(big.Int).DivMod(x, den, new(big.Int)) // floor, since den > 0
	if m.Sign() == 0 {
		return q
	}
	up := new(big.Int).Add(q, big.NewInt(1))
	half := new(big.Int).Lsh(m, 1).Cmp(den)
	switch {
	case r == Floor, r == TowardZero && x.Sign() > 0:
		return q
	case r == TowardZero:
		return up
	case half < 0:
		return q
	case half > 0:
		return up
	case r == NearestEven && q.Bit(0) == 0, r == HalfAway && x.Sign() < 0:
		return q
	default:
		return up
	}
}

func drawRounding(t *rapid.T) Rounding {
	return rapid.SampledFrom([]Rounding{NearestEven, HalfAway, Floor, TowardZero}).Draw(t, "rounding")
}

func TestAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64().Draw(t, "x")
		bits := rapid.IntRange(1, 63).Draw(t, "bits")
		k := uint(rapid.IntRange(0, 63).Draw(t, "k"))
		r := drawRounding(t)
		bx := big.NewInt(x)
		if got, want := ShiftRight(x, k, r), bigRound(bx, k, r); big.NewInt(got).Cmp(want) != 0 {
			t.Fatalf("ShiftRight = %d, want %v", got, want)
		}
		if got, want := Asr(x, k), bigRound(bx, k, Floor); big.NewInt(got).Cmp(want) != 0 {
			t.Fatalf("Asr = %d, want %v", got, want)
		}
		half := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		mod := new(big.Int).Lsh(half, 1)
		wrapped := new(big.Int).Mod(new(big.Int).Add(bx, half), mod)
		if got := Wrap(x, bits); big.NewInt(got).Cmp(wrapped.Sub(wrapped, half)) != 0 {
			t.Fatalf("Wrap = %d, want %v", got, wrapped)
		}
		if got, lo := big.NewInt(Sat(x, bits)), new(big.Int).Neg(half); bx.Cmp(lo) >= 0 && bx.Cmp(half) < 0 {
			if got.Cmp(bx) != 0 {
				t.Fatalf("Sat changed %d to %v", x, got)
			}
		} else if x < 0 && got.Cmp(lo) != 0 || x > 0 && got.Cmp(half.Sub(half, big.NewInt(1))) != 0 {
			t.Fatalf("Sat(%d) = %v", x, got)
		}
	})
}

func TestDecayAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "x")
		mul := rapid.Int64Range(-1<<22, 1<<22).Draw(t, "mul")
		k := uint(rapid.IntRange(0, 63).Draw(t, "k"))
		r := drawRounding(t)
		want := bigRound(new(big.Int).Mul(big.NewInt(x), big.NewInt(mul)), k, r)
		if got := Decay(x, mul, k, r); big.NewInt(got).Cmp(want) != 0 {
			t.Fatalf("Decay = %d, want %v", got, want)
		}
		if r == TowardZero {
			if got, neg := Decay(x, mul, k, r), Decay(-x, mul, k, r); got != -neg {
				t.Fatalf("toward zero is not odd: %d, %d", got, neg)
			}
		}
	})
}
