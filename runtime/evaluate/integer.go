package evaluate

import (
	"spikec/emulator"
	"spikec/models/snn"
	"spikec/quantize"
)

// integer is a network of integers without cores.
type integer struct {
	net   *quantize.Network
	sim   *quantize.Simulator
	codes func(i int, dst []uint8)
}

// NewInteger classifies by the read-out of net's output population; codes fills in the codes of image i, C,H,W order.
// Units are populations.
func NewInteger(net *quantize.Network, codes func(i int, dst []uint8)) (Classifier, error) {
	sim, err := quantize.NewSimulator(net)
	if err != nil {
		return nil, err
	}
	return &integer{net, sim, codes}, nil
}

// Info describes the output population.
func (c *integer) Info() Info {
	return Info{Classes: c.net.Populations[c.net.Output()].Size(), Steps: c.net.Readout.Decided(c.net.Steps, c.net.Firing), Units: len(c.net.Populations),
		Integers: true, Latency: c.net.Readout.Kind == snn.FirstSpike}
}

// NewWorker returns a worker with a simulation of its own.
func (c *integer) NewWorker() Worker {
	size := c.net.Populations[0].Size()
	return &integerWorker{c, c.sim.NewLoop(), c.Info().Steps, make([]uint8, size), make([]int32, size), make([]int32, size)}
}

type integerWorker struct {
	*integer
	loop     quantize.Loop
	decided  []int
	codes8   []uint8
	chw, hwc []int32
}

// Answer simulates all steps.
func (w *integerWorker) Answer(i int, a *Answer) error {
	w.codes(i, w.codes8)
	for k, c := range w.codes8 {
		w.chw[k] = int32(c)
	}
	snn.ToHWC(w.hwc, w.chw, w.net.Populations[0].Shape)
	r, err := w.loop.Run(w.hwc, i, nil)
	if err != nil {
		return err
	}
	decide(a, w.net.Readout, r, w.decided)
	last := len(r.Steps) - 1
	copy(a.Counts, r.Counts[last])
	copy(a.Potentials, r.Potentials[last])
	copy(a.Spikes, r.Spikes)
	a.Work = emulator.Work{SynapticOperations: r.SynapticOperations}
	return nil
}

// decide enters the decisions after each of the steps.
func decide[N snn.Number](a *Answer, readout snn.Readout, r *snn.Result[N], steps []int) {
	for k, n := range steps {
		d := snn.Decide(readout, r, n)
		a.Decisions[k], a.Latency, a.Tied = int32(d.Class), int32(d.Step), d.Tied
	}
}
