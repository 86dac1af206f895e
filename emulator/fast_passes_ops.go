package emulator

import (
	"go/token"
	"slices"

	"spikec/emulator/columns"
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

// add is var = arith(var + term).
func (b *passBuilder) add(m chip.MicroOp) {
	t, x, arith := b.term("term", m.Term), b.read(m.Var), b.arith(m.Arith)
	terms := t.sum
	if t.known != nil {
		terms = []operand{b.constants(t.known)}
	}
	if x.is(0) {
		x, terms = terms[0], terms[1:]
	}
	terms = slices.DeleteFunc(slices.Clone(terms), func(o operand) bool { return o.is(0) })
	r := x.r
	for _, o := range terms {
		r = r.plus(o.r)
	}
	b.fit(m.Var, r)
	if len(terms) == 0 {
		b.assign(m.Var, x, arith)
		return
	}
	column, y := b.target(m.Var), terms[0]
	if len(terms) == 1 {
		b.emit(func(s *passState, lo, hi int) {
			columns.Add(s.columns[column][lo:hi], x.in(s, lo, hi), y.in(s, lo, hi))
		})
	} else {
		z := terms[1]
		b.emit(func(s *passState, lo, hi int) {
			columns.Add3(s.columns[column][lo:hi], x.in(s, lo, hi), y.in(s, lo, hi), z.in(s, lo, hi))
		})
	}
	b.store(m.Var, column, r, arith)
}

// decay is var = arith(round(var · mul / 2^shift)).
func (b *passBuilder) decay(m chip.MicroOp) {
	mul, shift := b.operand("mul", m.Mul), b.known("shift", m.Shift)
	round, arith := b.rounding(m.Round), b.arith(m.Arith)
	k := shift.known[0]
	if len(shift.known) > 1 || k < 0 || k > 62 || !mul.r.within(interval{-factor, factor}) {
		b.fail("factors %d..%d / 2^%d: want −2^%d..2^%d, and one shift of 0..62 for all neurons", mul.r.lo, mul.r.hi, k, factorBits, factorBits)
		return
	}
	switch {
	case mul.is(0):
		b.set(m.Var, b.constants([]int64{0}))
	case mul.is(1 << uint(k)):
		b.assign(m.Var, b.read(m.Var), arith)
	default:
		b.scale(m.Var, b.read(m.Var), mul, uint(k), round, arith)
	}
}

// scale is var = arith(round(x · mul / 2^k)).
func (b *passBuilder) scale(name string, x, mul operand, k uint, round fixedpoint.Rounding, arith fixedpoint.Arith) {
	column, rounding := b.target(name), scaleRounding(round, k)
	b.emit(func(s *passState, lo, hi int) {
		columns.Scale(s.columns[column][lo:hi], x.in(s, lo, hi), mul.in(s, lo, hi), k, rounding)
	})
	r := corners(x.r, mul.r, func(x, f int64) int64 { return fixedpoint.Decay(x, f, k, round) })
	b.store(name, column, r, arith)
}

// scaleRounding returns how a loop rounds.
func scaleRounding(r fixedpoint.Rounding, k uint) columns.Rounding {
	switch r {
	case fixedpoint.TowardZero:
		return columns.ToZero(k)
	case fixedpoint.NearestEven:
		return columns.ToEven(k)
	case fixedpoint.HalfAway:
		return columns.HalfAway(k)
	}
	return columns.Floor(k)
}

// shift is var = arith(var << by), or where by is negative arith(round(var / 2^−by)).
func (b *passBuilder) shift(m chip.MicroOp) {
	by, round, arith, x := b.known("by", m.By), b.rounding(m.Round), b.arith(m.Arith), b.read(m.Var)
	least, most := slices.Min(by.known), slices.Max(by.known)
	switch {
	case least < 0 && most != least || most > factorBits:
		b.fail("shifts by %d..%d: want 0..%d, or one to the right for all neurons", least, most, factorBits)
	case least < 0:
		b.scale(m.Var, x, b.constants([]int64{1}), uint(min(-least, 62)), round, arith)
	case most == 0:
		b.assign(m.Var, x, arith)
	default:
		b.scale(m.Var, x, b.powers(by), 0, fixedpoint.Floor, arith)
	}
}

// powers returns 2^k of known numbers.
func (b *passBuilder) powers(k term) operand {
	return b.constants(knownResult(token.SHL, term{known: []int64{1}}, k).known)
}

// leak is the linear leak (compileLeak).
func (b *passBuilder) leak(m chip.MicroOp) {
	by, x := b.operand("by", m.By), b.read(m.Var)
	if by.r.lo < 0 {
		b.fail("%s leaks by %d, below 0", m.Var, by.r.lo)
		return
	}
	leaked, err := b.program.leakToward(m)
	if err != nil {
		b.fail("%v", err)
		return
	}
	column := b.target(m.Var)
	if m.Toward == "zero" {
		b.emit(func(s *passState, lo, hi int) {
			columns.LeakToZero(s.columns[column][lo:hi], x.in(s, lo, hi), by.in(s, lo, hi))
		})
	} else {
		floor, _ := b.program.floor(m.Var) // leakToward has asked
		low := int32(max(columnRange.lo, min(columnRange.hi, floor)))
		b.emit(func(s *passState, lo, hi int) {
			columns.LeakToFloor(s.columns[column][lo:hi], x.in(s, lo, hi), by.in(s, lo, hi), low)
		})
	}
	b.set(m.Var, operand{r: b.fit(m.Var, corners(x.r, by.r, leaked)), column: column})
}

// clamp is var = min(max(var, min), max).
func (b *passBuilder) clamp(m chip.MicroOp) {
	lo, hi, x := b.bound("min", m.Min), b.bound("max", m.Max), b.read(m.Var)
	if !b.ordered(lo, hi) {
		b.fail("%s is clamped to an empty range", m.Var)
		return
	}
	if x.r.lo >= lo.r.hi && x.r.hi <= hi.r.lo {
		return
	}
	column := b.target(m.Var)
	b.limit(column, x, lo, hi)
	r := interval{max(min(x.r.lo, hi.r.lo), lo.r.lo), min(max(x.r.hi, lo.r.hi), hi.r.hi)}
	b.set(m.Var, operand{r: r, column: column})
}

// bound compiles a bound of a clamp; a known one is cut to what a column holds, which no value leaves.
func (b *passBuilder) bound(parameter, text string) operand {
	t := b.term(parameter, text)
	if t.known == nil {
		return b.single(t)
	}
	return b.limitTo(t.known...)
}

// ordered reports whether lo <= hi for every neuron.
func (b *passBuilder) ordered(lo, hi operand) bool {
	if lo.fixed == nil || hi.fixed == nil {
		return lo.r.hi <= hi.r.lo
	}
	for n := range max(len(lo.fixed), len(hi.fixed)) {
		if lo.fixed[min(n, len(lo.fixed)-1)] > hi.fixed[min(n, len(hi.fixed)-1)] {
			return false
		}
	}
	return true
}

// clear is var = 0.
func (b *passBuilder) clear(m chip.MicroOp) { b.set(m.Var, b.constants([]int64{0})) }
