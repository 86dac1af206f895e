package reckon

import (
	"fmt"
	"slices"

	"spikec/target/image"
)

// Layout is where the layers of an image lie: hidden ones one after the other from neuron 0 on, each from an even neuron on, as pairs
// share a threshold; inputs and outputs from 0 on.
type Layout struct {
	First           []int // by core of the image: its first neuron, input or output
	Hidden          int   // neurons of the hidden layers, the odd ones between them included
	Inputs, Outputs int
}

// NewLayout returns the layout of an image, of which it looks at what is not on the chip alone. Cores of the image that are sources
// are the inputs; the cores of its output are the outputs. What the chip has no room for is reported at once, as a
// *diag.Failure.
func NewLayout(img *image.Image) (*Layout, error) {
	l, k := &Layout{First: make([]int, len(img.Cores))}, newChecker()
	for i := range img.Cores {
		c, end := &img.Cores[i], &l.Hidden
		taken := image.Paired(c.Neurons)
		switch {
		case c.Source:
			end, taken = &l.Inputs, c.Neurons
		case slices.Contains(img.Output.Cores, i):
			end, taken = &l.Outputs, c.Neurons
		}
		if *end > 0 && end != &l.Hidden {
			k.Errorf(idCore, c.Population, "a second layer of inputs or outputs")
		}
		l.First[i] = *end
		*end = min(*end+taken, 1<<20)
	}
	for _, x := range []struct {
		what        string
		value, most int
	}{{"inputs", l.Inputs, Neurons}, {"neurons of hidden layers", l.Hidden, Neurons}, {"outputs", l.Outputs, Outputs}} {
		if x.value < 1 || x.value > x.most {
			k.Errorf(idCore, "image", "%d %s, want 1..%d", x.value, x.what, x.most)
		}
	}
	return l, k.err()
}

// layerOf returns a core of an image, and whether it is the output.
func layerOf(img *image.Image, core int) (c *image.Core, output bool) {
	return &img.Cores[core], slices.Contains(img.Output.Cores, core)
}

// memory returns the name of the memory of synapses from one layer to another; "" where the chip has none.
func memory(source, output bool) string {
	switch {
	case source && output:
		return ""
	case source:
		return memoryInput
	case output:
		return memoryOutput
	}
	return memoryRecurrent
}

