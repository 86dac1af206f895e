package emulator

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"spikec/emulator/columns"
	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
)

// passBuilder follows the program once, operation by operation, with a range for everything that it computes.
type passBuilder struct {
	program     *program
	core        *refCore
	rows        []int64 // neuron × stride, as the reference engine starts with
	least, most []int64 // neuron → limits of the arriving weights
	unit        uint    // sums of a step are in units of 2^unit
	driven      map[string]interval
	driveRange  map[string]interval
	out         *passes

	own    map[string]int     // variable that lasts → its column
	values map[string]operand // variable → its value at this point of the program
	fresh  map[string]bool    // holds what the step before left
	used   map[string]bool    // what the step before left was read
	taken  bool               // the arriving sums
	tested *operand           // the membrane is as it was compared with this by fire, and fires from there on
	err    error
}

// newPassBuilder prepares to follow the program from variables in the given ranges.
func newPassBuilder(p *program, s *coreState, ranges, driven map[string]interval) *passBuilder {
	b := &passBuilder{program: p, core: s.core, rows: s.rest, driven: driven, driveRange: map[string]interval{},
		own: map[string]int{}, values: map[string]operand{}, fresh: map[string]bool{}, used: map[string]bool{},
		out: &passes{neurons: s.neurons, kept: map[string]int{}}}
	for i, name := range assigned(p.profile) {
		if !p.persistent[i] {
			b.values[name] = b.constants([]int64{0})
			continue
		}
		b.own[name] = b.newColumn()
		b.values[name] = operand{r: b.fit(name, ranges[name]), column: b.own[name]}
		b.fresh[name] = true
	}
	b.out.v, b.out.fired, b.out.lowered = b.own["v"], b.newColumn(), b.newColumn()
	for n := range s.neurons {
		b.out.initial = append(b.out.initial, int32(s.rest[n*s.stride+p.slots["v"]]))
	}
	return b
}

// passOps compile the micro-operations.
var passOps = map[string]func(*passBuilder, chip.MicroOp){
	"integrate":   (*passBuilder).integrate,
	"shift":       (*passBuilder).shift,
	"decay":       (*passBuilder).decay,
	"add":         (*passBuilder).add,
	"leak":        (*passBuilder).leak,
	"clamp":       (*passBuilder).clamp,
	"clear":       (*passBuilder).clear,
	"hold":        (*passBuilder).hold,
	"rest":        (*passBuilder).rest,
	"fire":        (*passBuilder).fire,
	"reset":       (*passBuilder).reset,
	"lower_fire":  (*passBuilder).lowerFire,
	"lower_reset": (*passBuilder).lowerReset,
	"count":       (*passBuilder).count,
	"emit":        (*passBuilder).emitSpikes,
}

// build compiles the program and returns the ranges that a step leaves.
func (b *passBuilder) build() (map[string]interval, error) {
	if b.err != nil {
		return nil, b.err // the ranges themselves
	}
	for i, m := range b.program.profile.Program {
		compile := passOps[m.Op]
		if compile == nil {
			return nil, fmt.Errorf("operation %d, %s, is not one that the fast engine has passes for", i+1, m.Op)
		}
		if compile(b, m); b.err != nil {
			return nil, fmt.Errorf("operation %d, %s: %w", i+1, m.Op, b.err)
		}
	}
	if !b.taken && (slices.Min(b.least) != 0 || slices.Max(b.most) != 0) {
		return nil, errors.New("no operation takes the arriving weights")
	}
	left := map[string]interval{}
	for i, name := range assigned(b.program.profile) {
		if !b.program.persistent[i] {
			continue
		}
		if left[name] = b.keep(name); b.err != nil {
			return nil, b.err
		}
	}
	if b.out.each == nil { // no need to come between
		b.out.before, b.out.after = append(b.out.before, b.out.after...), nil
	}
	return left, nil
}

// keep brings a variable that lasts to its column at the end of a step, and returns its range; that of one that the next
// step does not read is none.
func (b *passBuilder) keep(name string) interval {
	x, column := b.values[name], b.own[name]
	if !b.used[name] && name != "v" {
		return interval{}
	}
	if x.fixed != nil || x.column != column {
		b.copy(column, x)
	}
	b.out.kept[name] = column
	return x.r
}

