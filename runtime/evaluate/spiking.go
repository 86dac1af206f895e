package evaluate

import (
	"spikec/emulator"
	"spikec/models/snn"
)

// spiking is a spiking network in real numbers.
type spiking struct {
	net   *snn.Network
	sim   *snn.Simulator
	codes func(i int, dst []float32)
	steps []int
	names []string // of the network's own read-out, and of those beside it
	other string   // the one that the network does not have; "" where it cannot be known
}

// NewSpiking classifies by the read-out of net; codes fills in the codes of image i, C,H,W order.
//
// The count read-out of a network with another one, and the membrane read-out of one whose output fires, are reported
// beside it where the currents of the output are known: an Integrator's are the differences of its membranes, and firing
// neurons are simulated on them; a neuron with reset by subtraction has accumulated its spikes and its membrane. A reset
// to zero forgets, so such a network has no membrane read-out.
func NewSpiking(net *snn.Network, codes func(i int, dst []float32)) (Classifier, error) {
	sim, err := snn.NewSimulator(net, net.Steps)
	if err != nil {
		return nil, err
	}
	c := &spiking{net: net, sim: sim, codes: codes, steps: net.Readout.Decided(net.Steps, net.Firing)}
	switch {
	case net.Readout.Kind == snn.Membrane:
		c.other = snn.Count
	case net.Reset == snn.Subtract:
		c.other = snn.Membrane
	}
	c.names = []string{net.Readout.Kind}
	if c.other != "" {
		c.names = append(c.names, c.other)
	}
	if net.Readout.Kind == snn.FirstSpike {
		c.names = append(c.names, snn.Count)
	}
	return c, nil
}

// Info announces the network's own read-out and those beside it.
func (c *spiking) Info() Info {
	return Info{Classes: c.net.Populations[c.net.Output()].Size(), Steps: c.steps, Units: len(c.net.Populations), Readouts: c.names,
		Latency: c.net.Readout.Kind == snn.FirstSpike}
}

// NewWorker returns a worker with a simulation of its own.
func (c *spiking) NewWorker() Worker {
	size, classes := c.net.Populations[0].Size(), c.net.Populations[c.net.Output()].Size()
	loop := c.sim.NewLoop()
	loop.Watch(c.net.Output())
	w := &spikingWorker{spiking: c, loop: loop, chw: make([]float32, size), hwc: make([]float32, size),
		before: make([]float32, classes), v: make([]float32, classes), counts: make([]int32, classes)}
	w.changed.Steps = c.net.Readout.Checkpoints(c.net.Steps, c.net.Firing)
	for range w.changed.Steps {
		w.changed.Counts, w.changed.Potentials = append(w.changed.Counts, make([]int32, classes)), append(w.changed.Potentials, make([]float32, classes))
	}
	return w
}

type spikingWorker struct {
	*spiking
	loop     *snn.Loop[float32]
	chw, hwc []float32
	changed  snn.Result[float32] // what output neurons of the other kind would have done
	// The firing copy of an Integrator's neurons.
	before, v []float32
	counts    []int32
	next      int // checkpoint
}

// Answer simulates all steps.
func (w *spikingWorker) Answer(i int, a *Answer) error {
	w.codes(i, w.chw)
	snn.ToHWC(w.hwc, w.chw, w.net.Populations[0].Shape)
	w.start()
	r, err := w.loop.Run(w.hwc, i, w.observe)
	if err != nil {
		return err
	}
	decide(a, w.net.Readout, r, w.steps)
	for k, name := range w.names {
		x, readout := r, snn.Readout{Kind: name, Delay: w.net.Readout.Delay, SpikesOnly: w.net.Readout.SpikesOnly && name != snn.Membrane}
		if name == w.other {
			x = w.change(r)
		}
		a.Readouts[k] = int32(snn.Decide(readout, x, w.net.Steps).Class)
	}
	copy(a.Spikes, r.Spikes)
	a.Work = emulator.Work{SynapticOperations: r.SynapticOperations}
	return nil
}

// start sets the firing copy to the start of an image.
func (w *spikingWorker) start() {
	for k := range w.v {
		w.before[k], w.v[k], w.counts[k] = 0, float32(w.net.Initial), 0
	}
	w.next = 0
}

// observe steps the firing copy of the output with the current of the step, and records it at checkpoints. Staged neurons
// fire in the second stage, in which no current comes.
func (w *spikingWorker) observe(_, t int, _ []int32, membranes []float32) {
	if w.other != snn.Count {
		return
	}
	if w.net.Firing == snn.Staged {
		t -= w.net.Steps
	}
	for k, m := range membranes {
		w.v[k] += m - w.before[k]
		w.before[k] = m
		if t >= 0 {
			w.fire(k)
		}
	}
	if t+1 == w.changed.Steps[w.next] {
		copy(w.changed.Counts[w.next], w.counts)
		copy(w.changed.Potentials[w.next], w.v)
		w.next++
	}
}

// fire lets neuron k of the firing copy fire once, in its step.
func (w *spikingWorker) fire(k int) {
	switch v := &w.v[k]; {
	case *v >= 1 && w.net.Reset == snn.Zero:
		*v = 0
		w.counts[k]++
	case *v >= 1:
		*v--
		w.counts[k]++
	case w.net.Firing == snn.Signed && *v < 0 && w.counts[k] > 0:
		*v++
		w.counts[k]--
	}
}

// change returns what output neurons of the other kind did: the firing copy, or membranes that were never reset.
func (w *spikingWorker) change(r *snn.Result[float32]) *snn.Result[float32] {
	if w.other == snn.Membrane {
		for i, potentials := range w.changed.Potentials {
			for k := range potentials {
				potentials[k] = float32(r.Counts[i][k]) + r.Potentials[i][k]
			}
		}
	}
	return &w.changed
}
