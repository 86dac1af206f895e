package emulator

import (
	"go/token"
	"slices"

	"spikec/emulator/columns"
	"spikec/target/chip"
	"spikec/target/image"
)

// newRulePasses compiles a rule to passes. They are fewer than those of its program, and do for sums that those have no
// room for. Sums are in units of 2^unit.
func newRulePasses(r *rule, c *image.Core, unit uint) (*passes, error) {
	b := &passBuilder{out: &passes{neurons: c.Neurons}, unit: unit}
	p := b.out
	p.v, p.fired, p.lowered = b.newColumn(), b.newColumn(), b.newColumn()
	for n := range c.Neurons {
		p.initial = append(p.initial, c.Channel(c.InitialV, n))
	}
	v, rest := operand{column: p.v}, b.ruleRest(r)
	b.ruleAdd(r, v, rest)
	if (interval{r.low, r.high}) != columnRange {
		b.limit(p.v, v, b.constants([]int64{r.low}), b.constants([]int64{r.high}))
	}
	b.ruleFire(r, v)
	return p, b.err
}

// ruleRest returns the bias and the drives.
func (b *passBuilder) ruleRest(r *rule) operand {
	rest := b.constants(uniform(r.bias))
	for name, shift := range r.driveShift {
		added := r.drives[name]
		d := drivenColumn{register: name, column: b.newColumn(), rest: make([]int32, b.out.neurons)}
		b.out.drives = append(b.out.drives, d)
		column, x := b.newColumn(), rest
		mul, drive := b.constants([]int64{1 << shift}), operand{column: d.column}
		b.out.start = append(b.out.start, func(s *passState, lo, hi int) {
			columns.AddProduct(s.columns[column][lo:hi], x.in(s, lo, hi), drive.in(s, lo, hi), mul.in(s, lo, hi))
		})
		rest = operand{r: b.fit("the bias with its drive", x.r.plus(added.join(interval{}).shl(shift))), column: column}
	}
	return rest
}

// sumCut is where sums are cut that may be too large: with such a sum, shifted, a membrane comes to a limit anyway, and
// counts as saturated, if its limits are that much closer to each other.
const sumCut = 1 << 30

// ruleAdd adds the arriving weights, the bias and the drives to the membranes such that nothing leaves 32 bits: membranes
// are limited afterwards, or by the addition if their limits are those of 32 bits.
func (b *passBuilder) ruleAdd(r *rule, v, rest operand) {
	sum, arriving, limits := operand{column: sumColumn}, r.sum.shl(r.shift), interval{r.low, r.high}
	x := arriving.plus(rest.r)
	shift := r.shift + b.unit
	switch mul := b.constants([]int64{1 << shift}); {
	case limits.plus(x).within(columnRange) && limits.plus(arriving).within(columnRange):
		b.addTo(b.out.v, v, sum, mul, rest)
	case max(-rest.r.lo, rest.r.hi)+r.high-r.low < sumCut:
		column, low, high := b.newColumn(), b.constants([]int64{-sumCut >> shift}), b.constants([]int64{sumCut >> shift})
		b.emit(func(s *passState, lo, hi int) {
			columns.Clamp(s.columns[column][lo:hi], sum.in(s, lo, hi), low.in(s, lo, hi), high.in(s, lo, hi))
		})
		b.addTo(b.out.v, v, operand{column: column}, mul, rest)
	case x.within(columnRange) && arriving.within(columnRange) && (limits == columnRange || r.low > columnRange.lo && r.high < columnRange.hi):
		column, counts := b.newColumn(), limits == columnRange
		b.addTo(column, rest, sum, mul, b.constants([]int64{0}))
		b.emit(func(s *passState, lo, hi int) {
			n := columns.AddSaturated(s.columns[b.out.v][lo:hi], v.in(s, lo, hi), s.columns[column][lo:hi])
			if counts { // else the limits do
				s.count += int64(n)
			}
		})
	default:
		b.fail("membranes and sums need more than 32 bits")
	}
}

// addTo is: column = x + y·mul + z.
func (b *passBuilder) addTo(column int, x, y, mul, z operand) {
	if mul.is(1) {
		b.emit(func(s *passState, lo, hi int) {
			columns.Add3(s.columns[column][lo:hi], x.in(s, lo, hi), y.in(s, lo, hi), z.in(s, lo, hi))
		})
		return
	}
	b.emit(func(s *passState, lo, hi int) {
		columns.AddProduct(s.columns[column][lo:hi], x.in(s, lo, hi), y.in(s, lo, hi), mul.in(s, lo, hi))
	})
	if !z.is(0) {
		b.emit(func(s *passState, lo, hi int) {
			columns.Add(s.columns[column][lo:hi], s.columns[column][lo:hi], z.in(s, lo, hi))
		})
	}
}

// ruleFire compares, resets and emits.
func (b *passBuilder) ruleFire(r *rule, v operand) {
	p := b.out
	above, minus, keep := slices.Clone(r.thr), make([]int64, len(r.thr)), int64(0)
	for n, thr := range r.thr {
		if !r.strict {
			above[n]--
		}
		if !r.zero {
			keep, minus[n] = -1, -thr
		}
	}
	b.compare(p.fired, token.GTR, v, b.limitTo(uniform(above)...))
	keeps, plus := b.constants([]int64{keep}), b.limitTo(uniform(minus)...)
	b.emit(func(s *passState, lo, hi int) {
		columns.Reset(s.columns[p.v][lo:hi], v.in(s, lo, hi), s.columns[p.fired][lo:hi], keeps.in(s, lo, hi), plus.in(s, lo, hi))
	})
	b.emitSpikes(chip.MicroOp{})
}