// fail records the first thing that keeps the core from having passes.
func (b *passBuilder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// fit checks that a column holds a range, and returns as much of it as it does.
func (b *passBuilder) fit(what string, r interval) interval {
	if !r.within(columnRange) {
		b.fail("%s may take values %d..%d, beyond 32 bits", what, r.lo, r.hi)
		return columnRange
	}
	return r
}

// newColumn adds a column to the sessions.
func (b *passBuilder) newColumn() int {
	b.out.columns++
	return b.out.columns - 1
}

// emit adds a pass to the step.
func (b *passBuilder) emit(p pass) {
	if b.taken {
		b.out.after = append(b.out.after, p)
	} else {
		b.out.before = append(b.out.before, p)
	}
}

// copy adds a pass that copies an operand to a column.
func (b *passBuilder) copy(column int, x operand) {
	b.emit(func(s *passState, lo, hi int) { copy(s.columns[column][lo:hi], x.in(s, lo, hi)) })
}

// read returns the value of a variable.
func (b *passBuilder) read(name string) operand {
	b.used[name] = b.used[name] || b.fresh[name]
	return b.values[name]
}

// target returns the column to which a variable's next value is written: its own, or a new one, so that no column changes
// under a variable that was set to it.
func (b *passBuilder) target(name string) int {
	if column, ok := b.own[name]; ok {
		return column
	}
	return b.newColumn()
}

// set gives a variable a value.
func (b *passBuilder) set(name string, x operand) {
	b.values[name], b.fresh[name] = x, false
	if name == "v" {
		b.tested = nil
	}
}

// isOwn reports whether an operand is the column of a variable that lasts.
func (b *passBuilder) isOwn(x operand) bool {
	for _, column := range b.own {
		if x.fixed == nil && x.column == column {
			return true
		}
	}
	return false
}

// assign sets a variable to arith(x).
func (b *passBuilder) assign(name string, x operand, arith fixedpoint.Arith) {
	inert := x.r.within(rangeOf(arith))
	if inert && !b.isOwn(x) {
		b.set(name, x)
		return
	}
	column := b.target(name)
	if x.fixed != nil || x.column != column {
		b.copy(column, x)
	}
	b.store(name, column, x.r, arith)
}

// store sets a variable to arith of what a column holds.
func (b *passBuilder) store(name string, column int, r interval, arith fixedpoint.Arith) {
	b.fit(name, r)
	limit := rangeOf(arith)
	switch {
	case r.within(limit):
	case saturates(arith):
		b.limit(column, operand{column: column}, b.limitTo(limit.lo), b.limitTo(limit.hi))
	case arith.OrderFree():
		bits := bits.Len64(uint64(limit.hi)) + 1
		b.emit(func(s *passState, lo, hi int) { s.count += int64(columns.Wrap(s.columns[column][lo:hi], bits)) })
	default:
		b.emit(func(s *passState, lo, hi int) { s.count += applyArith(s.columns[column][lo:hi], arith) })
	}
	b.set(name, operand{r: written(r, arith), column: column})
}

// saturates reports whether an arithmetic limits values to its range.
func saturates(a fixedpoint.Arith) bool {
	limit := rangeOf(a)
	return a != fixedpoint.Arith{} && a.Apply(limit.hi+1) == limit.hi
}

// applyArith is: x[i] = a(x[i]); it returns how many numbers that changed.
func applyArith(x []int32, a fixedpoint.Arith) (changed int64) {
	for i, t := range x {
		y := int32(a.Apply(int64(t)))
		if y != t {
			changed++
		}
		x[i] = y
	}
	return changed
}

// limit adds a pass that writes min(max(x, lo), hi) to a column and counts where that is not x.
func (b *passBuilder) limit(column int, x, lo, hi operand) {
	b.emit(func(s *passState, from, to int) {
		s.count += int64(columns.Clamp(s.columns[column][from:to], x.in(s, from, to), lo.in(s, from, to), hi.in(s, from, to)))
	})
}

// limitTo returns a limit as constants, cut to what a column holds, which no value leaves.
func (b *passBuilder) limitTo(x ...int64) operand {
	cut := slices.Clone(x)
	for i := range cut {
		cut[i] = min(max(cut[i], columnRange.lo), columnRange.hi)
	}
	return b.constants(cut)
}

// arith reads an arithmetic.
func (b *passBuilder) arith(name string) fixedpoint.Arith {
	a, err := b.program.arith(name)
	if err != nil {
		b.fail("%v", err)
	}
	return a
}

// rounding reads a rounding.
func (b *passBuilder) rounding(name string) fixedpoint.Rounding {
	r, err := b.program.rounding(name)
	if err != nil {
		b.fail("%v", err)
	}
	return r
}
