// Package place puts a quantised network on a chip: it splits populations over cores within the chip's limits, fills
// registers and synapse memories, and routes spikes. It comes after quantize; its result is an image.Image.
package place

import (
	"context"
	"slices"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/image"
)

// Run places net on the chip. Populations are placed from the output back, so that a core knows to how many others its
// neurons send; where a neuron sends to one axon, it is copied (copier). The error is a *diag.Failure that names everything
// that does not fit, or that of ctx, between two tries to divide a population.
func Run(ctx context.Context, net *quantize.Network, p *chip.Profile) (*image.Image, diag.List, error) {
	if p.Weight.Select != nil {
		return copied(ctx, net, p)
	}
	pl := newPlacer(net, p)
	pl.checkDelays()
	pl.checkNative()
	if p.Execution.LayersIn() == chip.LayersRecurrent {
		pl.oneCore()
	}
	for i := len(net.Populations) - 1; i > 0; i-- {
		if err := pl.split(ctx, i); err != nil {
			return nil, nil, err
		}
	}
	if pl.found.HasErrors() {
		pl.countCores(false)
		return nil, pl.found, pl.found.Err()
	}
	img := pl.assemble()
	more, _ := image.Check(img, p)
	pl.found = append(pl.found, more...)
	pl.countCores(true)
	return img, pl.found, pl.found.Err()
}

type placer struct {
	net     *quantize.Network
	profile *chip.Profile
	start   []int     // by population: the step at which its window opens
	parts   [][]part  // by population: its cores
	kernels [][]int32 // by projection, once they are needed (kernel)
	found   diag.List
}

func newPlacer(net *quantize.Network, p *chip.Profile) *placer {
	return &placer{net: net, profile: p, start: starts(net, p), parts: make([][]part, len(net.Populations)),
		kernels: make([][]int32, len(net.Projections))}
}

// part is one core of a population.
type part struct {
	area
	inputs []input
	index  int // of the core in the image
}

// input is what one projection brings to a core.
type input struct {
	source    int   // population
	axons     []int // source neurons (H,W,C order), one an axon; nil = all of them in order
	firstAxon int
	memory    string // where the chip tells several apart
	synapses  image.Synapses
}

// delay returns how many steps after the window of a population that of its targets opens: when the first spikes arrive that
// it sends in the last stage of its window. The host plays spikes in a window of one stage.
func delay(net *quantize.Network, p *chip.Profile, source int) int {
	if net.Populations[source].Neuron == snn.Source {
		return p.Execution.Latency
	}
	return p.Execution.Latency + (p.Execution.StageCount()-1)*net.Steps
}

// starts returns when the window of each population opens: when spikes of the latest of its sources arrive.
func starts(net *quantize.Network, p *chip.Profile) []int {
	s := make([]int, len(net.Populations))
	for _, proj := range net.Projections {
		if proj.Source != 0 {
			s[proj.Target] = max(s[proj.Target], s[proj.Source]+delay(net, p, proj.Source))
		}
	}
	return s
}

// checkDelays reports projections whose spikes would arrive before the target's window: the chip must delay them.
func (pl *placer) checkDelays() {
	for _, p := range pl.net.Projections {
		if p.Source == 0 {
			continue
		}
		early := pl.start[p.Target] - pl.start[p.Source] - delay(pl.net, pl.profile, p.Source)
		if early > 0 {
			pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-001", Severity: diag.Error,
				Subject: pl.net.Populations[p.Source].Name + " → " + pl.net.Populations[p.Target].Name,
				Message: "a connection past other layers needs a synaptic delay that is not available", Value: early, Limit: 0,
				Remedy: "a target without latency, such as generic8"})
		}
	}
}

// checkNative reports projections that a chip which has nothing but convolution cores does not compute.
func (pl *placer) checkNative() {
	if len(pl.profile.Capacity.KernelMemory) == 0 {
		return
	}
	for j, p := range pl.net.Projections {
		if p.Source == 0 {
			continue
		}
		if what := image.NotNative(pl.convolution(j), &pl.profile.Layers); what != "" {
			pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-005", Severity: diag.Error,
				Subject: pl.net.Populations[p.Source].Name + " → " + pl.net.Populations[p.Target].Name,
				Message: "the cores of " + pl.profile.ID + " compute nothing but convolutions, and not " + what,
				Remedy:  "square kernels, pools of 2 or 4 that divide the map, or another target"})
		}
	}
}

