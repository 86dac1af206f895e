package emulator

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// bounds returns limits of the sum of a step over all neurons of a core with these synapses, if axon a receives up to
// times(a) spikes.
func bounds(blocks []image.Block, neurons int, times func(axon int) int64) (interval, error) {
	var all interval
	for _, b := range blocks {
		most := int64(0)
		for a := range b.Synapses.Axons() {
			most = max(most, times(b.FirstAxon+a))
		}
		if most == 0 {
			continue
		}
		var r interval
		switch s := b.Synapses.(type) {
		case *image.Conv2d:
			r.lo, r.hi = boundsConv2d(s, most)
		default:
			r.lo, r.hi = boundsListed(s, neurons, most)
		}
		if all = all.plus(r); !all.within(interval{-magnitude, magnitude}) {
			return all, errors.New("the sums of a step may be too large")
		}
	}
	return all, nil
}

// lanesFor returns the number of lanes of a word in which a sum fits.
func lanesFor(sum interval) int {
	switch {
	case sum.within(interval{-1 << 15, 1<<15 - 1}):
		return 4
	case sum.within(interval{-1 << 31, 1<<31 - 1}):
		return 2
	default:
		return 1
	}
}

// arrange lays out neurons for blocks of synapses.
func arrange(blocks []image.Block, first, neurons, channels int) layout {
	align := slices.ContainsFunc(blocks, func(b image.Block) bool {
		c, ok := b.Synapses.(*image.Conv2d)
		return ok && isWhole(c, first, neurons, channels)
	})
	return newLayout(first, neurons, channels, align)
}

// lanesIn returns up to so many lanes a word: fewer where a core with the layout begins or ends within a word of a
// position that a convolution fills.
func (l *layout) lanesIn(neurons, lanes int) int {
	for l.padded%laneUnit == 0 && (l.first%l.channels%lanes != 0 || (l.first+neurons)%l.channels%lanes != 0) {
		lanes /= 2
	}
	return lanes
}

// isWhole reports whether a convolution describes the population and the part of it that the core holds.
func isWhole(c *image.Conv2d, first, neurons, channels int) bool {
	return c.First == first && c.Neurons == neurons && c.Out[0] == channels
}

// compileSynapses compiles blocks of synapses to a memory of the layout, whose words hold so many lanes.
func compileSynapses(blocks []image.Block, l layout, lanes, first, neurons, axons int) (*memory, error) {
	b := &memoryBuilder{layout: l, lanes: lanes, axons: axons}
	for i, block := range blocks {
		b.block = int32(i)
		var err error
		switch s := block.Synapses.(type) {
		case *image.Conv2d:
			if isWhole(s, first, neurons, l.channels) {
				err = b.compileConv2d(s, block.FirstAxon)
			} else {
				err = b.compileListed(s, block.FirstAxon)
			}
		case *image.Dense:
			err = b.compileDense(s, block.FirstAxon)
		case *image.Table:
			err = b.compileTable(s, block.FirstAxon)
		case *image.Identity:
			err = b.compileIdentity(s, block.FirstAxon)
		default:
			err = b.compileListed(s, block.FirstAxon)
		}
		if err != nil {
			return nil, fmt.Errorf("synapses of kind %s: %w", block.Synapses.Kind(), err)
		}
	}
	return b.finish(), nil
}

// countUpTo prepares the memory for counting, if axon a receives up to times(a) spikes in a step; it fails where a
// group may receive more than it can count.
func (m *memory) countUpTo(times func(axon int) int64) error {
	counts, most := make([]int64, len(m.groups)), int64(0)
	for a := range len(m.axonStart) - 1 {
		for _, g := range m.axonGroups(a) {
			counts[g] += times(a)
			most = max(most, counts[g])
		}
	}
	if most > maxCount {
		return fmt.Errorf("%d spikes may arrive for the same synapses in one step: want at most %d", most, maxCount)
	}
	if digits := bits.Len64(uint64(most)); digits <= kernel.Planes {
		m.planes = digits
	}
	return nil
}
