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
	*eventCore
	depth   int
	queue   []image.Event
	outputs []int
	dropped int64
	budget  int // events that may still be served in this call
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
	for _, m := range p.Program {
		if feeds(m.Do) && core.Axons() < core.Neurons {
			return nil, fmt.Errorf("emulator: profile %s: for_each %s %s: %d neurons emit to the queue of a core of %d axons", p.ID, m.Event, m.Target, core.Neurons, core.Axons())
		}
	}
	c, err := newEventCore(&core, prog)
	if err != nil {
		return nil, err
	}
	if c.programs[served{chip.EventPre, chip.TargetReach}] != nil {
		return nil, fmt.Errorf("emulator: profile %s: events of neurons under a kernel, on a chip without kernels", p.ID)
	}
	c.state.start()
	return &Serial{eventCore: c, depth: *depth}, nil
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
	if err := s.run(e, p); err != nil {
		return err
	}
	c := s.state
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

// feed puts a spike of a neuron into the queue, if there is room.
func (s *Serial) feed(n int) {
	if len(s.queue) >= s.depth {
		s.dropped++
		return
	}
	s.queue = append(s.queue, image.Event{Name: chip.EventPre, Target: chip.TargetAll, Axon: n})
}
