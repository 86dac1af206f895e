// Package pynn puts what is on a SpiNNaker 1 into arrays, with a script in PyNN that builds the network of them, and reads the
// arrays back. The script is unproven: neither sPyNNaker nor its machine has run it.
package pynn

import (
	_ "embed"
	"fmt"
	"slices"

	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/image"
)

// Diagnostics of these files. The numbers are stable.
const (
	idUnspoken = "SPK-PYNN-001" // an image that the script has no words for
	idFile     = "SPK-PYNN-002" // arrays that Arrays does not make
	IDUnproven = "SPK-PYNN-003" // written, and run by nothing
)

// Script is the script, which is the same for every network: the arrays lie beside it.
//
//go:embed network.py
var Script []byte

// The files.
const (
	ScriptFile = "network.py"
	ArraysFile = "network.npz"
)

// Array is one array of integers, the last of its dimensions fastest.
type Array struct {
	Shape  []int
	Values []int32
}

// routes is the name of the array of routes: sending core, its first neuron, how many, receiving core, its first axon.
const routes = "routes"

// registers are those of the profile spinnaker1, one value a neuron, in units of 2^−15.
var registers = []string{"v_thresh", "i_offset"}

// name names an array of core i.
func name(i int, what string) string { return fmt.Sprintf("core%d_%s", i, what) }

// failure is one diagnostic as an error.
func failure(id, subject, format string, args ...any) error {
	remedy := "build the folder again"
	if id == idUnspoken {
		remedy = "build for spinnaker1"
	}
	return (&diag.List{{ID: id, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy}}).Err()
}

// Arrays returns the arrays of an image for a profile with the registers of spinnaker1. Of every core of the chip there are, for each
// neuron, thresholds, offsets and initial membranes, and the synapses that are not zero: axon, neuron, weight, in ascending order
// of axons. The error is a *diag.Failure.
func Arrays(img *image.Image, p *chip.Profile) (map[string]Array, error) {
	if p.Registers.Threshold != registers[0] || p.Registers.Bias != registers[1] {
		return nil, failure(idUnspoken, p.ID, "is no SpiNNaker 1")
	}
	all := map[string]Array{}
	add := func(name string, values []int32, shape ...int) { all[name] = Array{shape, values} }
	var sent []int32
	for i := range img.Cores {
		c := &img.Cores[i]
		for _, r := range c.Routes {
			if r.Delay != 0 {
				return nil, failure(idUnspoken, c.Population, "sends spikes with a delay")
			}
			sent = append(sent, int32(i), int32(r.First), int32(r.Count), int32(r.Core), int32(r.Axon))
		}
		if c.Source {
			continue
		}
		for key := range c.Registers {
			if !slices.Contains(registers, key) {
				return nil, failure(idUnspoken, c.Population, "has a register %s, which the script does not know", key)
			}
		}
		expand := func(values []int32) []int32 {
			v := make([]int32, c.Neurons)
			for n := range v {
				v[n] = c.Channel(values, n)
			}
			return v
		}
		for _, key := range registers {
			add(name(i, key), expand(c.Registers[key]), c.Neurons)
		}
		add(name(i, "v_init"), expand(c.InitialV), c.Neurons)
		var synapses []int32
		for _, b := range c.Synapses {
			for a := range b.Synapses.Axons() {
				b.Synapses.Each(a, func(n int, w int32) {
					if w != 0 {
						synapses = append(synapses, int32(b.FirstAxon+a), int32(n), w)
					}
				})
			}
		}
		add(name(i, "synapses"), synapses, len(synapses)/3, 3)
	}
	add(routes, sent, len(sent)/5, 5)
	return all, nil
}

// Names returns the names of the arrays of an image, or of its part that is not on the chip.
func Names(img *image.Image) []string {
	names := []string{routes}
	for i := range img.Cores {
		if img.Cores[i].Source {
			continue
		}
		for _, what := range append(slices.Clone(registers), "v_init", "synapses") {
			names = append(names, name(i, what))
		}
	}
	slices.Sort(names)
	return names
}

