package reckon

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/diag/diagtest"
	"spikec/target/image"
)

// network is an image of 5 inputs, hidden layers of 3 and 4 neurons and 2 outputs, with random weights. Windows follow each other.
func network() *image.Image {
	r := rand.New(rand.NewPCG(8, 1))
	matrix := func(in, out int) *image.Dense {
		d := &image.Dense{Inputs: in, Neurons: out, Weight: make([]int32, in*out)}
		for i := range d.Weight {
			d.Weight[i] = int32(r.IntN(256) - 128)
		}
		return d
	}
	core := func(name string, n, start int, memory string, in int, thr int32) image.Core {
		return image.Core{Population: name, Shape: [3]int{n, 1, 1}, Neurons: n, Start: start, Synapses: []image.Block{{Name: memory, Synapses: matrix(in, n)}},
			Registers: map[string][]int32{"thr": {thr}, "alpha": {0x8000}, "kappa": {0x80}, "reset": {0}, "s_inp": {0}, "s_rec": {0}, "s_out": {0}}}
	}
	m := &image.Image{Chip: "reckon", Steps: 6, Input: image.Input{Shape: [3]int{1, 1, 5}, Step: 1, Encoding: "sigma-delta"},
		Cores: []image.Core{{Population: "input", Shape: [3]int{1, 1, 5}, Neurons: 5, Source: true}, core("fc1", 3, 1, "winp", 5, 300),
			core("fc2", 4, 2, "wrec", 3, 200), core("out", 2, 3, "wout", 4, 32767)},
		Output: image.Output{Cores: []int{3}, Classes: 2, Readout: image.Membrane}}
	m.Cores[1].InitialV = []int32{150}
	m.Cores[2].InitialV = []int32{1, 2, 3, -4}
	for i := range 3 {
		m.Cores[i].Routes = []image.Route{{Count: m.Cores[i].Neurons, Core: i + 1}}
	}
	return m
}

// TestNetwork: an image goes to words and back, and lies where it should.
func TestNetwork(t *testing.T) {
	m := network()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	c, err := FromImage(m)
	if err != nil {
		t.Fatal(err)
	}
	same, err := FromFiles(Files(c))
	if err != nil || *same != *c {
		t.Fatalf("the chip of the files is another one: %v", err)
	}
	back, err := same.Image(m.Host())
	if err != nil {
		t.Fatal(err)
	}
	if d := m.Difference(back); d != "" {
		t.Error(d)
	}
	weight := func(core, a, n int) int8 {
		s := m.Cores[core].Synapses[0].Synapses.(*image.Dense)
		return int8(s.Weight[a*s.Neurons+n])
	}
	if c.Get(NumInp) != 4 || c.Get(NumRec) != 7 || c.Get(NumOut) != 1 || c.Get(Kappa) != 0x80 || c.Get(EnConf) != 0 {
		t.Errorf("registers %v", c.values)
	}
	if c.Input[3][2] != weight(1, 3, 2) || c.Recurrent[2][4+3] != weight(2, 2, 3) || c.Output[4+1][1] != weight(3, 1, 1) || c.Recurrent[2][2] != 0 {
		t.Error("weights lie elsewhere")
	}
	if p := c.Pair(1); p != (Pair{U: [2]int16{150, 0}, Threshold: 300, Alpha: 0x8000}) { // the last neuron of fc1, and none
		t.Errorf("pair 1 is %+v", p)
	}
	if p := c.Pair(3); p != (Pair{U: [2]int16{3, -4}, Threshold: 200, Alpha: 0x8000}) {
		t.Errorf("pair 3 is %+v", p)
	}
	if p := c.Pair(4); p.Threshold != 0x7fff || !c.Written[4] {
		t.Errorf("pair 4, of no layer, is %+v", p)
	}
}

