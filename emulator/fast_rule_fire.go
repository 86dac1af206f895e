package emulator

import (
	"errors"
	"fmt"

	"spikec/target/chip"
)

// fire takes the threshold and how it is compared.
func (d *deriver) fire(m chip.MicroOp) error {
	if m.Var != "v" || d.stage != stageFire {
		return errors.New("it does not compare the membrane after it was added to and limited")
	}
	if m.Also != "" {
		return fmt.Errorf("it has the further condition %q", m.Also)
	}
	var err error
	if d.rule.thr, err = d.constant("against", m.Against); err != nil {
		return err
	}
	switch m.Compare {
	case "gt":
		d.rule.strict = true
	case "ge":
	default:
		return fmt.Errorf("compare %q: want ge or gt", m.Compare)
	}
	d.stage = stageReset
	return nil
}

// reset takes what a spike does: subtract the threshold, or set to zero.
func (d *deriver) reset(m chip.MicroOp) error {
	if d.stage != stageReset {
		return errors.New("no fire before it")
	}
	mode, err := d.resetMode(m)
	if err != nil {
		return err
	}
	d.stage = stageDone
	switch mode {
	case "zero":
		d.rule.zero = true
		return nil
	case "subtract":
		return d.subtract(m)
	}
	return fmt.Errorf("mode %q: want subtract or zero", mode)
}

// resetMode returns the mode of all neurons of the core.
func (d *deriver) resetMode(m chip.MicroOp) (string, error) {
	values := d.core.Registers[resetRegister]
	switch {
	case m.Mode != "cfg":
		return m.Mode, nil
	case len(values) == 0 && len(d.program.profile.Reset.Modes) == 0:
		return "", errors.New("mode cfg: the profile has no reset modes")
	case len(values) == 0:
		return d.program.profile.Reset.Modes[0], nil
	}
	k, err := d.uniform("register", resetRegister)
	if err != nil {
		return "", err
	}
	if k != 0 && k != 1 {
		return "", fmt.Errorf("register reset is %d: want 0 or 1", k)
	}
	return [2]string{"subtract", "zero"}[k], nil
}

// resetValue returns what a reset takes off each membrane, and refuses an arithmetic that changes results within limits.
func (d *deriver) resetValue(m chip.MicroOp, limits interval) ([]int64, error) {
	value, err := d.constant("value", m.Value)
	if err != nil {
		return nil, err
	}
	a, err := d.program.arith(m.Arith)
	if err != nil {
		return nil, err
	}
	if !limits.within(rangeOf(a)) {
		return nil, fmt.Errorf("%s may change the membrane", a)
	}
	return value, nil
}

// subtract checks that what is subtracted is the threshold, and that this never leaves the membrane's limits: from
// thr <= v <= high follows 0 <= v − thr <= high if the threshold is not negative.
func (d *deriver) subtract(m chip.MicroOp) error {
	value, err := d.resetValue(m, interval{0, d.rule.high})
	if err != nil {
		return err
	}
	for n, thr := range d.rule.thr {
		if value[n] != thr {
			return fmt.Errorf("neuron %d fires at %d and subtracts %d", d.core.Index(n), thr, value[n])
		}
		if thr < 0 {
			return fmt.Errorf("neuron %d has the threshold %d, below 0", d.core.Index(n), thr)
		}
	}
	return nil
}

// emit sends the spikes: those of this step only behind the fire, and of both signs only behind the count.
func (d *deriver) emit(m chip.MicroOp) error {
	if negative := planesOf(d.program.profile) > 1; negative && (m.Lower == "" || d.signed.stage != signedDone) {
		return errors.New("spikes of both signs are not those of this step")
	}
	d.emitted = d.emitted || d.stage >= stageReset
	return nil
}
