package emulator

import (
	"cmp"
	"go/token"
	"slices"

	"spikec/emulator/columns"
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

// compareLoops write −1 where the comparison of x and y holds, else 0.
var compareLoops = map[token.Token]func(dst, x, y []int32){
	token.GEQ: columns.NotBelow, token.GTR: columns.Above, token.EQL: columns.Equal, token.NEQ: columns.Unequal,
	token.LEQ: func(dst, x, y []int32) { columns.NotBelow(dst, y, x) },
	token.LSS: func(dst, x, y []int32) { columns.Above(dst, y, x) },
}

// comparisons are the comparisons of fire and lower_fire.
var comparisons = map[string]token.Token{"ge": token.GEQ, "gt": token.GTR, "le": token.LEQ, "lt": token.LSS}

// compare writes flags to a column.
func (b *passBuilder) compare(column int, op token.Token, x, y operand) {
	loop := compareLoops[op]
	b.emit(func(s *passState, lo, hi int) { loop(s.columns[column][lo:hi], x.in(s, lo, hi), y.in(s, lo, hi)) })
}

// fire sets the flag where var >= or > against and the condition also holds.
func (b *passBuilder) fire(m chip.MicroOp) {
	against := b.operand("against", m.Against)
	b.compare(b.out.fired, comparisons[m.Compare], b.read(m.Var), against)
	if b.tested = nil; m.Var == "v" && !b.isOwn(against) {
		b.tested = &against
	}
	b.also(m.Also, b.out.fired)
}

// also takes down the flags for which a further condition, if there is one, does not hold.
func (b *passBuilder) also(condition string, flags int) {
	if condition == "" {
		return
	}
	column := b.holds(condition)
	b.emit(func(s *passState, lo, hi int) { columns.And(s.columns[flags][lo:hi], s.columns[column][lo:hi]) })
}

// holds returns a column of flags for a condition.
func (b *passBuilder) holds(condition string) int {
	column := b.newColumn()
	c, err := chip.ParseCondition(condition)
	if err != nil {
		b.fail("%v", err)
		return column
	}
	side := func(e chip.Expr) operand {
		return b.single(chip.Fold(e, func(x int64) term { return term{known: []int64{x}} }, b.named, b.apply))
	}
	b.compare(column, c.Operator(), side(c.Left), side(c.Right))
	return column
}

// lowerFire sets the lower flag where var < or <= against, the condition also holds, and the flag is not set.
func (b *passBuilder) lowerFire(m chip.MicroOp) {
	name := m.Var
	if name == "" {
		name = "v"
	}
	lowered, fired := b.out.lowered, b.out.fired
	b.compare(lowered, comparisons[m.Compare], b.read(name), b.operand("against", m.Against))
	b.emit(func(s *passState, lo, hi int) { columns.AndNot(s.columns[lowered][lo:hi], s.columns[fired][lo:hi]) })
	b.also(m.Also, lowered)
}

// emitSpikes writes the flags as bits. No neuron has both flags behind a lower_fire; before it, the lower flag may be that of
// the step before, and the spike flag takes it down.
func (b *passBuilder) emitSpikes(m chip.MicroOp) {
	fired, lowered := b.out.fired, b.out.lowered
	b.emit(func(s *passState, lo, hi int) { columns.Pack(s.spikes[(lo-s.first)/64:], s.columns[fired][lo:hi]) })
	if m.Lower == "" {
		if planesOf(b.program.profile) > 1 {
			b.emit(func(s *passState, lo, hi int) { clear(s.negative[(lo-s.first)/64:][:(hi-lo+63)/64]) })
		}
		return
	}
	column := b.newColumn()
	b.emit(func(s *passState, lo, hi int) {
		copy(s.columns[column][lo:hi], s.columns[lowered][lo:hi])
		columns.AndNot(s.columns[column][lo:hi], s.columns[fired][lo:hi])
		columns.Pack(s.negative[(lo-s.first)/64:], s.columns[column][lo:hi])
	})
}

// count is var = arith(var + 1) where the flag is set, else arith(var − 1) where the lower flag is.
func (b *passBuilder) count(m chip.MicroOp) {
	x, column, arith := b.read(m.Var), b.target(m.Var), b.arith(m.Arith)
	fired, lowered := b.out.fired, b.out.lowered
	if !x.r.within(rangeOf(arith)) {
		b.fail("%s may change %s where no flag is set", arith, m.Var)
		return
	}
	down, minus := b.newColumn(), b.constants([]int64{-1})
	b.emit(func(s *passState, lo, hi int) {
		up, down := s.columns[fired][lo:hi], s.columns[down][lo:hi]
		copy(down, s.columns[lowered][lo:hi])
		columns.AndNot(down, up)
		columns.Add(down, down, x.in(s, lo, hi))
		columns.AddProduct(s.columns[column][lo:hi], down, up, minus.in(s, lo, hi)) // flags are −1
	})
	b.store(m.Var, column, b.fit(m.Var, interval{x.r.lo - 1, x.r.hi + 1}), arith)
}

// reset acts where the flag is set.
func (b *passBuilder) reset(m chip.MicroOp) { b.resetWhere(m, b.out.fired) }

// lowerReset acts where the lower flag is set, and counts how often it does without a spike.
func (b *passBuilder) lowerReset(m chip.MicroOp) {
	b.resetWhere(m, b.out.lowered)
	if b.program.profile.Lower.Kind == "spike" {
		return
	}
	lowered := b.out.lowered
	b.emit(func(s *passState, lo, hi int) {
		for _, f := range s.columns[lowered][lo:hi] {
			s.lower -= int64(f) // flags are −1
		}
	})
}

// resetWhere is v = arith((v & keep) + plus) where a flag is set: keep is all ones to subtract, else zero.
func (b *passBuilder) resetWhere(m chip.MicroOp, flags int) {
	keep, plus := b.resetTerms(m, b.resetModes(m))
	x, column, arith := b.read("v"), b.target("v"), b.arith(m.Arith)
	r := plus.r
	switch {
	case keep.is(-1):
		r = x.r.plus(plus.r)
		if flags == b.out.fired && b.tested != nil && b.tested.equals(b.operand("value", m.Value)) {
			r = interval{max(r.lo, 0), max(r.hi, 0)} // what fires at value loses value
		}
	case !keep.is(0):
		r = r.join(x.r.plus(plus.r))
	}
	b.fit("v", r)
	if limit := rangeOf(arith); !r.within(limit) && !x.r.within(limit) {
		b.resetEach(column, x, flags, keep, plus, arith)
		b.set("v", operand{r: x.r.join(written(r, arith)), column: column})
		return
	}
	b.emit(func(s *passState, lo, hi int) {
		columns.Reset(s.columns[column][lo:hi], x.in(s, lo, hi), s.columns[flags][lo:hi], keep.in(s, lo, hi), plus.in(s, lo, hi))
	})
	b.store("v", column, x.r.join(r), b.inert(r, arith)) // leaves the others as they are
}

// inert returns the arithmetic that does what another one does in a range: nothing, where that is so.
func (b *passBuilder) inert(r interval, arith fixedpoint.Arith) fixedpoint.Arith {
	if r.within(rangeOf(arith)) {
		return fixedpoint.Arith{}
	}
	return arith
}

// resetEach is for membranes that the arithmetic would change where no flag is set.
func (b *passBuilder) resetEach(column int, x operand, flags int, keep, plus operand, arith fixedpoint.Arith) {
	b.emit(func(s *passState, lo, hi int) {
		dst, x, set, keep, plus := s.columns[column][lo:hi], x.in(s, lo, hi), s.columns[flags][lo:hi], keep.in(s, lo, hi), plus.in(s, lo, hi)
		copy(dst, x)
		for i, f := range set {
			if f == 0 {
				continue
			}
			y := x[i]&keep[i] + plus[i]
			dst[i] = int32(arith.Apply(int64(y)))
			if dst[i] != y {
				s.count++
			}
		}
	})
}

// resetModes returns the mode of all neurons, or one a neuron.
func (b *passBuilder) resetModes(m chip.MicroOp) []string {
	modes := b.program.profile.Reset.Modes
	switch {
	case m.Mode != "cfg":
		return []string{m.Mode}
	case len(b.core.Registers[resetRegister]) == 0:
		return modes[:1]
	}
	var chosen []string
	for _, k := range b.known("register", resetRegister).known {
		if k < 0 || k >= int64(len(resetModes)) {
			b.fail("register reset is %d: want 0, 1 or 2", k)
			return modes[:1]
		}
		chosen = append(chosen, resetModes[k])
	}
	return chosen
}

// resetTerms returns the operands of resetWhere.
func (b *passBuilder) resetTerms(m chip.MicroOp, modes []string) (keep, plus operand) {
	zero := term{known: []int64{0}}
	minus, to := zero, zero
	if m.Value != "" && slices.Contains(modes, "subtract") {
		minus = b.apply(token.SUB, zero, b.term("value", m.Value))
	}
	if text := cmp.Or(m.To, m.Value); text != "" && slices.Contains(modes, "value") {
		to = b.term("to", text)
	}
	switch {
	case onlyMode(modes, "subtract"):
		return b.constants([]int64{-1}), b.single(minus)
	case onlyMode(modes, "value"):
		return b.constants([]int64{0}), b.single(to)
	case minus.known == nil || to.known == nil:
		b.fail("resets that differ between neurons, by values that change")
		return b.constants([]int64{0}), b.constants([]int64{0})
	}
	keeps, adds := make([]int64, b.out.neurons), make([]int64, b.out.neurons)
	for n := range b.out.neurons {
		switch modes[min(n, len(modes)-1)] {
		case "subtract":
			keeps[n], adds[n] = -1, minus.at(n)
		case "value":
			adds[n] = to.at(n)
		}
	}
	return b.constants(uniform(keeps)), b.constants(uniform(adds))
}

// onlyMode reports whether all neurons have the mode.
func onlyMode(modes []string, mode string) bool {
	return !slices.ContainsFunc(modes, func(m string) bool { return m != mode })
}
