package enginetest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"spikec/emulator/encoder"
	"spikec/target/chip"
	"spikec/target/image"
)

// RandomImage returns a small random network on one of the profiles, or of all profiles if none is given (Profiles):
// maps of random sizes and up to 200 channels, convolutions of every kind (pooled, strided, padded, dilated, grouped),
// matrices, tables and one-to-one connections, layers split over several cores at any neuron, further connections from
// earlier layers, axons that take several spikes in a step, windows that begin late, chips on which spikes travel for
// several steps, registers for a core, a channel or a neuron. Some networks have small weights, so that membranes seldom
// come to their limits; some have weights, biases and starts that drive them there; in some nearly every neuron fires.
func RandomImage(seed uint64, ids ...string) (*image.Image, *chip.Profile) {
	if len(ids) == 0 {
		ids = Profiles()
	}
	g := newGenerator(seed, ids...)
	return g.network(), g.profile
}

// network draws the layers.
func (g *generator) network() *image.Image {
	g.input()
	for range 1 + g.intn(3) {
		g.layer(g.shapeBehind(g.layers[len(g.layers)-1].shape))
	}
	g.layer([3]int{1 + g.intn(12), 1, 1})
	last := g.layers[len(g.layers)-1]
	g.img.Output = image.Output{Cores: last.cores, Classes: size(last.shape), Readout: image.Count}
	g.readout(&g.img.Output)
	return g.img
}

// readout draws how the answer is read, for half of the networks later than from the start or in every step.
func (g *generator) readout(o *image.Output) {
	if g.intn(2) == 0 {
		o.Delay = g.intn(g.img.Steps)
	}
	switch g.intn(4) {
	case 0:
		o.Readout = image.FirstSpike
	case 1:
		o.EarlyExit = image.ExitExact
	case 2:
		o.Readout = image.Membrane
	}
}

// RandomCodes returns a random picture for the image, part of it dark.
func RandomCodes(img *image.Image, seed uint64) []uint8 {
	r := rand.New(rand.NewPCG(seed, 2))
	codes := make([]uint8, size(img.Input.Shape))
	for i := range codes {
		if r.IntN(3) > 0 {
			codes[i] = uint8(r.IntN(256))
		}
	}
	return codes
}

// size returns the number of neurons of a map.
func size(shape [3]int) int { return shape[0] * shape[1] * shape[2] }

// generator builds one random image.
type generator struct {
	*rand.Rand
	profile *chip.Profile
	img     *image.Image
	layers  []population
	extreme bool // values that drive membranes to their limits
	light   bool // small weights, which seldom do
	heavy   bool // weights beyond those that the chip stores
	busy    bool // low thresholds, so that most neurons fire in most steps
}

// population is a layer of the network.
type population struct {
	shape [3]int
	cores []int
	start int
}

// newGenerator chooses one of the chips and the number of steps.
func newGenerator(seed uint64, chips ...string) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	id := chips[g.intn(len(chips))]
	p, err := Profile(id)
	if err != nil {
		panic("enginetest: profile of the program: " + err.Error())
	}
	if g.intn(4) == 0 {
		q := *p
		q.Execution.Latency = g.intn(4)
		p = &q
	}
	g.profile = p
	g.extreme, g.light, g.busy = g.intn(4) == 0, g.intn(2) == 0, g.intn(4) == 0
	g.heavy = g.intn(8) == 0
	g.img = &image.Image{Chip: id, Steps: 1 + g.intn([]int{10, 20, 40}[g.intn(3)])}
	return g
}

// intn returns a number in 0..n-1.
func (g *generator) intn(n int) int { return g.IntN(n) }

// between returns a number in lo..hi.
func (g *generator) between(lo, hi int32) int32 { return lo + int32(g.Int64N(int64(hi)-int64(lo)+1)) }

// shape returns the shape of a small map.
func (g *generator) shape() [3]int {
	if g.intn(5) == 0 {
		return [3]int{1 + g.intn(70), 1, 1}
	}
	return [3]int{1 + g.intn(9), 1 + g.intn(7), 1 + g.intn(7)}
}

// maxWeights is how many weights may join two layers, so that networks stay small.
const maxWeights = 1 << 14

// shapeBehind returns the shape of a map behind another one, now and then with many channels.
func (g *generator) shapeBehind(in [3]int) [3]int {
	s := g.shape()
	switch g.intn(8) {
	case 0:
		s = in
	case 1:
		s = [3]int{1 + g.intn(200), 1 + g.intn(3), 1 + g.intn(3)}
	}
	if size(in)*size(s) > maxWeights {
		s = [3]int{1 + g.intn(maxWeights/size(in)), 1, 1}
	}
	return s
}

