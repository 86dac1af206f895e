package fixedpoint

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseArith(t *testing.T) {
	for _, s := range []string{"int", "wrap_once24", "sat1", "sat16", "sat63", "satu8", "satu62", "wrap9", "wrap63"} {
		a, err := ParseArith(s)
		if err != nil || a.String() != s {
			t.Errorf("ParseArith(%q) = %v, %v", s, a, err)
		}
	}
	for s, want := range map[string]string{
		"":        `fixedpoint: unknown arithmetic "", want sat<n>, satu<n>, wrap<n>, int or wrap_once24`,
		"sat":     `fixedpoint: unknown arithmetic "sat", want sat<n>, satu<n>, wrap<n>, int or wrap_once24`,
		"sat016":  `fixedpoint: unknown arithmetic "sat016", want sat<n>, satu<n>, wrap<n>, int or wrap_once24`,
		"sat+8":   `fixedpoint: unknown arithmetic "sat+8", want sat<n>, satu<n>, wrap<n>, int or wrap_once24`,
		"wrap-4":  "fixedpoint: arithmetic wrap-4: -4 bits, want 1..63",
		"sat0":    "fixedpoint: arithmetic sat0: 0 bits, want 1..63",
		"satu63":  "fixedpoint: arithmetic satu63: 63 bits, want 1..62",
		"s16.15":  "fixedpoint: arithmetic s16.15: not supported",
		"float32": "fixedpoint: arithmetic float32: not supported",
	} {
		if _, err := ParseArith(s); err == nil || err.Error() != want {
			t.Errorf("ParseArith(%q): %v, want %s", s, err, want)
		}
	}
	if _, err := ParseArith("float32"); !errors.Is(err, ErrUnsupported) {
		t.Errorf("float32: %v is not ErrUnsupported", err)
	}
	if (Arith{}).String() != "int" {
		t.Error("the zero value is not int")
	}
}

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name    string
		x, want int64
		free    bool
	}{
		{"int", 1 << 40, 1 << 40, true}, {"sat16", 40000, 32767, false}, {"sat16", -40000, -32768, false},
		{"satu8", -3, 0, false}, {"satu8", 300, 255, false}, {"wrap9", 256, -256, true},
		{"wrap_once24", 1<<23 + 1, -(1 << 23) + 1, false},
	} {
		a, err := ParseArith(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Apply(c.x); got != c.want {
			t.Errorf("%s(%d) = %d, want %d", c.name, c.x, got, c.want)
		}
		if a.OrderFree() != c.free {
			t.Errorf("%s: order-free %v", c.name, a.OrderFree())
		}
	}
}

func drawArith(t *rapid.T) Arith {
	a, err := ParseArith(rapid.SampledFrom([]string{
		"int", "wrap_once24", "sat1", "sat9", "sat16", "sat24", "sat63", "satu1", "satu8", "satu62", "wrap1", "wrap9", "wrap22", "wrap63",
	}).Draw(t, "arith"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Range must be exactly the set of fixed points.
func TestRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArith(t)
		lo, hi := a.Range()
		x := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1<<25, 1<<25), rapid.SampledFrom([]int64{lo, hi})).Draw(t, "x")
		if got := a.Apply(x) == x; got != (x >= lo && x <= hi) {
			t.Fatalf("%v(%d) = %d, range %d..%d", a, x, a.Apply(x), lo, hi)
		}
		if lo > math.MinInt64 && a.Apply(lo-1) == lo-1 || hi < math.MaxInt64 && a.Apply(hi+1) == hi+1 {
			t.Fatalf("%v: range %d..%d is too narrow", a, lo, hi)
		}
	})
}

// An order-free arithmetic gives the same sum backwards and with one application at the end; the others do while no
// partial sum leaves the range.
func TestOrderFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArith(t)
		lo, hi := a.Range()
		terms := rapid.SliceOf(rapid.Int64Range(-1<<40, 1<<40)).Draw(t, "terms")
		var forwards, backwards, sum, pos, neg int64
		for i, x := range terms {
			forwards = a.Apply(forwards + x)
			backwards = a.Apply(backwards + terms[len(terms)-1-i])
			sum += x
			pos, neg = pos+max(x, 0), neg+min(x, 0)
		}
		if (a.OrderFree() || neg >= lo && pos <= hi) && (forwards != backwards || forwards != a.Apply(sum)) {
			t.Fatalf("%v of %v: %d forwards, %d backwards, %d at once", a, terms, forwards, backwards, a.Apply(sum))
		}
	})
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want [4]int64 // rne, half_away, floor, toward_zero
	}{
		{2.5, [4]int64{2, 3, 2, 2}}, {-2.5, [4]int64{-2, -3, -3, -2}}, {-1.5, [4]int64{-2, -2, -2, -1}}, {0.49, [4]int64{}},
		{-0.25, [4]int64{0, 0, -1, 0}}, {1e300, [4]int64{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64}},
		{math.Inf(-1), [4]int64{math.MinInt64, math.MinInt64, math.MinInt64, math.MinInt64}}, {math.NaN(), [4]int64{}},
		{-1 << 63, [4]int64{math.MinInt64, math.MinInt64, math.MinInt64, math.MinInt64}},
	} {
		for r, want := range c.want {
			if got := Rounding(r).Round(c.x); got != want {
				t.Errorf("%v: %v rounds to %d, want %d", Rounding(r), c.x, got, want)
			}
		}
	}
}

func TestRoundingNames(t *testing.T) {
	for _, r := range []Rounding{NearestEven, HalfAway, Floor, TowardZero} {
		if got, err := ParseRounding(r.String()); err != nil || got != r {
			t.Errorf("%v: %v, %v", r, got, err)
		}
	}
	if _, err := ParseRounding("up"); err == nil {
		t.Error("rounding up accepted")
	}
}

// Rounding a float and rounding a shifted integer are the same rule.
func TestRoundAgreesWithShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "x")
		k := uint(rapid.IntRange(0, 12).Draw(t, "k"))
		r := drawRounding(t)
		if got, want := r.Round(math.Ldexp(float64(x), -int(k))), ShiftRight(x, k, r); got != want {
			t.Fatalf("%v: float %d, integer %d", r, got, want)
		}
	})
}
