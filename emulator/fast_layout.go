package emulator

// layout says where the neurons of a core lie among its lanes. The channels of a position are filled up to whole words of
// laneUnit where a convolution adds to them position by position; the lanes in between belong to nobody and never fire.
type layout struct {
	first    int // the core's first neuron in the population
	channels int // of the population
	padded   int // lanes of one position
	base     int // the population's lane that is the core's lane 0; a multiple of laneUnit
	slots    int // the core's lanes, filled up to whole words of spikes
}

const (
	spikeBits = 64 // neurons that share a word of spikes
	laneUnit  = 4  // lanes of 16 bits in a word
)

// newLayout lays out neurons first..first+neurons-1 of a population; with align every position starts a new word.
func newLayout(first, neurons, channels int, align bool) layout {
	l := layout{first: first, channels: channels, padded: channels}
	if align {
		l.padded = (channels + laneUnit - 1) / laneUnit * laneUnit
	}
	l.base = l.slot(0) / laneUnit * laneUnit
	l.slots = (l.slot(neurons-1) + spikeBits) / spikeBits * spikeBits
	return l
}

// slot returns the lane of neuron n of the core.
func (l *layout) slot(n int) int {
	k := l.first + n
	return k/l.channels*l.padded + k%l.channels - l.base
}

// isDense reports whether neurons lie side by side, from lane 0 on.
func (l *layout) isDense() bool { return l.padded == l.channels && l.slot(0) == 0 }

// words returns how many words of spikes the core's lanes take.
func (l *layout) words() int { return l.slots / spikeBits }

// table returns the lane of every neuron.
func (l *layout) table(neurons int) []int32 {
	t := make([]int32, neurons)
	for n := range t {
		t[n] = int32(l.slot(n))
	}
	return t
}
