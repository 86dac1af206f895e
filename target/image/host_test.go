package image

import (
	"bytes"
	"strings"
	"testing"
)

// TestHost: what is not on the chip is an image, of which nothing more can be taken away.
func TestHost(t *testing.T) {
	m := sample()
	h := m.Host()
	var b bytes.Buffer
	if err := Encode(&b, h); err != nil {
		t.Fatal(err)
	}
	back, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if d := back.Difference(back.Host()); d != "" {
		t.Error(d)
	}
	for i := range h.Cores {
		c, d := &h.Cores[i], &m.Cores[i]
		if c.Axons() != d.Axons() || c.Neurons != d.Neurons || c.Registers != nil || c.InitialV != nil || c.Routes != nil {
			t.Errorf("core %d: %+v", i, c)
		}
	}
	if m.Cores[0].Registers == nil || m.Cores[2].Synapses[0].Synapses.Kind() != "conv2d" {
		t.Error("the image itself was changed")
	}
	if d := m.Difference(h); !strings.Contains(d, "core 0 (conv1): registers") {
		t.Errorf("image and host: %q", d)
	}
}

// TestDifference changes images in everything that an image has.
func TestDifference(t *testing.T) {
	if d := sample().Difference(sample()); d != "" {
		t.Errorf("an image differs from itself: %s", d)
	}
	matrix := &Dense{Inputs: 8, Neurons: 6, Weight: make([]int32, 48)}
	table := sample().Cores[3].Synapses[0].Synapses
	for a := range table.Axons() {
		table.Each(a, func(n int, w int32) { matrix.Weight[a*6+n] += w })
	}
	same := sample()
	same.Cores[3].Synapses[0].Synapses = matrix
	same.Cores[2].Registers["thr"] = []int32{7000, 7000, 7000, 7000}
	same.Cores[2].InitialV = []int32{0}
	if d := sample().Difference(same); d != "" {
		t.Errorf("an image in other words differs: %s", d)
	}
	for want, change := range map[string]func(m *Image){
		"what the host does":                                        func(m *Image) { m.Steps++ },
		"or what the host does differs":                             func(m *Image) { m.Input.Drives[0].Shift++ },
		"other cores or axons":                                      func(m *Image) { m.Cores[4].Synapses[1].FirstAxon++ },
		"core 2 (conv2): register thr: neuron 0 has 7000 and 7001":  func(m *Image) { m.Cores[2].Registers["thr"][0]++ },
		"core 1 (conv1): registers [bias reset thr] and [bias thr]": func(m *Image) { delete(m.Cores[1].Registers, "reset") },
		"initial membranes: neuron 1 has 100 and 101":               func(m *Image) { m.Cores[0].InitialV[1]++ },
		"core 2 (conv2): routes":                                    func(m *Image) { m.Cores[2].Routes[1].Axon-- },
		"axon 0: weight 5 to neuron 0 and weight 6 to neuron 0":     func(m *Image) { m.Cores[3].Synapses[0].Synapses.(*Table).Weight[0]++ },
		"axon 0: weight -127 to neuron 2 and no further synapse":    func(m *Image) { m.Cores[3].Synapses[0].Synapses.(*Table).Weight[1] = 0 },
		"no cores": func(m *Image) { m.Cores = nil },
	} {
		m := sample()
		change(m)
		if d := sample().Difference(m); !strings.Contains(d, want) {
			t.Errorf("got %q, want %q", d, want)
		}
	}
}
