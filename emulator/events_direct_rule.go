package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spikec/target/chip"
	"spikec/target/image"
)

// directRule is what the program of an event comes to for the neurons of one core:
//
//	v = min(max(v + w, low), high)             for every synapse of the neuron
//	v = min(max(v, least), most)
//	if v >= thr { v -= thr, or v = 0; send a spike }
//
// for every neuron, or without the spike for a neuron that sends none. Where an event is for all neurons, they go back to zero,
// and one with weight 0 cannot fire: its membrane was below the threshold when it was tested last, or the first event tests it,
// see directUnit. Where it is for those under a kernel, these are tested.
type directRule struct {
	reach       bool // events are for the neurons under a kernel
	subtract    bool
	low, high   int32
	least, most int32
	thr         []int32 // a neuron
	sends       []bool
	stepped     int // neurons 0..stepped-1
}

// deriveDirect finds the rule of a core, or says what keeps the program of an event from being one.
func deriveDirect(core *image.Core, prog *program) (*directRule, error) {
	m, err := eventOf(prog.profile)
	if err != nil {
		return nil, err
	}
	state := newCoreState(&refCore{Core: core}, prog, 0)
	state.start()
	r := &directRule{stepped: core.Neurons, reach: m.Target == chip.TargetReach}
	if m.Upto != "" {
		upto, err := prog.registersOnly(m.Upto)
		if err != nil {
			return nil, err
		}
		r.stepped = int(min(max(upto(state.row(0)), -1)+1, int64(core.Neurons)))
	}
	if m.Announce != "" {
		announces, err := prog.registerCondition(m.Announce)
		if err != nil || announces(state.row(0)) {
			return nil, errors.Join(err, errors.New("it announces what was served"))
		}
	}
	var ops []string
	for _, op := range m.Do {
		ops = append(ops, op.Op)
	}
	do, clamps := m.Do, len(ops) > 1 && ops[1] == "clamp"
	if clamps {
		ops = slices.Delete(ops, 1, 2)
		do = slices.Delete(slices.Clone(do), 1, 2)
	}
	if len(ops) < 4 || strings.Join(ops[:4], " ") != "integrate fire reset emit" {
		return nil, fmt.Errorf("the operations of an event are %s, not integrate, fire, reset and emit", strings.Join(ops, ", "))
	}
	if err := r.integrates(prog, do[0]); err != nil {
		return nil, err
	}
	if clamps {
		if err := r.clamps(prog, state, m.Do[1]); err != nil {
			return nil, err
		}
	}
	if err := r.fires(prog, state, do[1], do[2]); err != nil {
		return nil, err
	}
	return r, r.emits(prog, state, do[3:])
}

// eventOf returns what the profile does when a spike arrives on an axon.
func eventOf(p *chip.Profile) (*chip.MicroOp, error) {
	i := slices.IndexFunc(p.Program, func(m chip.MicroOp) bool {
		return m.Op == "for_each" && m.Event == chip.EventPre && m.Target != chip.TargetOne
	})
	if i < 0 {
		return nil, errors.New("the program has no event of an axon for the neurons of a core")
	}
	return &p.Program[i], nil
}

// registersOnly compiles an expression of registers.
func (c *program) registersOnly(text string) (func(row []int64) int64, error) {
	e, err := chip.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	return e.Compile(c.registerSlot)
}

// registerCondition compiles a condition on registers; an absent one always holds.
func (c *program) registerCondition(text string) (func(row []int64) bool, error) {
	if text == "" {
		return func([]int64) bool { return true }, nil
	}
	e, err := chip.ParseCondition(text)
	if err != nil {
		return nil, err
	}
	return e.Compile(c.registerSlot)
}

// registerSlot finds the place of a register.
func (c *program) registerSlot(name string) (int, bool) {
	slot, ok := c.slots[name]
	return slot, ok && slot >= c.variables
}

// integrates takes in the sum.
func (r *directRule) integrates(prog *program, m chip.MicroOp) error {
	arith, err := prog.arith(m.Arith)
	if err != nil {
		return err
	}
	if m.From != chip.AnyMemory || m.Into != "v" || m.Shift != "" || m.Combine != "" || m.Stage != "" || arith.OrderFree() {
		return errors.New("weights are not simply added to a membrane that saturates")
	}
	lo, hi := arith.Range()
	if lo < -1<<30 || hi > 1<<30 {
		return errors.New("membranes of more than 31 bits")
	}
	r.low, r.high = int32(lo), int32(hi)
	r.least, r.most = r.low, r.high
	return nil
}

