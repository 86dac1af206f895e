package emulator

import (
	"fmt"
	"slices"
	"strings"

	"spikec/target/chip"
	"spikec/target/image"
)

// reference is the engine that defines what the others compute. It walks through the steps one by one, in every step
// through the cores, and for every core through the operations of the profile's program, with package fixedpoint.
type reference struct {
	img     *image.Image
	program *program
	latency int
	stages  int // of a window, img.Steps steps each
	steps   int // of a picture
	cores   []*refCore
	hosts   []*driveHost
	because error    // why no faster engine was chosen, if one was tried
	refused *refusal // the same, core by core
}

// NewReference builds the reference engine.
func NewReference(img *image.Image, p *chip.Profile) (Engine, error) {
	if p.Execution.Serial() {
		e, err := newEvents(img, p)
		if err != nil {
			return nil, err
		}
		return e, nil
	}
	e, err := newReference(img, p)
	if err != nil {
		return nil, err // not e, which would be an Engine that is not nil
	}
	return e, nil
}

// newReference is NewReference.
func newReference(img *image.Image, p *chip.Profile) (*reference, error) {
	if err := check(img, p); err != nil {
		return nil, err
	}
	prog, err := compileProgram(p, img)
	if err != nil {
		return nil, err
	}
	e := &reference{img: img, program: prog, latency: p.Execution.Latency,
		stages: p.Execution.StageCount(), steps: img.Duration(p)}
	room := maxSynapses
	for i := range img.Cores {
		c := newRefCore(&img.Cores[i], &room)
		if len(c.Synapses) > 0 {
			c.shows = intoOf(p, c.Synapses[0].Name)
		}
		e.cores = append(e.cores, c)
	}
	for i := range img.Input.Drives {
		e.hosts = append(e.hosts, newDriveHost(img, &img.Input.Drives[i]))
	}
	return e, nil
}

// Decided returns the numbers of steps after which it has decisions.
func (e *reference) Decided() []int { return Decided(e.img, e.program.profile) }

// Name returns "reference".
func (e *reference) Name() string { return "reference" }

// Explain says for every core that it is interpreted.
func (e *reference) Explain() []string {
	var lines []string
	for i, c := range e.cores {
		if c.Source {
			lines = append(lines, fmt.Sprintf("core %d (%s): %s", i, c.Population, explainSource(e.img, c.Core)))
			continue
		}
		line := fmt.Sprintf("core %d (%s): reference, program of %d operations interpreted for %d neurons and %d axons",
			i, c.Population, len(e.program.ops), c.Neurons, c.axons)
		switch {
		case e.refused != nil:
			line += ", because " + e.refused.reason(i)
		case e.because != nil:
			line += ", because " + strings.TrimPrefix(e.because.Error(), "emulator: ")
		}
		lines = append(lines, line)
	}
	return lines
}

// NewSession allocates the state of all cores.
func (e *reference) NewSession() Session {
	s := &referenceSession{engine: e, result: newResult(e.img, e.program.profile)}
	widest := 0
	for _, c := range e.cores {
		s.cores = append(s.cores, newCoreState(c, e.program, e.latency))
		if c.Source {
			s.cores[len(s.cores)-1].source = newSpikeHost(e.img, c.Core, 0)
		}
		widest = max(widest, c.Neurons)
	}
	for _, h := range e.hosts {
		s.currents = append(s.currents, make([]int64, h.size))
	}
	s.membranes, s.counts = make([]int32, widest), make([]int32, e.img.Output.Classes)
	return s
}

// referenceSession is a session of the reference engine.
type referenceSession struct {
	engine    *reference
	cores     []*coreState
	currents  [][]int64 // drive → current of every neuron of the population
	membranes []int32   // for the observer
	counts    []int32   // class → output spikes so far
	result    *Result
}

// Run presents one picture.
func (s *referenceSession) Run(codes []uint8, picture int) (*Result, error) {
	return s.Trace(codes, picture, nil)
}

