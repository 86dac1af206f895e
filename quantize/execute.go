package quantize

import (
	"spikec/models/snn"
	"spikec/quantize/fixedpoint"
)

// Simulator runs an integer network without cores: the stage "fixed". It is immutable and may be shared; every
// goroutine makes its own Loop.
type Simulator struct {
	net      *Network
	lanes    []int // by population: currents that share a number
	scatters []*snn.Scatter[uint64]
}

// NewSimulator prepares net.
func NewSimulator(net *Network) (*Simulator, error) {
	s := &Simulator{net: net}
	for i := range net.Populations {
		s.lanes = append(s.lanes, net.lanesOf(i))
	}
	for i, p := range net.Projections {
		lanes := s.lanes[p.Target]
		shape := net.Geometry(i)
		shape.Out[0] /= lanes
		sc, err := snn.NewScatter(shape, pack(p.Weight, len(p.Weight)/net.Populations[p.Target].Shape[0], lanes))
		if err != nil {
			return nil, err
		}
		s.scatters = append(s.scatters, sc)
	}
	return s, nil
}

// NewLoop returns a loop with fresh neurons. Membranes are in the chip's own units: weight units << Format.Shift.
func (s *Simulator) NewLoop() *snn.Loop[uint64, int32] {
	var t snn.Topology
	neurons := make([]snn.Neurons[uint64, int32], len(s.net.Populations))
	for i := range s.net.Populations {
		p := &s.net.Populations[i]
		t.Sizes = append(t.Sizes, p.Size())
		t.Currents = append(t.Currents, p.Size()/s.lanes[i])
		if p.Neuron != snn.Input {
			neurons[i] = newNeurons(p, s.net, s.lanes[i])
		}
	}
	for _, p := range s.net.Projections {
		t.Ends = append(t.Ends, [2]int{p.Source, p.Target})
	}
	return snn.NewLoop(t, s.net.Steps, s.scatters, neurons, addScaled)
}

// addScaled is: for i := range w { acc[i] += k * w[i] }
func addScaled(acc, w []uint64, k uint64) {
	acc = acc[:len(w)]
	for i, x := range w {
		acc[i] += k * x
	}
}

// neurons are integer integrate-and-fire neurons.
type neurons struct {
	p       *Population
	format  Format
	zero    bool
	lanes   int
	input   []int64 // what every step adds: bias and drive, in the membrane's units
	current []int32
	v       []int32
}

func newNeurons(p *Population, net *Network, lanes int) *neurons {
	return &neurons{p: p, format: net.Format, zero: net.Reset == snn.Zero, lanes: lanes,
		input: make([]int64, p.Size()), current: make([]int32, p.Size()), v: make([]int32, p.Size())}
}

// Begin presets the membranes and rounds the drive.
func (n *neurons) Begin(drive []uint64) {
	c := n.p.Shape[0]
	if drive != nil {
		unpack(n.current, drive, n.lanes)
	}
	for i := range n.v {
		n.v[i] = n.p.Initial[i%c] << n.format.Shift
		in := int64(n.p.Bias[i%c])
		if drive != nil {
			in += shiftDrive(int64(n.current[i]), n.p.DriveShift)
		}
		n.input[i] = in << n.format.Shift
	}
}

// shiftDrive is (sum + 2^(shift−1)) >> shift: to the nearest integer, halves upwards.
func shiftDrive(sum int64, shift uint) int64 {
	if shift == 0 {
		return sum
	}
	return fixedpoint.Asr(sum+fixedpoint.ShiftLeft(1, shift-1), shift)
}

// Step is: v = clamp(v + (current << shift) + input); if v >= threshold { fire; v -= threshold or v = 0 }
func (n *neurons) Step(current []uint64, fired []int32) []int32 {
	unpack(n.current, current, n.lanes)
	f := &n.format
	c := n.p.Shape[0]
	ch := 0
	for i := range n.v {
		v := int64(n.v[i]) + int64(n.current[i])<<f.Shift + n.input[i]
		v = min(max(v, f.VMin), f.VMax)
		if th := int64(n.p.Threshold[ch]) << f.Shift; v >= th {
			fired = append(fired, int32(i))
			if v -= th; n.zero {
				v = 0
			}
		}
		n.v[i] = int32(v)
		if ch++; ch == c {
			ch = 0
		}
	}
	return fired
}

// Membranes returns the membranes.
func (n *neurons) Membranes() []int32 { return n.v }
