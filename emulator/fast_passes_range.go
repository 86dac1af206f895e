package emulator

import (
	"go/token"
	"math/bits"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

// columnRange is what a column holds.
var columnRange = interval{-1 << 31, 1<<31 - 1}

// point is the interval of one number.
func point(x int64) interval { return interval{x, x} }

// join returns the smallest interval that holds both.
func (a interval) join(b interval) interval { return interval{min(a.lo, b.lo), max(a.hi, b.hi)} }

// corners returns the interval of an operation that is monotone in each of its arguments while the other one stays, so
// that its extremes lie in corners.
func corners(a, b interval, f func(x, y int64) int64) interval {
	return point(f(a.lo, b.lo)).join(point(f(a.lo, b.hi))).join(point(f(a.hi, b.lo))).join(point(f(a.hi, b.hi)))
}

// applied returns the interval of an operator of expressions; its arguments must be those of columns. It may be wider
// than a column, and ok is false where it might leave 64 bits.
func applied(op token.Token, a, b interval) (r interval, ok bool) {
	if op == token.SHL && max(-a.lo, a.hi) != 0 && b.hi > 30 {
		return interval{}, false
	}
	return corners(a, b, func(x, y int64) int64 { return chip.Apply(op, x, y) }), true
}

// written returns what a register may hold after one of the values of a was written to it.
func written(a interval, arith fixedpoint.Arith) interval {
	limit := rangeOf(arith)
	switch {
	case a.within(limit):
		return a
	case arith.OrderFree():
		return limit
	}
	r := interval{arith.Apply(a.lo), arith.Apply(a.hi)}
	if r.lo <= r.hi && arith.Apply(limit.hi+1) == limit.hi {
		return r // it saturates
	}
	return limit.join(interval{a.lo + 1<<24, a.hi - 1<<24}) // one correction
}

// widen extends the ranges at the start of a step by those that the step leaves, to powers of two, and reports whether
// that changed any.
func widen(ranges, left map[string]interval) bool {
	changed := false
	for name, r := range ranges {
		if now := left[name]; !now.within(r) {
			changed = true
			ranges[name] = r.join(interval{-power(-1 - now.lo), power(now.hi) - 1}.join(now))
		}
	}
	return changed
}

// power returns the smallest power of two above x, or 0 below zero.
func power(x int64) int64 {
	if x < 0 {
		return 0
	}
	return 1 << bits.Len64(uint64(x))
}
