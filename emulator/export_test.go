package emulator

import (
	"fmt"

	"spikec/target/chip"
	"spikec/target/image"
)

// passEngine is the reference engine with passes for neurons, to take them through the suite of engines. The sums of a
// step are made synapse by synapse.
type passEngine struct {
	*reference
	plans []*passes
}

// NewPassEngine builds the engine, or says which core has no passes.
func NewPassEngine(img *image.Image, p *chip.Profile) (Engine, error) {
	r, err := newReference(img, p)
	if err != nil {
		return nil, err
	}
	e := &passEngine{reference: r}
	for i := range img.Cores {
		most, least := img.Bound(i)
		m, err := newPasses(r.program, &img.Cores[i], least, most, e.driven(i))
		if err != nil {
			return nil, fmt.Errorf("core %d (%s): %w", i, img.Cores[i].Population, err)
		}
		e.plans = append(e.plans, m)
	}
	return e, nil
}

// driven returns the registers of a core that drives are added to, with the range of what is added.
func (e *passEngine) driven(core int) map[string]interval {
	registers := map[string]interval{}
	for _, d := range e.img.Input.Drives {
		lo, hi := e.img.DriveRange(core)
		for n := range lo {
			registers[d.Register] = registers[d.Register].join(interval{lo[n], hi[n]})
		}
	}
	return registers
}

func (e *passEngine) Name() string { return "passes" }

func (e *passEngine) NewSession() Session {
	s := &passSession{referenceSession: e.reference.NewSession().(*referenceSession)}
	for i, m := range e.plans {
		c := &e.img.Cores[i]
		room := maxSynapses
		s.states = append(s.states, m.newState())
		s.again = append(s.again, newReplayer(c, &room))
		s.sums = append(s.sums, make([]int32, c.Neurons))
		s.bits = append(s.bits, make([]uint64, (c.Neurons+63)/64))
	}
	return s
}

// passSession is a session of a passEngine. The states of the reference engine hold what goes between cores.
type passSession struct {
	*referenceSession
	states []*passState
	again  []*replayer
	sums   [][]int32
	bits   [][]uint64
}

func (s *passSession) Run(codes []uint8) (*Result, error) { return s.Trace(codes, nil) }

func (s *passSession) Trace(codes []uint8, observe Observer) (*Result, error) {
	img := s.engine.img
	if err := checkCodes(img, codes); err != nil {
		return nil, err
	}
	s.start(codes)
	for i, m := range s.states {
		m.start(s.drive(i))
	}
	slots := s.engine.latency + 1
	for step := range img.Duration() {
		for i, c := range s.cores {
			arrived := c.pending[step%slots]
			if t := step - c.core.Start; t >= 0 && t < img.Steps {
				s.step(i, arrived)
				s.send(c, (step+s.engine.latency)%slots)
				s.record(i, t)
				if observe != nil {
					observe(i, t, c.spikes, s.potentials(c))
				}
			}
			clear(arrived)
		}
	}
	return s.finish(), nil
}

// drive returns what is added to the registers of a core.
func (s *passSession) drive(core int) map[string][]int64 {
	added := map[string][]int64{}
	c := s.cores[core]
	for name := range s.engine.drivenRegisters(core) {
		slot := c.program.slots[name]
		for n := range c.neurons {
			added[name] = append(added[name], c.row(n)[slot]-c.rest[n*c.stride+slot])
		}
	}
	return added
}

// drivenRegisters returns the registers of a core that drives are added to.
func (e *reference) drivenRegisters(core int) map[string]bool {
	registers := map[string]bool{}
	for _, d := range e.img.Input.Drives {
		for _, k := range d.Cores {
			registers[d.Register] = registers[d.Register] || k == core
		}
	}
	return registers
}

// step runs one step of a core, and brings its results to the state of the reference engine.
func (s *passSession) step(core int, arrived []int32) {
	c, m, again, sum := s.cores[core], s.states[core], s.again[core], s.sums[core]
	clear(sum)
	for axon, times := range arrived {
		synapses := again.core.synapsesOf(axon, c)
		for _, y := range synapses {
			sum[y.neuron] += times * y.weight
		}
		c.operations += int64(times) * int64(len(synapses))
	}
	copy(again.arrived, arrived)
	m.step(sum, s.bits[core], again.replay)
	v := c.program.slots["v"]
	for n := range c.neurons {
		c.spikes[n] = s.bits[core][n/64]>>(n%64)&1 != 0
		c.row(n)[v] = int64(m.membrane(n))
	}
	c.saturations = m.saturated()
}
