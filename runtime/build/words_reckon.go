package build

import (
	"fmt"

	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/config/reckon"
	"spikec/target/image"
)

func init() {
	registerWords("reckon-spi", words{
		write: func(img *image.Image, _ *chip.Profile) (map[string][]byte, diag.List, error) {
			c, err := reckon.FromImage(img)
			if err != nil {
				return nil, nil, err
			}
			return reckon.Files(c), nil, nil
		},
		read: func(files map[string][]byte, host *image.Image, _ *chip.Profile) (*image.Image, error) {
			c, err := reckon.FromFiles(files)
			if err != nil {
				return nil, err
			}
			return c.Image(host)
		},
		machine: func(files map[string][]byte, host *image.Image, p *chip.Profile) (machine, error) {
			c, err := reckon.FromFiles(files)
			if err != nil {
				return nil, err
			}
			return newReckonMachine(c, host, p)
		},
	})
}

// reckonMachine is a ReckOn as its words program it: one core whose spikes come back to it, with the pictures that the host sends.
// It runs on behind the window of a layer, as the chip does; what a layer does then reaches the next one behind its own window.
type reckonMachine struct {
	chip   *reckon.Chip
	layout *reckon.Layout
	host   *image.Image
	p      *chip.Profile
	player *encoder.Player
}

// newReckonMachine returns the machine that runs pictures of a host.
func newReckonMachine(c *reckon.Chip, host *image.Image, p *chip.Profile) (*reckonMachine, error) {
	l, err := reckon.NewLayout(host)
	if err != nil {
		return nil, err
	}
	coding, _ := host.Input.Coding()
	player, err := encoder.NewPlayer(coding)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return &reckonMachine{c, l, host, p, player}, nil
}

// Trace runs one picture. Step k of the chip is step k+1 of the image: the host sends the spikes of step k before tick k, and the
// image counts the step that they travel.
func (m *reckonMachine) Trace(codes []uint8, picture int, observe emulator.Observer) (*emulator.Result, error) {
	core, err := m.chip.Core() // initial membranes are programmed anew for every picture
	if err != nil {
		return nil, err
	}
	s, err := emulator.NewStepper([]image.Core{*core}, m.p)
	if err != nil {
		return nil, err
	}
	m.player.Begin(hwc(codes, m.host.Input.Shape), 0, picture)
	sent := make([]uint64, (len(codes)+encoder.WordBits-1)/encoder.WordBits)
	out := m.host.Output.Cores[0]
	for k := range m.host.Cores[out].Start + m.host.Steps - 1 {
		spikes := make([]int8, reckon.Neurons)
		if k < m.host.Steps {
			m.player.Play(sent, len(sent), 1)
			for i := range codes {
				if sent[i/encoder.WordBits]>>(i%encoder.WordBits)&1 == 1 {
					spikes[i] = 1
					if err := s.Send(0, i); err != nil {
						return nil, err
					}
				}
			}
		}
		if err := s.Step(); err != nil {
			return nil, err
		}
		m.show(s, k, spikes, observe)
	}
	return m.answer(s), nil
}

// show tells observe what the layers whose windows are open did in step k of the chip.
func (m *reckonMachine) show(s *emulator.Stepper, k int, sent []int8, observe emulator.Observer) {
	v, _ := s.Values(0, "v")
	o, _ := s.Values(0, "o")
	for i := range m.host.Cores {
		c, first := &m.host.Cores[i], m.layout.First[i]
		spikes, values, t := s.Spikes(0)[first:], v[first:], k+1-c.Start
		switch {
		case c.Source:
			spikes, values, t = sent, make([]int64, c.Neurons), k-c.Start
		case i == m.host.Output.Cores[0]:
			spikes, values = make([]int8, c.Neurons), o
		}
		if t < 0 || t >= m.host.Steps {
			continue
		}
		membranes := make([]int32, c.Neurons)
		for n := range membranes {
			membranes[n] = int32(values[n])
		}
		observe(i, t, spikes[:c.Neurons], membranes)
	}
}

// answer reads the bytes that the chip sends at the end of a picture: 16 bits an output, the lower byte first.
func (m *reckonMachine) answer(s *emulator.Stepper) *emulator.Result {
	n := m.host.Output.Classes
	r := &emulator.Result{Steps: []int{m.host.Steps}, Counts: [][]int32{make([]int32, n)}, Potentials: [][]int32{make([]int32, n)}}
	o, _ := s.Values(0, "o")
	bytes := m.chip.Answer().Send(o)
	for k := range r.Potentials[0] {
		r.Potentials[0][k] = int32(int16(uint16(bytes[2*k]) | uint16(bytes[2*k+1])<<8))
	}
	return r
}

// hwc returns the codes of a picture in H,W,C order.
func hwc(codes []uint8, shape [3]int) []uint8 {
	list := make([]uint8, len(codes))
	C, plane := shape[0], shape[1]*shape[2]
	for n := range list {
		list[n] = codes[n%C*plane+n/C]
	}
	return list
}
