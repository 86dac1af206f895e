package emulator

import (
	"errors"
	"fmt"
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// Stepper runs cores step by step with the reference engine's arithmetic, spikes given from outside one by one and every
// variable to be seen: what recorded answers of a chip are compared with. Unlike in an image, cores may send spikes to
// themselves and to cores before them, routes may have delays, and synapse memories names. It is not safe for concurrent use.
type Stepper struct {
	// Observe, if it is not nil, is called in every step after each operation of a core's program, which are numbered from 0
	// on as the profile lists them: Values then returns what that operation left.
	Observe func(core, operation int)

	cores   []*coreState
	program *program
	latency int
	slots   int // for spikes on their way
	step    int
}

// NewStepper returns a stepper over cores, whose windows are open all the time: First, Start and Source are not used. With a
// latency of 0 routes lead to later cores only.
func NewStepper(cores []image.Core, p *chip.Profile) (*Stepper, error) {
	img := &image.Image{Chip: p.ID, Steps: 1, Cores: cores}
	switch {
	case p.Execution.Kind != "tick" || p.Execution.StageCount() != 1:
		return nil, fmt.Errorf("emulator: profile %s: execution %q is not emulated step by step", p.ID, p.Execution.Kind)
	case p.Execution.Latency < 0 || p.Execution.Latency > maxLatency:
		return nil, fmt.Errorf("emulator: profile %s: latency %d: want 0..%d", p.ID, p.Execution.Latency, maxLatency)
	case p.Delay.Min < 0 || p.Delay.Max < p.Delay.Min || p.Delay.Max > maxLatency:
		return nil, fmt.Errorf("emulator: profile %s: delays of %d..%d: want some in 0..%d", p.ID, p.Delay.Min, p.Delay.Max, maxLatency)
	}
	prog, err := compileProgram(p, img)
	if err != nil {
		return nil, err
	}
	s := &Stepper{program: prog, latency: p.Execution.Latency, slots: p.Execution.Latency + p.Delay.Max + 1}
	room := maxSynapses
	for i := range cores {
		if err := s.check(cores, i); err != nil {
			return nil, fmt.Errorf("emulator: core %d (%s): %w", i, cores[i].Population, err)
		}
		s.cores = append(s.cores, newCoreState(newRefCore(&cores[i], &room), prog, s.slots-1))
		s.cores[i].start()
	}
	return s, nil
}

// check checks one core: registers, the names of its synapse memories, and where its spikes go.
func (s *Stepper) check(cores []image.Core, i int) error {
	c := &cores[i]
	if c.Neurons < 1 {
		return errors.New("no neurons")
	}
	if err := checkLengths(c); err != nil {
		return err
	}
	p := s.program.profile
	for _, b := range c.Synapses {
		if known := p.Memories(); b.Name != "" && !slices.Contains(known, b.Name) {
			return fmt.Errorf("synapses in a memory %q: the chip has %q", b.Name, known)
		}
	}
	for _, r := range c.Routes {
		if r.Delay < p.Delay.Min || r.Delay > p.Delay.Max {
			return fmt.Errorf("route %+v: the chip has delays of %d..%d", r, p.Delay.Min, p.Delay.Max)
		}
		if r.Core < 0 || r.Core >= len(cores) || s.latency == 0 && r.Core <= i {
			return fmt.Errorf("spikes go to core %d of %d, with a latency of %d", r.Core, len(cores), s.latency)
		}
		if r.First < 0 || r.Count < 0 || r.First+r.Count > c.Neurons || r.Axon < 0 || r.Axon+r.Count > cores[r.Core].Axons() {
			return fmt.Errorf("route %+v leaves %d neurons or %d axons", r, c.Neurons, cores[r.Core].Axons())
		}
	}
	return nil
}

// Send lets a spike arrive on an axon in the next step; several on one axon add up, or merge where the chip merges them.
func (s *Stepper) Send(core, axon int) error { return s.SendLater(core, axon, 0) }

// SendLater lets a spike arrive on an axon so many steps after the next one, 0 to the chip's longest delay.
func (s *Stepper) SendLater(core, axon, delay int) error {
	if core < 0 || core >= len(s.cores) || axon < 0 || axon >= s.cores[core].core.axons {
		return fmt.Errorf("emulator: a spike for axon %d of core %d, which there is not", axon, core)
	}
	if most := s.program.profile.Delay.Max; delay < 0 || delay > most {
		return fmt.Errorf("emulator: a spike with a delay of %d: want 0..%d", delay, most)
	}
	s.cores[core].pending[(s.step+delay)%s.slots].positive[axon]++
	return nil
}

// Step runs the program of every core once.
func (s *Stepper) Step() error {
	for i, c := range s.cores {
		if s.Observe != nil {
			c.observe = func(operation int) { s.Observe(i, operation) }
		}
		arrived := c.pending[s.step%s.slots]
		c.step(0, arrived)
		arrived.clear()
		deliver(s.cores, c, s.step+s.latency, s.slots)
		if c.fault != nil {
			return c.fault
		}
	}
	s.step++
	return nil
}

// Spikes returns what the neurons of a core sent in the last step: 1, −1 or 0. The next step overwrites it.
func (s *Stepper) Spikes(core int) []int8 { return s.cores[core].spikes }

// Values returns a variable of all neurons of a core after the last step, or where it is called by Observe in this one, or false where the program has none of that name.
func (s *Stepper) Values(core int, name string) ([]int64, bool) {
	return s.cores[core].values(name)
}
