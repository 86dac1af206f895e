package samna

import (
	"encoding/json"
	"slices"

	"spikec/internal/diag"
	"spikec/target/chip"
	"spikec/target/image"
)

// Write returns the file of an image for a profile of convolution cores; the cores are those that image.ConvCores chooses. The
// list says that the spelling is not verified; the error is a *diag.Failure.
func Write(img *image.Image, p *chip.Profile) ([]byte, diag.List, error) {
	if p.Registers.Threshold != registerHigh || len(p.Capacity.KernelMemory) == 0 {
		return nil, nil, failure(idUnspoken, p.ID, "is no chip of convolution cores")
	}
	cores, missing := image.ConvCores(img, p)
	if len(missing) > 0 {
		return nil, nil, failure(idUnspoken, img.Cores[missing[0]].Population, "finds no core with enough memory")
	}
	c := configuration{Layers: make([]*layer, len(p.Capacity.KernelMemory)), Spikec: own{schema, p.ID, cores}}
	for i := range img.Cores {
		core := &img.Cores[i]
		if core.Source {
			if slices.ContainsFunc(core.Routes, func(r image.Route) bool { return pooling(&img.Cores[r.Core]) != 1 }) {
				return nil, nil, failure(idUnspoken, core.Population, "is pooled by the layer behind it, and the host sends spikes as they are")
			}
			continue
		}
		if cores[i] < 0 {
			return nil, nil, failure(idUnspoken, core.Population, "is no convolution")
		}
		l, err := layerOf(img, i, cores)
		if err != nil {
			return nil, nil, err
		}
		c.Layers[cores[i]] = l
	}
	data, err := json.Marshal(&c)
	return append(data, '\n'), diag.List{{ID: idSpelling, Severity: diag.Warning, Subject: File,
		Message: "has the fields of samna's configuration by their names in sinabs; how samna spells the file is not verified", Remedy: "compare with what your samna writes before you load it"}}, err
}

// convOf returns the convolution of a core; ConvCores has seen that it is one.
func convOf(c *image.Core) *image.Conv2d { return c.Synapses[0].Synapses.(*image.Conv2d) }

// pooling returns by how much the coordinates of spikes that go to a core are divided.
func pooling(c *image.Core) int {
	if len(c.Synapses) == 1 {
		if conv, ok := c.Synapses[0].Synapses.(*image.Conv2d); ok && conv.Pool != nil {
			return conv.Pool.Kernel[0]
		}
	}
	return 1
}

// layerOf returns the configuration of core i.
func layerOf(img *image.Image, i int, cores []int) (*layer, error) {
	c := &img.Cores[i]
	conv := convOf(c)
	w, k := conv.Window, conv.Window.Kernel[0]
	for name, values := range c.Registers {
		known := name == registerHigh || name == registerLow || name == registerReset
		for _, v := range values {
			if !known || v != values[0] || name == registerReset && (v < 0 || v > 1) {
				return nil, failure(idUnspoken, c.Population, "has %s = %d, which a core has no field for", name, v)
			}
		}
	}
	in := conv.In
	in[1], in[2] = conv.Pooled(0), conv.Pooled(1)
	l := &layer{
		Dimensions: dimensions{Input: shapeOf(in), Output: shapeOf(conv.Out), Padding: point{w.PadBegin[1], w.PadBegin[0]}, Stride: point{w.Stride[1], w.Stride[0]}, Kernel: k},
		Biases:     make([]int32, conv.Out[0]), ReturnToZero: c.Channel(c.Registers[registerReset], 0) == 1,
		High: c.Channel(c.Registers[registerHigh], 0), Low: c.Channel(c.Registers[registerLow], 0), Destinations: []destination{},
	}
	for o := range conv.Out[0] {
		l.Weights = append(l.Weights, nil)
		for ch := range in[0] {
			l.Weights[o] = append(l.Weights[o], plane(k, k, func(x, y int) int32 { return conv.Weight[((y*k+x)*in[0]+ch)*conv.Out[0]+o] }))
		}
		l.Initial = append(l.Initial, plane(conv.Out[2], conv.Out[1], func(x, y int) int32 {
			return c.Channel(c.InitialV, (y*conv.Out[2]+x)*conv.Out[0]+o)
		}))
	}
	for _, r := range c.Routes {
		if r.First != 0 || r.Axon != 0 || r.Count != c.Neurons {
			return nil, failure(idUnspoken, c.Population, "sends a part of its spikes to %s", img.Cores[r.Core].Population)
		}
		l.Destinations = append(l.Destinations, destination{cores[r.Core], true, pooling(&img.Cores[r.Core])})
	}
	return l, nil
}

// plane returns an array of w columns of h values.
func plane(w, h int, value func(x, y int) int32) [][]int32 {
	p := make([][]int32, w)
	for x := range p {
		for y := range h {
			p[x] = append(p[x], value(x, y))
		}
	}
	return p
}