// Trace presents one picture and shows every step to observe.
func (s *referenceSession) Trace(codes []uint8, picture int, observe Observer) (*Result, error) {
	img := s.engine.img
	if err := checkCodes(img, codes); err != nil {
		return nil, err
	}
	s.start(codes, picture)
	slots := s.engine.latency + 1
	for step := range s.engine.steps {
		for i, c := range s.cores {
			arrived := c.pending[step%slots]
			if t := step - c.core.Start; t >= 0 && t < c.core.Stages(s.engine.program.profile)*img.Steps {
				if c.source != nil {
					c.source.step(c.spikes)
				} else {
					c.step(t/img.Steps, arrived)
				}
				deliver(s.cores, c, step+s.engine.latency, slots)
				s.record(i, t)
				if observe != nil {
					observe(i, t, c.spikes, s.potentials(c))
				}
			}
			arrived.clear()
			if c.fault != nil {
				return nil, c.fault
			}
		}
	}
	return s.finish(), nil
}

// start sets all state to the start of a picture and adds the drives to their registers.
func (s *referenceSession) start(codes []uint8, picture int) {
	s.result.clear()
	clear(s.counts)
	for _, c := range s.cores {
		c.start()
		if c.source != nil {
			c.source.begin(codes, picture)
		}
	}
	for i, h := range s.engine.hosts {
		h.compute(codes, s.currents[i])
		s.result.Counters.Cores[h.drive.Cores[0]].HostMACs += h.macs
		slot := s.engine.program.slots[h.drive.Register]
		for _, k := range h.drive.Cores {
			c := s.cores[k]
			for n := range c.neurons {
				c.row(n)[slot] += s.currents[i][c.core.Index(n)]
			}
		}
	}
}

// deliver puts the spikes of core c on the axons that its routes name, to arrive in a step, or later by the delay of the
// route; every core has so many slots for spikes on their way.
func deliver(cores []*coreState, c *coreState, step, slots int) {
	for _, r := range c.core.Routes {
		arrived := cores[r.Core].pending[(step+r.Delay)%slots]
		for k, spike := range c.spikes[r.First : r.First+r.Count] {
			switch spike {
			case 1:
				arrived.positive[r.Axon+k]++
			case -1:
				arrived.negative[r.Axon+k]++
			}
		}
	}
}

// record counts the core's spikes of step t of its window, and writes down the output neurons at checkpoints of the last
// stage.
func (s *referenceSession) record(core, t int) {
	c := s.cores[core]
	for _, spike := range c.spikes {
		if spike != 0 {
			s.result.Counters.Spikes[core]++
		}
	}
	first := 0
	for _, k := range s.engine.img.Output.Cores {
		if k == core {
			s.recordOutput(c, first, t-(s.engine.stages-1)*s.engine.img.Steps)
		}
		first += s.cores[k].neurons
	}
}

// recordOutput records the core's neurons as the classes from first on, after step t of the last stage; in a stage before,
// t is negative, and nothing fires.
func (s *referenceSession) recordOutput(c *coreState, first, t int) {
	for n, spike := range c.spikes {
		s.counts[first+n] += int32(spike)
	}
	i, ok := slices.BinarySearch(s.result.Steps, t+1)
	if !ok {
		return
	}
	for n := range c.neurons {
		s.result.Counts[i][first+n] = s.counts[first+n]
		s.result.Potentials[i][first+n] = c.membrane(n)
	}
}

// potentials returns the core's membranes, in a slice that the next call overwrites.
func (s *referenceSession) potentials(c *coreState) []int32 {
	v := s.membranes[:c.neurons]
	for n := range v {
		v[n] = c.membrane(n)
	}
	return v
}

// finish enters the counters of the cores.
func (s *referenceSession) finish() *Result {
	k := &s.result.Counters
	for i, c := range s.cores {
		w := &k.Cores[i]
		w.SynapticOperations, w.LowerResets = c.operations, c.lowerResets
		if c.source == nil {
			w.NeuronUpdates = int64(c.neurons) * int64(s.engine.stages*s.engine.img.Steps)
		}
		k.Saturations[i] = c.saturations
	}
	k.sum()
	return s.result
}
