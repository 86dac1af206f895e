package evaluate

import (
	"spikec/models/snn"
)

// spiking is a spiking network in real numbers.
type spiking struct {
	net     *snn.Network
	sim     *snn.Simulator
	codes   func(i int, dst []float32)
	readout string
	steps   []int
}

// NewSpiking classifies by the read-out of net's output population; codes fills in the codes of image i, C,H,W order.
//
// The other read-out is reported beside it where the currents of the output are known: an Integrator's are the
// differences of its membranes, and firing neurons are simulated on them; a neuron with reset by subtraction has
// accumulated its spikes and its membrane. A reset to zero forgets, so such a network has no membrane read-out.
func NewSpiking(net *snn.Network, codes func(i int, dst []float32)) (Classifier, error) {
	sim, err := snn.NewSimulator(net, net.Steps)
	if err != nil {
		return nil, err
	}
	return &spiking{net, sim, codes, Readout(net.Populations[net.Output()].Neuron), net.Firing.Checkpoints(net.Steps)}, nil
}

// Readout returns the read-out that an output population of such neurons has.
func Readout(n snn.Neuron) string {
	if n == snn.Integrator {
		return "membrane"
	}
	return "count"
}

// Info announces both read-outs where both exist.
func (c *spiking) Info() Info {
	info := Info{Classes: c.net.Populations[c.net.Output()].Size(), Steps: c.steps, Units: len(c.net.Populations), Readouts: []string{c.readout}}
	switch {
	case c.readout == "membrane":
		info.Readouts = append(info.Readouts, "count")
	case c.net.Reset == snn.Subtract:
		info.Readouts = append(info.Readouts, "membrane")
	}
	return info
}

// NewWorker returns a worker with a simulation of its own.
func (c *spiking) NewWorker() Worker {
	size, classes := c.net.Populations[0].Size(), c.net.Populations[c.net.Output()].Size()
	loop := c.sim.NewLoop()
	loop.Watch(c.net.Output())
	return &spikingWorker{spiking: c, loop: loop, chw: make([]float32, size), hwc: make([]float32, size),
		before: make([]float32, classes), v: make([]float32, classes), counts: make([]int32, classes)}
}

type spikingWorker struct {
	*spiking
	loop     *snn.Loop[float32]
	chw, hwc []float32
	// The firing copy of an Integrator's neurons.
	before, v []float32
	counts    []int32
}

// Answer simulates all steps.
func (w *spikingWorker) Answer(i int, a *Answer) error {
	w.codes(i, w.chw)
	snn.ToHWC(w.hwc, w.chw, w.net.Populations[0].Shape)
	w.start()
	r, err := w.loop.Run(w.hwc, w.observe)
	if err != nil {
		return err
	}
	for k := range r.Steps {
		a.Decisions[k] = int32(snn.Decide(w.readout, r.Counts[k], r.Potentials[k]))
	}
	w.finish()
	last := len(r.Steps) - 1
	for k := range a.Readouts {
		a.Readouts[k] = a.Decisions[last]
		if k > 0 {
			a.Readouts[k] = int32(w.other(r.Counts[last], r.Potentials[last]))
		}
	}
	copy(a.Spikes, r.Spikes)
	a.Work = Work{SynapticOperations: r.SynapticOperations}
	return nil
}

// start sets the firing copy to the start of an image.
func (w *spikingWorker) start() {
	for k := range w.v {
		w.before[k], w.v[k], w.counts[k] = 0, float32(w.net.Initial), 0
	}
}

// observe steps the firing copy of the output with the current of the step.
func (w *spikingWorker) observe(_, _ int, _ []int32, membranes []float32) {
	if w.readout != "membrane" {
		return
	}
	for k, m := range membranes {
		w.v[k] += m - w.before[k]
		w.before[k] = m
		if w.net.Firing != snn.Staged {
			w.fire(k)
		}
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

// finish lets staged neurons of the firing copy fire in all steps, once the last sum has arrived.
func (w *spikingWorker) finish() {
	if w.readout != "membrane" || w.net.Firing != snn.Staged {
		return
	}
	for range w.net.Steps {
		for k := range w.v {
			w.fire(k)
		}
	}
}

// other is the decision of the read-out that the network does not have.
func (w *spikingWorker) other(counts []int32, potentials []float32) int {
	if w.readout == "membrane" {
		return snn.Decide("count", w.counts, w.v)
	}
	for k := range w.v {
		w.v[k] = float32(counts[k]) + potentials[k]
	}
	return snn.Decide("membrane", counts, w.v)
}
