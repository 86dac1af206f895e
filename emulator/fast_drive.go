package emulator

import (
	"spikec/emulator/kernel"
	"spikec/target/image"
)

// fastDrive computes a drive with the same memories as spikes: a code is a count.
type fastDrive struct {
	host    *driveHost
	memory  *memory // nil: the host's plain loop is used
	slots   []int32 // neuron of the population → lane
	layout  layout
	lanes   int      // of a word
	current interval // of all neurons
}

// newFastDrive compiles a drive.
func newFastDrive(img *image.Image, d *image.Drive) (*fastDrive, error) {
	f := &fastDrive{host: newDriveHost(img, d)}
	channels := img.Cores[d.Cores[0]].Shape[0]
	blocks := []image.Block{{Synapses: d.Synapses}}
	code := func(int) int64 { return 255 }
	sum, err := bounds(blocks, f.host.size, code)
	if err != nil {
		return nil, err
	}
	f.current = interval{roundShift(sum.lo, d.Shift), roundShift(sum.hi, d.Shift)}
	f.layout = arrange(blocks, 0, f.host.size, channels)
	f.lanes = f.layout.lanesIn(f.host.size, lanesFor(sum))
	f.slots = f.layout.table(f.host.size)
	m, err := compileSynapses(blocks, f.layout, f.lanes, 0, f.host.size, d.Synapses.Axons())
	if err != nil {
		return nil, err
	}
	if m.countUpTo(code) == nil {
		f.memory = m
	}
	return f, nil
}

// driveState is what one session needs for a drive.
type driveState struct {
	current []int64 // neuron of the population → current of the picture
	acc     []uint64
	sums    []int64
	counts  []uint16
	lists   *rowLists
}

// newState allocates for one session.
func (f *fastDrive) newState() *driveState {
	s := &driveState{current: make([]int64, f.host.size)}
	if f.memory == nil {
		return s
	}
	s.acc, s.sums = make([]uint64, f.layout.slots/f.lanes), make([]int64, f.layout.slots)
	s.counts, s.lists = make([]uint16, len(f.memory.groups)), newRowLists(f.memory)
	for i := range s.acc {
		s.acc[i] = kernel.Offset(f.lanes)
	}
	return s
}

// compute writes the currents of the picture to the state.
func (f *fastDrive) compute(codes []uint8, s *driveState) {
	if f.memory == nil {
		f.host.compute(codes, s.current)
		return
	}
	C, plane := f.host.shape[0], f.host.shape[1]*f.host.shape[2]
	for c := range C {
		for i, x := range codes[c*plane : (c+1)*plane] {
			if x == 0 {
				continue
			}
			for _, g := range f.memory.axonGroups(i*C + c) {
				s.counts[g] += uint16(x)
			}
		}
	}
	f.memory.addCounts(s.acc, s.counts, s.lists)
	kernel.Unpack(s.sums, s.acc, f.lanes, 0)
	for n, slot := range f.slots {
		s.current[n] = roundShift(s.sums[slot], f.host.drive.Shift)
	}
}

// roundShift returns (x + 2^(k−1)) >> k, or x if k is 0.
func roundShift(x int64, k uint) int64 {
	if k == 0 {
		return x
	}
	return (x + 1<<(k-1)) >> k
}
