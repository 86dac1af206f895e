package report

import (
	"bytes"
	"strings"
	"testing"

	"spikec/internal/golden"
	"spikec/runtime/ladder"
)

// TestEnergyOfWalks: where events or spikes walk all neurons, energy is of other numbers than those beside it.
func TestEnergyOfWalks(t *testing.T) {
	nano, each := 2.0, 256.0
	l := &ladder.Ladder{Layers: []ladder.Layer{{Name: "relu", PerImage: ladder.Cost{Spikes: 3}}}}
	l.Layers[0].Energy.SNNNanojoule = &nano
	for want, set := range map[string]func(){
		"events, each of which walks":              func() { l.Passes, l.OneCore = &ladder.Passes{RowOperations: &each}, nil },
		"spikes that a layer sends, each of which": func() { l.Passes, l.OneCore = nil, &ladder.OneCore{Operations: 9} },
	} {
		set()
		var b bytes.Buffer
		if costs(&b, l); !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in %s", want, b.String())
		}
	}
}

// TestUse: what copies take, and what travels over a grid.
func TestUse(t *testing.T) {
	l := &ladder.Ladder{Target: "ranc", Options: ladder.Options{SpikesOnly: true}, Data: ladder.Data{N: 3}, PerImage: ladder.PerImage{Cost: ladder.Cost{LowerResets: 41.5}},
		Stages: []ladder.Stage{{Stage: ladder.Files, N: 3}}, Layers: []ladder.Layer{
			{Name: "input/spikes", Shape: [3]int{1, 4, 4}, Neurons: 16, Cores: []int{0}, Host: true},
			{Name: "relu", Shape: [3]int{6, 2, 2}, Neurons: 90, Cores: []int{1, 2}, Use: &ladder.Use{Copies: 66, Neurons: 90. / 512, Axons: 0.5, Bound: "axons"}}}}
	l.Resources.Traffic = &ladder.Traffic{Grid: &[2]int{2, 2}, N: 3, Packets: 1200, Hops: 1800, HostPackets: 77.5}
	ties := int64(1)
	l.Ties = &ties
	var b bytes.Buffer
	use(&b, l)
	cost(&b, l)
	latency(&b, l)
	golden.File(t, "use.txt", b.String())
}
