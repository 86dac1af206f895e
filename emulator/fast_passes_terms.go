package emulator

import (
	"fmt"
	"go/token"
	"slices"

	"spikec/emulator/columns"
	"spikec/target/chip"
)

// operand is what a pass reads: constants, or a column.
type operand struct {
	r      interval
	fixed  []int32 // constants: one a neuron, or where they are all the same a block of them
	same   bool
	column int // of the session, or sumColumn
}

// sumColumn stands for the arriving sums.
const sumColumn = -1

// in returns what the operand is for neurons lo..hi−1.
func (o operand) in(s *passState, lo, hi int) []int32 {
	switch {
	case o.same:
		return o.fixed[:hi-lo]
	case o.fixed != nil:
		return o.fixed[lo:hi]
	case o.column != sumColumn:
		return s.columns[o.column][lo:hi]
	case s.sum != nil:
		return s.sum[lo-s.first : hi-s.first]
	}
	return s.none[:hi-lo]
}

// constant returns the operand's value if all neurons have the same in every step.
func (o operand) constant() (int64, bool) { return o.r.lo, o.same }

// is reports whether the operand is this number.
func (o operand) is(x int64) bool { return o.same && o.r.lo == x }

// equals reports whether two operands are known to be the same, if no column was written between.
func (o operand) equals(p operand) bool {
	if o.fixed == nil || p.fixed == nil {
		return o.fixed == nil && p.fixed == nil && o.column == p.column
	}
	return slices.Equal(o.fixed, p.fixed)
}

// term is the value of a part of an expression.
type term struct {
	known []int64   // it depends on registers without drives: one value, or one a neuron
	sum   []operand // else: the sum of one or two
	steps bool      // it depends on variables, so that every step has to compute it
}

// at returns a known value.
func (t term) at(n int) int64 { return t.known[min(n, len(t.known)-1)] }

// term compiles an expression.
func (b *passBuilder) term(parameter, text string) term {
	e, err := chip.ParseExpr(text)
	if err != nil {
		b.fail("%s: %v", parameter, err)
		return term{known: []int64{0}}
	}
	return chip.Fold(e, func(x int64) term { return term{known: []int64{x}} }, b.named, b.apply)
}

// operand compiles an expression to something that a pass reads.
func (b *passBuilder) operand(parameter, text string) operand {
	return b.single(b.term(parameter, text))
}

// known compiles an expression that must not change in a picture or between pictures.
func (b *passBuilder) known(parameter, text string) term {
	t := b.term(parameter, text)
	if t.known == nil {
		b.fail("%s %q changes from step to step or from picture to picture", parameter, text)
		return term{known: []int64{0}}
	}
	return t
}

// named returns the value of a variable or a register.
func (b *passBuilder) named(name string) term {
	slot, ok := b.program.slots[name]
	_, driven := b.driven[name]
	switch {
	case !ok || name == weightName:
		b.fail("%s has no value here", name)
		return term{known: []int64{0}}
	case slot < b.program.variables:
		x := b.read(name)
		if c, ok := x.constant(); ok {
			return term{known: []int64{c}}
		}
		return term{sum: []operand{x}, steps: true}
	case driven:
		return term{sum: []operand{b.drive(name)}}
	}
	values := make([]int64, b.out.neurons)
	for n := range values {
		values[n] = b.rows[n*b.program.stride()+slot]
	}
	return term{known: uniform(values)}
}

// uniform shortens equal values to one.
func uniform(values []int64) []int64 {
	if slices.ContainsFunc(values, func(x int64) bool { return x != values[0] }) {
		return values
	}
	return values[:1]
}

// drive returns the column of a register with its drives.
func (b *passBuilder) drive(name string) operand {
	for _, d := range b.out.drives {
		if d.register == name {
			return operand{r: b.driveRange[name], column: d.column}
		}
	}
	slot := b.program.slots[name]
	d := drivenColumn{register: name, column: b.newColumn()}
	r := point(b.rows[slot])
	for n := range b.out.neurons {
		x := b.rows[n*b.program.stride()+slot]
		r = r.join(point(x))
		d.rest = append(d.rest, int32(x))
	}
	b.out.drives = append(b.out.drives, d)
	b.driveRange[name] = b.fit(name, r.plus(b.driven[name].join(interval{})))
	return operand{r: b.driveRange[name], column: d.column}
}

// constants returns an operand of known values.
func (b *passBuilder) constants(values []int64) operand {
	r := point(values[0])
	for _, x := range values {
		r = r.join(point(x))
	}
	o := operand{r: b.fit("a constant", r), same: len(values) == 1}
	if o.same {
		values = slices.Repeat(values, min(passBlock, b.out.neurons))
	}
	for _, x := range values {
		o.fixed = append(o.fixed, int32(x))
	}
	return o
}

// single returns a term as one operand.
func (b *passBuilder) single(t term) operand {
	if t.known != nil {
		return b.constants(t.known)
	}
	if len(t.sum) == 1 {
		return t.sum[0]
	}
	return b.joined(token.ADD, t.sum[0], t.sum[1], t.steps)
}

// apply compiles one operator.
func (b *passBuilder) apply(op token.Token, x, y term) term {
	if x.known != nil && y.known != nil {
		return knownResult(op, x, y)
	}
	steps := x.steps || y.steps
	if op == token.ADD && steps {
		return b.plus(x, y)
	}
	return term{sum: []operand{b.joined(op, b.single(x), b.single(y), steps)}, steps: steps}
}

// knownResult computes an operator on known values.
func knownResult(op token.Token, x, y term) term {
	values := make([]int64, max(len(x.known), len(y.known)))
	for n := range values {
		values[n] = chip.Apply(op, x.at(n), y.at(n))
	}
	return term{known: uniform(values)}
}

// plus leaves a sum of up to two operands to the pass that reads it.
func (b *passBuilder) plus(x, y term) term {
	t := term{steps: true}
	for _, p := range []term{x, y} {
		if len(p.known) == 1 && p.known[0] == 0 {
			continue
		}
		if p.known != nil || len(x.sum)+len(y.sum) > 2 {
			p.sum = []operand{b.single(p)}
		}
		t.sum = append(t.sum, p.sum...)
	}
	if len(t.sum) > 2 {
		t.sum = []operand{b.joined(token.ADD, t.sum[0], t.sum[1], true), t.sum[2]}
	}
	return t
}

// binaryLoops are the operators of expressions on columns.
var binaryLoops = map[token.Token]func(dst, x, y []int32){
	token.ADD: columns.Add, token.SUB: columns.Sub, token.MUL: columns.Mul, token.SHL: columns.Shl, token.SHR: columns.Shr,
}

// joined computes an operator into a column, in every step or once a picture.
func (b *passBuilder) joined(op token.Token, x, y operand, steps bool) operand {
	r, ok := applied(op, x.r, y.r)
	if !ok {
		b.fail("a shift may leave 64 bits")
	}
	loop, column := binaryLoops[op], b.newColumn()
	p := func(s *passState, lo, hi int) { loop(s.columns[column][lo:hi], x.in(s, lo, hi), y.in(s, lo, hi)) }
	if steps {
		b.emit(p)
	} else {
		b.out.start = append(b.out.start, p)
	}
	return operand{r: b.fit(fmt.Sprintf("a part of an expression (%s)", op), r), column: column}
}
