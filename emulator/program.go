package emulator

import (
	"fmt"
	"slices"

	"spikec/quantize/fixedpoint"
	"spikec/target/chip"
	"spikec/target/image"
)

// magnitude is the largest absolute value that a variable may take in an emulated core. No chip here has variables
// of more than 32 bits; the rest is room for sums, so that nothing on the way to a checked value leaves 64 bits:
// variables up to 2^46 times factors up to 2^16 stay within 2^62.
const magnitude = 1 << 46

// factor is the largest absolute value of a multiplier, and 2^factorBits the largest that a left shift stands for.
const (
	factorBits = 16
	factor     = 1 << factorBits
)

// operation does one micro-operation of the program for every neuron of a core. Neurons do not see each other within
// a step, so doing operation by operation is the same as doing neuron by neuron.
type operation func(*coreState)

// opCompiler turns one micro-operation of a profile into an operation, or says why it cannot.
type opCompiler func(*program, chip.MicroOp) (operation, error)

// opCompilers are the operations that the reference engine knows; each op_*.go adds its own.
var opCompilers = map[string]opCompiler{}

// registerOp adds an operation to the table.
func registerOp(name string, c opCompiler) {
	if opCompilers[name] != nil {
		panic("emulator: operation " + name + " registered twice")
	}
	opCompilers[name] = c
}

// program is a profile's program, compiled for the reference engine. A neuron's variables and registers lie in one
// row of numbers, so that an expression is a function of the row.
type program struct {
	profile    *chip.Profile
	slots      map[string]int // name → place in the row: variables first, then registers
	variables  int
	persistent []bool   // variable → keeps its value from step to step
	registers  []string // in the order of their slots
	ops        []operation
}

// compileProgram compiles the profile's program for an image: the operations of a step.
func compileProgram(p *chip.Profile, img *image.Image) (*program, error) {
	c, err := newProgram(p, img)
	if err != nil {
		return nil, err
	}
	if c.ops, err = c.compile(p.Program, "operation"); err != nil {
		return nil, err
	}
	if !emits(p.Program) {
		return nil, fmt.Errorf("emulator: profile %s: the program emits no spikes", p.ID)
	}
	return c, nil
}

// emits reports whether one of the operations sends spikes.
func emits(list []chip.MicroOp) bool {
	return slices.ContainsFunc(list, func(m chip.MicroOp) bool { return m.Op == "emit" })
}

// newProgram gives the variables and registers of a profile and an image their places.
func newProgram(p *chip.Profile, img *image.Image) (*program, error) {
	c := &program{profile: p, slots: map[string]int{}}
	for _, name := range assigned(p) {
		c.slots[name] = len(c.persistent)
		c.persistent = append(c.persistent, isState(p, name))
	}
	if _, ok := c.slots["v"]; !ok {
		return nil, fmt.Errorf("emulator: profile %s: the program has no membrane v", p.ID)
	}
	c.slots[weightName] = len(c.persistent)
	c.persistent = append(c.persistent, false)
	c.variables = len(c.persistent)
	for _, name := range registerNames(p, img) {
		if _, ok := c.slots[name]; ok {
			return nil, fmt.Errorf("emulator: profile %s: %s is both a register and a variable of the program", p.ID, name)
		}
		c.slots[name] = c.variables + len(c.registers)
		c.registers = append(c.registers, name)
	}
	return c, nil
}

