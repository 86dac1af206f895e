package build

import (
	"fmt"
	"math"
	"slices"

	"spikec/emulator"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/image"
)

// Difference is the error of two stages that must agree in every bit and do not.
type Difference struct {
	Between [2]string // stages, such as fixed and image; or recorded and files
	Image   int       // the first image that differs; -1 where it is not known
	Layer   string    // the first population that differs; "" where it is not known
	Neuron  [3]int    // channel, row, column
	Step    int       // within the layer's own window, from 0; -1 where it is not known
	Detail  string    // what each side has there
}

// Error says where the two differ first.
func (d *Difference) Error() string {
	s := fmt.Sprintf("%s and %s differ", d.Between[0], d.Between[1])
	if d.Image >= 0 {
		s += fmt.Sprintf(", first on image %d", d.Image)
	}
	if d.Layer != "" {
		s += fmt.Sprintf(": layer %s, neuron (%d,%d,%d), step %d", d.Layer, d.Neuron[0], d.Neuron[1], d.Neuron[2], d.Step)
	}
	return s + ": " + d.Detail
}

// locate finds the first layer, step and neuron at which an image on cores leaves the network of integers, on picture i.
func (b *run) locate(stage string, img *image.Image, engine emulator.Engine, i int) error {
	codes := make([]uint8, b.eval.Size())
	b.eval.Codes(i, codes)
	d, err := locate(b.integers, img, b.Profile.Execution.StageCount(), engine, codes, i)
	if err != nil {
		return err
	}
	d.Between, d.Image = [2]string{"fixed", stage}, i
	return d
}

// history is what one population did in every step: neurons × steps, step by step.
type history struct {
	spikes    []int8
	membranes []int32
}

// locate compares a network of integers with an image on cores on picture number picture, layer by layer, step by step, neuron by neuron.
func locate(net *quantize.Network, img *image.Image, stages int, engine emulator.Engine, codes []uint8, picture int) (*Difference, error) {
	histories, err := record(net, codes, picture, stages)
	if err != nil {
		return nil, err
	}
	index := map[string]int{}
	for i, p := range net.Populations {
		index[p.Name] = i
	}
	type place struct{ population, step, neuron int }
	first := place{population: len(net.Populations)}
	detail := "the outputs differ, but no neuron does"
	_, err = engine.NewSession().Trace(codes, picture, func(core, t int, spikes []int8, membranes []int32) {
		c := &img.Cores[core]
		p, ok := index[c.Population]
		if !ok {
			return
		}
		h, size := &histories[p], net.Populations[p].Size()
		for n := range spikes {
			at := place{p, t, c.Index(n)}
			k := t*size + at.neuron
			if spikes[n] == h.spikes[k] && membranes[n] == h.membranes[k] ||
				slices.Compare([]int{at.population, at.step, at.neuron}, []int{first.population, first.step, first.neuron}) >= 0 {
				continue
			}
			first = at
			detail = fmt.Sprintf("fixed has %s, membrane %d; core %d has %s, membrane %d",
				spikeText(h.spikes[k]), h.membranes[k], core, spikeText(spikes[n]), membranes[n])
		}
	})
	if err != nil {
		return nil, err
	}
	d := &Difference{Step: -1, Detail: detail}
	if first.population < len(net.Populations) {
		p := &net.Populations[first.population]
		d.Layer, d.Step = p.Name, first.step
		d.Neuron = position(p.Shape, first.neuron)
	}
	return d, nil
}

// position returns channel, row and column of neuron n of a population, in H,W,C order.
func position(shape [3]int, n int) [3]int {
	return [3]int{n % shape[0], n / shape[0] / shape[2], n / shape[0] % shape[2]}
}

func spikeText(spike int8) string {
	switch spike {
	case 0:
		return "no spike"
	case 1:
		return "a spike"
	case -1:
		return "a spike of -1"
	}
	return fmt.Sprintf("%d spikes", spike)
}

// record runs the network of integers on one picture and keeps what every population did in a window of so many stages.
func record(net *quantize.Network, codes []uint8, picture, stages int) ([]history, error) {
	sim, err := quantize.NewSimulator(net)
	if err != nil {
		return nil, err
	}
	histories := make([]history, len(net.Populations))
	for p := range histories {
		n := net.Populations[p].Size() * net.Steps * stages
		histories[p] = history{make([]int8, n), make([]int32, n)}
	}
	chw, hwc := make([]int32, len(codes)), make([]int32, len(codes))
	for k, c := range codes {
		chw[k] = int32(c)
	}
	snn.ToHWC(hwc, chw, net.Populations[0].Shape)
	_, err = sim.NewLoop().Run(hwc, picture, func(p, t int, fired []int32, membranes []int32) {
		at := t * net.Populations[p].Size()
		for _, n := range fired {
			if n < 0 {
				histories[p].spikes[at-1-int(n)] = -1
			} else if k := &histories[p].spikes[at+int(n)]; *k < math.MaxInt8 {
				*k++
			}
		}
		copy(histories[p].membranes[at:], membranes)
	})
	return histories, err
}
