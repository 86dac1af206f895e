// Package fixedpoint is the one definition of chip arithmetic: how integers overflow, shift, decay and round. It is
// plain and slow on purpose; everything faster is compared with it bit by bit. It knows numbers, no neuron, no layer
// and no chip: which rule applies where is said by a chip's profile (package target/chip).
//
// Every function works on int64. An argument outside the range that its comment names is a mistake of the caller and
// panics; within the range no intermediate value leaves int64.
package fixedpoint

import "fmt"

// Wrap reduces x to a two's complement number of so many bits, 1..64:
//
//	((x + 2^(bits−1)) mod 2^bits) − 2^(bits−1)	// mod is never negative
//
// Any x is allowed.
func Wrap(x int64, bits int) int64 {
	checkBits(bits, 64)
	s := uint(64 - bits)
	return x << s >> s
}

// Sat limits x to the signed numbers of so many bits, 1..64: −2^(bits−1)..2^(bits−1)−1. Any x is allowed.
func Sat(x int64, bits int) int64 {
	checkBits(bits, 64)
	hi := int64(1)<<uint(bits-1) - 1
	return Clamp(x, -hi-1, hi)
}

// SatU limits x to the unsigned numbers of so many bits, 1..63: 0..2^bits−1. Any x is allowed.
func SatU(x int64, bits int) int64 {
	checkBits(bits, 63)
	return Clamp(x, 0, 1<<uint(bits)-1)
}

// Clamp returns lo where x < lo, hi where x > hi, else x. It needs lo <= hi.
func Clamp(x, lo, hi int64) int64 {
	if lo > hi {
		panic(fmt.Sprintf("fixedpoint: clamp to %d..%d", lo, hi))
	}
	return min(max(x, lo), hi)
}

// WrapOnce24 brings x back towards 24 bits by a single correction, as Lava's LIF model does for its current:
//
//	if x > 2^23 { x -= 2^24 } else if x <= −2^23 { x += 2^24 }
//
// Exactly +2^23 stays, −2^23 becomes +2^23, and a value beyond ±3·2^23 stays outside. Any x is allowed.
// Source: lava/proc/lif/models.py, AbstractPyLifModelFixed.
func WrapOnce24(x int64) int64 {
	switch {
	case x > 1<<23:
		return x - 1<<24
	case x <= -(1 << 23):
		return x + 1<<24
	default:
		return x
	}
}

// Asr is the arithmetic shift to the right, floor(x / 2^k), for any x and k.
func Asr(x int64, k uint) int64 { return x >> k }

// ShiftLeft returns x·2^k. It panics where the product does not fit int64.
func ShiftLeft(x int64, k uint) int64 {
	y := x << k
	if k > 63 || y>>k != x {
		panic(fmt.Sprintf("fixedpoint: %d << %d leaves 64 bits", x, k))
	}
	return y
}

// ShiftRight returns x / 2^k, k = 0..63, rounded to an integer. Any x is allowed.
func ShiftRight(x int64, k uint, r Rounding) int64 {
	if k > 63 {
		panic(fmt.Sprintf("fixedpoint: shift by %d", k))
	}
	q := x >> k
	rest := x - q<<k // 0..2^k−1
	if rest == 0 {
		return q
	}
	half := int64(1) << (k - 1)
	switch r {
	case Floor:
		return q
	case TowardZero:
		if x < 0 {
			return q + 1
		}
		return q
	case NearestEven:
		if rest > half || rest == half && q&1 != 0 {
			return q + 1
		}
		return q
	case HalfAway:
		if rest > half || rest == half && x > 0 {
			return q + 1
		}
		return q
	}
	panic(fmt.Sprintf("fixedpoint: rounding %d", r))
}

// Decay is one multiplication with a factor below or about one, as leaks are computed:
//
//	round(x·mul / 2^shift)
//
// with |x·mul| < 2^63 and shift = 0..63; it panics where the product does not fit int64. With TowardZero it is
// sign(x)·((|x|·mul) >> shift), the decay of Loihi; with Floor it is the arithmetic shift of ReckOn.
func Decay(x, mul int64, shift uint, r Rounding) int64 {
	p := x * mul
	if x != 0 && (p/x != mul || x == -1 && mul == -1<<63) {
		panic(fmt.Sprintf("fixedpoint: %d * %d leaves 64 bits", x, mul))
	}
	return ShiftRight(p, shift, r)
}

// checkBits panics unless 1 <= bits <= limit.
func checkBits(bits, limit int) {
	if bits < 1 || bits > limit {
		panic(fmt.Sprintf("fixedpoint: %d bits, want 1..%d", bits, limit))
	}
}