// TestNetworkRefuses: images that the chip cannot hold.
func TestNetworkRefuses(t *testing.T) {
	for want, change := range map[string]func(m *image.Image){
		"SPK-RECKON-006 image: 258 neurons of hidden layers, want 1..256": func(m *image.Image) { m.Cores[1].Neurons = 253 },
		"257 inputs, want 1..256":                                    func(m *image.Image) { m.Cores[0].Neurons = 257 },
		"17 outputs, want 1..16":                                     func(m *image.Image) { m.Cores[3].Neurons = 17 },
		"0 inputs, want 1..256":                                      func(m *image.Image) { m.Cores[0].Source = false },
		"out: a second layer of inputs or outputs":                   func(m *image.Image) { m.Output.Cores = []int{2, 3} },
		"fc2: register kappa has 0 values, want one":                 func(m *image.Image) { delete(m.Cores[2].Registers, "kappa") },
		"fc2: register s_inp is 1, and 0 in other layers":            func(m *image.Image) { m.Cores[2].Registers["s_inp"] = []int32{1} },
		`fc2: spikes of fc1 in memory "winp", want "wrec"`:           func(m *image.Image) { m.Cores[2].Synapses[0].Name = "winp" },
		"fc2: its window opens at step 4, that of fc1":               func(m *image.Image) { m.Cores[2].Start = 4 },
		`out: spikes of input in memory "wout", want ""`:             func(m *image.Image) { m.Cores[0].Routes[0].Core = 3; m.Cores[0].Routes[0].Count = 4 },
		"neurons 4 and 5 share threshold and leak":                   func(m *image.Image) { m.Cores[2].Registers["thr"] = []int32{1, 2, 3, 3} },
		"memory wrec: the weight from 0 to 4 is 128, want -128..127": func(m *image.Image) { m.Cores[2].Synapses[0].Synapses.(*image.Dense).Weight[0] = 128 },
		"neuron 4: membrane is 40000":                                func(m *image.Image) { m.Cores[2].InitialV[0] = 40000 },
		"reckon: neuron 0: threshold is 40000, want -32768..32767":   func(m *image.Image) { m.Cores[1].Registers["thr"] = []int32{40000} },
	} {
		m := network()
		change(m)
		_, err := FromImage(m)
		diagtest.Refused(t, want, err, want)
	}
}

// TestImageRefuses: chips that do not run the layers of the host.
func TestImageRefuses(t *testing.T) {
	for want, change := range map[string]func(c *Chip){
		"SPK-RECKON-008 winp: a weight of 1 from 5 to 0, between which":                        func(c *Chip) { c.Input[5][0] = 1 },
		"winp: a weight of 1 from 0 to 4":                                                      func(c *Chip) { c.Input[0][4] = 1 },
		"wrec: a weight of -1 from 4 to 0":                                                     func(c *Chip) { c.Recurrent[4][0] = -1 }, // back
		"wrec: a weight of 2 from 0 to 3":                                                      func(c *Chip) { c.Recurrent[0][3] = 2 },  // to the neuron between the layers
		"wout: a weight of 3 from 0 to 1":                                                      func(c *Chip) { c.Output[0][1] = 3 },     // past a layer
		"wout: a weight of 3 from 4 to 2":                                                      func(c *Chip) { c.Output[4][2] = 3 },
		"SPK-RECKON-005 register NUM_REC: is 255; the network of the host's layers has 7":      func(c *Chip) { c.Set(NumRec, 255) },
		"register SEND_LABEL_ONLY: is 1":                                                       func(c *Chip) { c.Set(SendLabelOnly, 1) },
		"neurons 2 and 3: hold what no layer":                                                  func(c *Chip) { p := c.Pair(1); p.U[1] = 7; c.SetPair(1, p) },
		"neurons 200 and 201: hold what no layer of the host has there, or are not programmed": func(c *Chip) { c.Written[100] = false },
	} {
		m := network()
		c, err := FromImage(m)
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		_, err = c.Image(m.Host())
		diagtest.Refused(t, want, err, want)
	}
	c, err := FromImage(network())
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(m *image.Image){
		"fc2: 3 axons, but 0 neurons fire in the steps before": func(m *image.Image) { m.Cores[1].Start = 0 },
		"input: spikes go to [], want":                         func(m *image.Image) { m.Cores[0].Routes = nil },
		"257 inputs":                                           func(m *image.Image) { m.Cores[0].Neurons = 257 },
	} {
		h := network().Host()
		change(h)
		_, err := c.Image(h)
		diagtest.Refused(t, want, err, want)
	}
}

// TestFilesRefuse: files that do not hold one chip.
func TestFilesRefuse(t *testing.T) {
	c, err := FromImage(network())
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(f map[string][]byte){
		"SPK-RECKON-002 reckon.spi: is missing":             func(f map[string][]byte) { delete(f, SPIFile) },
		"wrec.hex: is missing":                              func(f map[string][]byte) { delete(f, RecurrentFile) },
		"notes.txt: is no image of a memory":                func(f map[string][]byte) { f["notes.txt"] = nil },
		"reckon.spi: programs other memories than":          func(f map[string][]byte) { f[OutputFile] = slices.Concat([]byte("1"), f[OutputFile][1:]) },
		"SPK-RECKON-001 line 1: \"x\" is no word of 8 hexa": func(f map[string][]byte) { f[SPIFile] = []byte("x") },
	} {
		files := maps.Clone(Files(c))
		change(files)
		_, err := FromFiles(files)
		diagtest.Refused(t, want, err, want)
	}
}
