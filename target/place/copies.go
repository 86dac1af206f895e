package place

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/image"
)

// copier places a network on a chip whose neurons send to one axon each, and whose axons have types that choose among the few
// weights of a neuron. A source takes as many axons of a core as its weights there need (basis), and each of them needs a neuron
// of its own that sends to it: neurons are copied, once an axon. Copies get the same spikes and so send the same.
//
// Populations are placed from the output back: the axons of the cores behind say which copies there must be. Copies fill
// cores in an order in which neurons that lie close together in the map follow each other, as those share sources; copies of one
// neuron share all of them. What feeds the first layer is the host, whose packets go to any number of axons.
type copier struct {
	*placer
	types  int
	needed [][]copyOf    // by population: the copies that the cores behind ask for
	cores  [][]*crossbar // by population
	input  [][]synapse   // of the population at work: neuron → what reaches it, ascending
	basis  []basis       // of the same neurons
}

// copyOf is a copy of a neuron that sends to an axon of a core, or is read (core nil).
type copyOf struct {
	neuron int
	core   *crossbar
	axon   int
	order  int // in which copies of the population were asked for: core by core, axon by axon
}

// crossbar is one core: a neuron for each copy, and an axon for each source and type.
type crossbar struct {
	copies   []copyOf
	axons    []line
	synapses *image.Typed
	index    int // of the core in the image
	place    [2]int
}

// line is one axon: a neuron of a population, and the type by which it reaches others.
type line struct{ population, neuron, kind int }

func compareLines(a, b line) int {
	return cmp.Or(cmp.Compare(a.population, b.population), cmp.Compare(a.neuron, b.neuron), cmp.Compare(a.kind, b.kind))
}

// synapse is what reaches a neuron from a source.
type synapse struct {
	population, neuron int
	weight             int32
}

// copied places net in copies. Once ctx has ended, no further population is begun.
func copied(ctx context.Context, net *quantize.Network, p *chip.Profile) (*image.Image, diag.List, error) {
	k := &copier{placer: newPlacer(net, p), types: *p.Weight.Distinct}
	k.checkDelays()
	n := len(net.Populations)
	k.needed, k.cores = make([][]copyOf, n), make([][]*crossbar, n)
	out := net.Output()
	for c := range net.Populations[out].Size() {
		k.needed[out] = append(k.needed[out], copyOf{neuron: c, order: c})
	}
	if most := p.Capacity.Outputs; most != nil && len(k.needed[out]) > *most {
		k.found.Add(diag.Diagnostic{ID: "SPK-PLACE-011", Severity: diag.Error, Subject: net.Populations[out].Name, Message: "more neurons are read than the target has outputs",
			Value: len(k.needed[out]), Limit: *most, Remedy: "fewer classes, or a larger target"})
	}
	if slices.ContainsFunc(net.Projections, func(p quantize.Projection) bool { return p.Source == 0 }) {
		k.found.Add(diag.Diagnostic{ID: "SPK-PLACE-013", Severity: diag.Error, Subject: net.Populations[0].Name, Message: "neurons of " + p.ID + " take no currents from the host",
			Remedy: "an encoding that plays spikes"})
	}
	for i := 1; i < n; i++ {
		if err := context.Cause(ctx); err != nil {
			return nil, nil, err
		}
		k.checkInput(i)
	}
	for i := out; i > 0 && !k.found.HasErrors(); i-- {
		if err := context.Cause(ctx); err != nil {
			return nil, nil, err
		}
		if net.Populations[i].Neuron != snn.Source {
			k.partition(i)
		}
	}
	if k.found.HasErrors() {
		return nil, k.found, k.found.Err()
	}
	img := k.image()
	more, _ := image.Check(img, p)
	k.found = append(k.found, more...)
	return img, k.found, k.found.Err()
}

// partition divides the copies of population i over cores, and asks for the copies that feed them. Neurons that nobody asks for, as all
// that leaves them has weight zero, are on no core.
func (k *copier) partition(i int) {
	if len(k.needed[i]) == 0 {
		return
	}
	k.readInput(i)
	k.inOrder(i)
	open := newFilling(k.profile)
	for _, c := range k.needed[i] {
		if !open.take(c, k) {
			k.cores[i] = append(k.cores[i], open.close())
			open = newFilling(k.profile)
			open.take(c, k) // checkInput has seen to it that there is room
		}
	}
	k.cores[i] = append(k.cores[i], open.close())
	for _, core := range k.cores[i] {
		for a, l := range core.axons {
			k.needed[l.population] = append(k.needed[l.population], copyOf{l.neuron, core, a, len(k.needed[l.population])})
		}
		k.describe(core)
	}
}