// compile compiles a list of operations; what they are called in messages is the caller's.
func (c *program) compile(list []chip.MicroOp, what string) ([]operation, error) {
	var ops []operation
	for i, m := range list {
		compile := opCompilers[m.Op]
		if compile == nil {
			return nil, fmt.Errorf("emulator: profile %s: %s %d, %s, is not emulated", c.profile.ID, what, i+1, m.Op)
		}
		op, err := compile(c, m)
		if err != nil {
			return nil, fmt.Errorf("emulator: profile %s: %s %d, %s: %w", c.profile.ID, what, i+1, m.Op, err)
		}
		if op, err = c.inStage(m.Stage, op); err != nil {
			return nil, fmt.Errorf("emulator: profile %s: %s %d, %s: %w", c.profile.ID, what, i+1, m.Op, err)
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// stages are the numbers of the stages of a window.
var stages = map[string]int{chip.StageIntegrate: 0, chip.StageFire: 1}

// inStage returns an operation that is done in one stage of the window only; an absent stage stands for both.
func (c *program) inStage(stage string, op operation) (operation, error) {
	if stage == "" {
		return op, nil
	}
	k, ok := stages[stage]
	if !ok || c.profile.Execution.StageCount() != len(stages) {
		return nil, fmt.Errorf("stage %q of a window of %d", stage, c.profile.Execution.StageCount())
	}
	return func(s *coreState) {
		if s.stage == k {
			op(s)
		}
	}, nil
}

// assigned returns the variables that the program writes, in the order of their first appearance.
func assigned(p *chip.Profile) []string {
	var names []string
	var collect func(list []chip.MicroOp)
	collect = func(list []chip.MicroOp) {
		for _, m := range list {
			for _, name := range []string{m.Into, m.Var} {
				if name != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			collect(m.Do)
		}
	}
	collect(p.Program)
	return names
}

// isState reports whether the variable keeps its value from step to step: the chip's state does, the steps that a neuron
// still has to rest do, and whatever else the program names is a scratch value that starts every step at zero.
func isState(p *chip.Profile, name string) bool {
	return name == "v" || name == "ref" || name != "a" && stateOf(p, name) != nil
}

// stateOf returns the format that the profile gives a variable, or nil.
func stateOf(p *chip.Profile, name string) *chip.Variable {
	switch name {
	case "v":
		return p.State.V
	case "u":
		return p.State.U
	case "o":
		return p.State.O
	case "ring":
		return p.State.Ring
	case "a":
		return p.State.A
	case "n":
		return p.State.N
	}
	return nil
}

// registerNames returns, sorted, every register that a core of the image has or that the profile gives a role. A core
// that lacks one of them reads 0 there.
func registerNames(p *chip.Profile, img *image.Image) []string {
	set := map[string]bool{p.Registers.Threshold: true, p.Registers.Bias: true}
	for name := range p.Registers.Constants {
		set[name] = true
	}
	for i := range img.Cores {
		for name := range img.Cores[i].Registers {
			set[name] = true
		}
	}
	for _, d := range img.Input.Drives {
		set[d.Register] = true
	}
	delete(set, "")
	var names []string
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// stride is the length of a neuron's row.
func (c *program) stride() int { return c.variables + len(c.registers) }

// variable returns the slot of a variable that an operation writes.
func (c *program) variable(name string) (int, error) {
	if s, ok := c.slots[name]; ok && s < c.variables {
		return s, nil
	}
	return 0, fmt.Errorf("%q is no variable", name)
}

// arith reads an operation's arithmetic; absent means int.
func (c *program) arith(name string) (fixedpoint.Arith, error) {
	if name == "" {
		name = "int"
	}
	return fixedpoint.ParseArith(name)
}

// perNeuron makes an operation of what is done for one neuron, given its row, of those that are stepped.
func perNeuron(f func(s *coreState, n int, row []int64)) operation {
	return func(s *coreState) {
		for n := s.first; n < s.end; n++ {
			f(s, n, s.rows[n*s.stride:(n+1)*s.stride])
		}
	}
}

// slot finds the place of a name in a neuron's row, as chip.Expr wants it.
func (c *program) slot(name string) (int, bool) {
	s, ok := c.slots[name]
	return s, ok
}

// expression compiles the expression in a parameter of an operation.
func (c *program) expression(parameter, text string) (func(row []int64) int64, error) {
	e, err := chip.ParseExpr(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", parameter, err)
	}
	f, err := e.Compile(c.slot)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", parameter, text, err)
	}
	return f, nil
}

// optional is as expression; an absent parameter stands for a constant.
func (c *program) optional(parameter, text string, absent int64) (func(row []int64) int64, error) {
	if text == "" {
		return func([]int64) int64 { return absent }, nil
	}
	return c.expression(parameter, text)
}

// condition compiles a condition; an absent one always holds.
func (c *program) condition(text string) (func(row []int64) bool, error) {
	if text == "" {
		return func([]int64) bool { return true }, nil
	}
	condition, err := chip.ParseCondition(text)
	if err != nil {
		return nil, err
	}
	return condition.Compile(c.slot)
}

// rounding reads an operation's rounding; absent means floor, the rounding of a shift.
func (c *program) rounding(name string) (fixedpoint.Rounding, error) {
	if name == "" {
		return fixedpoint.Floor, nil
	}
	return fixedpoint.ParseRounding(name)
}
