package sample

import (
	"context"
	"fmt"

	"spikec/convert"
	"spikec/emulator"
	"spikec/internal/parallel"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/runtime/encode"
	"spikec/runtime/evaluate"
	"spikec/target/chip"
	"spikec/target/image"
)

// Subject is a build that was emulated.
type Subject struct {
	Network    *snn.Network
	Conversion *convert.Result   // nil where the network was not converted
	Integers   *quantize.Network // with the populations of the network
	Image      *image.Image
	Profile    *chip.Profile
	Engine     emulator.Engine
	Data       *encode.Encoder
	Coding     encode.Coding
	Labels     []int
	ClassNames []string
	Trained    []int32           // decisions of the trained network, or of the spiking one where there is none
	Last       *evaluate.Partial // the emulation of all images; its units are cores
	Jobs       int
}

// Take looks at the first images, and at some that were decided rightly and wrongly.
func Take(ctx context.Context, s *Subject) (*Document, error) {
	sim, err := snn.NewSimulator(s.Network, s.Network.Steps)
	if err != nil {
		return nil, err
	}
	t := newTaker(s, sim)
	measured, shown := min(MaxMeasured, len(s.Labels)), t.choose()
	looks, images := make([]*look, measured), make([]Image, len(shown))
	workers := make([]*worker, parallel.Jobs(s.Jobs))
	err = parallel.For(ctx, measured+len(shown), len(workers), func(w, k int) error {
		if workers[w] == nil {
			workers[w] = t.newWorker()
		}
		var err error
		if k < measured {
			looks[k], err = workers[w].measure(k)
		} else {
			images[k-measured], err = workers[w].show(shown[k-measured])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	d := &Document{Schema: Schema, Classes: s.Image.Output.Classes, ClassNames: s.ClassNames, Confusion: confusion(s.Last), N: measured, Images: images}
	d.Layers, d.Cores, d.Traffic = t.layers(looks), t.cores(looks), t.traffic(looks)
	return d, nil
}

// confusion lists what occurs.
func confusion(p *evaluate.Partial) []Confusion {
	list := []Confusion{}
	for k, n := range p.Confusion {
		if n > 0 {
			list = append(list, Confusion{k / p.Classes, k % p.Classes, n})
		}
	}
	return list
}

// taker is what all goroutines share.
type taker struct {
	*Subject
	sim        *snn.Simulator
	population []int       // core → population
	stages     []int       // core → stages of its window
	membranes  []membranes // by population
}

// newTaker prepares a look at a build.
func newTaker(s *Subject, sim *snn.Simulator) *taker {
	t := &taker{Subject: s, sim: sim}
	byName := map[string]int{}
	for i, p := range s.Integers.Populations {
		byName[p.Name] = i
		t.membranes = append(t.membranes, newMembranes(&s.Integers.Populations[i], &s.Network.Populations[i]))
	}
	for i := range s.Image.Cores {
		t.population = append(t.population, byName[s.Image.Cores[i].Population])
		t.stages = append(t.stages, s.Image.Cores[i].Stages(s.Profile))
	}
	return t
}

// choose picks the images that are shown.
func (t *taker) choose() []int {
	var right, wrong []int
	for i, label := range t.Labels {
		list := &wrong
		if int(t.Last.Decisions[i]) == label {
			list = &right
		}
		if len(*list) < MaxShown {
			*list = append(*list, i)
		}
	}
	return append(right, wrong...)
}

// worker is the memory of one goroutine.
type worker struct {
	*taker
	session    emulator.Session
	loop       *snn.Loop[float32]
	teacher    *ann.Executor // nil where there is no trained network
	codes      []uint8
	reals, hwc []float32
}

func (t *taker) newWorker() *worker {
	size := t.Data.Size()
	w := &worker{taker: t, session: t.Engine.NewSession(), loop: t.sim.NewLoop(), codes: make([]uint8, size), reals: make([]float32, size), hwc: make([]float32, size)}
	if t.Conversion != nil {
		w.teacher = ann.NewExecutor(t.Conversion.Teacher)
	}
	all := make([]int, len(t.membranes))
	for i := range all {
		all[i] = i
	}
	w.loop.Watch(all...)
	return w
}

// look is what was seen of one image; every list is by population.
type look struct {
	counts        [][]int32 // spikes of neurons, H,W,C order; those of −1 taken off
	messages      [][]int64 // spikes of neurons of either sign, H,W,C order
	before, after [][]int64 // membranes, binned
	rates         []*Rates
}

// measure looks at image i.
func (w *worker) measure(i int) (*look, error) {
	k := &look{}
	for p := range w.membranes {
		size := w.Integers.Populations[p].Size()
		k.counts, k.messages = append(k.counts, make([]int32, size)), append(k.messages, make([]int64, size))
		k.before, k.after = append(k.before, w.membranes[p].bins()), append(k.after, w.membranes[p].bins())
	}
	w.Data.Codes(i, w.codes)
	r, err := w.session.Trace(w.codes, i, func(core, _ int, spikes []int8, v []int32) {
		p, index := w.population[core], w.Image.Cores[core].Index
		for n, s := range spikes {
			if s != 0 {
				k.counts[p][index(n)] += int32(s)
				k.messages[p][index(n)]++
			}
		}
		w.membranes[p].integers(k.after[p], index, v)
	})
	if err != nil {
		return nil, err
	}
	w.Data.Reals(i, w.reals)
	snn.ToHWC(w.hwc, w.reals, w.Integers.Populations[0].Shape)
	_, err = w.loop.Run(w.hwc, i, func(p, _ int, _ []int32, v []float32) { w.membranes[p].reals(k.before[p], v) })
	if err != nil {
		return nil, err
	}
	w.compare(i, k, r)
	return k, nil
}

// layers joins what was seen of each population.
func (t *taker) layers(looks []*look) []Layer {
	layers := []Layer{}
	for p := 1; p < len(t.membranes); p++ {
		l := Layer{Name: t.Integers.Populations[p].Name, Weights: []Weights{}}
		for i := range t.Integers.Projections {
			if t.Integers.Projections[i].Target == p {
				l.Weights = append(l.Weights, t.weights(i))
			}
		}
		if m := &t.membranes[p]; m.unit != nil {
			h := Histogram{Low: m.low, Width: m.width, Before: m.bins(), After: m.bins()}
			for _, k := range looks {
				for b := range h.Before {
					h.Before[b] += k.before[p][b]
					h.After[b] += k.after[p][b]
				}
			}
			l.Membranes = &h
		}
		l.Rates = joinRates(looks, p)
		layers = append(layers, l)
	}
	return layers
}
