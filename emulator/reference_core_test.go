package emulator

import (
	"slices"
	"testing"

	"spikec/target/image"
)

// TestRefCoreRoom: a core's lists take room from those of later ones, and a core without lists has the same synapses.
func TestRefCoreRoom(t *testing.T) {
	c := &image.Core{Shape: [3]int{3, 1, 1}, Neurons: 3, Synapses: []image.Block{
		{Synapses: &image.Dense{Inputs: 2, Neurons: 3, Weight: []int32{1, 0, 2, 3, 4, 5}}}}}
	room := 6
	listed, other := newRefCore(c, &room), newRefCore(c, &room)
	if a, b := listed.memories[""].lists, other.memories[""].lists; a == nil || b != nil || room != 1 {
		t.Fatalf("lists %v and %v, room for %d more; want room for the first core's 5 alone", a, b, room)
	}
	var s coreState
	for axon := range 2 {
		if a, b := listed.synapsesOf("", axon, &s), other.synapsesOf("", axon, &s); !slices.Equal(a, b) {
			t.Errorf("axon %d: %v in a list, %v without", axon, a, b)
		}
	}
}
