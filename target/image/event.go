package image

// Event is one event that a host sends to a chip of serial events, in the words of profiles (package chip, for_each).
type Event struct {
	Name   string // chip.EventPre, …
	Target string // chip.TargetAll or chip.TargetOne
	Axon   int    // of EventPre: the axon that a spike arrives on
	Neuron int    // of TargetOne
	Weight int32  // of EventVirtual
}
