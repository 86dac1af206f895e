package emulator

import (
	"errors"
	"fmt"
	"slices"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
	"spikec/target/image"
)

// rule is what the program of a chip comes to for the neurons of one core:
//
//	x = (sum of arriving weights << shift) + bias + Σ_r (drive of r << driveShift[r])
//	v = min(max(v + x, low), high)
//	fire where v >= thr (or v > thr if strict); there v −= thr, or v = 0 if zero
//
// where a window of two stages does the first two lines in all steps of the first one, and the last line in all steps of
// the second one. What neurons do behind that which take spikes back says signedRule.
type rule struct {
	shift      uint
	bias       []int64         // a neuron
	driveShift map[string]uint // registers that the bias depends on
	low, high  int64
	strict     bool
	zero       bool
	thr        []int64     // a neuron
	signed     *signedRule // nil: no spike is taken back
	staged     bool        // all steps of a picture are added before the first one fires

	sum, x interval            // of all neurons
	drives map[string]interval // register → what is added to it
}

// interval is a range of integers, both ends included.
type interval struct{ lo, hi int64 }

// within reports whether a lies in b.
func (a interval) within(b interval) bool { return a.lo >= b.lo && a.hi <= b.hi }

// plus returns the interval of the sum.
func (a interval) plus(b interval) interval { return interval{a.lo + b.lo, a.hi + b.hi} }

// shl returns the interval of the values shifted left; the caller sees to it that they fit.
func (a interval) shl(k uint) interval { return interval{a.lo << k, a.hi << k} }

// deriver follows the program symbolically: it knows of every variable how it depends on the membrane and on the sum
// of the arriving weights. Everything else are registers, whose values in this core are known.
type deriver struct {
	program *program
	core    *refCore
	rows    []int64             // neuron × stride, as the reference engine starts with
	drives  map[string]interval // driven registers → the range of what is added to them
	values  map[string]linear
	rule    *rule
	stage   int                // which of the operations on the membrane have been seen
	kept    []fixedpoint.Arith // arithmetics that must leave the membrane alone
	summed  bool               // the arriving weights
	signed  signedRule
	emitted bool // the spikes of this step
}

// The stages of a deriver.
const (
	stageAdd   = iota // the membrane has yet to be added to
	stageLimit        // it was added to without a limit
	stageFire         // it is limited and has yet to fire
	stageReset        // it fired and has yet to be reset
	stageDone         // the step is over but for emit
)

// linear is a variable's value as a function of what is not known: membrane + (sum << shift) + bias.
type linear struct {
	stale    bool // holds what it held after the step before, and so may not be read
	membrane bool
	sum      bool
	shift    uint
	bias     []int64         // a neuron; nil = 0
	drives   map[string]uint // driven register → shift
}

// ruleOp follows one operation.
type ruleOp func(*deriver, chip.MicroOp) error

// ruleOps are the operations that a program may have to come to a rule.
var ruleOps = map[string]ruleOp{
	"integrate":   (*deriver).integrate,
	"shift":       (*deriver).shift,
	"decay":       (*deriver).decay,
	"add":         (*deriver).add,
	"clamp":       (*deriver).clamp,
	"clear":       (*deriver).clear,
	"fire":        (*deriver).fire,
	"reset":       (*deriver).reset,
	"emit":        (*deriver).emit,
	"lower_fire":  (*deriver).lowerFire,
	"lower_reset": (*deriver).lowerReset,
	"count":       (*deriver).count,
}

// behindReset are the operations that may follow the reset.
var behindReset = []string{"emit", "clear", "lower_fire", "lower_reset", "count"}

