package emulator

import "math/bits"

// fastSession is a session of the fast engine.
type fastSession struct {
	engine *fast
	drives []*driveState
	cores  []*fastState
	result *Result
	// What an observer sees.
	spikes    []bool
	membranes []int32
}

// fastState is the state of one core.
type fastState struct {
	neurons neurons
	words   int      // words of spikes a step
	spikes  []uint64 // step × words: a bit a lane
	counts  []uint16 // group → spikes of the step
	lists   *rowLists
	drive   []int64 // neuron → what is added to its bias; nil without drives
	first   int     // the class of neuron 0, or -1
}

// NewSession allocates the state of all cores, and room for the spikes of all steps.
func (e *fast) NewSession() Session {
	s := &fastSession{engine: e, result: newResult(e.img)}
	for _, d := range e.drives {
		s.drives = append(s.drives, d.newState())
	}
	widest := 0
	for i, c := range e.cores {
		st := &fastState{neurons: c.plan.newNeurons(), words: c.layout.slots / spikeBits, first: -1}
		st.spikes = make([]uint64, e.img.Steps*st.words)
		if c.memory != nil && !c.isDirect {
			st.counts, st.lists = make([]uint16, len(c.memory.groups)), newRowLists(c.memory)
		}
		if len(e.driven(i)) > 0 {
			st.drive = make([]int64, c.Neurons)
		}
		s.cores = append(s.cores, st)
		widest = max(widest, c.Neurons)
	}
	first := 0
	for _, k := range e.img.Output.Cores {
		s.cores[k].first = first
		first += e.cores[k].Neurons
	}
	s.spikes, s.membranes = make([]bool, widest), make([]int32, widest)
	return s
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
		st.neurons.start(s.drive(i))
		if c.memory == nil {
			s.runConstant(i, observe)
		} else {
			s.runFed(i, observe)
		}
		for _, w := range st.spikes {
			k.Spikes[i] += int64(bits.OnesCount64(w))
		}
		k.NeuronUpdates += int64(c.Neurons) * int64(s.engine.img.Steps)
		k.Saturations[i] = st.neurons.saturated()
	}
	return s.result, nil
}

// drive returns what is added to the bias of a core's neurons, or nil.
func (s *fastSession) drive(core int) []int64 {
	st, c := s.cores[core], s.engine.cores[core]
	if st.drive == nil {
		return nil
	}
	clear(st.drive)
	for i, d := range s.engine.drives {
		shift, used := c.driveShift[d.host.drive.Register]
		if !used {
			continue
		}
		for _, k := range d.host.drive.Cores {
			if k == core {
				for n, x := range s.drives[i].current[c.First : c.First+c.Neurons] {
					st.drive[n] += x << shift
				}
			}
		}
	}
	return st.drive
}

// runConstant runs all steps of a core on whose axons nothing arrives.
func (s *fastSession) runConstant(core int, observe Observer) {
	st := s.cores[core]
	if observe == nil && st.first < 0 {
		st.neurons.constant(st.spikes, nil)
		return
	}
	st.neurons.constant(st.spikes, func(t int) { s.after(core, t, observe) })
}

// runFed runs all steps of a core.
func (s *fastSession) runFed(core int, observe Observer) {
	c, st := s.engine.cores[core], s.cores[core]
	acc := st.neurons.accumulators()
	steps := s.engine.img.Steps
	for t := range steps {
		for _, f := range c.feeds {
			sent := t - f.delay
			if sent < 0 || sent >= steps {
				continue
			}
			src := s.cores[f.source]
			spikes := src.spikes[sent*src.words : (sent+1)*src.words]
			if f.direct != nil {
				s.result.Counters.SynapticOperations += f.addDirect(spikes, acc)
			} else {
				f.count(spikes, st.counts)
			}
		}
		if st.counts != nil {
			s.result.Counters.SynapticOperations += c.memory.addCounts(acc, st.counts, st.lists)
		}
		st.neurons.step(st.spikes[t*st.words : (t+1)*st.words])
		s.after(core, t, observe)
	}
}

// after records step t of an output core and shows it to the observer.
func (s *fastSession) after(core, t int, observe Observer) {
	c, st := s.engine.cores[core], s.cores[core]
	spikes := st.spikes[t*st.words : (t+1)*st.words]
	if st.first >= 0 {
		s.record(c, st, t, spikes)
	}
	if observe == nil {
		return
	}
	for n, slot := range c.slots {
		s.spikes[n] = spikes[slot/spikeBits]>>(slot%spikeBits)&1 != 0
		s.membranes[n] = st.neurons.membrane(int(slot))
	}
	observe(core, t, s.spikes[:c.Neurons], s.membranes[:c.Neurons])
}

// record counts the spikes of an output core for every checkpoint that is yet to come, and writes down its membranes
// at a checkpoint.
func (s *fastSession) record(c *fastCore, st *fastState, t int, spikes []uint64) {
	r := s.result
	for i, steps := range r.Steps {
		if t >= steps {
			continue
		}
		counts, potentials := r.Counts[i][st.first:], r.Potentials[i][st.first:]
		for n, slot := range c.slots {
			counts[n] += int32(spikes[slot/spikeBits] >> (slot % spikeBits) & 1)
			if t+1 == steps {
				potentials[n] = st.neurons.membrane(int(slot))
			}
		}
	}
}
