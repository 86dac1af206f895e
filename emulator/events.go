package emulator

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// events is an engine for chips of serial events. In every step it goes through the cores in their order, and for every core
// through the spikes that its sources sent in this step: source by source in the order of cores, and of one source in the order
// in which they were sent, as often as they were. A spike that several routes take to a core arrives by one after the other.
// Each is an event of the axon where its route ends (pre), for all neurons of the core or for those under a kernel, served before the next: what the profile's program does with it
// is the unit's to know. Of the host's sources, all spikes of a step are sent in ascending order.
//
// Where one core of a chip does the work of all of them, one after the other, this is also what comes out: spikes go to later
// cores only, so it does not matter that a host keeps those of all steps and replays them.
type events struct {
	name    string
	explain []string
	img     *image.Image
	profile *chip.Profile
	cores   []eventWiring
	units   func() ([]eventUnit, error) // of the cores, nil for the host's
}

// eventUnit is a core at work.
type eventUnit interface {
	// start sets the core to the start of a picture.
	start()
	// serve does what a spike on an axon does, and appends the neurons that fire, in their order.
	serve(axon int, fired []int32) ([]int32, error)
	// membranes writes the membranes to v.
	membranes(v []int32) error
	// counters returns, since the start, the weights that were added, how often a membrane was limited, and how often one was
	// tested.
	counters() (operations, saturations, tests int64)
}

// eventWiring says where the spikes of a core come from.
type eventWiring struct {
	sources []int       // cores, ascending
	axons   [][][]int32 // by source: its neuron → axons, in the order of routes
}

// checkEvents reports what keeps an image from running on a chip of serial events.
func checkEvents(img *image.Image, p *chip.Profile) error {
	if err := check(img, p); err != nil {
		return err
	}
	switch {
	case p.Execution.Latency != 0 || p.Execution.StageCount() != 1:
		return fmt.Errorf("emulator: profile %s: serial events with latency or stages are not emulated", p.ID)
	case len(img.Input.Drives) > 0:
		return errors.New("emulator: the host drives neurons, which have no steps")
	case slices.ContainsFunc(img.Cores, func(c image.Core) bool { return c.Start != 0 }):
		return errors.New("emulator: the window of a core opens late, without latency")
	}
	return nil
}

// wire finds out where the spikes of core i come from.
func wire(img *image.Image, i int) eventWiring {
	var w eventWiring
	for s := range i {
		c := &img.Cores[s]
		if !slices.ContainsFunc(c.Routes, func(r image.Route) bool { return r.Core == i }) {
			continue
		}
		axons := make([][]int32, c.Neurons)
		for _, r := range c.Routes {
			for k := 0; r.Core == i && k < r.Count; k++ {
				axons[r.First+k] = append(axons[r.First+k], int32(r.Axon+k))
			}
		}
		w.sources, w.axons = append(w.sources, s), append(w.axons, axons)
	}
	return w
}

// newEvents builds the engine that interprets the profile's program for every event: the definition.
func newEvents(img *image.Image, p *chip.Profile) (*events, error) {
	if err := checkEvents(img, p); err != nil {
		return nil, err
	}
	prog, err := newProgram(p, img)
	if err != nil {
		return nil, err
	}
	event, err := eventOf(p)
	if err != nil {
		return nil, fmt.Errorf("emulator: profile %s: %w", p.ID, err)
	}
	e := &events{name: "reference", img: img, profile: p}
	for i := range img.Cores {
		e.cores = append(e.cores, wire(img, i))
		e.explain = append(e.explain, fmt.Sprintf("reference, the program of an event interpreted for %d neurons and %d axons", img.Cores[i].Neurons, img.Cores[i].Axons()))
	}
	e.units = func() ([]eventUnit, error) {
		units := make([]eventUnit, len(img.Cores))
		for i := range img.Cores {
			if img.Cores[i].Source {
				continue
			}
			c, err := newEventCore(&img.Cores[i], prog)
			if err != nil {
				return nil, err
			}
			units[i] = &interpretedUnit{eventCore: c, target: event.Target, pre: c.programs[served{chip.EventPre, event.Target}]}
		}
		return units, nil
	}
	_, err = e.units()
	return e, err
}

// Name returns the engine's name.
func (e *events) Name() string { return e.name }

// Decided returns the numbers of steps after which it has decisions.
func (e *events) Decided() []int { return Decided(e.img, e.profile) }

// Explain says of every core how it is computed.
func (e *events) Explain() []string {
	var lines []string
	for i := range e.img.Cores {
		c, how := &e.img.Cores[i], e.explain[i]
		if c.Source {
			how = explainSource(e.img, c)
		}
		lines = append(lines, fmt.Sprintf("core %d (%s): %s", i, c.Population, how))
	}
	return lines
}

// NewSession returns a session with state of its own.
func (e *events) NewSession() Session {
	units, err := e.units()
	if err != nil {
		panic("emulator: cores that were accepted: " + err.Error())
	}
	s := &eventSession{engine: e, units: units, result: newResult(e.img, e.profile)}
	for i := range e.img.Cores {
		c := &e.img.Cores[i]
		s.spikes, s.v = append(s.spikes, make([]int8, c.Neurons)), append(s.v, make([]int32, c.Neurons))
		s.hosts = append(s.hosts, nil)
		if c.Source {
			s.hosts[i] = newSpikeHost(e.img, c, 0)
		}
	}
	s.fired, s.counts = make([][]int32, len(e.img.Cores)), make([]int32, e.img.Output.Classes)
	return s
}