// deriveRule finds the rule of a core, or says what keeps the program from having one. sum limits the sum of arriving
// weights, drives what is added to registers.
func deriveRule(p *program, c *image.Core, sum interval, drives map[string]interval) (*rule, error) {
	state := newCoreState(&refCore{Core: c}, p, 0)
	d := &deriver{program: p, core: state.core, rows: state.rest, drives: drives, values: map[string]linear{}, rule: &rule{sum: sum, drives: drives}}
	for i, name := range assigned(p.profile) {
		d.values[name] = linear{stale: p.persistent[i]}
	}
	d.values["v"] = linear{membrane: true}
	for i, m := range p.profile.Program {
		follow := ruleOps[m.Op]
		if follow == nil {
			return nil, fmt.Errorf("operation %d, %s, is not one that the fast engine follows", i+1, m.Op)
		}
		if err := d.inStage(m); err != nil {
			return nil, fmt.Errorf("operation %d, %s: %w", i+1, m.Op, err)
		}
		if d.stage == stageDone && !slices.Contains(behindReset, m.Op) {
			return nil, fmt.Errorf("operation %d, %s, follows the reset", i+1, m.Op)
		}
		if err := follow(d, m); err != nil {
			return nil, fmt.Errorf("operation %d, %s: %w", i+1, m.Op, err)
		}
	}
	if d.stage != stageDone {
		return nil, errors.New("the program does not end with fire and reset")
	}
	if d.signed.stage != signedFire && d.signed.stage != signedDone || d.rule.signed != nil && d.rule.staged {
		return nil, errors.New("lower spikes are not taken back and counted in one stage")
	}
	if !d.emitted {
		return nil, errors.New("the spikes that are emitted are those of the step before")
	}
	return d.rule, d.checkMembrane()
}

// inStage refuses an operation that is not done in the one stage of a window of two in which a rule has it.
func (d *deriver) inStage(m chip.MicroOp) error {
	if d.program.profile.Execution.StageCount() == 1 {
		return nil
	}
	d.rule.staged = true
	want := chip.StageIntegrate
	if m.Op == "fire" || m.Op == "reset" || m.Op == "emit" {
		want = chip.StageFire
	}
	if m.Stage != want {
		return fmt.Errorf("it is not done in the stage %s alone", want)
	}
	return nil
}

// checkMembrane refuses membranes that start outside their limits, or that an operation changes within them.
func (d *deriver) checkMembrane() error {
	for _, a := range d.kept {
		if !(interval{d.rule.low, d.rule.high}).within(rangeOf(a)) {
			return fmt.Errorf("%s may change the membrane", a)
		}
	}
	for n := range d.core.Neurons {
		if v := int64(d.core.Channel(d.core.InitialV, n)); v < d.rule.low || v > d.rule.high {
			return fmt.Errorf("neuron %d starts at %d, outside %d..%d", d.core.Index(n), v, d.rule.low, d.rule.high)
		}
	}
	return nil
}

// integrate makes a variable the sum of the arriving weights.
func (d *deriver) integrate(m chip.MicroOp) error {
	if m.From != weightName || m.Combine != "" {
		return fmt.Errorf("it adds %q, not the weights themselves", m.From)
	}
	x := d.values[m.Into]
	if x.stale || x.membrane || x.sum || x.bias != nil || len(x.drives) > 0 {
		return fmt.Errorf("it adds to %s, which is not zero before", m.Into)
	}
	if d.summed {
		return errors.New("the arriving weights are summed twice")
	}
	d.summed = true
	k := int64(0)
	if m.Shift != "" {
		var err error
		if k, err = d.uniform("shift", m.Shift); err != nil {
			return err
		}
	}
	x.sum = true
	return d.put(m.Into, x, k, m.Arith)
}

// shift shifts a variable to the left.
func (d *deriver) shift(m chip.MicroOp) error {
	k, err := d.uniform("by", m.By)
	if err != nil {
		return err
	}
	x := d.values[m.Var]
	if x.stale || x.membrane {
		return fmt.Errorf("it shifts %s, which holds what the step before left", m.Var)
	}
	return d.put(m.Var, x, k, m.Arith)
}

// put stores x << k in a scratch variable; the arithmetic must leave every possible value alone.
func (d *deriver) put(name string, x linear, k int64, arith string) error {
	if name == "v" {
		return errors.New("it acts on the membrane itself")
	}
	if k < 0 || k > factorBits {
		return fmt.Errorf("shift by %d: want 0..%d", k, factorBits)
	}
	a, err := d.program.arith(arith)
	if err != nil {
		return err
	}
	if x, err = x.shifted(uint(k)); err != nil {
		return err
	}
	if r, ok := d.rangeOf(x); !ok || !r.within(rangeOf(a)) {
		return fmt.Errorf("%s may take values %d..%d, which %s changes", name, r.lo, r.hi, a)
	}
	d.values[name] = x
	return nil
}