// clamps takes in the limits behind the sum, which are the same for all neurons.
func (r *directRule) clamps(prog *program, state *coreState, m chip.MicroOp) error {
	for _, b := range []struct {
		text  string
		limit *int32
	}{{m.Min, &r.least}, {m.Max, &r.most}} {
		if b.text == "" {
			continue
		}
		f, err := prog.registersOnly(b.text)
		if err != nil {
			return fmt.Errorf("limit %q: %w", b.text, err)
		}
		x := f(state.row(0))
		for n := range state.neurons {
			if f(state.row(n)) != x {
				return fmt.Errorf("limit %q is not that of all neurons", b.text)
			}
		}
		*b.limit = int32(min(max(x, int64(r.low)), int64(r.high)))
	}
	if m.Var != "v" || m.Stage != "" || !r.reach || r.least > r.most {
		return errors.New("it limits another variable than the membrane, or to nothing, or those of neurons that nothing reaches")
	}
	return nil
}

// fires takes in the threshold and the reset.
func (r *directRule) fires(prog *program, state *coreState, fire, reset chip.MicroOp) error {
	if fire.Var != "v" || fire.Compare != "ge" || fire.Also != "" || fire.Stage != "" || reset.Stage != "" {
		return errors.New("a neuron does not fire at its threshold")
	}
	if err := r.resets(prog, state, fire, reset); err != nil {
		return err
	}
	against, err := prog.registersOnly(fire.Against)
	if err != nil {
		return fmt.Errorf("threshold %q: %w", fire.Against, err)
	}
	for n := range state.neurons {
		thr := against(state.row(n))
		if thr <= 0 || thr > 1<<30 {
			return fmt.Errorf("neuron %d fires at rest, or never: its threshold is %d", n, thr)
		}
		r.thr = append(r.thr, int32(thr))
	}
	return nil
}

// resets takes in what a neuron that fires does.
func (r *directRule) resets(prog *program, state *coreState, fire, reset chip.MicroOp) error {
	mode := reset.Mode
	if mode == "cfg" {
		mode = prog.profile.Reset.Modes[0]
		if slot, ok := prog.registerSlot(resetRegister); ok && len(state.core.Registers[resetRegister]) > 0 {
			x := state.row(0)[slot]
			for n := range state.neurons {
				if y := state.row(n)[slot]; y != x || y < 0 || y >= int64(len(resetModes)) {
					return fmt.Errorf("neuron %d resets in the way %d, another one in the way %d", n, y, x)
				}
			}
			mode = resetModes[x]
		}
	}
	switch {
	case mode == "zero":
	case mode == "subtract" && r.reach && reset.Value == fire.Against && (reset.Arith == "" || reset.Arith == "int"):
		r.subtract = true
	default:
		return fmt.Errorf("a neuron that fires resets by %s, which is not simple here", mode)
	}
	return nil
}

// emits takes in where spikes go.
func (r *directRule) emits(prog *program, state *coreState, ops []chip.MicroOp) error {
	r.sends = make([]bool, state.neurons)
	routed := 0
	for _, m := range ops {
		also, err := prog.registerCondition(m.Also)
		if err != nil {
			return fmt.Errorf("emit also %q: %w", m.Also, err)
		}
		queue := m.To == chip.Queue
		if m.Op != "emit" || m.Lower != "" || m.Stage != "" || !queue && slices.Contains(chip.List(m.To), chip.Queue) {
			return fmt.Errorf("operation %s behind the reset is not a plain emit", m.Op)
		}
		if !queue {
			routed++
		}
		for n := range r.sends {
			switch on := also(state.row(n)); {
			case queue && on:
				return fmt.Errorf("neuron %d feeds the chip's own queue", n)
			case !queue:
				r.sends[n] = on
			}
		}
	}
	if routed != 1 {
		return fmt.Errorf("spikes are sent %d times, not once", routed)
	}
	return nil
}
