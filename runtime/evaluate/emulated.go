package evaluate

import (
	"spikec/emulator"
	"spikec/target/image"
)

// EarlyExit is the name among the read-outs of the decision at which an early exit ends.
const EarlyExit = "early-exit"

// emulated is an image on a chip.
type emulated struct {
	engine emulator.Engine
	img    *image.Image
	exit   *emulator.Exit
	codes  func(i int, dst []uint8)
}

// NewEmulated classifies by the read-out of img, which engine runs; codes fills in the codes of image i, C,H,W order.
// Units are cores. Where img has an early exit, its decision is a read-out beside that of all steps.
func NewEmulated(engine emulator.Engine, img *image.Image, exit *emulator.Exit, codes func(i int, dst []uint8)) Classifier {
	return &emulated{engine, img, exit, codes}
}

// Info describes the image's output.
func (c *emulated) Info() Info {
	info := Info{Classes: c.img.Output.Classes, Steps: c.engine.Decided(), Units: len(c.img.Cores), UnitWork: true, Integers: true, Latency: c.img.Output.EveryStep()}
	if c.img.Output.EarlyExit != "" {
		info.Readouts = []string{EarlyExit}
	}
	return info
}

// NewWorker returns a worker with a session of its own.
func (c *emulated) NewWorker() Worker {
	s := c.img.Input.Shape
	return &emulatedWorker{c, c.engine.NewSession(), c.engine.Decided(), make([]uint8, s[0]*s[1]*s[2])}
}

type emulatedWorker struct {
	*emulated
	session emulator.Session
	decided []int
	picture []uint8
}

// Answer emulates all steps.
func (w *emulatedWorker) Answer(i int, a *Answer) error {
	w.codes(i, w.picture)
	r, err := w.session.Run(w.picture, i)
	if err != nil {
		return err
	}
	for k, n := range w.decided {
		d := emulator.Decide(&w.img.Output, r, n)
		a.Decisions[k], a.Latency, a.Tied = int32(d.Class), int32(d.Step), d.Tied
	}
	if len(a.Readouts) > 0 {
		d := w.exit.Decide(r)
		a.Readouts[0], a.Latency = int32(d.Class), int32(d.Step)
	}
	last := len(r.Steps) - 1
	copy(a.Counts, r.Counts[last])
	copy(a.Potentials, r.Potentials[last])
	k := &r.Counters
	copy(a.Spikes, k.Spikes)
	copy(a.Saturations, k.Saturations)
	a.Work = k.Work
	copy(a.UnitWork, k.Cores)
	return nil
}