// decay is allowed where it does nothing, or where nothing remains.
func (d *deriver) decay(m chip.MicroOp) error {
	shift, err := d.uniform("shift", m.Shift)
	if err != nil {
		return err
	}
	mul, err := d.uniform("mul", m.Mul)
	if err != nil {
		return err
	}
	a, err := d.program.arith(m.Arith)
	if err != nil {
		return err
	}
	switch {
	case shift < 0 || shift > factorBits || mul != 0 && mul != 1<<uint(shift) || mul == 0 && m.Var == "v":
		return fmt.Errorf("%s decays by the factor %d / 2^%d", m.Var, mul, shift)
	case mul == 0:
		d.values[m.Var] = linear{}
		return nil
	case a == fixedpoint.Arith{}:
		return nil
	}
	return d.keep(m.Var, a)
}

// keep makes sure that an arithmetic leaves what a variable holds alone; of the membrane, checkMembrane does so once its
// limits are known.
func (d *deriver) keep(name string, a fixedpoint.Arith) error {
	if name == "v" && d.stage != stageLimit {
		d.kept = append(d.kept, a)
		return nil
	}
	x := d.values[name]
	if r, ok := d.rangeOf(x); !ok || x.stale || x.membrane || !r.within(rangeOf(a)) {
		return fmt.Errorf("%s may change %s", a, name)
	}
	return nil
}

// clear makes a variable zero.
func (d *deriver) clear(m chip.MicroOp) error {
	if m.Var == "v" {
		return errors.New("it acts on the membrane itself")
	}
	d.values[m.Var] = linear{}
	return nil
}

// add adds a term to a variable; for the membrane this is the one addition of a step.
func (d *deriver) add(m chip.MicroOp) error {
	term, err := d.linear(m.Term)
	if err != nil {
		return err
	}
	x, err := d.plus(d.values[m.Var], term)
	if err != nil {
		return err
	}
	if m.Var != "v" {
		return d.put(m.Var, x, 0, m.Arith)
	}
	a, err := d.program.arith(m.Arith)
	if err != nil {
		return err
	}
	if d.stage != stageAdd {
		return errors.New("the membrane is added to twice")
	}
	r, ok := d.rangeOf(linear{sum: x.sum, shift: x.shift, bias: x.bias, drives: x.drives})
	if !ok {
		return errors.New("the sums may be too large")
	}
	d.rule.shift, d.rule.bias, d.rule.driveShift, d.rule.x = x.shift, x.bias, x.drives, r
	if !x.sum && d.rule.sum != (interval{}) {
		return errors.New("the arriving weights are not added to the membrane")
	}
	if d.rule.bias == nil {
		d.rule.bias = make([]int64, d.core.Neurons)
	}
	d.values["v"] = linear{membrane: true}
	limit := rangeOf(a)
	switch {
	case a == fixedpoint.Arith{}:
		d.stage = stageLimit
		return nil
	case a.Apply(limit.hi+1) != limit.hi:
		return fmt.Errorf("%s does not limit the membrane, it wraps", a)
	}
	return d.limit(limit)
}

// limit sets the membrane's limits.
func (d *deriver) limit(r interval) error {
	if !r.within(interval{-1 << 31, 1<<31 - 1}) || r.lo > 0 || r.hi < 0 {
		return fmt.Errorf("the membrane's limits %d..%d leave 32 bits, or leave out zero", r.lo, r.hi)
	}
	d.rule.low, d.rule.high, d.stage = r.lo, r.hi, stageFire
	return nil
}

// clamp limits the membrane, or leaves another variable alone.
func (d *deriver) clamp(m chip.MicroOp) error {
	lo, err := d.uniform("min", m.Min)
	if err != nil {
		return err
	}
	hi, err := d.uniform("max", m.Max)
	if err != nil {
		return err
	}
	r, now := interval{lo, hi}, interval{d.rule.low, d.rule.high}
	switch {
	case lo > hi:
		return fmt.Errorf("limits %d..%d", lo, hi)
	case m.Var != "v":
		if x, ok := d.rangeOf(d.values[m.Var]); !ok || d.values[m.Var].stale || !x.within(r) {
			return fmt.Errorf("it may change %s", m.Var)
		}
		return nil
	case d.stage == stageLimit:
		return d.limit(r)
	case d.stage == stageFire && now.within(r):
		return nil
	}
	return errors.New("the membrane is limited twice, or before it is added to")
}
