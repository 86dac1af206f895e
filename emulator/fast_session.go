package emulator

import (
	"spikec/emulator/kernel"
)

// fastSession is a session of the fast engine.
type fastSession struct {
	engine *fast
	drives []*driveState
	cores  []*fastState
	lists  []*eventLists // of the first, second … method of whatever core is at work
	result *Result
	// What an observer sees.
	spikes    []bool
	membranes []int32
}

// fastState is the state of one core.
type fastState struct {
	neurons neurons
	methods []methodState
	sums    *sums    // nil where nothing arrives
	words   int      // words of spikes a step
	spikes  []uint64 // step × words: a bit a lane
	drives  coreDrives
	first   int      // the class of neuron 0, or -1
	counts  []uint64 // of an output core: spikes so far, four lanes of 16 bits a word
	total   []int32  // of an output core: spikes before those in counts
}

// NewSession allocates the state of all cores, and room for the spikes of all steps.
func (e *fast) NewSession() Session {
	s := &fastSession{engine: e, result: newResult(e.img)}
	for _, d := range e.drives {
		s.drives = append(s.drives, d.newState())
	}
	widest := 0
	for i, c := range e.cores {
		s.cores = append(s.cores, s.newState(i, c))
		widest = max(widest, c.Neurons)
	}
	first := 0
	for _, k := range e.img.Output.Cores {
		st := s.cores[k]
		st.first = first
		st.counts, st.total = make([]uint64, st.words*kernel.Block16), make([]int32, e.cores[k].Neurons)
		first += e.cores[k].Neurons
	}
	s.spikes, s.membranes = make([]bool, widest), make([]int32, widest)
	return s
}

// newState allocates the state of one core.
func (s *fastSession) newState(i int, c *fastCore) *fastState {
	st := &fastState{neurons: c.plan.newNeurons(s), words: c.layout.words(), first: -1, drives: s.newCoreDrives(i)}
	st.spikes = make([]uint64, s.engine.img.Steps*st.words+kernel.SpikeSlack)
	st.methods = s.newMethods(c.methods)
	if c.methods != nil {
		st.sums = newSums(c.stretch, c.wide)
	}
	return st
}

// newMethods allocates the state of methods that are at work together.
func (s *fastSession) newMethods(methods []method) []methodState {
	var states []methodState
	for k, m := range methods {
		if k == len(s.lists) {
			s.lists = append(s.lists, &eventLists{})
		}
		states = append(states, m.newState(s, s.lists[k]))
	}
	return states
}

// Run presents one picture.
func (s *fastSession) Run(codes []uint8) (*Result, error) { return s.Trace(codes, nil) }

// Trace presents one picture and shows every step to observe.
func (s *fastSession) Trace(codes []uint8, observe Observer) (*Result, error) {
	if err := checkCodes(s.engine.img, codes); err != nil {
		return nil, err
	}
	s.result.clear()
	k := &s.result.Counters
	for i, d := range s.engine.drives {
		d.compute(codes, s.drives[i])
		k.HostMACs += d.host.macs
	}
	for i, c := range s.engine.cores {
		st := s.cores[i]
		st.neurons.start(st.drives.sum())
		s.runCore(i, observe)
		k.Spikes[i] += int64(kernel.Ones(st.spikes))
		for _, m := range st.methods {
			k.SynapticOperations += m.operations()
		}
		k.NeuronUpdates += int64(c.Neurons) * int64(s.engine.img.Steps)
		k.Saturations[i] = st.neurons.saturated()
	}
	return s.result, nil
}

// runCore runs all steps of a core, in blocks that end where an answer is read or a step is to be seen.
func (s *fastSession) runCore(core int, observe Observer) {
	st := s.cores[core]
	steps := s.engine.img.Steps
	read := 0 // the next checkpoint
	clear(st.counts)
	clear(st.total)
	for t := 0; t < steps; {
		n := steps - t
		if st.methods != nil {
			n = min(n, stepsAtOnce)
		}
		if st.first >= 0 {
			n = min(n, s.result.Steps[read]-t)
		}
		if observe != nil {
			n = 1
		}
		s.block(core, t, n)
		if st.first >= 0 {
			st.count(t, n)
			if t+n == s.result.Steps[read] {
				s.read(core, read)
				read++
			}
		}
		if t += n; observe != nil {
			s.show(core, t-1, observe)
		}
	}
}

// block runs steps t..t+n-1 of a core, stretch by stretch.
func (s *fastSession) block(core, t, n int) {
	c, st := s.engine.cores[core], s.cores[core]
	spikes := st.spikes[t*st.words:]
	if st.methods == nil {
		st.neurons.constant(spikes, st.words, n)
		return
	}
	for _, m := range st.methods {
		m.take(t, n)
	}
	x := st.sums
	x.t, x.steps = t, n
	for from := 0; from < st.words; from += c.stretch {
		x.from, x.to = from, min(from+c.stretch, st.words)
		st.neurons.begin(x)
		for _, m := range st.methods {
			m.add(x)
		}
		if last := int(c.slots[c.Neurons-1]) + 1; x.to == st.words {
			x.clearFrom(last - from*spikeBits)
		}
		st.neurons.step(x, spikes[from:], st.words)
	}
}

// count counts the spikes of an output core.
func (st *fastState) count(t, n int) {
	for n > 0 {
		k := min(n, kernel.MaxSteps)
		kernel.Count(st.counts, st.spikes[t*st.words:], st.words, k)
		t, n = t+k, n-k
	}
}

// read writes down the answer of an output core at checkpoint i.
func (s *fastSession) read(core, i int) {
	c, st := s.engine.cores[core], s.cores[core]
	counts, potentials := s.result.Counts[i][st.first:], s.result.Potentials[i][st.first:]
	c.addLanes(st.total, st.counts)
	copy(counts, st.total)
	st.neurons.membranes(potentials[:c.Neurons])
	clear(st.counts)
}

// addLanes adds the lanes of the core's neurons, taken without sign.
func (c *fastCore) addLanes(dst []int32, w []uint64) {
	if !c.layout.isDense() {
		for n, slot := range c.slots {
			dst[n] += int32(uint16(w[slot/laneUnit] >> (16 * (slot % laneUnit))))
		}
		return
	}
	kernel.Accumulate(dst, w)
}

// show shows step t of a core to the observer.
func (s *fastSession) show(core, t int, observe Observer) {
	c, st := s.engine.cores[core], s.cores[core]
	spikes := st.spikes[t*st.words : (t+1)*st.words]
	for n, slot := range c.slots {
		s.spikes[n] = spikes[slot/spikeBits]>>(slot%spikeBits)&1 != 0
	}
	st.neurons.membranes(s.membranes[:c.Neurons])
	observe(core, t, s.spikes[:c.Neurons], s.membranes[:c.Neurons])
}
