package samna

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// Read returns the image of a file that Write wrote and of what is not on the chip (image.Image.Host). It takes nothing but the
// shapes of layers, their windows in time and the host's own from host. The error is a *diag.Failure.
func Read(name string, data []byte, host *image.Image, p *chip.Profile) (*image.Image, error) {
	if len(data) > maxBytes {
		return nil, failure(idFile, name, "%d bytes, want at most %d", len(data), maxBytes)
	}
	var c configuration
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, failure(idFile, name, "%v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, failure(idFile, name, "more than one JSON value")
	}
	if c.Spikec.Schema != schema || c.Spikec.Chip != p.ID || len(c.Spikec.Cores) != len(host.Cores) || len(c.Layers) != len(p.Capacity.KernelMemory) {
		return nil, failure(idFile, name, "schema %q, chip %q, %d cores of %d, want %q, %q, %d of %d", c.Spikec.Schema, c.Spikec.Chip,
			len(c.Spikec.Cores), len(c.Layers), schema, p.ID, len(host.Cores), len(p.Capacity.KernelMemory))
	}
	img := *host
	img.Cores = slices.Clone(host.Cores)
	used := make([]bool, len(c.Layers))
	for i := range img.Cores {
		at := c.Spikec.Cores[i]
		if core := &img.Cores[i]; core.Source {
			continue
		} else if at < 0 || at >= len(c.Layers) || c.Layers[at] == nil || used[at] {
			return nil, failure(idFile, name, "core %d of the image is core %d of the chip, which is not there, or another one's", i, at)
		}
		used[at] = true
		if err := c.core(name, &img, i, c.Layers[at]); err != nil {
			return nil, err
		}
	}
	for at, l := range c.Layers {
		if l != nil && !used[at] {
			return nil, failure(idFile, name, "core %d of the chip is none of the image", at)
		}
	}
	if err := c.pools(name, &img); err != nil {
		return nil, err
	}
	found, _ := image.Check(&img, p)
	return &img, found.Err()
}

// core fills core i of the image. Pools are those of destinations, see pools.
func (c *configuration) core(name string, img *image.Image, i int, l *layer) error {
	core := &img.Cores[i]
	m := &l.Dimensions
	in, out, k := m.Input.chw(), m.Output.chw(), m.Kernel
	fail := func(what string, got, want any) error {
		return failure(idFile, name, "layer %s: %s: got %v, want %v", core.Population, what, got, want)
	}
	if out != core.Shape || core.First != 0 || len(core.Synapses) != 1 {
		return fail("output_shape", out, core.Shape)
	}
	if most := max(in[1], in[2]); min(in[0], in[1], in[2]) < 1 || most > maxMap || in[0] > maxChannels || k < 1 || k > maxKernel {
		return fail("input_shape and kernel_size", in, "maps of up to 128×128 with 1024 channels, kernels of up to 16")
	}
	if s, q := m.Stride, m.Padding; min(s.X, s.Y) < 1 || max(s.X, s.Y) > maxMap || min(q.X, q.Y) < 0 || max(q.X, q.Y) > maxMap {
		return fail("stride and padding", [2]point{s, q}, "strides from 1 on, paddings from 0 on")
	}
	if l.LeakEnable || l.Monitor || slices.ContainsFunc(l.Biases, func(b int32) bool { return b != 0 }) || len(l.Biases) != out[0] {
		return fail("biases, leak_enable, monitor_enable", l.Biases, "zeros, false and false")
	}
	if !l.complete(in[0], out, k) {
		return fail("weights and neurons_initial_value", "arrays of another shape", "output channel, input channel, x, y; and channel, x, y")
	}
	conv := &image.Conv2d{In: in, Out: out, Neurons: out[0] * out[1] * out[2], Groups: 1, Weight: make([]int32, k*k*in[0]*out[0]),
		Window: window.Window2d{Kernel: [2]int{k, k}, Stride: [2]int{m.Stride.Y, m.Stride.X}, Dilation: [2]int{1, 1}, PadBegin: [2]int{m.Padding.Y, m.Padding.X}}}
	for d := range 2 { // behind, as much as the layer's size takes
		w := &conv.Window
		w.PadEnd[d] = max(0, (out[1+d]-1)*w.Stride[d]+w.Kernel[d]-in[1+d]-w.PadBegin[d])
	}
	initial := make([]int32, conv.Neurons)
	for o := range out[0] {
		for ch, p := range l.Weights[o] {
			each(p, func(x, y int, v int32) { conv.Weight[((y*k+x)*in[0]+ch)*out[0]+o] = v })
		}
		each(l.Initial[o], func(x, y int, v int32) { initial[(y*out[2]+x)*out[0]+o] = v })
	}
	reset := int32(0)
	if l.ReturnToZero {
		reset = 1
	}
	core.Registers = map[string][]int32{registerHigh: {l.High}, registerLow: {l.Low}, registerReset: {reset}}
	core.InitialV = initial
	core.Synapses = []image.Block{{FirstAxon: core.Synapses[0].FirstAxon, Synapses: conv}}
	for _, d := range l.Destinations {
		to := slices.Index(c.Spikec.Cores, d.Layer)
		if !d.Enable || d.Layer < 0 || to <= i || d.Pooling < 1 || d.Pooling > maxMap {
			return fail("destinations", d, "an enabled layer behind it, and a pooling of 1 or more")
		}
		core.Routes = append(core.Routes, image.Route{Count: core.Neurons, Core: to})
	}
	return nil
}

// complete reports whether the arrays have the shapes that they must have.
func (l *layer) complete(inputs int, out [3]int, kernel int) bool {
	is := func(p [][]int32, w, h int) bool {
		return len(p) == w && !slices.ContainsFunc(p, func(column []int32) bool { return len(column) != h })
	}
	if len(l.Weights) != out[0] || len(l.Initial) != out[0] {
		return false
	}
	for o := range out[0] {
		if len(l.Weights[o]) != inputs || !is(l.Initial[o], out[2], out[1]) ||
			slices.ContainsFunc(l.Weights[o], func(p [][]int32) bool { return !is(p, kernel, kernel) }) {
			return false
		}
	}
	return true
}

// each calls yield for all values of an array of columns.
func each(p [][]int32, yield func(x, y int, v int32)) {
	for x, column := range p {
		for y, v := range column {
			yield(x, y, v)
		}
	}
}

// pools brings the pooling of destinations to the layers that they lead to, whose maps are those of their sources.
func (c *configuration) pools(name string, img *image.Image) error {
	for i := range img.Cores {
		core := &img.Cores[i]
		for k, r := range core.Routes {
			if r.Core < 0 || r.Core >= len(img.Cores) || img.Cores[r.Core].Source {
				return failure(idFile, name, "layer %s sends spikes to core %d", core.Population, r.Core)
			}
			pool := 1
			if !core.Source {
				pool = c.Layers[c.Spikec.Cores[i]].Destinations[k].Pooling
			}
			conv := convOf(&img.Cores[r.Core])
			pooled := [3]int{conv.In[0], conv.Pooled(0), conv.Pooled(1)}
			want := [3]int{core.Shape[0], core.Shape[1] / pool, core.Shape[2] / pool}
			if pooled != want || conv.Pool != nil && (conv.In != core.Shape || conv.Pool.Kernel[0] != pool) {
				return failure(idFile, name, "layer %s takes maps of %v, and %s sends spikes of %v", img.Cores[r.Core].Population, pooled, core.Population, want)
			}
			if conv.In = core.Shape; pool > 1 && conv.Pool == nil {
				w := window.Square(pool, pool)
				conv.Pool = &w
			}
		}
	}
	return nil
}
