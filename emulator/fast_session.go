package emulator

import (
	"spikec/emulator/columns"
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
	spikes    []int8
	membranes []int32
}

// fastState is the state of one core.
type fastState struct {
	neurons neurons
	methods []methodState
	sums    *sums // nil where nothing arrives
	fires   bool  // in the second stage of the window
	train
	drives  coreDrives
	class   int      // of neuron 0, or -1
	read    int      // of an output core: the next checkpoint
	counted int      // of an output core: steps whose spikes are in counts or total
	outputs []output // of an output core: spikes by their signs
}

// output counts the spikes of one sign of an output core.
type output struct {
	counts []uint64 // since the last checkpoint, four lanes of 16 bits a word
	total  []int32  // up to the last checkpoint
}

// NewSession allocates the state of all cores.
func (e *fast) NewSession() Session {
	s := &fastSession{engine: e, result: newResult(e.img, e.profile)}
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
		st.class = first
		for range e.planes {
			st.outputs = append(st.outputs, output{make([]uint64, st.words*kernel.Block16), make([]int32, e.cores[k].Neurons)})
		}
		first += e.cores[k].Neurons
	}
	s.spikes, s.membranes = make([]int8, widest), make([]int32, widest)
	return s
}

// newState allocates the state of one core.
func (s *fastSession) newState(i int, c *fastCore) *fastState {
	st := &fastState{neurons: c.plan.newNeurons(s), class: -1, drives: s.newCoreDrives(i)}
	st.train = newTrain(s.engine.spans[i], c.layout.words(), s.engine.planes, s.engine.held, s.engine.img.Steps)
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
func (s *fastSession) Run(codes []uint8, picture int) (*Result, error) {
	return s.Trace(codes, picture, nil)
}

// Trace presents one picture and shows every step to observe.
func (s *fastSession) Trace(codes []uint8, picture int, observe Observer) (*Result, error) {
	if err := checkCodes(s.engine.img, codes); err != nil {
		return nil, err
	}
	s.result.clear()
	k := &s.result.Counters
	for i, d := range s.engine.drives {
		d.compute(codes, s.drives[i])
		k.Cores[d.host.drive.Cores[0]].HostMACs += d.host.macs
	}
	for i := range s.cores {
		s.cores[i].start()
		if n, ok := s.cores[i].neurons.(*sourceNeurons); ok {
			n.source.begin(codes, picture)
		}
	}
	steps := s.engine.img.Steps
	held := s.engine.held
	for t := 0; t < steps; t += held {
		for i, st := range s.cores {
			s.advance(i, min(steps, t+held+st.ahead), observe)
		}
	}
	for i, c := range s.engine.cores {
		if !c.Source {
			k.Cores[i].NeuronUpdates = int64(c.Neurons) * int64(s.engine.stages*steps)
		}
		k.Saturations[i] = s.cores[i].neurons.saturated()
		if n, ok := s.cores[i].neurons.(*neuronsPasses); ok {
			k.Cores[i].LowerResets = n.state.lower
		}
	}
	k.sum()
	return s.result, nil
}

// start sets a core to the start of a picture.
func (st *fastState) start() {
	st.neurons.start(st.drives.sum())
	st.restart()
	st.read, st.counted, st.fires = 0, 0, false
	for _, o := range st.outputs {
		clear(o.counts)
		clear(o.total)
	}
}

// advance runs the steps of a core before a given one that are still to come, and counts what they cost.
func (s *fastSession) advance(core, to int, observe Observer) {
	st, k := s.cores[core], &s.result.Counters
	from := st.done
	if from >= to {
		return
	}
	st.makeRoom(to)
	if s.engine.cores[core].Stages(s.engine.profile) > 1 {
		s.integrate(core, to, observe)
	}
	s.run(core, to, observe)
	k.Spikes[core] += int64(kernel.Ones(st.from(from)[:(to-from)*st.stride()]))
	for _, m := range st.methods {
		k.Cores[core].SynapticOperations += m.operations(from, to)
	}
	if st.class >= 0 {
		st.countTo(to)
	}
}

// integrate runs the first stage of a core, which is of so many steps, and enters the second one.
func (s *fastSession) integrate(core, steps int, observe Observer) {
	st := s.cores[core]
	for t := 0; t < steps; {
		n := s.atOnce(st, steps-t, observe)
		s.block(core, t, n)
		if t += n; observe != nil {
			s.show(core, t-1, t-1, observe)
		}
	}
	st.fires = true
	st.neurons.(stagedNeurons).enter()
}

// atOnce returns how many of the next steps of a core are run at once.
func (s *fastSession) atOnce(st *fastState, steps int, observe Observer) int {
	switch {
	case observe != nil:
		return 1
	case st.methods != nil && !st.fires:
		return min(steps, stepsAtOnce)
	}
	return steps
}

// run runs the steps of a core before a given one, in blocks that end where an answer is read or a step is to be seen.
func (s *fastSession) run(core, to int, observe Observer) {
	st := s.cores[core]
	for st.done < to {
		n := s.atOnce(st, to-st.done, observe)
		if st.class >= 0 {
			n = min(n, s.result.Steps[st.read]-st.done)
		}
		s.block(core, st.done, n)
		st.done += n
		if st.class >= 0 && st.done == s.result.Steps[st.read] {
			s.answer(core)
		}
		if observe != nil {
			before := 0 // steps of the stage that is over
			if st.fires {
				before = s.engine.img.Steps
			}
			s.show(core, st.done-1, before+st.done-1, observe)
		}
	}
}

// block runs steps t..t+n-1 of a core, stretch by stretch.
func (s *fastSession) block(core, t, n int) {
	c, st := s.engine.cores[core], s.cores[core]
	spikes := st.from(t)
	if st.methods == nil || st.fires {
		st.neurons.constant(spikes, st.stride(), n)
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
		st.neurons.step(x, spikes[from:], st.stride())
	}
}

// countTo counts the spikes of an output core before a step. 16 bits hold the counts: a neuron sends at most one spike of
// either sign a step, and between two checkpoints there are at most 2^16−1 steps, those before the largest delay of the
// read-out; without one no more than 2^15 (Checkpoints), and windows of two stages are shorter.
func (st *fastState) countTo(step int) {
	if step == st.counted {
		return
	}
	for plane, o := range st.outputs {
		kernel.Count(o.counts, st.plane(st.counted, plane), st.stride(), step-st.counted)
	}
	st.counted = step
}

// answer writes down the answer of an output core at its next checkpoint.
func (s *fastSession) answer(core int) {
	c, st := s.engine.cores[core], s.cores[core]
	counts, potentials := s.result.Counts[st.read][st.class:], s.result.Potentials[st.read][st.class:]
	st.countTo(st.done)
	for _, o := range st.outputs {
		c.addLanes(o.total, o.counts)
		clear(o.counts)
	}
	copy(counts, st.outputs[0].total)
	for _, o := range st.outputs[1:] {
		columns.Sub(counts[:c.Neurons], counts[:c.Neurons], o.total)
	}
	st.neurons.membranes(potentials[:c.Neurons])
	st.read++
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

// show shows step t of a core's window to the observer; its spikes are those of a step of the train.
func (s *fastSession) show(core, step, t int, observe Observer) {
	c, st := s.engine.cores[core], s.cores[core]
	clear(s.spikes)
	for plane := range st.planes {
		spikes, sign := st.plane(step, plane), 1-2*int8(plane)
		for n, slot := range c.slots {
			s.spikes[n] += sign * int8(spikes[slot/spikeBits]>>(slot%spikeBits)&1)
		}
	}
	st.neurons.membranes(s.membranes[:c.Neurons])
	observe(core, t, s.spikes[:c.Neurons], s.membranes[:c.Neurons])
}
