package emulator

import (
	"errors"
	"fmt"

	"spikec/target/chip"
	"spikec/target/image"
)

// Stepper runs cores step by step with the reference engine's arithmetic, spikes given from outside one by one and every
// variable to be seen: what recorded answers of a chip are compared with. Unlike in an image, cores may send spikes to
// themselves and to cores before them. It is not safe for concurrent use.
type Stepper struct {
	cores   []*coreState
	program *program
	latency int
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
	}
	prog, err := compileProgram(p, img)
	if err != nil {
		return nil, err
	}
	s := &Stepper{program: prog, latency: p.Execution.Latency}
	room := maxSynapses
	for i := range cores {
		if err := s.check(cores, i); err != nil {
			return nil, fmt.Errorf("emulator: core %d (%s): %w", i, cores[i].Population, err)
		}
		s.cores = append(s.cores, newCoreState(newRefCore(&cores[i], &room), prog, s.latency))
		s.cores[i].start()
	}
	return s, nil
}

// check checks one core: registers, and where its spikes go.
func (s *Stepper) check(cores []image.Core, i int) error {
	c := &cores[i]
	if c.Neurons < 1 {
		return errors.New("no neurons")
	}
	for name, values := range c.Registers {
		if err := checkLength(c, values); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	if err := checkLength(c, c.InitialV); err != nil {
		return fmt.Errorf("initial membranes: %w", err)
	}
	for _, r := range c.Routes {
		if r.Core < 0 || r.Core >= len(cores) || s.latency == 0 && r.Core <= i {
			return fmt.Errorf("spikes go to core %d of %d, with a latency of %d", r.Core, len(cores), s.latency)
		}
		if r.First < 0 || r.Count < 0 || r.First+r.Count > c.Neurons || r.Axon < 0 || r.Axon+r.Count > cores[r.Core].Axons() {
			return fmt.Errorf("route %+v leaves %d neurons or %d axons", r, c.Neurons, cores[r.Core].Axons())
		}
	}
	return nil
}

// Send lets a spike arrive on an axon in the next step; several on one axon add up.
func (s *Stepper) Send(core, axon int) error {
	if core < 0 || core >= len(s.cores) || axon < 0 || axon >= s.cores[core].core.axons {
		return fmt.Errorf("emulator: a spike for axon %d of core %d, which there is not", axon, core)
	}
	s.cores[core].pending[s.step%(s.latency+1)].positive[axon]++
	return nil
}

// Step runs the program of every core once.
func (s *Stepper) Step() error {
	slots := s.latency + 1
	for _, c := range s.cores {
		arrived := c.pending[s.step%slots]
		c.step(0, arrived)
		arrived.clear()
		deliver(s.cores, c, (s.step+s.latency)%slots)
		if c.fault != nil {
			return c.fault
		}
	}
	s.step++
	return nil
}

// Spikes returns what the neurons of a core sent in the last step: 1, −1 or 0. The next step overwrites it.
func (s *Stepper) Spikes(core int) []int8 { return s.cores[core].spikes }

// Values returns a variable of all neurons of a core after the last step, or false where the program has none of that name.
func (s *Stepper) Values(core int, name string) ([]int64, bool) {
	return s.cores[core].values(name)
}