// input adds the first layer: one neuron a code, a convolution that the host computes, or spikes that it plays.
func (g *generator) input() {
	in := g.shape()
	if g.intn(4) == 0 {
		g.sources(in)
		return
	}
	g.img.Input = image.Input{Shape: in, Step: 1, Encoding: "regular"}
	d := image.Drive{Register: g.profile.Registers.Bias, Synapses: &image.Identity{N: size(in)}}
	shape := in
	if g.intn(2) == 0 {
		g.img.Input.Encoding = "constant"
		d.Shift = uint(g.intn(8))
		shape = g.shape()
		d.Synapses = g.synapses(in, &shape, 0, -1)
		if c, ok := d.Synapses.(*image.Conv2d); ok && g.intn(4) == 0 {
			k := 6 * (1 + g.intn(2))
			for i := range c.Weight {
				c.Weight[i] <<= k
			}
			d.Shift += uint(k)
		}
	}
	g.addPopulation(shape, 0, 255)
	d.Cores = g.layers[0].cores
	g.img.Input.Drives = []image.Drive{d}
	if g.intn(4) == 0 { // a second current for the same register
		d.Synapses = g.dense(size(in), size(shape))
		g.img.Input.Drives = append(g.img.Input.Drives, d)
	}
}

// sources adds the host's spikes as the first layer.
func (g *generator) sources(in [3]int) {
	names := encoder.Names()
	c, _ := encoder.Default(names[g.intn(len(names))], g.Uint64())
	g.img.Input = image.Input{Shape: in, Step: 1, Encoding: c.Name, Seed: c.Seed, Parameter: c.Parameter}
	g.addPopulation(in, 0, 1)
	for _, k := range g.layers[0].cores {
		core := &g.img.Cores[k]
		core.Source, core.Registers, core.InitialV = true, nil, nil
	}
}

// layer adds a layer behind the last one, with connections from one or more of the layers before.
func (g *generator) layer(shape [3]int) {
	from := []int{len(g.layers) - 1}
	for len(from) < len(g.layers) && g.intn(4) == 0 {
		from = append(from, g.intn(len(g.layers)))
	}
	first := g.synapses(g.layers[from[0]].shape, &shape, 0, -1) // may adapt the shape
	fanIn := 1 + g.intn(30)
	start := 0
	for _, l := range from {
		start = max(start, g.layers[l].start+g.img.Arrival(g.layers[l].cores[0], g.profile))
	}
	switch g.intn(16) {
	case 0:
		start += g.intn(g.img.Steps + 2) // it misses some of the spikes, or all
	case 1:
		start++
	}
	g.addPopulation(shape, start, fanIn*int(g.profile.Weight.Max))
	for i, l := range from {
		g.connect(l, len(g.layers)-1, first)
		if i == 0 {
			first = nil
		}
	}
}

// connect joins two layers. Synapses are made for every core of the target, with the same parameters as whole, which
// is for the whole target, if it is given.
func (g *generator) connect(from, to int, whole image.Synapses) {
	source, target := g.layers[from], g.layers[to]
	for _, k := range target.cores {
		c := &g.img.Cores[k]
		axon := c.Axons() + g.intn(3)
		s := g.part(whole, c.First, c.Neurons)
		if s == nil {
			shape := target.shape
			s = g.listed(source.shape, &shape, c.First, c.Neurons)
		}
		c.Synapses = append(c.Synapses, image.Block{FirstAxon: axon, Synapses: s})
		for _, j := range source.cores {
			if from != to-1 && g.intn(20) == 0 {
				continue // nothing arrives
			}
			src := &g.img.Cores[j]
			cut := g.intn(src.Neurons + 1) // two routes, of which one may be empty
			src.Routes = append(src.Routes, image.Route{Count: cut, Core: k, Axon: axon + src.First},
				image.Route{First: cut, Count: src.Neurons - cut, Core: k, Axon: axon + src.First + cut})
			if g.intn(30) == 0 { // a second spike on some axons
				src.Routes = append(src.Routes, image.Route{Count: cut, Core: k, Axon: axon + src.First})
			}
		}
	}
}

