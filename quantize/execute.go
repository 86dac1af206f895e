package quantize

import (
	"spikec/emulator/kernel"
	"spikec/models/snn"
	"spikec/quantize/fixedpoint"
)

// Simulator runs an integer network without cores: the stage "fixed". It is immutable and may be shared; every
// goroutine makes its own Loop.
type Simulator struct {
	net      *Network
	synapses []*snn.Synapses[int32]
	rows     []*orderedRows // in their place, where the format has an order
}

// NewSimulator prepares net, no sum of which may leave 32 bits (Format.SumMax).
func NewSimulator(net *Network) (*Simulator, error) {
	s := &Simulator{net: net}
	for i, p := range net.Projections {
		if net.Format.Order != BySum {
			r, err := newOrderedRows(net.Geometry(i), p.Weight)
			if err != nil {
				return nil, err
			}
			s.rows = append(s.rows, r)
			continue
		}
		w, err := snn.NewSynapses(net.Geometry(i), p.Weight, p.Source == 0, net.Firing)
		if err != nil {
			return nil, err
		}
		s.synapses = append(s.synapses, w)
	}
	return s, nil
}

// NewLoop returns a loop with fresh neurons. Membranes are in the chip's own units: weight units << Format.Shift.
func (s *Simulator) NewLoop() Loop {
	if s.rows != nil {
		return newOrdered(s.net, s.rows)
	}
	t := snn.Topology{Firing: s.net.Firing}
	neurons := make([]snn.Neurons[int32], len(s.net.Populations))
	for i := range s.net.Populations {
		p := &s.net.Populations[i]
		t.Shapes, t.Codings = append(t.Shapes, p.Shape), append(t.Codings, p.Coding)
		if p.Neuron != snn.Input && p.Neuron != snn.Source {
			neurons[i] = newNeurons(s.net, i)
		}
	}
	for _, p := range s.net.Projections {
		t.Ends = append(t.Ends, [2]int{p.Source, p.Target})
	}
	return snn.NewLoop(t, s.net.Readout.Checkpoints(s.net.Steps, s.net.Firing), s.synapses, neurons, kernel.AddScaled)
}

// shiftDrive is (sum + 2^(shift−1)) >> shift: to the nearest integer, halves upwards.
func shiftDrive(sum int64, shift uint) int64 {
	if shift == 0 {
		return sum
	}
	return fixedpoint.Asr(sum+fixedpoint.ShiftLeft(1, shift-1), shift)
}
