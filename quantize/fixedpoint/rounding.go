package fixedpoint

import (
	"fmt"
	"math"
)

// Rounding says which integer stands for a number between two integers.
type Rounding int

const (
	NearestEven Rounding = iota // the nearest; of two equally near ones the even one: 2.5 → 2, −1.5 → −2
	HalfAway                    // the nearest; of two equally near ones the one farther from zero: 2.5 → 3, −1.5 → −2
	Floor                       // the next lower one: −0.25 → −1
	TowardZero                  // the next one towards zero: −1.75 → −1
)

// roundingNames are the names that profiles use.
var roundingNames = [...]string{NearestEven: "rne", HalfAway: "half_away", Floor: "floor", TowardZero: "toward_zero"}

// ParseRounding reads a rounding's name: rne, half_away, floor or toward_zero.
func ParseRounding(s string) (Rounding, error) {
	for r, name := range roundingNames {
		if name == s {
			return Rounding(r), nil
		}
	}
	return 0, fmt.Errorf("fixedpoint: unknown rounding %q, want rne, half_away, floor or toward_zero", s)
}

// String returns the rounding's name in profiles.
func (r Rounding) String() string {
	if r < 0 || int(r) >= len(roundingNames) {
		return fmt.Sprintf("Rounding(%d)", int(r))
	}
	return roundingNames[r]
}

// Round returns the integer that stands for x. Where that integer does not fit int64 it returns the nearest int64;
// for a NaN, which has no integer, it returns 0.
func (r Rounding) Round(x float64) int64 {
	switch r {
	case NearestEven:
		x = math.RoundToEven(x)
	case HalfAway:
		x = math.Round(x)
	case Floor:
		x = math.Floor(x)
	case TowardZero:
		x = math.Trunc(x)
	default:
		panic(fmt.Sprintf("fixedpoint: rounding %d", int(r)))
	}
	switch {
	case x >= 1<<63:
		return math.MaxInt64
	case x < -1<<63:
		return math.MinInt64
	case x != x:
		return 0
	default:
		return int64(x)
	}
}
