package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/config/ranc"
)

func init() {
	register(chipCases{name: "ranc", about: "grids of RANC cores, recorded from the chip's RTL", find: findRANC})
}

// rancCase is a recorded grid, with the values of its memories, what its host sent before every tick and what left through the
// output bus in every tick.
type rancCase struct {
	Axons   int    `json:"axons"`
	Neurons int    `json:"neurons"`
	Grid    [2]int `json:"grid"`
	OutCore [2]int `json:"out_core"`
	Ticks   int    `json:"ticks"`
	Cores   []struct {
		Core     [2]int `json:"core"`
		AxonType []int  `json:"axon_type"`
		Neurons  []struct {
			Connections []int8   `json:"con"`
			Potential   int32    `json:"v"`
			Reset       int32    `json:"rst"`
			Weights     [4]int32 `json:"w"`
			Leak        int32    `json:"leak"`
			Positive    int32    `json:"pt"`
			Negative    int32    `json:"nt"`
			Mode        int      `json:"rm"` // 0 to the reset value, 1 linear
			DX          int      `json:"dx"`
			DY          int      `json:"dy"`
			Axon        int      `json:"ax"`
			Delay       int      `json:"tk"`
		} `json:"neurons"`
	} `json:"cores"`
	Packets [][]struct {
		Core  [2]int `json:"core"`
		Axon  int    `json:"axon"`
		Delay int    `json:"delay"`
	} `json:"packets"`
	Output [][]int `json:"expected_output_axons_per_tick"` // ascending
}

// mostRANCTicks bounds a case.
const mostRANCTicks = 1 << 16

// findRANC takes every ranc_*.json, and the one file that a path names.
func findRANC(f *Files) ([]Case, error) {
	return f.jsonCases("ranc_", func(ctx context.Context, data []byte) (string, error) {
		var c rancCase
		if err := json.Unmarshal(data, &c); err != nil {
			return "", err
		}
		n, err := c.network()
		if err != nil {
			return "", err
		}
		p, err := chip.Load("ranc")
		if err != nil {
			return "", err
		}
		if n, err = throughRANCFiles(n); err != nil {
			return "", err
		}
		return c.run(ctx, n, p)
	}), nil
}

// network returns the recorded grid. Its bus has as many outputs as a core has axons: recordings do not say.
func (c *rancCase) network() (*ranc.Network, error) {
	n := &ranc.Network{Architecture: ranc.Architecture{Grid: c.Grid, Axons: c.Axons, Neurons: c.Neurons, Bus: ranc.Bus{At: c.OutCore, Outputs: c.Axons}}}
	for i, core := range c.Cores {
		k := ranc.Core{At: core.Core}
		for a, t := range core.AxonType {
			if t < 0 || t > 3 {
				return nil, fmt.Errorf("core %d: axon %d is of type %d", i, a, t)
			}
			k.Types = append(k.Types, uint8(t))
		}
		for j, u := range core.Neurons {
			if u.Mode != 0 && u.Mode != 1 {
				return nil, fmt.Errorf("core %d, neuron %d: reset mode %d", i, j, u.Mode)
			}
			w := ranc.Neuron{Connected: make([]bool, len(u.Connections)), Potential: u.Potential, Reset: u.Reset, Weights: u.Weights, Leak: u.Leak, Positive: u.Positive,
				Negative: u.Negative, Linear: u.Mode == 1, Offset: [2]int{u.DX, u.DY}, Axon: u.Axon, Delay: u.Delay}
			for a, v := range u.Connections {
				w.Connected[a] = v != 0
			}
			k.Neurons = append(k.Neurons, w)
		}
		n.Cores = append(n.Cores, k)
	}
	for _, list := range c.Packets {
		var tick []ranc.Packet
		for _, p := range list {
			tick = append(tick, ranc.Packet{To: p.Core, Axon: p.Axon, Delay: p.Delay})
		}
		n.Packets = append(n.Packets, tick)
	}
	if c.Ticks < 0 || c.Ticks > mostRANCTicks || len(c.Output) != c.Ticks || len(n.Packets) > c.Ticks {
		return nil, fmt.Errorf("%d ticks, packets before %d and output of %d", c.Ticks, len(n.Packets), len(c.Output))
	}
	return n, n.Check()
}

// throughRANCFiles writes a network as the simulator's and as the RTL's files, and returns what comes back: the same from
// both, but for the order of the cores, which is that of their numbers in the RTL's files.
func throughRANCFiles(n *ranc.Network) (*ranc.Network, error) {
	files, err := ranc.EncodeJSON(n)
	if err != nil {
		return nil, err
	}
	fromJSON, err := ranc.DecodeJSON(files)
	if err != nil {
		return nil, err
	}
	if files, err = ranc.EncodeMemories(fromJSON); err != nil {
		return nil, err
	}
	fromMemories, err := ranc.DecodeMemories(files, fromJSON.Architecture)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(fromJSON.Cores, func(a, b ranc.Core) int { return (a.At[1]-b.At[1])*n.Grid[0] + a.At[0] - b.At[0] })
	if !reflect.DeepEqual(fromJSON, fromMemories) {
		return nil, errors.New("the simulator's and the RTL's files give different networks")
	}
	return fromMemories, nil
}

// run compares what leaves through the output bus in every tick.
func (c *rancCase) run(ctx context.Context, n *ranc.Network, p *chip.Profile) (string, error) {
	layout := n.Layout()
	s, err := emulator.NewStepper(layout.Cores, p)
	if err != nil {
		return "", err
	}
	places := map[[2]int]int{}
	for i, at := range layout.Places {
		places[at] = i
	}
	for t := range c.Ticks {
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
		if t < len(n.Packets) {
			for _, packet := range n.Packets[t] {
				if err := s.SendLater(places[packet.To], packet.Axon, packet.Delay); err != nil {
					return "", err
				}
			}
		}
		if err := s.Step(); err != nil {
			return "", err
		}
		var out []int
		for _, o := range layout.Outputs {
			if s.Spikes(o.Core)[o.Neuron] != 0 {
				out = append(out, o.Axon)
			}
		}
		slices.Sort(out)
		want := slices.Sorted(slices.Values(c.Output[t]))
		if !slices.Equal(out, want) {
			return fmt.Sprintf("tick %d: outputs %v, recorded %v", t, out, want), nil
		}
	}
	return "", nil
}