// checkInput reports the neuron of population i that needs the most axons, where a core has fewer, and weights that have no basis.
func (k *copier) checkInput(i int) {
	if n := k.readInput(i); n >= 0 {
		k.found.Add(diag.Diagnostic{ID: "SPK-PLACE-012", Severity: diag.Error, Subject: k.net.Populations[i].Name,
			Message: fmt.Sprintf("the weights of neuron %d are no sums of the few that the types of axons choose among", n), Value: len(k.input[n]), Limit: k.types,
			Remedy: "pools that do not overlap, or fewer --bits"})
		return
	}
	worst, limit := 0, *k.profile.Capacity.AxonsIn
	for n := range k.input {
		worst = max(worst, len(k.lines(n)))
	}
	if worst > limit {
		k.found.Add(diag.Diagnostic{ID: "SPK-PLACE-002", Severity: diag.Error, Subject: k.net.Populations[i].Name,
			Message: "one neuron alone needs more input axons than a core has", Value: worst, Limit: limit,
			Remedy: fmt.Sprintf("at most %d inputs a neuron (smaller kernels, fewer channels in the layer before, or groups), or fewer --bits: a weight of b bits takes up to b axons",
				limit/k.profile.WeightBits())})
	}
}

// inOrder sorts the copies that population i needs: by their place in the map, in an order that keeps small squares together, then by
// channel, then by where they send. Read neurons stay in their own order, which is that of the classes.
func (k *copier) inOrder(i int) {
	if i == k.net.Output() {
		return
	}
	shape := k.net.Populations[i].Shape
	slices.SortStableFunc(k.needed[i], func(a, b copyOf) int {
		c, w := shape[0], shape[2]
		return cmp.Or(cmp.Compare(interleave(a.neuron/c/w, a.neuron/c%w), interleave(b.neuron/c/w, b.neuron/c%w)), cmp.Compare(a.neuron, b.neuron))
	})
}

// interleave returns a number whose bits are those of y and x in turn: ascending, it walks through the squares of a map.
func interleave(y, x int) uint64 {
	z := uint64(0)
	for b := range 32 {
		z |= uint64(x>>b&1)<<(2*b) | uint64(y>>b&1)<<(2*b+1)
	}
	return z
}

// readInput lists what reaches the neurons of population i, and finds a basis for the weights of each. It returns the first neuron that
// has none, or −1.
func (k *copier) readInput(i int) int {
	k.input = make([][]synapse, k.net.Populations[i].Size())
	for j, proj := range k.net.Projections {
		if proj.Target != i {
			continue
		}
		c := k.convolution(j)
		c.Neurons = len(k.input)
		for axon := range c.Axons() {
			c.Each(axon, func(n int, w int32) { k.input[n] = append(k.input[n], synapse{proj.Source, axon, w}) })
		}
	}
	k.basis = make([]basis, len(k.input))
	for n := range k.input {
		k.input[n] = added(k.input[n])
		var ok bool
		if k.basis[n], ok = newBasis(k.input[n], k.types); !ok {
			return n
		}
	}
	return -1
}

// added adds up synapses of one source, as pools that overlap make them, and sorts them.
func added(list []synapse) []synapse {
	slices.SortStableFunc(list, func(a, b synapse) int {
		return cmp.Or(cmp.Compare(a.population, b.population), cmp.Compare(a.neuron, b.neuron))
	})
	var out []synapse
	for _, s := range list {
		if n := len(out) - 1; n >= 0 && out[n].population == s.population && out[n].neuron == s.neuron {
			out[n].weight += s.weight
		} else {
			out = append(out, s)
		}
	}
	return slices.DeleteFunc(out, func(s synapse) bool { return s.weight == 0 })
}

// lines returns the axons that a neuron of the population at work needs.
func (k *copier) lines(neuron int) []line {
	var out []line
	for _, s := range k.input[neuron] {
		for m := k.basis[neuron].mask(s.weight); m != 0; m &= m - 1 {
			out = append(out, line{s.population, s.neuron, bits.TrailingZeros32(m)})
		}
	}
	return out
}

// filling is a core that takes copies as long as it has room.
type filling struct {
	copies        []copyOf
	axons         map[line]bool
	held          map[int]bool // neurons that a copy is of
	most, lineMax int
}

func newFilling(p *chip.Profile) *filling {
	return &filling{axons: map[line]bool{}, held: map[int]bool{}, most: *p.Capacity.Neurons, lineMax: *p.Capacity.AxonsIn}
}

// take takes a copy, or reports that there is no room.
func (f *filling) take(c copyOf, k *copier) bool {
	if len(f.copies) == f.most {
		return false
	}
	if !f.held[c.neuron] {
		lines := k.lines(c.neuron)
		more := 0
		for _, l := range lines {
			if !f.axons[l] {
				more++
			}
		}
		if len(f.axons)+more > f.lineMax {
			return false
		}
		for _, l := range lines {
			f.axons[l] = true
		}
		f.held[c.neuron] = true
	}
	f.copies = append(f.copies, c)
	return true
}

