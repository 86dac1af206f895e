package build

import (
	"fmt"
	"math"
	"math/bits"

	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/config/odin"
	"spikec/target/image"
)

func init() {
	registerWords("tinyodin-spi", odinWords(odin.TinyODIN))
	registerWords("odin-spi", odinWords(odin.ODIN))
}

// odinWords are the files of networks on tinyODIN or ODIN, see odin.Passes.
func odinWords(c *odin.Chip) words {
	return words{
		write: func(img *image.Image, _ *chip.Profile) (map[string][]byte, diag.List, error) {
			files, err := odin.WritePasses(c, img)
			return files, nil, err
		},
		read: func(files map[string][]byte, host *image.Image, _ *chip.Profile) (*image.Image, error) {
			p, err := odin.ReadPasses(c, files, host)
			if err != nil {
				return nil, err
			}
			return p.Image(host)
		},
		machine: func(files map[string][]byte, host *image.Image, p *chip.Profile) (machine, error) {
			passes, err := odin.ReadPasses(c, files, host)
			if err != nil {
				return nil, err
			}
			return &serialMachine{passes, host, p}, nil
		},
	}
}

// serialMachine is the one chip, and the host that programs it for pass after pass and replays what came out of the passes
// before: in every step the spikes of one source after the other, of each in the order in which they came, the next one when
// the chip is idle again. Neurons and rows are all that the chip has.
type serialMachine struct {
	passes  *odin.Passes
	host    *image.Image
	profile *chip.Profile
}

// Trace presents one picture.
func (m *serialMachine) Trace(codes []uint8, picture int, observe emulator.Observer) (*emulator.Result, error) {
	r := &emulator.Result{Steps: []int{m.host.Steps}, Counts: [][]int32{make([]int32, m.host.Output.Classes)}, Potentials: [][]int32{make([]int32, m.host.Output.Classes)}}
	trains := make([][][]int, len(m.host.Cores)) // core, step: neurons in the order of their spikes
	routes := make([][]image.Route, len(m.host.Cores))
	for i := range m.host.Cores {
		routes[i] = m.host.Cores[i].Routes
	}
	for i, k := range m.passes.Cores {
		routes[k] = m.passes.Replay[i]
	}
	pass := 0
	for i := range m.host.Cores {
		if m.host.Cores[i].Source {
			if err := m.play(i, codes, picture, trains, observe); err != nil {
				return nil, err
			}
			continue
		}
		whole, err := m.passes.Memories[pass].Core()
		if err != nil {
			return nil, err
		}
		if err := m.run(i, whole, trains, routes, observe, r); err != nil {
			return nil, err
		}
		pass++
	}
	return r, nil
}

// play is what the host sends of a picture.
func (m *serialMachine) play(core int, codes []uint8, picture int, trains [][][]int, observe emulator.Observer) error {
	coding, ok := m.host.Input.Coding()
	if !ok {
		return fmt.Errorf("build: encoding %s plays no spikes", m.host.Input.Encoding)
	}
	player, err := encoder.NewPlayer(coding)
	if err != nil {
		return err
	}
	s := m.host.Input.Shape
	hwc := make([]uint8, len(codes))
	for n := range hwc {
		hwc[n] = codes[n%s[0]*s[1]*s[2]+n/s[0]]
	}
	player.Begin(hwc, 0, picture)
	words := make([]uint64, (len(hwc)+encoder.WordBits-1)/encoder.WordBits)
	for t := range m.host.Steps {
		player.Play(words, len(words), 1)
		var fired []int
		for k, w := range words {
			for ; w != 0; w &= w - 1 {
				fired = append(fired, k*encoder.WordBits+bits.TrailingZeros64(w))
			}
		}
		trains[core] = append(trains[core], fired)
		observe(core, t, counted(fired, len(hwc)), make([]int32, len(hwc)))
	}
	return nil
}

// run programs the chip for a core and sends it the spikes of all steps.
func (m *serialMachine) run(core int, whole image.Core, trains [][][]int, routes [][]image.Route, observe emulator.Observer, r *emulator.Result) error {
	s, err := emulator.NewSerial(whole, m.profile)
	if err != nil {
		return err
	}
	size, first := m.host.Cores[core].Neurons, m.firstClass(core)
	for t := range m.host.Steps {
		for source := range core {
			for _, n := range trains[source][t] {
				for _, route := range routes[source] {
					if route.Core != core || n < route.First || n >= route.First+route.Count {
						continue
					}
					if err := s.Send(image.Event{Name: chip.EventPre, Target: chip.TargetAll, Axon: route.Axon + n - route.First}); err != nil {
						return err
					}
					if err := s.Wait(); err != nil {
						return err
					}
				}
			}
		}
		fired := s.Outputs()
		for _, n := range fired {
			if n >= size {
				return fmt.Errorf("build: neuron %d of the chip fired, of a layer of %d", n, size)
			}
			if first >= 0 {
				r.Counts[0][first+n]++
			}
		}
		trains[core] = append(trains[core], fired)
		values, _ := s.Values("v")
		membranes := make([]int32, size)
		for n := range membranes {
			membranes[n] = int32(values[n])
		}
		observe(core, t, counted(fired, size), membranes)
		if first >= 0 {
			copy(r.Potentials[0][first:], membranes)
		}
	}
	return nil
}

// firstClass returns the class that is a core's first neuron, or −1 where it is none of the output's.
func (m *serialMachine) firstClass(core int) int {
	class := 0
	for _, k := range m.host.Output.Cores {
		if k == core {
			return class
		}
		class += m.host.Cores[k].Neurons
	}
	return -1
}

// counted returns how often each neuron fired, up to 127 times.
func counted(fired []int, size int) []int8 {
	spikes := make([]int8, size)
	for _, n := range fired {
		if spikes[n] < math.MaxInt8 {
			spikes[n]++
		}
	}
	return spikes
}
