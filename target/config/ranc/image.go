package ranc

import (
	"reflect"

	"spikec/target/image"
)

// The cores of an image stand at their places of the grid. The output bus stands in the far corner, or where a core is there at the
// end of a row of its own. A neuron of an output core sends to the output of its class.
//
// The chip knows no windows: a neuron takes its leak from the first tick on. So its potential at the start is that of the image, less the
// leak of the ticks before its core's window opens; until then nothing else arrives. Behind the window it goes on, and what it sends
// arrives when the windows of its targets are over, too.

// ArchitectureOf returns the grid for the cores of an image that have places.
func ArchitectureOf(img *image.Image) Architecture {
	a := Architecture{Axons: mostSize, Neurons: mostSize, Bus: Bus{Outputs: img.Output.Classes}}
	taken := map[[2]int]bool{}
	for i := range img.Cores {
		if p := img.Cores[i].Place; p != nil {
			a.Grid = [2]int{max(a.Grid[0], p[0]+1), max(a.Grid[1], p[1]+1)}
			taken[*p] = true
		}
	}
	if a.Bus.At = [2]int{a.Grid[0] - 1, a.Grid[1] - 1}; taken[a.Bus.At] {
		a.Bus.At[1]++
		a.Grid[1]++
	}
	return a
}

// chipCores returns the cores of an image that are not the host's, and for every core of the image which of them it is.
func chipCores(img *image.Image) (cores []image.Core, index []int) {
	for i := range img.Cores {
		index = append(index, len(cores))
		if !img.Cores[i].Source {
			cores = append(cores, img.Cores[i])
		}
	}
	return cores, index
}

// FromImage returns the grid that holds an image, whose cores have places. Nothing is said of its host. What a grid cannot hold is
// reported at once, as a *diag.Failure.
func FromImage(img *image.Image) (*Network, error) {
	k := newChecker()
	cores, index := chipCores(img)
	l := &Layout{}
	for i := range cores {
		c := &cores[i]
		if c.Place == nil {
			k.Errorf(idPlace, c.Population, "core %d has no place on a grid", i)
			continue
		}
		c.InitialV = potentials(k, c)
		routes := c.Routes
		c.Routes = nil
		for _, r := range routes {
			r.Core = index[r.Core]
			c.Routes = append(c.Routes, r)
		}
		l.Places = append(l.Places, *c.Place)
	}
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	l.Cores = cores
	class := 0
	for _, i := range img.Output.Cores {
		for n := range img.Cores[i].Neurons {
			l.Outputs = append(l.Outputs, Output{Core: index[i], Neuron: n, Axon: class})
			class++
		}
	}
	return FromLayout(l, ArchitectureOf(img))
}

// potentials returns those of a core at the start, and reports neurons that would not wait for the window.
func potentials(k *checker, c *image.Core) []int32 {
	out := make([]int32, c.Neurons)
	for n := range out {
		v, leak := c.Channel(c.InitialV, n), c.Channel(c.Registers[regLeak], n)
		out[n] = v - int32(c.Start)*leak
		if c.Start == 0 || leak == 0 {
			continue
		}
		positive, negative := c.Channel(c.Registers[regPositive], n), c.Channel(c.Registers[regNegative], n)
		for _, u := range []int32{v, v - int32(c.Start-1)*leak} { // behind the last and the first of these ticks
			if u >= positive || u < negative {
				k.Errorf(idWaits, c.Population, "neuron %d: a leak of %d takes its potential to %d before its window opens at tick %d, and it would be reset; want %d..%d",
					c.Index(n), leak, u, c.Start, negative, positive-1)
				break
			}
		}
	}
	return out
}

// Image returns the image that a grid and what its host knows (image.Image.Host) stand for. A grid that holds anything that no image
// would have written is refused, as a *diag.Failure.
func (n *Network) Image(host *image.Image) (*image.Image, error) {
	k := newChecker()
	if len(n.Packets) > 0 {
		k.Errorf(idCores, "packets", "of %d ticks: the host sends its own", len(n.Packets))
	}
	cores, index := chipCores(host)
	places, indices := n.places(), map[[2]int]int{}
	for i := range host.Cores {
		if c := &host.Cores[i]; !c.Source && c.Place != nil {
			indices[*c.Place] = i
		}
	}
	if len(n.Cores) != len(cores) {
		k.Errorf(idCores, "cores", "%d of them, want %d", len(n.Cores), len(cores))
	}
	img := *host
	img.Cores = make([]image.Core, len(host.Cores))
	copy(img.Cores, host.Cores)
	layout := n.Layout()
	for i := range img.Cores {
		c := &img.Cores[i]
		if c.Source {
			continue
		}
		if c.Place == nil {
			k.Errorf(idPlace, c.Population, "core %d has no place on a grid", index[i])
			continue
		}
		at, ok := places[*c.Place]
		switch {
		case !ok:
			k.Errorf(idCores, c.Population, "there is no core at %v", *c.Place)
			continue
		case c.Neurons > n.Neurons || c.Axons() > n.Axons || c.Axons() < 1:
			k.Errorf(idCores, c.Population, "%d neurons and %d axons at %v, where a core has %d and %d", c.Neurons, c.Axons(), *c.Place, n.Neurons, n.Axons)
			continue
		}
		fill(c, &layout.Cores[at], func(core int) int { return indices[layout.Places[core]] })
	}
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	if err := img.Validate(); err != nil {
		k.Errorf(idCores, "cores", "%v", err)
		return nil, k.err()
	}
	again, err := FromImage(&img)
	if err != nil {
		return nil, err
	}
	if !again.sameAs(n) {
		k.Errorf(idCores, "cores", "neurons, axons or outputs beyond those of the network are not idle, or send elsewhere")
		return nil, k.err()
	}
	return &img, nil
}

// fill puts what a core of the grid holds into one of an image; number says which core of the image one of the layout is.
func fill(c *image.Core, from *image.Core, number func(core int) int) {
	axons := c.Axons()
	all := from.Synapses[0].Synapses.(*image.Typed)
	s := image.NewTyped(axons, c.Neurons, numTypes)
	copy(s.Type, all.Type)
	copy(s.Weight, all.Weight)
	for a := range axons {
		for j := range c.Neurons {
			if all.IsConnected(a, j) {
				s.Connect(a, j)
			}
		}
	}
	c.Synapses = []image.Block{{Synapses: s}}
	c.Registers = map[string][]int32{}
	for name, values := range from.Registers {
		c.Registers[name] = values[:c.Neurons:c.Neurons]
	}
	c.InitialV = make([]int32, c.Neurons)
	for j := range c.InitialV {
		c.InitialV[j] = from.InitialV[j] + int32(c.Start)*c.Registers[regLeak][j]
	}
	c.Routes = nil
	for _, r := range from.Routes {
		if r.First >= c.Neurons {
			continue
		}
		r.Core = number(r.Core)
		if k := len(c.Routes) - 1; k >= 0 && r.Delay == 0 {
			if last := &c.Routes[k]; last.First+last.Count == r.First && last.Core == r.Core && last.Axon+last.Count == r.Axon {
				last.Count++
				continue
			}
		}
		c.Routes = append(c.Routes, r)
	}
}

// sameAs reports whether two grids hold the same, whatever the order of their cores is.
func (n *Network) sameAs(m *Network) bool {
	if n.Architecture != m.Architecture || len(n.Cores) != len(m.Cores) {
		return false
	}
	places := m.places()
	for i := range n.Cores {
		k, ok := places[n.Cores[i].At]
		if !ok || !reflect.DeepEqual(n.Cores[i], m.Cores[k]) {
			return false
		}
	}
	return true
}
