package quantize

import (
	"math"
)

// biasSlack is what rounding bias and drive may add to their sum, in weight units.
const biasSlack = 2

// sum returns Σ|w| over the spikes that may meet channel o in one step.
func (l *layer) sum(o int) int64 {
	var sum int64
	for j, w := range l.rounded[o] {
		sum += int64(l.repeat[j]) * int64(max(w, -w))
	}
	return sum
}

// lowerBound returns the bound below which neurons of channel o are reset: with Q what can be taken off a membrane in one step,
//
//	min(VMin + Q, VMin/2)
//
// A membrane that is reset at this bound loses it, and is then at most Q below zero. Where Q is at most half of the range below zero,
// no step takes the membrane beyond VMin: it never wraps at the lower end. Where Q is larger, only its rate keeps it from there; the
// bound is then as far from zero as from the end. Source: RANC, ThresholdResetUnit.v.
func (l *layer) lowerBound(o int) int32 {
	lo, _ := l.input(o)
	q := -min(lo, 0)
	for j, w := range l.rounded[o] {
		q -= int64(l.repeat[j]) * int64(min(w, 0))
	}
	return int32(min(l.format.VMin+q, l.format.VMin/2))
}

// bias returns the bias of channel o in weight units.
func (l *layer) bias(o int) int32 {
	if l.pop.Bias == nil {
		return 0
	}
	return int32(max(-math.MaxInt32, min(math.MaxInt32, math.Round(l.pop.Bias[o]*l.unit[o]))))
}

// input returns the range of what bias and drive add to channel o in one step, whatever the picture.
func (l *layer) input(o int) (lo, hi int64) {
	for j, w := range l.host[o] {
		lo += int64(l.codes[j]) * int64(min(w, 0))
		hi += int64(l.codes[j]) * int64(max(w, 0))
	}
	b := int64(l.bias(o))
	return b + shiftDrive(lo, l.shift), b + shiftDrive(hi, l.shift)
}

// farthest returns how far from zero the membrane of channel o may get in all steps, in weight units, where the chip must not
// limit it; else 0.
func (l *layer) farthest(o int) int64 {
	if !l.format.Exact {
		return 0
	}
	lo, hi := l.input(o)
	return int64(math.Ceil(l.unit[o]*l.net.Initial)) + int64(l.net.Steps)*(l.sum(o)+max(hi, -lo))
}

// overflows reports whether the sums, or bias and drive, of channel o need more than the chip has.
func (l *layer) overflows(o int) bool {
	lo, hi := l.input(o)
	return l.sum(o) > l.format.SumMax || max(hi, -lo) > int64(l.format.BiasMax) || l.farthest(o) > l.format.VMax>>l.format.Shift
}