// close returns the core, whose copies lie in the order in which they were asked for.
func (f *filling) close() *crossbar {
	slices.SortFunc(f.copies, func(a, b copyOf) int { return cmp.Compare(a.order, b.order) })
	return &crossbar{copies: f.copies, axons: slices.SortedFunc(maps.Keys(f.axons), compareLines)}
}

// describe makes the synapses of a core of the population at work; one whose neurons have no inputs has an axon that nobody sends to.
func (k *copier) describe(core *crossbar) {
	s := image.NewTyped(max(1, len(core.axons)), len(core.copies), k.types)
	at := map[line]int{}
	for a, l := range core.axons {
		at[l], s.Type[a] = a, int32(l.kind)
	}
	for n, c := range core.copies {
		copy(s.Weight[n*k.types:], k.basis[c.neuron].values)
		for _, l := range k.lines(c.neuron) {
			s.Connect(at[l], n)
		}
	}
	core.synapses = s
}

// image numbers the cores from the input on and gives them their places, from the output back.
func (k *copier) image() *image.Image {
	net := k.net
	img := &image.Image{Chip: k.profile.ID, Steps: net.Steps, Input: image.Input{Shape: net.Populations[0].Shape, Step: 1}}
	source := 0
	for i, p := range net.Populations {
		if c := p.Coding; c != nil {
			img.Input.Encoding, img.Input.Seed, img.Input.Parameter = c.Name, c.Seed, c.Parameter
			source = i
			img.Cores = append(img.Cores, k.empty(i, p.Size()))
		}
	}
	k.putCores()
	for i := range k.cores {
		for _, core := range k.cores[i] {
			core.index = len(img.Cores)
			img.Cores = append(img.Cores, k.crossbar(i, core))
		}
	}
	for _, core := range slices.Concat(k.cores...) {
		img.Cores[core.index].Routes = runs(core.copies, func(n int) int { return n })
	}
	if source > 0 {
		list := k.needed[source]
		img.Cores[0].Routes = runs(list, func(n int) int { return list[n].neuron })
	}
	img.Output = image.Output{Classes: net.Populations[net.Output()].Size(), Readout: net.Readout.Kind, Delay: net.Readout.Delay, SpikesOnly: net.Readout.SpikesOnly}
	for _, core := range k.cores[net.Output()] {
		img.Output.Cores = append(img.Output.Cores, core.index)
	}
	return img
}

// putCores chooses the places of all cores.
func (k *copier) putCores() {
	all := slices.Concat(k.cores...)
	most := len(all) + 1
	if k.profile.Capacity.Cores != nil {
		most = *k.profile.Capacity.Cores
	}
	m := newMesh(len(all), most)
	for _, core := range slices.Backward(all) {
		targets := map[[2]int]int{}
		for _, c := range core.copies {
			if c.core == nil {
				targets[m.corner()]++
			} else {
				targets[c.core.place]++
			}
		}
		core.place = m.put(targets)
	}
}

// crossbar returns a core of population i, without routes.
func (k *copier) crossbar(i int, core *crossbar) image.Core {
	c := k.empty(i, len(core.copies))
	c.Place, c.Synapses = &core.place, []image.Block{{Synapses: core.synapses}}
	channels := k.net.Populations[i].Shape[0]
	each := func(values []int32) []int32 {
		out := make([]int32, len(core.copies))
		for n, copied := range core.copies {
			out[n] = values[copied.neuron%channels%len(values)]
		}
		return out
	}
	for name, values := range c.Registers {
		c.Registers[name] = each(values)
	}
	if c.InitialV != nil {
		c.InitialV = each(c.InitialV)
	}
	if i == k.net.Output() {
		c.First = core.copies[0].neuron
		return c
	}
	for _, copied := range core.copies {
		c.Members = append(c.Members, int32(copied.neuron))
	}
	return c
}

// runs returns the routes of copies, in order; sender says which neuron of its core, or of the host, each is.
func runs(copies []copyOf, sender func(copied int) int) []image.Route {
	var out []image.Route
	for n, c := range copies {
		if c.core == nil {
			continue
		}
		from := sender(n)
		if k := len(out) - 1; k >= 0 && out[k].First+out[k].Count == from && out[k].Core == c.core.index && out[k].Axon+out[k].Count == c.axon {
			out[k].Count++
			continue
		}
		out = append(out, image.Route{First: from, Count: 1, Core: c.core.index, Axon: c.axon})
	}
	return out
}
