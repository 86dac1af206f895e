package emulator

import (
	"math/bits"
)

// feed says what the spikes of one core do to the accumulators of another one.
type feed struct {
	source int
	delay  int // a spike of step t of the source's window arrives in step t+delay of this core's window
	plane  int // of the source's spikes
	// Lane s of the source reaches item[start[s]:start[s+1]]: groups of the memory, or where direct is set single
	// words of accumulators.
	start, item []int32
	direct      *direct
}

// direct lists single words, for memories whose axons reach only a few accumulators: adding these word by word costs
// less than counting, and looking through, all groups.
type direct struct {
	weight   []uint64 // an item
	synapses []int32  // a lane of the source: its synaptic operations
}

// directReach is how many words an axon may reach on average for its core to be fed directly.
const directReach = 4

// isDirect reports whether the memory's axons reach so few words that they are added one by one.
func (m *memory) isDirect() bool {
	total, axons := 0, len(m.axonStart)-1
	for a := range axons {
		if total += m.reach(a); total > directReach*axons {
			return false
		}
	}
	return true
}

// newFeed returns what the routes from a core to another one do.
func newFeed(e *fast, source, target, plane int, m *memory, isDirect bool) *feed {
	from, l := &e.img.Cores[source], &e.cores[source].layout
	f := &feed{source: source, delay: e.delay(source, target), plane: plane, start: make([]int32, l.slots+1)}
	axons := make([][]int32, from.Neurons)
	for _, r := range from.Routes {
		if r.Core != target {
			continue
		}
		for k := range r.Count {
			axons[r.First+k] = append(axons[r.First+k], int32(r.Axon+k))
		}
	}
	if isDirect {
		f.direct = &direct{synapses: make([]int32, l.slots)}
	}
	next := 0
	for n, list := range axons {
		slot := l.slot(n)
		for ; next <= slot; next++ {
			f.start[next] = int32(len(f.item))
		}
		for _, a := range list {
			f.add(int(a), slot, m)
		}
	}
	for ; next <= l.slots; next++ {
		f.start[next] = int32(len(f.item))
	}
	return f
}

// add appends what a spike on an axon does to the items of a lane.
func (f *feed) add(axon, slot int, m *memory) {
	if f.direct == nil {
		f.item = append(f.item, m.axonGroups(axon)...)
		return
	}
	for _, g := range m.axonGroups(axon) {
		f.direct.synapses[slot] += m.groups[g].synapses
		for _, r := range m.bundleRuns(g) {
			for j := range r.words {
				if w := m.weights[m.groups[g].base+r.weight+j]; w != 0 {
					f.item = append(f.item, r.acc+j)
					f.direct.weight = append(f.direct.weight, w)
				}
			}
		}
	}
}

// count counts the spikes of one step for the groups that they go to:
//
//	for s := range spikes { for _, g := range item[start[s]:start[s+1]] { counts[g]++ } }
func (f *feed) count(spikes []uint64, counts []uint16) {
	for i, w := range spikes {
		start := f.start[i*spikeBits : (i+1)*spikeBits+1]
		for ; w != 0; w &= w - 1 {
			k := bits.TrailingZeros64(w)
			for _, g := range f.item[start[k]:start[k+1]] {
				counts[g]++
			}
		}
	}
}

// addDirect adds the weights of the spikes of one step to the accumulators, and returns the synaptic operations.
func (f *feed) addDirect(spikes []uint64, acc []uint64) (operations int64) {
	d := f.direct
	for i, w := range spikes {
		start := f.start[i*spikeBits : (i+1)*spikeBits+1]
		for ; w != 0; w &= w - 1 {
			k := bits.TrailingZeros64(w)
			lo, hi := start[k], start[k+1]
			weight := d.weight[lo:hi]
			for j, a := range f.item[lo:hi] {
				acc[a] += weight[j]
			}
			operations += int64(d.synapses[i*spikeBits+k])
		}
	}
	return operations
}
