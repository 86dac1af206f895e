package emulator

import (
	"errors"
	"fmt"
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// maxServed bounds the events that are served in one call of a Serial: in closed loop a network may never come to rest.
const maxServed = 1 << 20

// Serial is a chip of serial events: one core, whose controller serves one event after the other and tests thresholds after
// each, with the reference engine's operations. When it is idle, it does the first of these that there is to do:
//
//	queue full      → serve its head
//	event of host   → at_once: serve it; queued: put it at the end
//	queue not empty → serve its head
//
// The events of a host are at least one head apart: the line of its request has to fall before the controller is idle again,
// and takes two cycles to be seen when it rises. An idle controller thus never finds the queue full and an event of the host at
// once. An event in the queue keeps its place until it has been served. A neuron that emits to the queue puts the event (pre, all)
// of the axon with its own number at the end, in ascending order of neurons; where the queue is full, that spike is dropped.
// Source: tinyODIN controller.v, scheduler.v, fifo.v; ODIN src/controller.v, src/scheduler.v. It is not safe for concurrent
// use.
type Serial struct {
	state    *coreState
	lists    [][]refSynapse // axon → its synapses
	reached  *refMemory     // the synapses that the event at hand reaches, of one axon
	arrived  arrivals       // of that axon
	programs map[served]*eventProgram
	depth    int
	queue    []image.Event
	outputs  []int
	dropped  int64
	budget   int // events that may still be served in this call
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

// NewSerial returns the machine of a profile with one core, idle and with an empty queue: First, Start, Source and Routes of
// the core are not used.
func NewSerial(core image.Core, p *chip.Profile) (*Serial, error) {
	depth := p.Execution.Queue.Depth
	if p.Execution.Kind != "event" || depth == nil || *depth < 1 || p.Execution.Queue.Full != "drop" {
		return nil, fmt.Errorf("emulator: profile %s: want serial events with a queue that drops what it has no room for", p.ID)
	}
	if err := checkSerial(&core, p); err != nil {
		return nil, fmt.Errorf("emulator: core of %s: %w", core.Population, err)
	}
	prog, err := newProgram(p, &image.Image{Chip: p.ID, Steps: 1, Cores: []image.Core{core}})
	if err != nil {
		return nil, err
	}
	s := &Serial{programs: map[served]*eventProgram{}, depth: *depth, arrived: newArrivals(1)}
	for _, m := range p.Program {
		if err := s.add(prog, m, &core); err != nil {
			return nil, err
		}
	}
	room := maxSynapses
	if s.lists = newRefCore(&core, &room).memories[""].lists; s.lists == nil {
		return nil, fmt.Errorf("emulator: core of %s: more than %d synapses", core.Population, maxSynapses)
	}
	s.reached = &refMemory{axons: 1, lists: make([][]refSynapse, 1)}
	s.state = newCoreState(&refCore{Core: &core, axons: 1, memories: map[string]*refMemory{"": s.reached}}, prog, 0)
	s.state.start()
	return s, nil
}

// checkSerial checks the core: that it has the registers that the profile names, of lengths that are possible.
func checkSerial(c *image.Core, p *chip.Profile) error {
	if c.Neurons < 1 {
		return errors.New("no neurons")
	}
	if err := checkComplete(c, p); err != nil {
		return err
	}
	return checkLengths(c)
}

// add compiles one for_each.
func (s *Serial) add(c *program, m chip.MicroOp, core *image.Core) error {
	name := fmt.Sprintf("for_each %s %s", m.Event, m.Target)
	fail := func(err error) error { return fmt.Errorf("emulator: profile %s: %s: %w", c.profile.ID, name, err) }
	key := served{m.Event, m.Target}
	events := []string{chip.EventPre, chip.EventTimeRef, chip.EventVirtual, chip.EventVirtualLeak}
	switch {
	case m.Op != "for_each" || !slices.Contains(events, m.Event) || m.Target != chip.TargetAll && m.Target != chip.TargetOne:
		return fail(fmt.Errorf("operation %s is not emulated", m.Op))
	case s.programs[key] != nil:
		return fail(errors.New("it is there twice"))
	case !emits(m.Do):
		return fail(errors.New("it emits no spikes"))
	case feeds(m.Do) && core.Axons() < core.Neurons:
		return fail(fmt.Errorf("%d neurons emit to the queue of a core of %d axons", core.Neurons, core.Axons()))
	}
	ops, err := c.compile(m.Do, name+", operation")
	if err != nil {
		return err
	}
	e := &eventProgram{ops: ops, queued: m.Serve == chip.ServeQueued}
	if e.upto, err = c.optional("upto", m.Upto, magnitude); err != nil {
		return fail(err)
	}
	if m.Announce != "" {
		if e.announce, err = c.condition(m.Announce); err != nil {
			return fail(err)
		}
	}
	s.programs[key] = e
	return nil
}

// feeds reports whether one of the operations sends spikes to the queue.
func feeds(list []chip.MicroOp) bool {
	return slices.ContainsFunc(list, func(m chip.MicroOp) bool { return m.Op == "emit" && slices.Contains(chip.List(m.To), chip.Queue) })
}

// Send hands the controller an event of the host, and lets it serve the head of the queue before the next one. A row of events
// without Wait is thus what the chip does for a host as fast as the bus allows. (Where the chip is still handing over a spike of
// an event that was served at once, time decides whether the head or the host's next event comes first.)
func (s *Serial) Send(e image.Event) error {
	p := s.programs[served{e.Name, e.Target}]
	switch {
	case p == nil:
		return fmt.Errorf("emulator: event %s for %s, which the chip does not have", e.Name, e.Target)
	case e.Name == chip.EventPre && (e.Axon < 0 || e.Axon >= len(s.lists)):
		return fmt.Errorf("emulator: event of axon %d of %d", e.Axon, len(s.lists))
	case e.Target == chip.TargetOne && (e.Neuron < 0 || e.Neuron >= s.state.neurons):
		return fmt.Errorf("emulator: event of neuron %d of %d", e.Neuron, s.state.neurons)
	}
	s.budget = maxServed
	if p.queued {
		s.queue = append(s.queue, e)
	} else if err := s.serve(e, p); err != nil {
		return err
	}
	if len(s.queue) == 0 {
		return nil
	}
	return s.serveHead()
}

// Wait serves events until the queue is empty. A network that does not come to rest is an error.
func (s *Serial) Wait() error {
	s.budget = maxServed
	for len(s.queue) > 0 {
		if err := s.serveHead(); err != nil {
			return err
		}
	}
	return nil
}

// Idle reports whether the queue is empty.
func (s *Serial) Idle() bool { return len(s.queue) == 0 }

// Outputs returns the events that the chip sent since the last call, in their order: numbers of neurons, or of axons where the
// profile announces what was served.
func (s *Serial) Outputs() []int {
	out := s.outputs
	s.outputs = nil
	return out
}

// Dropped returns how many spikes found the queue full.
func (s *Serial) Dropped() int64 { return s.dropped }

// Values returns a variable of all neurons, or false where the program has none of that name.
func (s *Serial) Values(name string) ([]int64, bool) { return s.state.values(name) }

// serveHead serves the head of the queue, then takes it out.
func (s *Serial) serveHead() error {
	e := s.queue[0]
	err := s.serve(e, s.programs[served{e.Name, e.Target}])
	s.queue = append(s.queue[:0], s.queue[1:]...)
	return err
}

// serve does what an event does.
func (s *Serial) serve(e image.Event, p *eventProgram) error {
	if s.budget--; s.budget < 0 {
		return fmt.Errorf("emulator: the core does not come to rest within %d events", maxServed)
	}
	c := s.state
	c.first, c.end = e.Neuron, e.Neuron+1
	if e.Target == chip.TargetAll {
		c.first, c.end = 0, int(min(max(p.upto(c.row(0)), -1)+1, int64(c.neurons)))
	}
	s.arrive(e)
	c.run(p.ops, s.arrived)
	if c.fault != nil {
		return c.fault
	}
	for n := c.first; n < c.end; n++ {
		if c.spikes[n] != 0 {
			s.outputs = append(s.outputs, n)
		}
		if c.queued[n] {
			s.feed(n)
		}
	}
	if p.announce != nil && p.announce(c.row(0)) {
		s.outputs = append(s.outputs, e.Axon)
	}
	return nil
}

// arrive sets the synapses that the event reaches, of neurons that are stepped.
func (s *Serial) arrive(e image.Event) {
	c := s.state
	reached := s.reached.lists[0][:0]
	switch e.Name {
	case chip.EventPre:
		for _, y := range s.lists[e.Axon] {
			if n := int(y.neuron); n >= c.first && n < c.end {
				reached = append(reached, y)
			}
		}
	case chip.EventVirtual:
		reached = append(reached, refSynapse{int32(e.Neuron), e.Weight})
	}
	s.reached.lists[0], s.arrived.positive[0] = reached, 1
}

// feed puts a spike of a neuron into the queue, if there is room.
func (s *Serial) feed(n int) {
	if len(s.queue) >= s.depth {
		s.dropped++
		return
	}
	s.queue = append(s.queue, image.Event{Name: chip.EventPre, Target: chip.TargetAll, Axon: n})
}
