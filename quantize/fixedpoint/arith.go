package fixedpoint

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ErrUnsupported marks an arithmetic that profiles may name but that this package does not compute.
var ErrUnsupported = errors.New("not supported")

// arithKind is the rule by which an Arith treats a value that does not fit.
type arithKind int

const (
	kindInt arithKind = iota
	kindSat
	kindSatU
	kindWrap
	kindWrapOnce24
)

// Arith is what a register does to a result that is written to it. The zero value is the arithmetic "int", which
// leaves every value as it is. Ariths may be compared with ==.
type Arith struct {
	kind arithKind
	bits int
}

// ParseArith reads an arithmetic's name in the vocabulary of chip profiles:
//
//	sat<n>       saturate at n signed bits, n = 1..63
//	satu<n>      saturate at n unsigned bits, n = 1..62
//	wrap<n>      wrap at n signed bits, n = 1..63
//	int          no limit; the profile's constraints prove that none is needed
//	wrap_once24  one correction by ±2^24 (WrapOnce24)
//
// The names s16.15 and float32 are known but not computed here: the error is ErrUnsupported (errors.Is).
func ParseArith(s string) (Arith, error) {
	switch s {
	case "int":
		return Arith{}, nil
	case "wrap_once24":
		return Arith{kind: kindWrapOnce24, bits: 24}, nil
	case "s16.15", "float32":
		return Arith{}, fmt.Errorf("fixedpoint: arithmetic %s: %w", s, ErrUnsupported)
	}
	for _, f := range []struct {
		prefix string
		kind   arithKind
		limit  int
	}{{"satu", kindSatU, 62}, {"sat", kindSat, 63}, {"wrap", kindWrap, 63}} {
		digits, ok := strings.CutPrefix(s, f.prefix)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || strconv.Itoa(n) != digits {
			break
		}
		if n < 1 || n > f.limit {
			return Arith{}, fmt.Errorf("fixedpoint: arithmetic %s: %d bits, want 1..%d", s, n, f.limit)
		}
		return Arith{kind: f.kind, bits: n}, nil
	}
	return Arith{}, fmt.Errorf("fixedpoint: unknown arithmetic %q, want sat<n>, satu<n>, wrap<n>, int or wrap_once24", s)
}

// String returns the name that ParseArith reads.
func (a Arith) String() string {
	switch a.kind {
	case kindSat:
		return "sat" + strconv.Itoa(a.bits)
	case kindSatU:
		return "satu" + strconv.Itoa(a.bits)
	case kindWrap:
		return "wrap" + strconv.Itoa(a.bits)
	case kindWrapOnce24:
		return "wrap_once24"
	default:
		return "int"
	}
}

// Apply returns what the register holds after x was written to it. Any x is allowed.
func (a Arith) Apply(x int64) int64 {
	switch a.kind {
	case kindSat:
		return Sat(x, a.bits)
	case kindSatU:
		return SatU(x, a.bits)
	case kindWrap:
		return Wrap(x, a.bits)
	case kindWrapOnce24:
		return WrapOnce24(x)
	default:
		return x
	}
}

// OrderFree reports whether a sum, with the arithmetic applied after every term, comes out the same in any order of
// the terms, and the same as with the arithmetic applied once at the end. It is true of int and wrap<n> and false of
// the others; those are exact in any order only while every partial sum stays within Range.
func (a Arith) OrderFree() bool { return a.kind == kindInt || a.kind == kindWrap }

// Range returns the values that the register can hold without change: Apply(x) == x exactly for lo <= x <= hi.
func (a Arith) Range() (lo, hi int64) {
	switch a.kind {
	case kindSat, kindWrap:
		return -1 << uint(a.bits-1), 1<<uint(a.bits-1) - 1
	case kindSatU:
		return 0, 1<<uint(a.bits) - 1
	case kindWrapOnce24:
		return -(1<<23 - 1), 1 << 23
	default:
		return math.MinInt64, math.MaxInt64
	}
}
