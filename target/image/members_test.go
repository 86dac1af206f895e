package image

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/emulator/encoder"
)

// copied is the sample with the hidden layer on one core of chosen neurons: the first one twice, the fourth one not at all.
func copied() *Image {
	m := sample()
	c := &m.Cores[3]
	c.Members, c.Neurons, c.Place = []int32{5, 0, 0, 1, 2, 4}, 6, &[2]int{3, 7}
	c.Registers["thr"] = []int32{60, 10, 10, 20, 30, 50}
	m.Output.Readout, m.Output.SpikesOnly = Count, true
	return m
}

// TestMembers: an image of chosen neurons, places and a read-out by spikes alone is stored whole; registers of a channel go by the
// neuron of the population.
func TestMembers(t *testing.T) {
	m := copied()
	back, err := Decode(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, back); d != "" {
		t.Error(d)
	}
	c := &back.Cores[3]
	if c.Index(0) != 5 || c.Index(2) != 0 || back.Cores[1].Index(1) != 37 {
		t.Errorf("neurons %d, %d and %d, want 5, 0 and 37", c.Index(0), c.Index(2), back.Cores[1].Index(1))
	}
	c.Members, c.Neurons = c.Members[:2], 2
	if v := c.Channel([]int32{0, 1, 2, 3, 4, 5}, 0); v != 5 {
		t.Errorf("the register of channel 5 is %d", v)
	}
	if m.Difference(sample()) == "" || m.Difference(copied()) != "" {
		t.Error("images with and without members are told apart, or equal ones are")
	}
}

// TestMembersValidate: what would lead out of bounds, or says nothing clear, is refused.
func TestMembersValidate(t *testing.T) {
	if err := copied().Validate(); err != nil {
		t.Fatal(err)
	}
	for want, breakIt := range map[string]func(m *Image){
		"neuron 1 is number 6 of a population of 6":       func(m *Image) { m.Cores[3].Members[1] = 6 },
		"neuron 0 is number -1 of a population of 6":      func(m *Image) { m.Cores[3].Members[0] = -1 },
		"5 members for 6 neurons from 0 on":               func(m *Image) { m.Cores[3].Members = m.Cores[3].Members[:5] },
		"6 members for 6 neurons from 1 on":               func(m *Image) { m.Cores[3].First = 1 },
		"a convolution, which reaches stretches":          func(m *Image) { m.Cores[2].Members = []int32{0, 1, 2, 3, 4, 5, 6, 7} },
		"core 4 holds chosen neurons of a population: cl": func(m *Image) { m.Cores[4].Members = []int32{0, 1, 2} },
		"core 3 stands at column -1, row 7":               func(m *Image) { m.Cores[3].Place[0] = -1 },
		"core 3 stands at column 3, row 32768":            func(m *Image) { m.Cores[3].Place[1] = 32768 },
		"cores 1 and 3 both stand at column 3, row 7":     func(m *Image) { m.Cores[1].Place = m.Cores[3].Place },
		"read from membranes, which the host does not":    func(m *Image) { m.Output.Readout = Membrane },
	} {
		m := copied()
		breakIt(m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if err := Encode(&bytes.Buffer{}, m); err == nil {
			t.Errorf("%s: it is stored", want)
		}
	}
	m := copied()
	play(m, encoder.Coding{Name: "bernoulli"})
	m.Input.Drives = nil
	m.Cores[0].Members = make([]int32, m.Cores[0].Neurons)
	if err := m.Validate(); err == nil || !strings.Contains(err.Error(), "and none on the host") {
		t.Errorf("a source of members: %v", err)
	}
}

// TestSpikesOnly: a read-out that needs membranes is refused on a chip that shows none.
func TestSpikesOnly(t *testing.T) {
	p := *profile(t, "generic8")
	p.Readout.Potential = false
	m := sample()
	m.Output.Readout = Count
	if found, _ := Check(m, &p); !strings.Contains(fmt.Sprint(found), "membranes decide where spikes do not") {
		t.Error(found)
	}
	m.Output.SpikesOnly = true
	if found, _ := Check(m, &p); found.HasErrors() {
		t.Error(found)
	}
}