// Read returns the image of arrays that Arrays made, and of what is not on the chip (image.Image.Host), of which it takes the sizes of
// cores, their windows in time and the host's own. It allocates in proportion to the two. The error is a *diag.Failure.
func Read(arrays map[string]Array, host *image.Image, p *chip.Profile) (*image.Image, error) {
	img := *host
	img.Cores = slices.Clone(host.Cores)
	taken := 0
	take := func(key string, shape ...int) ([]int32, error) {
		a, ok := arrays[key]
		if !ok || len(a.Shape) != len(shape) {
			return nil, failure(idFile, key, "there is no such array of %d dimensions", len(shape))
		}
		size := 1
		for d, n := range shape {
			if n >= 0 && a.Shape[d] != n {
				return nil, failure(idFile, key, "shape %v, want %v, with any number for −1", a.Shape, shape)
			}
			size *= a.Shape[d]
		}
		if size != len(a.Values) {
			return nil, failure(idFile, key, "%d values for shape %v", len(a.Values), a.Shape)
		}
		taken++
		return a.Values, nil
	}
	for i := range img.Cores {
		c := &img.Cores[i]
		c.Routes = nil
		if c.Source {
			continue
		}
		c.Registers = map[string][]int32{}
		var err error
		for _, key := range registers {
			if c.Registers[key], err = take(name(i, key), c.Neurons); err != nil {
				return nil, err
			}
		}
		if c.InitialV, err = take(name(i, "v_init"), c.Neurons); err != nil {
			return nil, err
		}
		synapses, err := take(name(i, "synapses"), -1, 3)
		if err != nil {
			return nil, err
		}
		if c.Synapses, err = tables(name(i, "synapses"), c, synapses); err != nil {
			return nil, err
		}
	}
	sent, err := take(routes, -1, 5)
	if err != nil {
		return nil, err
	}
	for ; len(sent) > 0; sent = sent[5:] {
		from := int(sent[0])
		if from < 0 || from >= len(img.Cores) {
			return nil, failure(idFile, routes, "core %d of %d", from, len(img.Cores))
		}
		c := &img.Cores[from]
		c.Routes = append(c.Routes, image.Route{First: int(sent[1]), Count: int(sent[2]), Core: int(sent[3]), Axon: int(sent[4])})
	}
	if taken != len(arrays) {
		return nil, failure(idFile, ArraysFile, "%d arrays, of which %d are the network's", len(arrays), taken)
	}
	found, _ := image.Check(&img, p)
	return &img, found.Err()
}

// tables makes the synapse memories of a core, block by block as the host's part has them, of axons, neurons and weights.
func tables(key string, c *image.Core, synapses []int32) ([]image.Block, error) {
	var blocks []image.Block
	last := -1
	for _, b := range c.Synapses {
		t := &image.Table{RowStart: []int32{0}}
		for a := range b.Synapses.Axons() {
			for ; len(synapses) > 0 && int(synapses[0]) == b.FirstAxon+a; synapses = synapses[3:] {
				last = int(synapses[0])
				if n := int(synapses[1]); n < 0 || n >= c.Neurons {
					return nil, failure(idFile, key, "neuron %d of %d", n, c.Neurons)
				}
				t.Target, t.Weight = append(t.Target, synapses[1]), append(t.Weight, synapses[2])
			}
			t.Row, t.Base, t.RowStart = append(t.Row, int32(a)), append(t.Base, 0), append(t.RowStart, int32(len(t.Target)))
		}
		blocks = append(blocks, image.Block{Name: b.Name, FirstAxon: b.FirstAxon, Synapses: t})
	}
	if len(synapses) > 0 {
		return nil, failure(idFile, key, "axon %d behind axon %d, which there is not, or not in this order", synapses[0], last)
	}
	return blocks, nil
}