// pass puts the whole of population i on the core. Spikes of a layer in several passes would come back in another order than the
// neurons of one layer send them, so there is one pass a layer.
func (pl *placer) pass(i, size int) {
	over := func(what string, value, limit int, remedy string) {
		pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-004", Severity: diag.Error, Subject: pl.net.Populations[i].Name,
			Message: "the core is programmed for one whole layer at a time, and this one needs more " + what, Value: value, Limit: limit, Remedy: remedy})
	}
	if n := pl.profile.Capacity.Neurons; n != nil && size > *n {
		over("neurons", size, *n, "fewer channels, or a larger target")
		if most, n := pl.profile.Capacity.AxonsIn, pl.sources(i); most != nil && n > *most {
			over("input axons", n, *most, "fewer neurons in the layer before, smaller images, or a larger target")
		}
		return // its synapses one by one may be more than there is memory for
	}
	p := pl.part(i, pl.stretch(i, 0, size))
	if share, what, value, limit := pl.overload(i, &p); share > 1 {
		remedy := "fewer neurons in the layer before, smaller images, or a larger target"
		if pl.profile.Weight.Sign == signPerSource {
			remedy += "; a source with weights of both signs takes two axons"
		}
		over(what, value, limit, remedy)
		return
	}
	pl.parts[i] = []part{p}
}

// part makes a core of neurons of population i, whatever the limits are.
func (pl *placer) part(i int, a area) part {
	p := part{area: a}
	axons := 0
	for j, proj := range pl.net.Projections {
		if proj.Target != i || proj.Source == 0 {
			continue
		}
		in := pl.input(j, a)
		if in.synapses.Axons() == 0 {
			continue // all its weights are zero
		}
		in.firstAxon = axons
		axons += in.synapses.Axons()
		p.inputs = append(p.inputs, in)
	}
	return p
}

// axons returns how many input axons the core has.
func (p *part) axons() int {
	n := 0
	for _, in := range p.inputs {
		n += in.synapses.Axons()
	}
	return n
}

// stretch returns n neurons of population i from first on.
func (pl *placer) stretch(i, first, n int) area {
	return stretch(pl.net.Populations[i].Shape[0], first, n)
}

// smaller says how a neuron of population i needs less. One that sums over the windows of a pool reads them whole.
func (pl *placer) smaller(i int) string {
	remedy := "a smaller kernel or fewer channels in the layer before, or a larger target"
	if slices.ContainsFunc(pl.net.Projections, func(p quantize.Projection) bool { return p.Target == i && p.Source != 0 && p.Pool != nil }) {
		remedy = "--pool-neurons, which gives the pool before it neurons of its own; " + remedy
	}
	return remedy
}

// overload returns the share of the tightest limit that part p of population i uses as a core, and which one it is.
func (pl *placer) overload(i int, p *part) (share float64, what string, value, limit int) {
	check := func(name string, v int, l *int) {
		if l != nil && float64(v)/float64(*l) > share {
			share, what, value, limit = float64(v)/float64(*l), name, v, *l
		}
	}
	check("input axons", p.axons(), pl.profile.Capacity.AxonsIn)
	if pl.profile.Capacity.SynapseBits != nil {
		core := pl.core(i, p)
		check("synapse memory bits", image.SynapseBits(&core, pl.profile), pl.profile.Capacity.SynapseBits)
	}
	return share, what, value, limit
}

// core returns the core of part p of population i, without routes. Neurons that do not follow each other are its members.
func (pl *placer) core(i int, p *part) image.Core {
	c := pl.empty(i, p.neurons)
	first, together := p.first()
	if c.First = first; !together {
		c.First = 0
		p.each(func(_, neuron int) { c.Members = append(c.Members, int32(neuron)) })
		// As many values as the core has neurons are one a neuron, not one a channel (image.Core.Channel).
		each := func(values []int32) []int32 {
			if len(values) != c.Neurons || len(values) == 1 {
				return values
			}
			own := make([]int32, c.Neurons)
			p.each(func(n, neuron int) { own[n] = values[neuron%p.channels] })
			return own
		}
		for name, values := range c.Registers {
			c.Registers[name] = each(values)
		}
		c.InitialV = each(c.InitialV)
	}
	for _, in := range p.inputs {
		c.Synapses = append(c.Synapses, image.Block{Name: in.memory, FirstAxon: in.firstAxon, Synapses: in.synapses})
	}
	return c
}

