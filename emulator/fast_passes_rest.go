package emulator

import (
	"spikec/emulator/columns"
	"spikec/target/chip"
)

// hold is var = value where the condition holds.
func (b *passBuilder) hold(m chip.MicroOp) {
	value, x, flags := b.operand("value", m.Value), b.read(m.Var), b.holds(m.While)
	column, zero := b.target(m.Var), b.constants([]int64{0})
	b.emit(func(s *passState, lo, hi int) {
		columns.Reset(s.columns[column][lo:hi], x.in(s, lo, hi), s.columns[flags][lo:hi], zero.in(s, lo, hi), value.in(s, lo, hi))
	})
	b.set(m.Var, operand{r: b.fit(m.Var, x.r.join(value.r)), column: column})
}

// rest is var = max(by − 1, 0) where the flag is set, else max(var − 1, 0).
func (b *passBuilder) rest(m chip.MicroOp) {
	by, x, column, flags := b.operand("by", m.By), b.read(m.Var), b.target(m.Var), b.out.fired
	zero, minus, most := b.constants([]int64{0}), b.constants([]int64{-1}), b.limitTo(columnRange.hi)
	b.emit(func(s *passState, lo, hi int) {
		dst := s.columns[column][lo:hi]
		columns.Reset(dst, x.in(s, lo, hi), s.columns[flags][lo:hi], zero.in(s, lo, hi), by.in(s, lo, hi))
		columns.Add(dst, dst, minus.in(s, lo, hi))
		columns.Clamp(dst, dst, zero.in(s, lo, hi), most.in(s, lo, hi))
	})
	r := b.fit(m.Var, x.r.join(by.r).plus(point(-1)))
	b.set(m.Var, operand{r: interval{max(r.lo, 0), max(r.hi, 0)}, column: column})
}
