package image

import "testing"

// Worked out by hand from bits_per_axon: 64·ceil((n·(8 + index) + 10) / 64) a block of up to 64 synapses.
func TestLoihiBits(t *testing.T) {
	p := profile(t, "loihi1")
	row := func(targets ...int32) *Table {
		return &Table{Row: []int32{0}, Base: []int32{0}, RowStart: []int32{0, int32(len(targets))}, Target: targets, Weight: make([]int32, len(targets))}
	}
	ascending := func(n int) []int32 {
		v := make([]int32, n)
		for i := range v {
			v[i] = int32(i)
		}
		return v
	}
	two := row(0, 1)
	two.Row, two.Base = []int32{0, 0}, []int32{0, 5}
	for name, c := range map[string]struct {
		s    Synapses
		want int
	}{
		"no synapses":                           {row(), 0},
		"one synapse, 18 bits":                  {row(7), 64},
		"six dense, 58 bits":                    {row(0, 1, 2, 3, 4, 5), 64},
		"seven dense, 66 bits":                  {row(0, 1, 2, 3, 4, 5, 6), 128},
		"two far apart with 7 index bits, 40":   {row(0, 100), 64},
		"two with 12 index bits, 50":            {row(0, 4000), 64},
		"four with 6 index bits, 66":            {row(0, 20, 40, 63), 128},
		"three of a span of six, 58 dense":      {row(0, 2, 5), 64},
		"64 dense, 522 bits":                    {row(ascending(64)...), 576},
		"65 dense, 522 and 18":                  {row(ascending(65)...), 640},
		"the same neuron twice, 6 index bits?":  {row(3, 3), 64},
		"descending: 7 with 6 index bits, 108":  {row(6, 5, 4, 3, 2, 1, 0), 128},
		"two axons share a row":                 {two, 64},
		"dense: two rows of one, zero left out": {&Dense{Inputs: 3, Neurons: 2, Weight: []int32{1, 0, 0, 2, 0, 0}}, 128},
		"identity: a row each":                  {&Identity{N: 3}, 192},
	} {
		if got := SynapseBits(&Core{Synapses: []Block{{Synapses: c.s}}}, p); got != c.want {
			t.Errorf("%s: %d bits, want %d", name, got, c.want)
		}
	}
	derived := *p
	derived.ID, derived.Lineage = "mine", []string{"loihi1"}
	core := &Core{Synapses: []Block{{Synapses: row(7)}}}
	if got := SynapseBits(core, &derived); got != 64 {
		t.Errorf("a derived profile: %d bits", got)
	}
	if got := SynapseBits(core, profile(t, "generic4")); got != 4 {
		t.Errorf("generic4: %d bits, want one weight of 4", got)
	}
}
