package evaluate

import (
	"spikec/emulator"
	"spikec/target/image"
)

// emulated is an image on a chip.
type emulated struct {
	engine emulator.Engine
	img    *image.Image
	codes  func(i int, dst []uint8)
}

// NewEmulated classifies by the read-out of img, which engine runs; codes fills in the codes of image i, C,H,W order.
// Units are cores.
func NewEmulated(engine emulator.Engine, img *image.Image, codes func(i int, dst []uint8)) Classifier {
	return &emulated{engine, img, codes}
}

// Info describes the image's output.
func (c *emulated) Info() Info {
	return Info{Classes: c.img.Output.Classes, Steps: c.engine.Checkpoints(), Units: len(c.img.Cores), Integers: true}
}

// NewWorker returns a worker with a session of its own.
func (c *emulated) NewWorker() Worker {
	s := c.img.Input.Shape
	return &emulatedWorker{c, c.engine.NewSession(), make([]uint8, s[0]*s[1]*s[2])}
}

type emulatedWorker struct {
	*emulated
	session emulator.Session
	picture []uint8
}

// Answer emulates all steps.
func (w *emulatedWorker) Answer(i int, a *Answer) error {
	w.codes(i, w.picture)
	r, err := w.session.Run(w.picture)
	if err != nil {
		return err
	}
	for k := range r.Steps {
		a.Decisions[k] = int32(emulator.Decide(w.img.Output.Readout, r.Counts[k], r.Potentials[k]))
	}
	last := len(r.Steps) - 1
	copy(a.Counts, r.Counts[last])
	copy(a.Potentials, r.Potentials[last])
	k := &r.Counters
	copy(a.Spikes, k.Spikes)
	copy(a.Saturations, k.Saturations)
	a.Work = Work{SynapticOperations: k.SynapticOperations, NeuronUpdates: k.NeuronUpdates, HostMACs: k.HostMACs}
	return nil
}
