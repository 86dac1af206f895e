package emulator

import (
	"unsafe"
)

// neuronPlan is how the neurons of a core are computed; it is shared by all sessions.
type neuronPlan interface {
	// newNeurons returns the state of the neurons for one session.
	newNeurons(s *fastSession) neurons
	// unit is as that of a method.
	unit() int
	// String says which method it is.
	String() string
}

// neurons is the state of the neurons of one core.
type neurons interface {
	// start sets the state to the start of a picture. drives hold, for every register that drives are added to, what is
	// added for each neuron of the core.
	start(drives map[string][]int32)
	// begin says what the sums of a stretch start with before any spike arrives.
	begin(x *sums)
	// step adds the sums of a stretch to the membranes, step by step, and writes the spikes of the stretch: a bit a
	// lane, stride words from one step to the next.
	step(x *sums, spikes []uint64, stride int)
	// constant is step for the next steps of a whole core where nothing arrives.
	constant(spikes []uint64, stride, steps int)
	// membranes copies the membranes of the core's neurons.
	membranes(dst []int32)
	// saturated returns how often a membrane was limited since the start.
	saturated() int64
}

// stagedNeurons are the neurons of windows of two stages.
type stagedNeurons interface {
	neurons
	// enter begins the second stage: constant is from then on for its steps.
	enter()
}

// cacheLine is what the memory of kernels is aligned to, in bytes.
const cacheLine = 64

// aligned returns n words that begin with a cache line.
func aligned(n int) []uint64 {
	w := make([]uint64, n+cacheLine/8)
	k := (cacheLine - int(uintptr(unsafe.Pointer(&w[0]))%cacheLine)) % cacheLine / 8
	return w[k : k+n : k+n]
}

// alignedBytes returns n bytes that begin with a cache line.
func alignedBytes(n int) []uint8 {
	b := make([]uint8, n+cacheLine)
	k := (cacheLine - int(uintptr(unsafe.Pointer(&b[0]))%cacheLine)) % cacheLine
	return b[k : k+n : k+n]
}
