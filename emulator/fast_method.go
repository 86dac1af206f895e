package emulator

import "spikec/emulator/kernel"

// stepsAtOnce is how many steps a core takes at once: its weights and the state of the neurons in work then stay in the
// nearest cache.
const stepsAtOnce = 8

// method is how the spikes on some of a core's axons become sums at its neurons; it is shared by all sessions.
type method interface {
	// newState returns what one session needs; lists are its own while its core is at work.
	newState(s *fastSession, lists *eventLists) methodState
	// unit returns how many words of spikes belong together: stretches of lanes begin and end at multiples.
	unit() int
	// String says which method it is, and why.
	String() string
}

// methodState is a method at work in one session.
type methodState interface {
	// take takes in the spikes that arrive in steps t..t+n-1, n <= stepsAtOnce.
	take(t, n int)
	// add adds what arrives at the lanes of a stretch, in the steps that were taken in, to what its sums start with.
	add(x *sums)
	// operations returns the synaptic operations of steps from..to-1, which were the last to be taken in.
	operations(from, to int) int64
}

// sums are what arrives at a stretch of a core's lanes, those of words from..to-1 of spikes, in a block of steps: as
// lanes of 16 bits where the sums of every step fit, else as numbers of 32 bits.
type sums struct {
	from, to int
	t, steps int // steps t..t+steps-1
	stride   int // lanes from one step to the next
	narrow   []uint64
	wide     []int32
	// What the sums start with, for the method that comes next: the bias and drive of the neurons, the same at every
	// step, or what the methods before have added.
	initNarrow []uint64
	initWide   []int32
	initStride int
}

// newSums has room for stretches of so many words of spikes.
func newSums(words int, wide bool) *sums {
	x := &sums{stride: words*spikeBits + sumSlack}
	if wide {
		x.wide = make([]int32, stepsAtOnce*x.stride)
	} else {
		x.narrow = aligned(stepsAtOnce * x.stride / laneUnit)
	}
	return x
}

// sumSlack is how many lanes behind a stretch methods may write zeros to.
const sumSlack = 64

// set says that the sums hold what was added so far.
func (x *sums) set() {
	x.initNarrow, x.initWide, x.initStride = x.narrow, x.wide, x.stride
}

// fill sets the sums to what they start with, for methods that only add.
func (x *sums) fill() {
	if x.initStride != 0 {
		return
	}
	n := (x.to - x.from) * spikeBits
	for t := range x.steps {
		if x.wide != nil {
			copy(x.wide[t*x.stride:], x.initWide[:n])
		} else {
			copy(x.narrow[t*x.stride/laneUnit:], x.initNarrow[:n/laneUnit])
		}
	}
	x.set()
}

// clearFrom sets the sums of the lanes from one on to zero: lanes of nobody, which methods need not write.
func (x *sums) clearFrom(lane int) {
	n := (x.to - x.from) * spikeBits
	for t := range x.steps {
		for k := lane; k < n; k++ {
			if at := t*x.stride + k; x.wide != nil {
				x.wide[at] = 0
			} else {
				set16(x.narrow, at, 0)
			}
		}
	}
}

// lane adds v to a lane of the stretch, counted from its first, in a step.
func (x *sums) lane(step, lane int, v int32) {
	at := step*x.stride + lane
	if x.wide != nil {
		x.wide[at] += v
		return
	}
	x.narrow[at/laneUnit] = kernel.AddLane(x.narrow[at/laneUnit], at%laneUnit, int16(v))
}
