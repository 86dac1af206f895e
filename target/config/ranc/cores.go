package ranc

import (
	"fmt"

	"spikec/target/image"
)

// Registers of a core, as the profile ranc names them; reset chooses between the modes subtract (0) and value (2).
const (
	regPositive   = "pos"
	regNegative   = "neg"
	regLeak       = "leak"
	regReset      = "reset"
	regResetValue = "reset_value"

	resetSubtract = 0
	resetToValue  = 2
)

// Output is a neuron that sends to the output bus.
type Output struct {
	Core, Neuron int
	Axon, Delay  int // of the bus, which ignores the delay
}

// Layout is a network as cores of an image, which may send to each other in any direction and with delays, and where they
// stand on the grid.
type Layout struct {
	Cores   []image.Core
	Places  [][2]int // of the cores
	Outputs []Output // ascending by core and neuron
}

// Layout returns the cores of a network that Check passes.
func (n *Network) Layout() *Layout {
	l := &Layout{}
	places := n.places()
	for i := range n.Cores {
		c := &n.Cores[i]
		core := image.Core{Population: fmt.Sprintf("core %d,%d", c.At[0], c.At[1]), Shape: [3]int{n.Neurons, 1, 1}, Neurons: n.Neurons,
			Registers: map[string][]int32{}, InitialV: make([]int32, n.Neurons)}
		for _, name := range []string{regPositive, regNegative, regLeak, regReset, regResetValue} {
			core.Registers[name] = make([]int32, n.Neurons)
		}
		synapses := image.NewTyped(n.Axons, n.Neurons, numTypes)
		for a, t := range c.Types {
			synapses.Type[a] = int32(t)
		}
		for j := range c.Neurons {
			u, r := &c.Neurons[j], core.Registers
			r[regPositive][j], r[regNegative][j], r[regLeak][j], r[regResetValue][j] = u.Positive, u.Negative, u.Leak, u.Reset
			if r[regReset][j] = resetToValue; u.Linear {
				r[regReset][j] = resetSubtract
			}
			core.InitialV[j] = u.Potential
			copy(synapses.Weight[j*numTypes:], u.Weights[:])
			for a, connected := range u.Connected {
				if connected {
					synapses.Connect(a, j)
				}
			}
			if to, ok := places[c.target(u)]; ok {
				core.Routes = append(core.Routes, image.Route{First: j, Count: 1, Core: to, Axon: u.Axon, Delay: u.Delay})
			} else {
				l.Outputs = append(l.Outputs, Output{i, j, u.Axon, u.Delay})
			}
		}
		core.Synapses = []image.Block{{Synapses: synapses}}
		l.Cores, l.Places = append(l.Cores, core), append(l.Places, c.At)
	}
	return l
}

// FromLayout returns the network of cores, on a grid of the given sizes. A core has one crossbar of typed axons; its axons
// and neurons may be fewer than the grid's, whose others are not connected and never fire. Every neuron sends to one axon, or
// to one output. The cores keep the bounds of image.Core. What a grid cannot hold is reported at once, as a *diag.Failure.
func FromLayout(l *Layout, a Architecture) (*Network, error) {
	k := newChecker()
	n := &Network{Architecture: a}
	if a.check(k); len(k.Found) > 0 {
		return nil, k.err()
	}
	if len(l.Places) != len(l.Cores) {
		k.Errorf(idCores, "layout", "%d places for %d cores", len(l.Places), len(l.Cores))
		return nil, k.err()
	}
	for i := range l.Cores {
		n.Cores = append(n.Cores, n.fromCore(k, i, &l.Cores[i], l.Places))
	}
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	targets := make([][]int, len(l.Cores)) // core → neuron → how often it sends
	for i := range l.Cores {
		targets[i] = make([]int, len(n.Cores[i].Neurons))
		for _, r := range l.Cores[i].Routes {
			for j := r.First; j < r.First+r.Count; j++ {
				targets[i][j]++
			}
		}
	}
	for _, o := range l.Outputs {
		if o.Core < 0 || o.Core >= len(n.Cores) || o.Neuron < 0 || o.Neuron >= l.Cores[o.Core].Neurons {
			k.Errorf(idCores, "outputs", "neuron %d of core %d, which there is not", o.Neuron, o.Core)
			continue
		}
		c := &n.Cores[o.Core]
		u := &c.Neurons[o.Neuron]
		u.Offset, u.Axon, u.Delay = [2]int{a.Bus.At[0] - c.At[0], a.Bus.At[1] - c.At[1]}, o.Axon, o.Delay
		targets[o.Core][o.Neuron]++
	}
	for i := range targets {
		for j, count := range targets[i] {
			if j < l.Cores[i].Neurons && count != 1 {
				k.Errorf(idCores, fmt.Sprintf("core %d, neuron %d", i, j), "sends to %d places, want one", count)
			}
		}
	}
	if len(k.Found) > 0 {
		return nil, k.err()
	}
	if err := n.Check(); err != nil {
		return nil, err
	}
	return n, nil
}

