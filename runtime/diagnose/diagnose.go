// Package diagnose looks into a conversion: how well the rates of each layer follow the activations of the trained network,
// at which layer decisions are lost, and to what. Its memory does not grow with the number of images.
package diagnose

import (
	"context"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/internal/parallel"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/runtime/ladder"
)

// MaxImages is how many images are looked at, at most: the first ones.
const MaxImages = 200

// parts is how many sums are kept apart, whatever the number of goroutines is, and added up in their order: sums of real
// numbers depend on the order.
const parts = 16

// Run runs the conversion r on the first images, at least one, on so many goroutines, and returns what was seen with the
// warnings that follow from it.
func Run(ctx context.Context, r *convert.Result, images convert.Images, jobs int) (*ladder.Diagnosis, diag.List, error) {
	sim, err := snn.NewSimulator(r.Network, r.Network.Steps)
	if err != nil {
		return nil, nil, err
	}
	n := min(images.N, MaxImages)
	pieces := min(parts, n)
	workers := make([]*prober, min(parallel.Jobs(jobs), pieces))
	sums := make([]*sums, pieces)
	err = parallel.For(ctx, pieces, len(workers), func(k, part int) error {
		if workers[k] == nil {
			workers[k] = newProber(r, images, sim)
		}
		sums[part] = newSums(r)
		for i := part * n / pieces; i < (part+1)*n/pieces; i++ {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := workers[k].image(i, sums[part]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	total := sums[0]
	for _, s := range sums[1:] {
		total.add(s)
	}
	if err := total.finite(r); err != nil {
		return nil, nil, err
	}
	d := total.diagnosis(r)
	return d, warnings(d, r), nil
}

// prober is the memory of one goroutine.
type prober struct {
	r      *convert.Result
	images convert.Images
	loop   *snn.Loop[float32]
	// teacher is the trained network; mixed is the same, with the rates of layers in place of its own activations.
	teacher, mixed *ann.Executor
	// student computes the drives that rates lead to; tailored is the student without time.
	student, tailored *ann.Executor
	codes, hwc        []float32
	counts            []int32
	rates             []float32
}

func newProber(r *convert.Result, images convert.Images, sim *snn.Simulator) *prober {
	size, most := r.Network.Populations[0].Size(), 0
	for i := range r.Network.Populations {
		most = max(most, r.Network.Populations[i].Size())
	}
	p := &prober{r: r, images: images, loop: sim.NewLoop(), teacher: ann.NewExecutor(r.Teacher), mixed: ann.NewExecutor(r.Teacher),
		student: ann.NewExecutor(r.Student), tailored: ann.NewExecutor(r.Tailored),
		codes: make([]float32, size), hwc: make([]float32, size), counts: make([]int32, most), rates: make([]float32, most)}
	p.loop.Watch()
	return p
}

// image adds what image i shows to s.
func (p *prober) image(i int, s *sums) error {
	p.images.Codes(i, p.codes)
	p.images.Inputs(i, p.teacher.Value(0))
	last := len(p.r.Teacher.Nodes) - 1
	p.teacher.Continue(1, last)
	copy(p.mixed.Value(0), p.teacher.Value(0))
	p.mixed.Continue(1, last)
	y, err := p.tailored.Run(p.codes)
	if err != nil {
		return err
	}
	snn.ToHWC(p.hwc, p.codes, p.r.Network.Populations[0].Shape)
	run, err := p.loop.Run(p.hwc, i, nil)
	if err != nil {
		return err
	}
	class := argmax(p.teacher.Value(p.r.Teacher.Output))
	s.images++
	s.tailored += agree(argmax(y), class)
	p.input()
	done := 0
	for k, l := range p.r.Layers {
		// What the layer adds up may stand before rectifiers of other layers; whatever is below its own node is computed here,
		// once, as its layers have their rates by now.
		p.student.Continue(done+1, max(l.Pre, l.Node-1))
		p.layer(l, &s.layers[k])
		done = l.Node
		if l.Node == p.r.Teacher.Output {
			d := snn.Decide(p.r.Network.Readout, run, p.r.Network.Steps)
			s.layers[k].agree += agree(d.Class, class)
			continue
		}
		copy(p.mixed.Value(l.Node), p.student.Value(l.Node))
		p.mixed.Continue(l.Node+1, last)
		s.layers[k].agree += agree(argmax(p.mixed.Value(p.r.Teacher.Output)), class)
	}
	return nil
}

// input gives the student what the layers see of the picture: codes, or the rates of their spikes.
func (p *prober) input() {
	if p.r.Input == 0 {
		copy(p.student.Value(0), p.codes)
		return
	}
	p.rate(p.r.Input, p.student.Value(0))
}

// rate writes the rates λ·N/T of a population, C,H,W order.
func (p *prober) rate(population int, dst []float32) {
	pop := &p.r.Network.Populations[population]
	counts := p.counts[:pop.Size()]
	p.loop.Counts(population, counts)
	snn.Rates(dst, counts, pop, p.r.Network.Steps)
}

// layer compares a layer whose drive the student has computed, and puts its rates into the student.
func (p *prober) layer(l convert.Layer, s *layerSums) {
	pop := &p.r.Network.Populations[l.Population]
	activations, drives := p.teacher.Value(l.Node), p.student.Value(l.Pre)
	if pop.Neuron == snn.Integrator {
		for i, z := range drives {
			s.integrated(i, float64(activations[i]), float64(z))
		}
		return
	}
	rates := p.rates[:pop.Size()]
	p.rate(l.Population, rates)
	c, plane := pop.Shape[0], pop.Shape[1]*pop.Shape[2]
	for ch := range c {
		for k := range plane {
			i := ch*plane + k
			s.fired(i, max(0, float64(activations[i])), float64(drives[i]), float64(rates[i]), int(p.counts[k*c+ch]))
		}
	}
	copy(p.student.Value(l.Node), rates)
}

// argmax returns the lowest index of the largest value.
func argmax(v []float32) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

// agree is 1 for equal classes, else 0.
func agree(a, b int) int {
	if a == b {
		return 1
	}
	return 0
}
