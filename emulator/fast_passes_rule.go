package emulator

import (
	"errors"
	"go/token"
	"slices"

	"spikec/emulator/columns"
	"spikec/target/chip"
	"spikec/target/image"
)

// newRulePasses compiles a rule to passes, which are fewer than those of its program. Its sums may leave 32 bits where
// membranes do not come near that (ruleSum).
func newRulePasses(r *rule, c *image.Core) (*passes, error) {
	b := &passBuilder{out: &passes{neurons: c.Neurons}}
	p := b.out
	p.v, p.fired, p.lowered = b.newColumn(), b.newColumn(), b.newColumn()
	for n := range c.Neurons {
		p.initial = append(p.initial, c.Channel(c.InitialV, n))
	}
	v, rest := operand{column: p.v}, b.ruleRest(r)
	sum, err := b.ruleSum(r, rest.r)
	if err != nil {
		return nil, err
	}
	if mul := b.constants([]int64{1 << r.shift}); mul.is(1) {
		b.emit(func(s *passState, lo, hi int) {
			columns.Add3(s.columns[p.v][lo:hi], v.in(s, lo, hi), sum.in(s, lo, hi), rest.in(s, lo, hi))
		})
	} else {
		b.emit(func(s *passState, lo, hi int) {
			columns.AddProduct(s.columns[p.v][lo:hi], v.in(s, lo, hi), sum.in(s, lo, hi), mul.in(s, lo, hi))
		})
		if !rest.is(0) {
			b.emit(func(s *passState, lo, hi int) {
				columns.Add(s.columns[p.v][lo:hi], v.in(s, lo, hi), rest.in(s, lo, hi))
			})
		}
	}
	b.limit(p.v, v, b.constants([]int64{r.low}), b.constants([]int64{r.high}))
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

// ruleSum returns the arriving weights such that nothing leaves 32 bits. Sums that may be too large are cut to 2^30,
// shifted: with those a membrane is driven to a limit anyway, and counts as saturated, if its limits are that much closer
// to each other.
func (b *passBuilder) ruleSum(r *rule, rest interval) (operand, error) {
	sum := operand{r: r.sum, column: sumColumn}
	limits := interval{r.low, r.high}
	if r.sum.shl(r.shift).plus(rest).plus(limits).within(columnRange) && r.sum.shl(r.shift).plus(limits).within(columnRange) {
		return sum, nil
	}
	const cut = 1 << 30
	if max(-rest.lo, rest.hi)+r.high-r.low >= cut {
		return sum, errors.New("membranes and sums need more than 32 bits")
	}
	column, low, high := b.newColumn(), b.constants([]int64{-cut >> r.shift}), b.constants([]int64{cut >> r.shift})
	b.emit(func(s *passState, lo, hi int) {
		columns.Clamp(s.columns[column][lo:hi], sum.in(s, lo, hi), low.in(s, lo, hi), high.in(s, lo, hi))
	})
	return operand{column: column}, nil
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