// part restricts a convolution to neurons first..first+n-1; of other kinds there is no part.
func (g *generator) part(s image.Synapses, first, n int) image.Synapses {
	if c, ok := s.(*image.Conv2d); ok {
		p := *c
		p.First, p.Neurons = first, n
		return &p
	}
	return nil
}

// addPopulation adds the cores of a layer whose neurons receive up to most in a step.
func (g *generator) addPopulation(shape [3]int, start, most int) {
	n := size(shape)
	cuts := []int{0, n}
	for range g.intn(3) {
		cut := g.intn(n)
		if g.intn(2) == 0 {
			cut -= cut % shape[0] // between positions
		}
		cuts = append(cuts, cut)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	l := population{shape: shape, start: start}
	for i, first := range cuts[:len(cuts)-1] {
		c := image.Core{Population: "p" + string(rune('0'+len(g.layers))), Shape: shape, First: first, Neurons: cuts[i+1] - first, Start: start}
		g.registers(&c, most)
		l.cores = append(l.cores, len(g.img.Cores))
		g.img.Cores = append(g.img.Cores, c)
	}
	g.layers = append(g.layers, l)
}

// registers sets the registers of a core whose neurons receive up to most in a step.
func (g *generator) registers(c *image.Core, most int) {
	g.neurons(c, most)
	if g.busy {
		c.Registers[g.profile.Registers.Threshold] = g.values(c, 1, 3)
		c.Registers[g.profile.Registers.Bias] = g.values(c, 0, 9)
	}
}

// neurons sets the registers that the profile's neurons have.
func (g *generator) neurons(c *image.Core, most int) {
	if draw := styleRegisters[g.profile.ID]; draw != nil {
		draw(g, c, int32(min(most, 30000)))
		return
	}
	g.loihi(c)
	onLoihi := strings.HasPrefix(g.profile.ID, "loihi")
	if g.profile.ID == "loihi1-nengo" {
		g.nengo(c)
	}
	if !onLoihi {
		c.Registers = map[string][]int32{
			g.profile.Registers.Threshold: g.values(c, 1, int32(max(2, min(most, 32767)))),
			g.profile.Registers.Bias:      g.values(c, -int32(min(most/4, 9000))-1, int32(min(most/4, 9000))),
		}
		if g.intn(2) == 0 {
			c.Registers["reset"] = []int32{int32(g.intn(2))}
		}
		if g.intn(6) == 0 {
			delete(c.Registers, g.profile.Registers.Bias)
		}
		c.InitialV = g.values(c, -200, 300)
	}
	if g.extreme && g.intn(2) == 0 {
		c.Registers[g.profile.Registers.Threshold] = []int32{g.profile.Threshold.Max}
	}
	if g.extreme && !onLoihi {
		c.Registers[g.profile.Registers.Bias], c.InitialV = g.values(c, -32768, 32767), g.values(c, -32768, 32767)
	}
	for i, v := range c.InitialV {
		c.InitialV[i] = max(v, int32(max(g.profile.State.V.Min, math.MinInt32)))
	}
	if g.intn(3) == 0 {
		c.InitialV = nil
	}
}

// loihi sets the registers of an integrate-and-fire neuron on Loihi.
func (g *generator) loihi(c *image.Core) {
	weightExp := int32(g.intn(2))
	if g.extreme {
		weightExp = int32(g.intn(8))
	}
	c.Registers = map[string][]int32{
		"du": {4095}, "dv": {0}, "weight_exp": {weightExp}, "bias_exp": {int32(g.intn(8))},
		"vth": g.values(c, 1, 3000), "bias_mant": g.values(c, -1000, 1000),
	}
	if g.extreme {
		c.Registers["bias_mant"] = g.values(c, -4095, 4095)
	}
}

// nengo sets what the whole arithmetic of nengo-loihi has beside that: memory of currents and membranes, bounds, rest.
func (g *generator) nengo(c *image.Core) {
	c.Registers["du"], c.Registers["dv"] = g.values(c, 0, 4095), g.values(c, 0, 4095)
	c.Registers["vmin"], c.Registers["vmax"] = g.values(c, -8388607, 0), g.values(c, 8191, 8388607)
	c.Registers["refract_delay"] = g.values(c, 1, 5)
}

// values returns random numbers: one, one a channel or one a neuron.
func (g *generator) values(c *image.Core, lo, hi int32) []int32 {
	v := make([]int32, []int{1, c.Shape[0], c.Neurons}[g.intn(3)])
	for i := range v {
		v[i] = g.between(lo, hi)
	}
	return v
}
