package emulator

import (
	"slices"

	"spikec/emulator/columns"
	"spikec/target/image"
)

// newRulePasses compiles a rule to passes. They are fewer than those of its program, and do for sums that those have no
// room for. Sums are in units of 2^unit.
func newRulePasses(r *rule, c *image.Core, unit uint) (*passes, error) {
	b := &passBuilder{out: &passes{neurons: c.Neurons, kept: map[string]int{}}, unit: unit}
	p := b.out
	p.v, p.fired, p.lowered = b.newColumn(), b.newColumn(), b.newColumn()
	for n := range c.Neurons {
		p.initial = append(p.initial, c.Channel(c.InitialV, n))
	}
	v, rest := operand{column: p.v}, b.ruleRest(r)
	sum, rest, shift := b.ruleSum(r, v, rest)
	b.ruleFire(r, v, sum, rest, shift)
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

// ruleSum returns what is added to the membranes, the first operand shifted by the number, such that nothing leaves 32 bits. Where that
// cannot be, it adds them itself.
func (b *passBuilder) ruleSum(r *rule, v, rest operand) (operand, operand, uint) {
	sum, shift := operand{column: sumColumn}, r.shift+b.unit
	arriving, limits, zero := r.sum.shl(r.shift), interval{r.low, r.high}, b.constants([]int64{0})
	x := arriving.plus(rest.r)
	switch {
	case shift > 30:
		b.fail("sums are shifted by %d", shift)
	case limits.plus(x).within(columnRange) && limits.plus(arriving).within(columnRange):
		return sum, rest, shift
	case max(-rest.r.lo, rest.r.hi)+r.high-r.low < sumCut:
		column, low, high := b.newColumn(), b.constants([]int64{-sumCut >> shift}), b.constants([]int64{sumCut >> shift})
		b.emit(func(s *passState, lo, hi int) {
			columns.Clamp(s.columns[column][lo:hi], sum.in(s, lo, hi), low.in(s, lo, hi), high.in(s, lo, hi))
		})
		return operand{column: column}, rest, shift
	case x.within(columnRange) && arriving.within(columnRange) && (limits == columnRange || r.low > columnRange.lo && r.high < columnRange.hi || r.low >= 0 && slices.Min(b.out.initial) >= 0):
		// Membranes that are never negative, and what is added to them, are together never too small for a column.
		column, mul, counts := b.newColumn(), b.constants([]int64{1 << shift}), r.high == columnRange.hi
		b.emit(func(s *passState, lo, hi int) {
			columns.AddProduct(s.columns[column][lo:hi], rest.in(s, lo, hi), sum.in(s, lo, hi), mul.in(s, lo, hi))
			n := columns.AddSaturated(s.columns[b.out.v][lo:hi], v.in(s, lo, hi), s.columns[column][lo:hi])
			if counts { // else the limits do
				s.count += int64(n)
			}
		})
	default:
		b.fail("membranes and sums need more than 32 bits")
	}
	return zero, zero, 0
}

// ruleFire adds, limits, compares, resets and emits.
func (b *passBuilder) ruleFire(r *rule, v, sum, rest operand, shift uint) {
	f := columns.Rule{Shift: shift, Low: int32(r.low), High: int32(r.high)}
	above, minus := slices.Clone(r.thr), make([]int64, len(r.thr))
	for n, thr := range r.thr {
		if !r.strict {
			above[n]--
		}
		if !r.zero {
			f.Keep, minus[n] = -1, -thr
		}
	}
	thr, plus := b.limitTo(uniform(above)...), b.limitTo(uniform(minus)...)
	if r.signed != nil {
		b.ruleSigned(r, v, sum, rest, thr, plus, shift)
		return
	}
	if r.staged {
		firing := columns.Rule{Low: f.Low, High: f.High, Keep: f.Keep}
		none := b.constants([]int64{0})
		b.out.firing = []pass{b.ruleStep(v, none, none, thr, plus, firing)}
		thr = b.constants([]int64{columnRange.hi}) // no membrane is above
	}
	b.emit(b.ruleStep(v, sum, rest, thr, plus, f))
}

// ruleSigned is ruleFire for neurons that take spikes back.
func (b *passBuilder) ruleSigned(r *rule, v, sum, rest, thr, plus operand, shift uint) {
	f := columns.Signed{Shift: shift, Low: int32(r.low), High: int32(r.high), Most: int32(r.signed.most)}
	count := b.newColumn()
	b.out.kept[r.signed.count] = count
	b.emit(func(s *passState, lo, hi int) {
		w := (lo - s.first) / 64
		s.count += int64(columns.FireSigned(v.in(s, lo, hi), s.columns[count][lo:hi], sum.in(s, lo, hi), rest.in(s, lo, hi),
			thr.in(s, lo, hi), plus.in(s, lo, hi), s.spikes[w:], s.negative[w:], f))
	})
}

// ruleStep is the pass that does a step of a rule.
func (b *passBuilder) ruleStep(v, sum, rest, thr, plus operand, f columns.Rule) pass {
	return func(s *passState, lo, hi int) {
		s.count += int64(columns.Fire(v.in(s, lo, hi), sum.in(s, lo, hi), rest.in(s, lo, hi), thr.in(s, lo, hi), plus.in(s, lo, hi),
			s.spikes[(lo-s.first)/64:], f))
	}
}
