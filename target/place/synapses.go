package place

import (
	"spikec/quantize"
	"spikec/target/image"
)

// signPerSource is the sign of weights that all synapses of an axon share.
const signPerSource = "sign_per_source"

// input makes the synapses of projection j for an area of its target: native where the chip computes it natively, else one by one.
func (pl *placer) input(j int, a area) input {
	p := &pl.net.Projections[j]
	conv := pl.convolution(j)
	if pl.native(conv) {
		conv.First, _ = a.first()
		conv.Neurons = a.neurons
		return input{source: p.Source, synapses: conv}
	}
	if pl.net.Format.Order != quantize.BySum {
		conv.Neurons = a.neurons
		axons, rows := separate(conv, a.neurons, pl.profile.Weight.Sign == signPerSource)
		return input{source: p.Source, axons: axons, synapses: rows}
	}
	axons, table := unroll(conv, a)
	return input{source: p.Source, axons: axons, synapses: table}
}

// drive makes the host's part of a population: all projections into it whose source is the input, since the host rounds
// their sum. ok is false where there is none.
func (pl *placer) drive(population int) (d image.Drive, ok bool) {
	var convs []*image.Conv2d
	for j, p := range pl.net.Projections {
		if p.Source == 0 && p.Target == population {
			c := pl.convolution(j)
			c.Neurons = pl.net.Populations[population].Size()
			convs = append(convs, c)
		}
	}
	if convs == nil {
		return d, false
	}
	d = image.Drive{Register: pl.profile.Registers.Bias, Shift: pl.net.Populations[population].DriveShift, Synapses: convs[0]}
	for _, part := range pl.parts[population] {
		d.Cores = append(d.Cores, part.index)
	}
	if len(convs) > 1 {
		d.Synapses = together(convs)
	}
	return d, true
}

// together returns the synapses of all convs, which have the same axons, as one table.
func together(convs []*image.Conv2d) *image.Table {
	t := &image.Table{RowStart: []int32{0}}
	for a := range convs[0].Axons() {
		for _, c := range convs {
			c.Each(a, func(n int, w int32) {
				t.Target, t.Weight = append(t.Target, int32(n)), append(t.Weight, w)
			})
		}
		t.Row, t.Base, t.RowStart = append(t.Row, int32(a)), append(t.Base, 0), append(t.RowStart, int32(len(t.Target)))
	}
	return t
}

// convolution returns projection j as a convolution over its whole target.
func (pl *placer) convolution(j int) *image.Conv2d {
	p := &pl.net.Projections[j]
	in, out := pl.net.Populations[p.Source].Shape, pl.net.Populations[p.Target].Shape
	return &image.Conv2d{In: in, Out: out, Pool: p.Pool, Window: p.Window, Groups: p.Groups, Weight: pl.kernel(j)}
}

// kernel returns the weights of projection j in the order of image.Conv2d. All cores share them.
func (pl *placer) kernel(j int) []int32 {
	if pl.kernels[j] != nil {
		return pl.kernels[j]
	}
	p := &pl.net.Projections[j]
	out, kh, kw := pl.net.Populations[p.Target].Shape[0], p.Window.Kernel[0], p.Window.Kernel[1]
	cg := pl.net.Populations[p.Source].Shape[0] / p.Groups
	weight := make([]int32, len(p.Weight))
	for o := range out {
		for c := range cg {
			for u := range kh {
				for v := range kw {
					weight[((u*kw+v)*cg+c)*out+o] = p.Weight[((o*cg+c)*kh+u)*kw+v]
				}
			}
		}
	}
	pl.kernels[j] = weight
	return weight
}

// native reports whether the chip's convolution engine takes c as it is.
func (pl *placer) native(c *image.Conv2d) bool { return image.NotNative(c, &pl.profile.Layers) == "" }

// separate lists the weights of c one by one, where the order of spikes matters: each axon has at most one synapse to a neuron,
// as several would be taken one after the other. It leaves out axons without weights. With bySign an axon has weights of one
// sign: those of the negative ones come first, and a spike goes to them before it goes to the others. As it reaches no neuron
// on both, that is the same as one axon.
func separate(c *image.Conv2d, neurons int, bySign bool) (axons []int, d *image.Dense) {
	axons, d = []int{}, &image.Dense{Neurons: neurons} // not nil: there may be none
	add := func(keep func(w int32) bool) {
		for a := range c.Axons() {
			row, some := make([]int32, neurons), false
			c.Each(a, func(n int, w int32) { row[n] += w })
			for n, w := range row {
				if !keep(w) {
					row[n] = 0
				}
				some = some || row[n] != 0
			}
			if some {
				axons, d.Weight = append(axons, a), append(d.Weight, row...)
				d.Inputs++
			}
		}
	}
	if !bySign {
		add(func(int32) bool { return true })
		return axons, d
	}
	add(func(w int32) bool { return w < 0 })
	add(func(w int32) bool { return w > 0 })
	return axons, d
}