// eventSession is the state of all cores.
type eventSession struct {
	engine *events
	units  []eventUnit
	hosts  []*spikeHost // of the host's sources
	fired  [][]int32    // core → neurons that fired in this step, in their order
	spikes [][]int8     // core → the spikes of a step by neurons
	v      [][]int32    // core → membranes
	counts []int32      // class → output spikes so far
	result *Result
}

// Run presents one picture.
func (s *eventSession) Run(codes []uint8, picture int) (*Result, error) {
	return s.Trace(codes, picture, nil)
}

// Trace presents one picture and shows every step to observe; of a neuron that fires several times in a step it tells how often,
// up to 127 times.
func (s *eventSession) Trace(codes []uint8, picture int, observe Observer) (*Result, error) {
	img := s.engine.img
	if err := checkCodes(img, codes); err != nil {
		return nil, err
	}
	s.result.clear()
	clear(s.counts)
	for i, u := range s.units {
		if u == nil {
			s.hosts[i].begin(codes, picture)
		} else {
			u.start()
		}
	}
	for t := range img.Steps {
		for i := range s.units {
			if err := s.step(i); err != nil {
				return nil, err
			}
			s.result.Counters.Spikes[i] += int64(len(s.fired[i]))
			if err := s.record(i, t, observe); err != nil {
				return nil, err
			}
		}
	}
	k := &s.result.Counters
	for i, u := range s.units {
		if u != nil {
			operations, saturations, tests := u.counters()
			k.Cores[i].SynapticOperations, k.Cores[i].NeuronUpdates, k.Saturations[i] = operations, tests, saturations
		}
	}
	k.sum()
	return s.result, nil
}

// step lets a core serve what arrives in a step.
func (s *eventSession) step(i int) error {
	fired := s.fired[i][:0]
	if h := s.hosts[i]; h != nil {
		h.step(s.spikes[i])
		for n, spike := range s.spikes[i] {
			if spike != 0 {
				fired = append(fired, int32(n))
			}
		}
		s.fired[i] = fired
		return nil
	}
	var err error
	w := &s.engine.cores[i]
	for k, source := range w.sources {
		for _, n := range s.fired[source] {
			for _, axon := range w.axons[k][n] {
				if fired, err = s.units[i].serve(int(axon), fired); err != nil {
					return err
				}
				s.result.Counters.Cores[i].Events++
			}
		}
	}
	s.fired[i] = fired
	return nil
}

// record writes down the output at checkpoints, and tells the observer.
func (s *eventSession) record(i, t int, observe Observer) error {
	at, output := slices.BinarySearch(s.result.Steps, t+1)
	first := 0
	k := slices.Index(s.engine.img.Output.Cores, i)
	if output = output && k >= 0; k >= 0 {
		for _, before := range s.engine.img.Output.Cores[:k] {
			first += s.engine.img.Cores[before].Neurons
		}
		for _, n := range s.fired[i] {
			s.counts[first+int(n)]++
		}
	}
	if !output && observe == nil {
		return nil
	}
	if s.units[i] != nil {
		if err := s.units[i].membranes(s.v[i]); err != nil {
			return err
		}
	}
	if output {
		copy(s.result.Counts[at][first:], s.counts[first:first+len(s.v[i])])
		copy(s.result.Potentials[at][first:], s.v[i])
	}
	if observe != nil {
		clear(s.spikes[i])
		for _, n := range s.fired[i] {
			if k := &s.spikes[i][n]; *k < math.MaxInt8 {
				*k++
			}
		}
		observe(i, t, s.spikes[i], s.v[i])
	}
	return nil
}

// interpretedUnit does what the profile's program says.
type interpretedUnit struct {
	*eventCore
	target string
	pre    *eventProgram
	tests  int64
}

func (u *interpretedUnit) start() {
	u.state.start()
	u.tests = 0
}

// serve interprets the event's program. A core of an image has no queue of its own.
func (u *interpretedUnit) serve(axon int, fired []int32) ([]int32, error) {
	if u.target == chip.TargetReach {
		fired, tested, err := u.reach(axon, u.pre, fired)
		u.tests += int64(tested)
		return fired, err
	}
	u.tests += int64(u.state.neurons)
	if err := u.run(image.Event{Name: chip.EventPre, Target: chip.TargetAll, Axon: axon}, u.pre); err != nil {
		return nil, err
	}
	for n := u.state.first; n < u.state.end; n++ {
		if u.state.queued[n] {
			return nil, fmt.Errorf("emulator: core of %s, neuron %d: a spike goes to the chip's own queue, not to where the image routes it",
				u.state.core.Population, u.state.core.Index(n))
		}
		if u.state.spikes[n] != 0 {
			fired = append(fired, int32(n))
		}
	}
	return fired, nil
}

func (u *interpretedUnit) membranes(v []int32) error {
	for n := range v {
		v[n] = u.state.membrane(n)
	}
	return u.state.fault
}

func (u *interpretedUnit) counters() (operations, saturations, tests int64) {
	return u.state.operations, u.state.saturations, u.tests
}
