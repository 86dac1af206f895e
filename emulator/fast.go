package emulator

import (
	"fmt"
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// fast is the engine that computes core by core: all steps of a core, then all steps of the next one. That is the same
// as going step by step because spikes only go to later cores, and what a spike's way takes is known beforehand. It
// runs an image only if it can prove, for every core, that the chip's program comes to a rule (fast_rule.go) in which
// the order of the arriving spikes does not matter.
type fast struct {
	img    *image.Image
	cores  []*fastCore
	drives []*fastDrive
}

// fastCore is how one core is computed; it is shared by all sessions.
type fastCore struct {
	*image.Core
	layout     layout
	slots      []int32 // neuron → lane
	plan       neuronPlan
	memory     *memory // nil: nothing arrives
	feeds      []*feed
	isDirect   bool
	driveShift map[string]uint
	sum        interval
}

// NewFast builds the fast engine, or says which core it cannot run and why.
func NewFast(img *image.Image, p *chip.Profile) (Engine, error) {
	if err := check(img, p); err != nil {
		return nil, err
	}
	prog, err := compileProgram(p, img)
	if err != nil {
		return nil, err
	}
	e := &fast{img: img}
	for i := range img.Input.Drives {
		d, err := newFastDrive(img, &img.Input.Drives[i])
		if err != nil {
			return nil, fmt.Errorf("emulator: drive %d: %w", i, err)
		}
		e.drives = append(e.drives, d)
	}
	for i := range img.Cores {
		c, err := e.newCore(i, prog)
		if err != nil {
			return nil, fmt.Errorf("emulator: the fast engine cannot run core %d (%s): %w", i, img.Cores[i].Population, err)
		}
		e.cores = append(e.cores, c)
	}
	return e, nil
}

// newCore decides how a core is computed.
func (e *fast) newCore(i int, prog *program) (*fastCore, error) {
	c := &fastCore{Core: &e.img.Cores[i]}
	arriving := e.arriving(i)
	times := func(a int) int64 { return int64(arriving[a]) }
	var err error
	if c.sum, err = bounds(c.Synapses, c.Neurons, times); err != nil {
		return nil, err
	}
	r, err := deriveRule(prog, c.Core, c.sum, e.driven(i))
	if err != nil {
		return nil, err
	}
	c.driveShift = r.driveShift
	c.layout = arrange(c.Synapses, c.First, c.Neurons, c.Shape[0], lanesFor(c.sum))
	c.slots = c.layout.table(c.Neurons)
	initial := func(n int) int32 { return c.Channel(c.InitialV, n) }
	if c.layout.lanes == 4 && fits16(r) {
		c.plan = newPlan16(r, &c.layout, initial)
	} else {
		c.plan = newPlanWide(r, &c.layout, initial)
	}
	if slices.Max(append(arriving, 0)) == 0 {
		return c, nil
	}
	if c.memory, err = compileSynapses(c.Synapses, c.layout, c.First, c.Neurons, c.Axons()); err != nil {
		return nil, err
	}
	if err := c.memory.countUpTo(times); err != nil {
		return nil, err
	}
	c.isDirect = c.memory.isDirect()
	for k := range i {
		if slices.ContainsFunc(e.img.Cores[k].Routes, func(r image.Route) bool { return r.Core == i }) {
			c.feeds = append(c.feeds, newFeed(e.img, k, i, prog.profile.Execution.Latency, &e.cores[k].layout, c.memory, c.isDirect))
		}
	}
	return c, nil
}

// arriving returns how many spikes may arrive on each axon of a core in one step.
func (e *fast) arriving(core int) []int32 {
	times := make([]int32, e.img.Cores[core].Axons())
	for k := range core {
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

// Name returns "fast".
func (e *fast) Name() string { return "fast" }

// Explain says for every core how it is computed.
func (e *fast) Explain() []string {
	var lines []string
	for i, c := range e.cores {
		lines = append(lines, fmt.Sprintf("core %d (%s): %s", i, c.Population, c.explain()))
	}
	return lines
}

// explain describes the core's methods and the reasons for them.
func (c *fastCore) explain() string {
	text := fmt.Sprintf("%d neurons, %s", c.Neurons, c.plan)
	if c.layout.padded != c.layout.channels {
		text += fmt.Sprintf(", %d channels filled up to %d lanes", c.layout.channels, c.layout.padded)
	}
	if c.memory == nil {
		return "fast, nothing but a constant current arrives; " + text
	}
	m := c.memory
	how := "counted and added by rows"
	if c.isDirect {
		how = "added word by word, for they reach few neurons"
	}
	return fmt.Sprintf("fast, %d axons in %d groups of equal synapses and %d bundles, %s; sums of a step in %d..%d, so %d lanes of %d bits; %s",
		len(m.axonStart)-1, m.size(), len(m.bundles), how, c.sum.lo, c.sum.hi, m.lanes, 64/m.lanes, text)
}

// size returns how many groups have synapses.
func (m *memory) size() int {
	n := 0
	for _, g := range m.groups {
		if g.synapses > 0 {
			n++
		}
	}
	return n
}