// fromCore returns core i, whose spikes do not go to the bus yet.
func (n *Network) fromCore(k *checker, i int, core *image.Core, places [][2]int) Core {
	subject := fmt.Sprintf("core %d", i)
	c := Core{At: places[i], Types: make([]uint8, n.Axons), Neurons: make([]Neuron, n.Neurons)}
	for j := range c.Neurons {
		c.Neurons[j] = Neuron{Connected: make([]bool, n.Axons), Positive: valueMax, Negative: valueMin}
	}
	var synapses *image.Typed
	if len(core.Synapses) == 1 && core.Synapses[0].FirstAxon == 0 {
		synapses, _ = core.Synapses[0].Synapses.(*image.Typed)
	}
	switch {
	case synapses == nil:
		k.Errorf(idCores, subject, "has other synapses than one crossbar of typed axons")
		return c
	case synapses.Types > numTypes || synapses.Neurons > core.Neurons || synapses.Axons() > n.Axons || core.Neurons > n.Neurons:
		k.Errorf(idCores, subject, "has %d types, %d axons and %d neurons, want at most %d, %d and %d", synapses.Types, synapses.Axons(), core.Neurons, numTypes, n.Axons, n.Neurons)
		return c
	}
	for a, t := range synapses.Type {
		c.Types[a] = uint8(t)
	}
	for j := range core.Neurons {
		u := &c.Neurons[j]
		value := func(name string) int32 { return core.Channel(core.Registers[name], j) }
		u.Positive, u.Negative, u.Leak, u.Reset = value(regPositive), value(regNegative), value(regLeak), value(regResetValue)
		u.Potential = core.Channel(core.InitialV, j)
		switch mode := value(regReset); mode {
		case resetSubtract, resetToValue:
			u.Linear = mode == resetSubtract
		default:
			k.Errorf(idCores, fmt.Sprintf("core %d, neuron %d", i, j), "resets by mode %d, want %d or %d", mode, resetSubtract, resetToValue)
		}
		if j >= synapses.Neurons {
			continue
		}
		copy(u.Weights[:], synapses.Weight[j*synapses.Types:(j+1)*synapses.Types])
		for a := range synapses.Axons() {
			u.Connected[a] = synapses.IsConnected(a, j)
		}
	}
	for _, r := range core.Routes {
		if r.First < 0 || r.Count < 0 || r.Count > core.Neurons-r.First || r.Core < 0 || r.Core >= len(places) {
			k.Errorf(idCores, subject, "has a route %+v out of its bounds", r)
			continue
		}
		for j := range r.Count {
			u := &c.Neurons[r.First+j]
			u.Offset, u.Axon, u.Delay = [2]int{places[r.Core][0] - c.At[0], places[r.Core][1] - c.At[1]}, r.Axon+j, r.Delay
		}
	}
	return c
}
