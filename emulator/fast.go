package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spikec/emulator/kernel"
	"spikec/internal/divisor"
	"spikec/target/chip"
	"spikec/target/image"
)

// fast is the engine that computes core by core: many steps of a core, then those of the next one. That is the same
// as going step by step because spikes only go to later cores, and what a spike's way takes is known beforehand. It
// runs an image only if it can prove, for every core, that it computes the chip's integers: that the program comes to a
// rule (fast_rule.go), in which the order of the arriving spikes does not matter, or to passes (fast_passes.go), which
// know where it does.
type fast struct {
	img    *image.Image
	cores  []*fastCore
	drives []*fastDrive
	spans  []span
	held   int // stepsHeld
	// Whether synapses are gathered, and added by taps, where that is possible. In plain Go it would take half as long
	// again as counting spikes and adding rows.
	gathers bool
	profile *chip.Profile
	stages  int // of a chip's window: with 2, a core integrates in all its steps before it fires
	planes  int // of spikes: 2 where they have signs, those of +1 and those of −1
}

// delay returns by how many steps of the target's window a spike arrives later than it was sent: in those of the source's
// window, or of its last stage.
func (e *fast) delay(source, target int) int {
	return e.img.Cores[source].Start + e.img.Arrival(source, e.profile) - e.img.Cores[target].Start
}

// fastCore is how one core is computed; it is shared by all sessions.
type fastCore struct {
	*image.Core
	layout   layout
	slots    []int32 // neuron → lane
	plan     neuronPlan
	wide     bool     // sums are numbers of 32 bits, not lanes of 16
	unit     uint     // sums are in units of 2^unit
	methods  []method // none: nothing arrives
	negative int      // the last so many methods are for spikes of −1
	refused  []string // why blocks of synapses are not gathered
	stretch  int      // words of spikes that are taken at once
	sum      interval
}

