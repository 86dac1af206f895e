package emulator

import (
	"errors"
	"fmt"
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// eventCore is a core of a chip of serial events, with the reference engine's operations: an event is a step of the core for the
// neurons that it reaches.
type eventCore struct {
	state    *coreState
	lists    [][]refSynapse // axon → its synapses; where an event is for the neurons under a kernel, those of weight 0 too, neurons ascending
	reached  *refMemory     // the synapses that the event at hand reaches, of one axon
	arrived  arrivals       // of that axon
	programs map[served]*eventProgram
}

// served is an event and its targets.
type served struct{ event, target string }

// eventProgram is what an event does.
type eventProgram struct {
	ops      []operation
	queued   bool
	upto     func(row []int64) int64
	announce func(row []int64) bool
}

// newEventCore compiles the profile's events for a core that was checked, prog having the places of its registers.
func newEventCore(core *image.Core, prog *program) (*eventCore, error) {
	c := &eventCore{programs: map[served]*eventProgram{}, arrived: newArrivals(1)}
	for _, m := range prog.profile.Program {
		if err := c.add(prog, m); err != nil {
			return nil, err
		}
	}
	room := maxSynapses
	if c.programs[served{chip.EventPre, chip.TargetReach}] != nil {
		c.lists = tapLists(core)
	} else {
		c.lists = newRefCore(core, &room).memories[""].lists
	}
	if c.lists == nil {
		return nil, fmt.Errorf("emulator: core of %s: more than %d synapses", core.Population, maxSynapses)
	}
	c.reached = &refMemory{axons: 1, lists: make([][]refSynapse, 1)}
	c.state = newCoreState(&refCore{Core: core, axons: 1, memories: map[string]*refMemory{"": c.reached}}, prog, 0)
	return c, nil
}

// tapped are synapses that tell of weights of 0 too: of all neurons under a kernel.
type tapped interface {
	EachTap(axon int, yield func(neuron int, weight int32))
}

// tapLists lists the synapses of a core by their axons, with those of weight 0, neurons ascending; nil where there are too many.
func tapLists(core *image.Core) [][]refSynapse {
	lists := make([][]refSynapse, core.Axons())
	room := maxSynapses
	for _, b := range core.Synapses {
		each := b.Synapses.Each
		if t, ok := b.Synapses.(tapped); ok {
			each = t.EachTap
		}
		for a := range b.Synapses.Axons() {
			l := &lists[b.FirstAxon+a]
			each(a, func(n int, w int32) { *l = append(*l, refSynapse{int32(n), w}) })
			slices.SortStableFunc(*l, func(a, b refSynapse) int { return int(a.neuron - b.neuron) })
			if room -= len(*l); room < 0 {
				return nil
			}
		}
	}
	return lists
}

// add compiles one for_each.
func (c *eventCore) add(prog *program, m chip.MicroOp) error {
	name := fmt.Sprintf("for_each %s %s", m.Event, m.Target)
	fail := func(err error) error { return fmt.Errorf("emulator: profile %s: %s: %w", prog.profile.ID, name, err) }
	key := served{m.Event, m.Target}
	events := []string{chip.EventPre, chip.EventTimeRef, chip.EventVirtual, chip.EventVirtualLeak}
	switch {
	case m.Op != "for_each" || m.Target == chip.TargetReach && m.Upto != "" || !slices.Contains(events, m.Event) || m.Target != chip.TargetAll && m.Target != chip.TargetOne && (m.Target != chip.TargetReach || m.Event != chip.EventPre):
		return fail(fmt.Errorf("operation %s is not emulated", m.Op))
	case c.programs[key] != nil:
		return fail(errors.New("it is there twice"))
	case !emits(m.Do):
		return fail(errors.New("it emits no spikes"))
	}
	ops, err := prog.compile(m.Do, name+", operation")
	if err != nil {
		return err
	}
	e := &eventProgram{ops: ops, queued: m.Serve == chip.ServeQueued}
	if e.upto, err = prog.optional("upto", m.Upto, magnitude); err != nil {
		return fail(err)
	}
	if m.Announce != "" {
		if e.announce, err = prog.condition(m.Announce); err != nil {
			return fail(err)
		}
	}
	c.programs[key] = e
	return nil
}

// run does what an event does: the state then has first and end of the neurons that were stepped, and their spikes.
func (c *eventCore) run(e image.Event, p *eventProgram) error {
	s := c.state
	s.first, s.end = e.Neuron, e.Neuron+1
	if e.Target == chip.TargetAll {
		s.first, s.end = 0, int(min(max(p.upto(s.row(0)), -1)+1, int64(s.neurons)))
	}
	c.arrive(e)
	s.run(p.ops, c.arrived)
	return s.fault
}

// reach does what a spike on an axon does to the neurons under its kernel, one after the other, and appends those that fire.
func (c *eventCore) reach(axon int, p *eventProgram, fired []int32) (_ []int32, tested int, err error) {
	s := c.state
	c.arrived.positive[0] = 1
	for list := c.lists[axon]; len(list) > 0; tested++ {
		n := int(list[0].neuron)
		reached := c.reached.lists[0][:0]
		for len(list) > 0 && int(list[0].neuron) == n {
			if list[0].weight != 0 {
				reached = append(reached, list[0])
			}
			list = list[1:]
		}
		c.reached.lists[0] = reached
		s.first, s.end = n, n+1
		if s.run(p.ops, c.arrived); s.fault != nil {
			return fired, tested, s.fault
		}
		if s.spikes[n] != 0 {
			fired = append(fired, int32(n))
		}
	}
	return fired, tested, nil
}

// arrive sets the synapses that the event reaches, of neurons that are stepped.
func (c *eventCore) arrive(e image.Event) {
	s := c.state
	reached := c.reached.lists[0][:0]
	switch e.Name {
	case chip.EventPre:
		for _, y := range c.lists[e.Axon] {
			if n := int(y.neuron); n >= s.first && n < s.end {
				reached = append(reached, y)
			}
		}
	case chip.EventVirtual:
		reached = append(reached, refSynapse{int32(e.Neuron), e.Weight})
	}
	c.reached.lists[0], c.arrived.positive[0] = reached, 1
}
