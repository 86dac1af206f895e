package emulator

import (
	"go/token"
	"math/bits"
	"strings"

	"spikec/emulator/columns"
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

// eachWeight is how weights are added where the sum of a step will not do.
type eachWeight struct {
	column int
	sumMul operand // of a sum
	mul    operand // of a weight
	arith  fixedpoint.Arith
}

// integrate is into = arith(into + (w << shift)) for every weight w that arrives, computed from their sum:
//
//	into = arith(into + sum·2^shift)
//
// That is the same where the arithmetic wraps (compileIntegrate), and where it saturates but into lies so far within its
// limits that no choice of the weights leaves them. The other neurons are left to replay.
func (b *passBuilder) integrate(m chip.MicroOp) {
	switch {
	case strings.TrimSpace(m.From) != weightName || m.Combine != "":
		b.fail("it adds %q, not the weights themselves", m.From)
	case b.taken:
		b.fail("the arriving weights are taken twice")
	}
	shift := term{known: []int64{0}}
	if m.Shift != "" {
		shift = b.known("shift", m.Shift)
	}
	for _, k := range shift.known {
		if k < 0 || k > factorBits {
			b.fail("weights shifted by %d: want 0..%d", k, factorBits)
		}
	}
	arith, x := b.arith(m.Arith), b.read(m.Into)
	if b.err != nil {
		return
	}
	low, high := b.sums(shift)
	if b.err != nil {
		return
	}
	sum := low.r.join(high.r)
	switch limit := rangeOf(arith); {
	case x.r.plus(sum).within(limit):
		b.integrateSum(m.Into, x, b.inUnits(shift), sum)
	case !arith.OrderFree():
		b.integrateGuarded(m.Into, x, shift, low, high, arith)
	case x.r.within(limit):
		b.integrateSum(m.Into, x, b.inUnits(shift), sum)
		b.assign(m.Into, b.values[m.Into], arith)
	default:
		b.fail("%s may take values %d..%d before, which %s changes only where weights arrive", m.Into, x.r.lo, x.r.hi, arith)
	}
	b.taken = true
}

// sums returns the limits of the arriving weights, shifted.
func (b *passBuilder) sums(shift term) (low, high operand) {
	least, most := make([]int64, b.out.neurons), make([]int64, b.out.neurons)
	for n := range least {
		k := uint(shift.at(n))
		if !(interval{b.least[n], b.most[n]}).within(columnRange) {
			b.fail("the sums of a step, %d..%d, leave 32 bits", b.least[n], b.most[n])
			return
		}
		least[n], most[n] = b.least[n]<<k, b.most[n]<<k
	}
	return b.constants(uniform(least)), b.constants(uniform(most))
}

// inUnits returns the factor of a sum that is shifted.
func (b *passBuilder) inUnits(shift term) operand {
	return b.powers(knownResult(token.ADD, shift, term{known: []int64{int64(b.unit)}}))
}

// integrateSum is into = x + sum·mul.
func (b *passBuilder) integrateSum(into string, x, mul operand, r interval) {
	sum := operand{r: r, column: sumColumn}
	column := b.target(into)
	switch {
	case x.is(0) && mul.is(1):
		b.set(into, sum)
		return
	case x.is(0):
		b.emit(func(s *passState, lo, hi int) {
			columns.Mul(s.columns[column][lo:hi], sum.in(s, lo, hi), mul.in(s, lo, hi))
		})
	case mul.is(1):
		b.emit(func(s *passState, lo, hi int) {
			columns.Add(s.columns[column][lo:hi], x.in(s, lo, hi), sum.in(s, lo, hi))
		})
	default:
		b.emit(func(s *passState, lo, hi int) {
			columns.AddProduct(s.columns[column][lo:hi], x.in(s, lo, hi), sum.in(s, lo, hi), mul.in(s, lo, hi))
		})
	}
	b.set(into, operand{r: b.fit(into, x.r.plus(r)), column: column})
}

// integrateGuarded is integrateSum for neurons in guard, and leaves the others as they are for replay.
func (b *passBuilder) integrateGuarded(into string, x operand, shift term, low, high operand, arith fixedpoint.Arith) {
	limit := rangeOf(arith)
	if !limit.within(columnRange) || limit.hi == columnRange.hi || arith.String() == "wrap_once24" {
		b.fail("%s after every weight may change a sum on the way", arith)
		return
	}
	if planesOf(b.program.profile) > 1 {
		b.fail("%s after every weight of signed spikes", arith)
		return
	}
	column, mul := b.target(into), b.inUnits(shift)
	if x.fixed != nil || x.column != column {
		b.copy(column, x)
	}
	guardLow, guardHigh := b.guards(limit, low, high)
	sum := operand{column: sumColumn}
	b.emit(func(s *passState, lo, hi int) {
		if s.sum != nil && columns.AddGuarded(s.columns[column][lo:hi], sum.in(s, lo, hi), mul.in(s, lo, hi), guardLow.in(s, lo, hi), guardHigh.in(s, lo, hi), s.words[:]) {
			s.flag(lo, hi)
		}
	})
	b.out.each = &eachWeight{column: column, sumMul: mul, mul: b.powers(shift), arith: arith}
	b.set(into, operand{r: x.r.join(limit), column: column})
}

// guards returns between which values of the variable no sum of a step leaves its limits; they cross where there is none.
func (b *passBuilder) guards(limit interval, low, high operand) (guardLow, guardHigh operand) {
	from, to := make([]int64, b.out.neurons), make([]int64, b.out.neurons)
	for n := range from {
		from[n] = min(limit.lo-int64(low.at(n)), limit.hi+1)
		to[n] = max(limit.hi-int64(high.at(n)), limit.lo-1)
	}
	return b.constants(uniform(from)), b.constants(uniform(to))
}

// at returns a constant of neuron n.
func (o operand) at(n int) int32 {
	if o.same {
		return o.fixed[0]
	}
	return o.fixed[n]
}

// flag notes the neurons lo..hi−1 that AddGuarded left out.
func (s *passState) flag(lo, hi int) {
	for i, w := range s.words[:(hi-lo+63)/64] {
		for ; w != 0; w &= w - 1 {
			s.flagged = append(s.flagged, int32(lo+64*i+bits.TrailingZeros64(w)))
		}
	}
}

// addWithin adds the sum of the step to a neuron that was left out, if its variable stays within its limits whatever the
// order of the weights is, of which the positive ones have the given sum; it reports whether it did.
func (s *passState) addWithin(neuron int, positive int32) bool {
	e := s.passes.each
	v, mul := &s.columns[e.column][neuron], int64(e.sumMul.at(neuron))
	sum, up := int64(s.sum[neuron-s.first])*mul, int64(positive)*mul
	if limit := rangeOf(e.arith); int64(*v)+up > limit.hi || int64(*v)+sum-up < limit.lo {
		return false
	}
	*v += int32(sum)
	return true
}

// addWeight adds one weight to a neuron that was left out.
func (s *passState) addWeight(neuron int, weight int32) {
	e := s.passes.each
	v := &s.columns[e.column][neuron]
	x := int64(*v) + int64(weight)*int64(e.mul.at(neuron))
	y := e.arith.Apply(x)
	if y != x {
		s.count++
	}
	*v = int32(y)
}