// empty returns a core of so many neurons of population i: its first ones, without synapses and routes.
func (pl *placer) empty(i, neurons int) image.Core {
	pop := &pl.net.Populations[i]
	if pop.Neuron == snn.Source {
		return image.Core{Population: pop.Name, Shape: pop.Shape, Neurons: neurons, Start: pl.start[i], Source: true}
	}
	c := image.Core{Population: pop.Name, Shape: pop.Shape, Neurons: neurons, Start: pl.start[i], Registers: pl.registers(pop)}
	if pl.net.Format.InitialV && !(pl.net.Format.Accumulators && pop.Neuron == snn.Integrator) { // accumulators start at 0
		c.InitialV = compact(pop.Initial, pl.net.Format.Shift)
	}
	return c
}

// registers fills the registers of a population's cores.
func (pl *placer) registers(pop *quantize.Population) map[string][]int32 {
	r := map[string][]int32{}
	for name, v := range pl.profile.Registers.Constants {
		r[name] = []int32{v}
	}
	threshold := compact(pop.Threshold, 0)
	if pl.profile.Threshold.Compare == "gt" {
		for c := range threshold {
			threshold[c]-- // v > x−1 is v >= x: all contributions are whole weight units
		}
	}
	r[pl.profile.Registers.Threshold] = threshold
	if name := pl.profile.Registers.Bias; name != "" {
		r[name] = compact(pop.Bias, 0)
	}
	if name := pl.profile.Registers.Lower; name != "" && pop.Lower != nil {
		r[name] = compact(pop.Lower, 0)
	}
	if len(pl.profile.Reset.Modes) > 1 {
		r["reset"] = []int32{0}
		if pl.net.Reset == snn.Zero {
			r["reset"][0] = 1
		}
	}
	return r
}

// compact returns the values shifted left, as one value if all are equal.
func compact(v []int32, shift uint) []int32 {
	c := make([]int32, len(v))
	same := true
	for i, x := range v {
		c[i] = x << shift
		same = same && x == v[0]
	}
	if same {
		return c[:1]
	}
	return c
}

// assemble numbers the cores from the input on, and adds drives, routes and the read-out.
func (pl *placer) assemble() *image.Image {
	net := pl.net
	img := &image.Image{Chip: pl.profile.ID, Steps: net.Steps, Input: image.Input{Shape: net.Populations[0].Shape, Step: 1}}
	for i := range pl.parts {
		for k := range pl.parts[i] {
			pl.parts[i][k].index = len(img.Cores)
			img.Cores = append(img.Cores, pl.core(i, &pl.parts[i][k]))
		}
	}
	img.Input.Encoding = "constant"
	for i := range net.Populations {
		if d, ok := pl.drive(i); ok {
			img.Input.Drives = append(img.Input.Drives, d)
		}
	}
	for _, p := range net.Projections {
		if p.Source == 0 && p.Identity {
			img.Input.Encoding = "regular"
		}
	}
	for _, p := range net.Populations {
		if c := p.Coding; c != nil {
			img.Input.Encoding, img.Input.Seed, img.Input.Parameter = c.Name, c.Seed, c.Parameter
		}
	}
	r := &router{placer: pl, image: img, seats: make([][]seat, len(pl.parts))}
	for i := range pl.parts {
		for _, p := range pl.parts[i] {
			for _, in := range p.inputs {
				r.route(in, p.index)
			}
		}
	}
	out := net.Output()
	img.Output = image.Output{Classes: net.Populations[out].Size(), Readout: net.Readout.Kind, Delay: net.Readout.Delay, SpikesOnly: net.Readout.SpikesOnly}
	for _, p := range pl.parts[out] {
		img.Output.Cores = append(img.Output.Cores, p.index)
	}
	return img
}
