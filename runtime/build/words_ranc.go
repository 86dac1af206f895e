package build

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/config/ranc"
	"spikec/target/image"
)

// RANC is programmed with the memories of its RTL, or the network of its simulator: two spellings of one grid.
func init() {
	registerWords("ranc-mem", words{
		write: func(img *image.Image, _ *chip.Profile) (map[string][]byte, diag.List, error) {
			return writeRANC(img, ranc.EncodeMemories)
		},
		read: func(files map[string][]byte, host *image.Image, _ *chip.Profile) (*image.Image, error) {
			n, err := ranc.DecodeMemories(files, ranc.ArchitectureOf(host))
			if err != nil {
				return nil, err
			}
			return n.Image(host)
		},
		machine: newRANCMachine,
	})
	registerWords("ranc-json", words{
		write: func(img *image.Image, _ *chip.Profile) (map[string][]byte, diag.List, error) {
			return writeRANC(img, ranc.EncodeJSON)
		},
		read: func(files map[string][]byte, host *image.Image, _ *chip.Profile) (*image.Image, error) {
			n, err := ranc.DecodeJSON(files)
			if err != nil {
				return nil, err
			}
			return n.Image(host)
		},
	})
}

// writeRANC writes the grid of an image in one of the spellings.
func writeRANC(img *image.Image, encode func(*ranc.Network) (map[string][]byte, error)) (map[string][]byte, diag.List, error) {
	n, err := ranc.FromImage(img)
	if err != nil {
		return nil, nil, err
	}
	files, err := encode(n)
	return files, nil, err
}

// rancMachine is a grid as `spikec verify ranc` runs it. It runs from the first tick on and knows no windows; its host sends packets
// and counts what comes out of the output bus while the window of the output cores is open.
type rancMachine struct {
	layout  *ranc.Layout
	profile *chip.Profile
	host    *image.Image
	at      []int // core of the host's image → core of the layout
}

// newRANCMachine reads the memories, through the simulator's spelling: both must say the same.
func newRANCMachine(files map[string][]byte, host *image.Image, p *chip.Profile) (machine, error) {
	n, err := ranc.DecodeMemories(files, ranc.ArchitectureOf(host))
	if err != nil {
		return nil, err
	}
	spelled, err := ranc.EncodeJSON(n)
	if err != nil {
		return nil, err
	}
	again, err := ranc.DecodeJSON(spelled)
	if err != nil {
		return nil, err
	}
	n.Packets, again.Packets = nil, nil
	if !reflect.DeepEqual(n, again) {
		return nil, errors.New("build: the simulator's and the RTL's files give different grids")
	}
	m := &rancMachine{layout: again.Layout(), profile: p, host: host}
	for i := range host.Cores {
		c, k := &host.Cores[i], -1
		if c.Place != nil {
			k = slices.Index(m.layout.Places, *c.Place)
		}
		if m.at = append(m.at, k); k < 0 != c.Source {
			return nil, fmt.Errorf("build: there is no core at the place of core %d of %s", i, c.Population)
		}
	}
	return m, nil
}

// Trace presents a picture.
func (m *rancMachine) Trace(codes []uint8, picture int, observe emulator.Observer) (*emulator.Result, error) {
	s, err := emulator.NewStepper(m.layout.Cores, m.profile)
	if err != nil {
		return nil, err
	}
	trains, err := m.play(codes, picture)
	if err != nil {
		return nil, err
	}
	out := &m.host.Output
	r := &emulator.Result{Steps: []int{m.host.Steps}, Counts: [][]int32{make([]int32, out.Classes)}, Potentials: [][]int32{make([]int32, out.Classes)}}
	for tick := range m.host.Duration(m.profile) {
		if err := s.Step(); err != nil {
			return nil, err
		}
		for i := range m.host.Cores {
			if t := tick - m.host.Cores[i].Start; t >= 0 && t < m.host.Steps {
				if err := m.show(s, i, t, trains[i], observe); err != nil {
					return nil, err
				}
			}
		}
		m.read(s, tick, r)
	}
	return r, nil
}

// play returns the trains of the host's cores: step by step, a number a neuron.
func (m *rancMachine) play(codes []uint8, picture int) ([][][]int8, error) {
	in := &m.host.Input
	trains := make([][][]int8, len(m.host.Cores))
	for i := range m.host.Cores {
		c := &m.host.Cores[i]
		if !c.Source {
			continue
		}
		coding, _ := in.Coding()
		player, err := encoder.NewPlayer(coding)
		if err != nil {
			return nil, err
		}
		own, plane := make([]uint8, c.Neurons), in.Shape[1]*in.Shape[2]
		for n := range own {
			k := c.Index(n)
			own[n] = codes[k%in.Shape[0]*plane+k/in.Shape[0]]
		}
		player.Begin(own, c.First, picture)
		stride := (c.Neurons + encoder.WordBits - 1) / encoder.WordBits
		words := make([]uint64, stride)
		for range m.host.Steps {
			player.Play(words, stride, 1)
			spikes := make([]int8, c.Neurons)
			for n := range spikes {
				spikes[n] = int8(words[n/encoder.WordBits] >> (n % encoder.WordBits) & 1)
			}
			trains[i] = append(trains[i], spikes)
		}
	}
	return trains, nil
}

// show shows step t of the window of core i. Of a core of the host, it sends the spikes as packets, which act in the next tick.
func (m *rancMachine) show(s *emulator.Stepper, i, t int, train [][]int8, observe emulator.Observer) error {
	c := &m.host.Cores[i]
	if !c.Source {
		observe(i, t, s.Spikes(m.at[i])[:c.Neurons], m.potentials(s, i))
		return nil
	}
	for _, r := range c.Routes {
		for k := range r.Count {
			if train[t][r.First+k] == 0 {
				continue
			}
			if err := s.Send(m.at[r.Core], r.Axon+k); err != nil {
				return err
			}
		}
	}
	observe(i, t, train[t], nil)
	return nil
}

// potentials returns those of the neurons of a core.
func (m *rancMachine) potentials(s *emulator.Stepper, i int) []int32 {
	all, _ := s.Values(m.at[i], "v")
	v := make([]int32, m.host.Cores[i].Neurons)
	for n := range v {
		v[n] = int32(all[n])
	}
	return v
}

// read counts the packets at the output bus in a tick, and takes the potentials of the output cores where it is the last one.
func (m *rancMachine) read(s *emulator.Stepper, tick int, r *emulator.Result) {
	first := 0
	for _, i := range m.host.Output.Cores {
		c := &m.host.Cores[i]
		t := tick - c.Start
		for _, o := range m.layout.Outputs {
			if o.Core == m.at[i] && t >= 0 && t < m.host.Steps && s.Spikes(o.Core)[o.Neuron] != 0 {
				r.Counts[0][o.Axon]++
			}
		}
		if t == m.host.Steps-1 {
			copy(r.Potentials[0][first:], m.potentials(s, i))
		}
		first += c.Neurons
	}
}