// NewFast builds the fast engine, or says which cores it cannot run and why.
func NewFast(img *image.Image, p *chip.Profile) (Engine, error) {
	if p.Execution.Serial() {
		e, err := newDirectEvents(img, p)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
	return newFast(img, p, kernel.Vector)
}

// newFast is NewFast with or without gathering.
func newFast(img *image.Image, p *chip.Profile, gathers bool) (Engine, error) {
	if err := check(img, p); err != nil {
		return nil, err
	}
	if m := p.Memories(); m != nil {
		return nil, fmt.Errorf("emulator: the fast engine does not tell the synapse memories %s apart", strings.Join(m, ", "))
	}
	prog, err := compileProgram(p, img)
	if err != nil {
		return nil, err
	}
	e := &fast{img: img, held: stepsHeld, gathers: gathers, profile: p, stages: p.Execution.StageCount(), planes: planesOf(p)}
	if e.stages > 1 {
		if e.held = img.Steps; e.held > mostStaged {
			return nil, fmt.Errorf("emulator: the fast engine cannot run two stages of %d steps: want at most %d", e.held, mostStaged)
		}
	}
	e.spans = spans(img, e.delay)
	for i := range img.Input.Drives {
		d, err := newFastDrive(img, &img.Input.Drives[i])
		if err != nil {
			return nil, fmt.Errorf("emulator: drive %d: %w", i, err)
		}
		e.drives = append(e.drives, d)
	}
	refused := &refusal{img: img}
	for i := range img.Cores {
		c := &fastCore{Core: &img.Cores[i]}
		channels := c.Shape[0]
		if c.Members != nil {
			channels = 1 // they do not lie in positions
		}
		c.layout = arrange(c.Synapses, c.First, c.Neurons, channels)
		c.slots = c.layout.table(c.Neurons)
		e.cores = append(e.cores, c)
		if err := e.compile(i, prog); err != nil {
			refused.cores, refused.reasons = append(refused.cores, i), append(refused.reasons, err)
		}
	}
	if refused.cores != nil {
		return nil, refused
	}
	return e, nil
}

// compile decides how a core is computed.
func (e *fast) compile(i int, prog *program) error {
	c, arriving := e.cores[i], e.arriving(i, 0)
	if c.Source {
		c.plan = &planSource{e.img, c.Core, c.layout.slot(0)}
		return nil
	}
	if e.profile.Execution.Merge && slices.Max(append(arriving, 0)) > 1 {
		return errors.New("several spikes may arrive on an axon in a step, which the chip merges")
	}
	times := func(a int) int64 { return int64(arriving[a]) }
	var err error
	if c.sum, err = bounds(c.Synapses, c.Neurons, times); err != nil {
		return err
	}
	minus := e.arriving(i, 1)
	timesMinus := func(a int) int64 { return int64(minus[a]) }
	taken, err := bounds(c.Synapses, c.Neurons, timesMinus)
	if err != nil {
		return err
	}
	c.sum = interval{c.sum.lo - taken.hi, c.sum.hi - taken.lo}
	if !c.sum.within(columnRange) {
		return fmt.Errorf("the sums of a step are in %d..%d, which need more than 32 bits", c.sum.lo, c.sum.hi)
	}
	if err := e.planNeurons(i, prog); err != nil {
		return err
	}
	if slices.Max(append(arriving, 0)) == 0 {
		return nil
	}
	var blocks []image.Block
	for _, b := range c.Synapses {
		if arrives(b, times) {
			blocks = append(blocks, withWeights(b, func(w int32) int32 { return w >> c.unit }))
		}
	}
	if c.methods, c.refused, err = e.chooseMethods(i, blocks, 0, times); err != nil {
		return err
	}
	if slices.Max(append(minus, 0)) > 0 {
		if err := e.addNegative(i, blocks, timesMinus); err != nil {
			return err
		}
	}
	c.stretch = c.chooseStretch()
	if p, ok := c.plan.(*planPasses); ok && p.passes.each != nil {
		for k, b := range blocks {
			blocks[k] = withWeights(b, func(w int32) int32 { return max(w, 0) })
		}
		p.positive, _, err = e.chooseMethods(i, blocks, 0, times)
	}
	return err
}

// addNegative adds the methods for the spikes of −1: they bring the weights with their signs changed.
func (e *fast) addNegative(i int, blocks []image.Block, times func(axon int) int64) error {
	c := e.cores[i]
	var changed []image.Block
	for _, b := range blocks {
		if arrives(b, times) {
			changed = append(changed, withWeights(b, func(w int32) int32 { return -w }))
		}
	}
	more, refused, err := e.chooseMethods(i, changed, 1, times)
	c.negative, c.refused = len(more), append(c.refused, refused...)
	c.methods = append(c.methods, more...)
	return err
}

// planNeurons chooses how the neurons of a core are computed: as a rule, or by passes.
func (e *fast) planNeurons(i int, prog *program) error {
	c := e.cores[i]
	r, because := deriveRule(prog, c.Core, c.sum, e.driven(i))
	if because == nil && !r.staged && r.signed == nil && fits16(r) {
		c.wide = !r.x.within(interval{-1 << 15, 1<<15 - 1})
		c.plan = newPlan16(r, &c.layout, func(n int) int32 { return c.Channel(c.InitialV, n) }, c.wide)
		return nil
	}
	c.unit = unitOf(c.Synapses)
	c.wide = !c.sum.within(interval{-1 << 15, 1<<15 - 1}.shl(c.unit))
	var m *passes
	if because == nil {
		if m, because = newRulePasses(r, c.Core, c.unit); because == nil {
			c.plan = newPlanPasses(m, e, i, nil)
			return nil
		}
	}
	if e.stages > 1 {
		return fmt.Errorf("no simple rule will do, and of passes there is one stage: %w", because)
	}
	fan := e.img.Fan(i)
	if e.planes > 1 {
		fan = fan.Signed()
	}
	m, err := newPasses(prog, c.Core, fan.Negative, fan.Positive, e.driven(i), c.unit)
	if err != nil {
		return fmt.Errorf("no simple rule will do: %w; no passes: %w", because, err)
	}
	c.plan = newPlanPasses(m, e, i, because)
	return nil
}

// chooseMethods chooses a method for each block of synapses of a core. Blocks that are neither gathered nor added by taps
// share one; refused says why they are not gathered. plane is that of the spikes which they take.
func (e *fast) chooseMethods(i int, blocks []image.Block, plane int, times func(axon int) int64) (methods []method, refused []string, err error) {
	c := e.cores[i]
	var rest []image.Block
	for _, b := range blocks {
		if !e.gathers {
			rest = append(rest, b)
			continue
		}
		g, err := newGather(e, c, i, b, plane)
		if err == nil {
			methods = append(methods, g)
			continue
		}
		t, errTaps := newTaps(e, c, i, b, plane)
		if errTaps == nil {
			methods = append(methods, t)
			continue
		}
		refused = append(refused, err.Error())
		rest = append(rest, b)
	}
	if rest != nil {
		m, err := newRows(e, c, i, rest, plane, times)
		if err != nil {
			return nil, nil, err
		}
		methods = append(methods, m)
	}
	return methods, refused, nil
}

// arrives reports whether spikes may arrive on an axon of a block.
func arrives(b image.Block, times func(axon int) int64) bool {
	for a := range b.Synapses.Axons() {
		if times(b.FirstAxon+a) > 0 {
			return true
		}
	}
	return false
}

// leastStretch is how many words of spikes are taken at once where methods allow it: enough to pay for the calls of
// kernels, few enough that their sums stay in the nearest cache.
const leastStretch = 16

// chooseStretch returns a multiple of every method's unit, or all words.
func (c *fastCore) chooseStretch() int {
	n := c.plan.unit()
	for _, m := range c.methods {
		n = n / divisor.Greatest(n, m.unit()) * m.unit()
	}
	return min((leastStretch+n-1)/n*n, c.layout.words())
}

// arriving returns how many spikes of a plane may arrive on each axon of a core in one step. The host sends spikes of +1 only.
func (e *fast) arriving(core, plane int) []int32 {
	times := make([]int32, e.img.Cores[core].Axons())
	for k := range core {
		if plane >= e.planes || plane > 0 && e.img.Cores[k].Source {
			continue
		}
		for _, r := range e.img.Cores[k].Routes {
			if r.Core == core {
				for a := range r.Count {
					times[r.Axon+a]++
				}
			}
		}
	}
	return times
}

// driven returns the registers of a core that drives are added to, with the range of what is added.
func (e *fast) driven(core int) map[string]interval {
	registers := map[string]interval{}
	for _, d := range e.drives {
		if slices.Contains(d.host.drive.Cores, core) {
			name := d.host.drive.Register
			registers[name] = registers[name].plus(d.current)
		}
	}
	return registers
}

// Decided returns the numbers of steps after which it has decisions.
func (e *fast) Decided() []int { return Decided(e.img, e.profile) }

// Name returns "fast".
func (e *fast) Name() string { return "fast" }
