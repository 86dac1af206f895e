package emulator

import (
	"errors"
	"fmt"
	"strings"

	"spikec/target/chip"
)

// signedRule is what a program does behind the reset of a rule where neurons take spikes back: with n a count that is 0 at
// the start of a picture,
//
//	fire −1 where v < 0, n > 0 and no spike was fired; there v += thr
//	n = min(n + 1 where +1 was fired, n − 1 where −1 was, most)
type signedRule struct {
	count string // the variable n
	most  int64
	stage int // which of the operations have been seen
}

// The stages of a signedRule.
const (
	signedFire  = iota // no lower_fire yet
	signedReset        // the lower_reset is missing
	signedCount        // the count is missing
	signedDone
)

// lowerFire takes the condition under which a spike is taken back.
func (d *deriver) lowerFire(m chip.MicroOp) error {
	if d.stage != stageDone || d.signed.stage != signedFire || d.rule.zero {
		return errors.New("it does not follow a reset by subtraction")
	}
	against, err := d.uniform("against", m.Against)
	if err != nil {
		return err
	}
	count, ok := strings.CutSuffix(strings.ReplaceAll(m.Also, " ", ""), ">0")
	if (m.Var != "" && m.Var != "v") || m.Compare != "lt" || against != 0 || !ok {
		return fmt.Errorf("it is not v < 0 with a count above 0, but %s %s %s with %q", m.Var, m.Compare, m.Against, m.Also)
	}
	d.signed.count, d.signed.stage = count, signedReset
	return nil
}

// lowerReset checks that what is given back is the threshold. From low <= v < 0 follows low <= v + thr < high.
func (d *deriver) lowerReset(m chip.MicroOp) error {
	if d.signed.stage != signedReset || m.Mode != "subtract" {
		return fmt.Errorf("mode %q where no spike was taken back: want subtract", m.Mode)
	}
	d.signed.stage = signedCount
	value, err := d.resetValue(m, interval{d.rule.low, d.rule.high})
	if err != nil {
		return err
	}
	for n, thr := range d.rule.thr {
		if value[n] != -thr {
			return fmt.Errorf("neuron %d fires at %d and gets %d back", d.core.Index(n), thr, -value[n])
		}
	}
	return nil
}

// count takes the count that the condition read. No other operation of the program may write it, and its arithmetic may
// change it at an upper limit only.
func (d *deriver) count(m chip.MicroOp) error {
	a, err := d.program.arith(m.Arith)
	if err != nil {
		return err
	}
	limit := rangeOf(a)
	switch {
	case d.signed.stage != signedCount || m.Var != d.signed.count || !isState(d.program.profile, m.Var):
		return fmt.Errorf("%s is not a count that was read before", m.Var)
	case !saturates(a) || limit.lo > 0 || limit.hi < 1 || limit.hi > columnRange.hi:
		return fmt.Errorf("%s does not limit a count above 0", a)
	}
	for _, other := range d.program.profile.Program {
		if other.Op != "count" && (other.Var == m.Var || other.Into == m.Var) {
			return fmt.Errorf("%s writes the count", other.Op)
		}
	}
	d.signed.stage, d.signed.most = signedDone, limit.hi
	d.rule.signed = &d.signed
	return nil
}
