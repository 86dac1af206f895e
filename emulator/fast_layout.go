package emulator

// layout says where the neurons of a core lie among its lanes. The channels of a position are filled up to whole
// words where a convolution adds them word by word; the lanes in between belong to nobody and never change.
type layout struct {
	first    int // the core's first neuron in the population
	channels int // of the population
	padded   int // lanes of one position
	base     int // the population's lane that is the core's lane 0; a multiple of lanes
	slots    int // the core's lanes, filled up to whole words of spikes
	lanes    int // lanes of a word
}

// spikeBits is how many neurons share a word of spikes.
const spikeBits = 64

// newLayout lays out neurons first..first+neurons-1 of a population; with align every position starts a new word.
func newLayout(first, neurons, channels, lanes int, align bool) layout {
	l := layout{first: first, channels: channels, padded: channels, lanes: lanes}
	if align {
		l.padded = (channels + lanes - 1) / lanes * lanes
	}
	l.base = l.slot(0) / lanes * lanes
	l.slots = (l.slot(neurons-1) + spikeBits) / spikeBits * spikeBits
	return l
}

// slot returns the lane of neuron n of the core.
func (l *layout) slot(n int) int {
	k := l.first + n
	return k/l.channels*l.padded + k%l.channels - l.base
}

// words returns how many words the core's lanes take.
func (l *layout) words() int { return l.slots / l.lanes }

// table returns the lane of every neuron.
func (l *layout) table(neurons int) []int32 {
	t := make([]int32, neurons)
	for n := range t {
		t[n] = int32(l.slot(n))
	}
	return t
}