// FromImage returns the chip that runs an image of the profile reckon, ready to run: a core of the image is a layer, and spikes go from
// layer to layer through the recurrent weights. The image's windows follow each other by one step, so that no layer sees
// spikes that the image does not bring it. What the chip cannot hold is reported at once, as a *diag.Failure.
func FromImage(img *image.Image) (*Chip, error) {
	l, err := NewLayout(img)
	if err != nil {
		return nil, err
	}
	k := newChecker()
	core := &image.Core{Population: "reckon", Shape: [3]int{l.Hidden, 1, 1}, Neurons: l.Hidden, InitialV: make([]int32, l.Hidden),
		Registers: map[string][]int32{regThreshold: make([]int32, l.Hidden), regAlpha: make([]int32, l.Hidden)},
		Routes:    []image.Route{{Count: l.Hidden, Axon: FirstRecurrent}}}
	matrices := map[string]*image.Dense{
		memoryInput:     {Inputs: Neurons, Neurons: Neurons, Weight: make([]int32, Neurons*Neurons)},
		memoryRecurrent: {Inputs: Neurons, Neurons: Neurons, Weight: make([]int32, Neurons*Neurons)},
		memoryOutput:    {Inputs: Neurons, Neurons: Outputs, Weight: make([]int32, Neurons*Outputs)},
	}
	for i := range img.Cores {
		c, output := layerOf(img, i)
		for _, r := range c.Routes {
			l.addWeights(k, img, i, r, matrices)
		}
		if c.Source {
			continue
		}
		for _, name := range append(shiftRegisters[:], regKappa, regReset) {
			v := core.Registers[name]
			switch own := c.Registers[name]; {
			case len(own) != 1:
				k.Errorf(idCore, c.Population, "register %s has %d values, want one", name, len(own))
			case v == nil:
				core.Registers[name] = own
			case v[0] != own[0]:
				k.Errorf(idCore, c.Population, "register %s is %d, and %d in other layers: the chip has one", name, own[0], v[0])
			}
		}
		if output {
			continue
		}
		for n := range image.Paired(c.Neurons) {
			at, from := l.First[i]+n, min(n, c.Neurons-1) // the last of an odd number shares its registers
			core.Registers[regThreshold][at] = c.Channel(c.Registers[regThreshold], from)
			core.Registers[regAlpha][at] = c.Channel(c.Registers[regAlpha], from)
			if n < c.Neurons {
				core.InitialV[at] = c.Channel(c.InitialV, n)
			}
		}
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	core.Synapses = []image.Block{{Name: memoryInput, Synapses: matrices[memoryInput]},
		{Name: memoryRecurrent, FirstAxon: FirstRecurrent, Synapses: matrices[memoryRecurrent]},
		{Name: memoryOutput, FirstAxon: FirstRecurrent, Synapses: matrices[memoryOutput]}}
	return FromCore(core, l.Inputs, l.Outputs)
}

// addWeights adds the weights that spikes of a route of core i meet.
func (l *Layout) addWeights(k *checker, img *image.Image, i int, r image.Route, matrices map[string]*image.Dense) {
	from, _ := layerOf(img, i)
	to, output := layerOf(img, r.Core)
	name := memory(from.Source, output)
	if to.Start != from.Start+1 {
		k.Errorf(idCore, to.Population, "its window opens at step %d, that of %s, which sends it spikes, at step %d: want one step between them", to.Start, from.Population, from.Start)
	}
	for _, b := range to.Synapses {
		for n := range r.Count {
			a := r.Axon + n - b.FirstAxon
			if a < 0 || a >= b.Synapses.Axons() {
				continue
			}
			if m := matrices[b.Name]; b.Name != name || m == nil {
				k.Errorf(idCore, to.Population, "spikes of %s in memory %q, want %q", from.Population, b.Name, name)
				return
			}
			row := matrices[name].Weight[(l.First[i]+r.First+n)*matrices[name].Neurons:]
			b.Synapses.Each(a, func(target int, w int32) { row[l.First[r.Core]+target] += w })
		}
	}
}

// Image returns the image that the chip runs, of which host is what is not on the chip; it is the reverse of FromImage. A layer has
// an axon for every neuron of each layer whose window opens in the step before. Everything on the chip that no such image has is
// reported at once, as a *diag.Failure: weights between other layers, neurons of no layer, settings of registers.
func (c *Chip) Image(host *image.Image) (*image.Image, error) {
	l, err := NewLayout(host)
	if err != nil {
		return nil, err
	}
	k := newChecker()
	img := *host
	img.Cores = slices.Clone(host.Cores)
	for i := range img.Cores {
		img.Cores[i].Routes = nil
		if !img.Cores[i].Source {
			c.layer(&img, l, i)
		}
	}
	for i := range img.Cores {
		if !img.Cores[i].Source {
			c.synapses(k, &img, host, l, i)
		}
	}
	for i := range img.Cores {
		if d := &host.Cores[i]; d.Source && !slices.Equal(d.Routes, img.Cores[i].Routes) {
			k.Errorf(idCore, d.Population, "spikes go to %v, want %v", d.Routes, img.Cores[i].Routes)
		}
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	again, err := FromImage(&img)
	if err != nil {
		return nil, err
	}
	c.compare(k, again)
	return &img, k.err()
}

// layer gives core i of an image its registers and membranes.
func (c *Chip) layer(img *image.Image, l *Layout, i int) {
	to, output := layerOf(img, i)
	to.Registers = map[string][]int32{regThreshold: {noSpike - 1}, regAlpha: {alphaHigh}, regKappa: {int32(c.Get(Kappa))}, regReset: {int32(c.Get(RstMode))}}
	for k, r := range []Register{ShiftInput, ShiftRecurrent, ShiftOutput} {
		to.Registers[shiftRegisters[k]] = []int32{int32(c.Get(r))}
	}
	if output {
		return
	}
	thresholds, alphas := make([]int32, to.Neurons), make([]int32, to.Neurons)
	to.InitialV = make([]int32, to.Neurons)
	for n := range to.Neurons {
		at := l.First[i] + n
		pair := c.Pair(at / 2)
		thresholds[n], alphas[n] = int32(pair.Threshold), int32(pair.Alpha)
		if c.Written[at/2] {
			to.InitialV[n] = int32(pair.U[at%2])
		}
	}
	to.Registers[regThreshold], to.Registers[regAlpha] = thresholds, alphas
}

// synapses gives core i of an image the weights from the layers whose windows open in the step before, and lets their spikes go
// there.
func (c *Chip) synapses(k *checker, img, host *image.Image, l *Layout, i int) {
	to, output := layerOf(img, i)
	to.Synapses = nil
	axons := 0
	for s := range i {
		from, _ := layerOf(img, s)
		name := memory(from.Source, output)
		if from.Start+1 != to.Start || slices.Contains(img.Output.Cores, s) || name == "" {
			continue
		}
		d := &image.Dense{Inputs: from.Neurons, Neurons: to.Neurons, Weight: make([]int32, from.Neurons*to.Neurons)}
		for a := range from.Neurons {
			for n := range to.Neurons {
				var w int8
				switch source, target := l.First[s]+a, l.First[i]+n; name {
				case memoryInput:
					w = c.Input[source][target]
				case memoryRecurrent:
					w = c.Recurrent[source][target]
				default:
					w = c.Output[source][target]
				}
				d.Weight[a*to.Neurons+n] = int32(w)
			}
		}
		to.Synapses = append(to.Synapses, image.Block{Name: name, FirstAxon: axons, Synapses: d})
		from.Routes = append(from.Routes, image.Route{Count: from.Neurons, Core: i, Axon: axons})
		axons += from.Neurons
	}
	if want := host.Cores[i].Axons(); axons != want {
		k.Errorf(idCore, to.Population, "%d axons, but %d neurons fire in the steps before its own", want, axons)
	}
}

// compare reports what c holds and the chip of an image does not.
func (c *Chip) compare(k *checker, want *Chip) {
	for i, r := range registers {
		if got, want := c.values[i], want.values[i]; got != want {
			k.Errorf(idSetting, "register "+r.name, "is %d; the network of the host's layers has %d", got, want)
		}
	}
	for p := range Pairs {
		if c.Memories.Neurons[p] != want.Memories.Neurons[p] || c.Written[p] != want.Written[p] {
			k.Errorf(idOther, fmt.Sprintf("neurons %d and %d", 2*p, 2*p+1), "hold what no layer of the host has there, or are not programmed")
		}
	}
	for i := range Neurons {
		for _, m := range []struct {
			name      string
			got, want []int8
		}{{memoryInput, c.Input[i][:], want.Input[i][:]}, {memoryRecurrent, c.Recurrent[i][:], want.Recurrent[i][:]}, {memoryOutput, c.Output[i][:], want.Output[i][:]}} {
			for j := range m.got {
				if m.got[j] != m.want[j] {
					k.Errorf(idOther, m.name, "a weight of %d from %d to %d, between which the host has no layers", m.got[j], i, j)
				}
			}
		}
	}
}

// SPIFile is the name of the file of words on the bus.
const SPIFile = "reckon.spi"

// Files returns all files of a chip: the words on its bus, and images of its memories.
func Files(c *Chip) map[string][]byte {
	files := EncodeMemories(&c.Memories)
	files[SPIFile] = EncodeSPI(c)
	return files
}

// FromFiles returns the chip that the words on the bus program; the images must hold the same. Everything that is wrong is a
// *diag.Failure.
func FromFiles(files map[string][]byte) (*Chip, error) {
	k := newChecker()
	words, ok := files[SPIFile]
	if !ok {
		k.Errorf(idFile, SPIFile, "is missing")
		return nil, k.err()
	}
	c, err := DecodeSPI(words)
	if err != nil {
		return nil, err
	}
	images := map[string][]byte{}
	for name, data := range files {
		if name != SPIFile {
			images[name] = data
		}
	}
	m, err := DecodeMemories(images)
	if err != nil {
		return nil, err
	}
	if *m != c.Memories {
		k.Errorf(idFile, SPIFile, "programs other memories than their images hold")
	}
	return c, k.err()
}
