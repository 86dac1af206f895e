package netx

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// Write returns the file of an image for a profile of Loihi's arithmetic. Each layer has its kernel or matrix as integral
// float32, its threshold mantissa, and biases where it has any. What was written is read back, and refused where it is not the same
// image, byte by byte. The list says what netx does otherwise; the error is a *diag.Failure.
func Write(img *image.Image, p *chip.Profile) ([]byte, diag.List, error) {
	var found diag.List
	if p.Registers.Threshold != registerThreshold || p.Registers.Bias != registerBias || p.Threshold.Shift != 6 {
		return nil, nil, unspoken(p.ID, "build for loihi1", "is no target of Loihi's arithmetic, which netx files are for")
	}
	layers, err := layersOf(img)
	if err != nil {
		return nil, nil, err
	}
	host, err := hostOf(img, layers)
	if err != nil {
		return nil, nil, err
	}
	list := params{}
	add := func(kind string, shape []int64, more params) {
		more["type"] = &hdf5.Dataset{Value: hdf5.Value{Dims: []int{1}, Data: []string{kind}, Fixed: 10}}
		more["shape"] = hdf5.Array(shape)
		list[strconv.Itoa(len(list))] = &hdf5.Group{Links: more}
	}
	for k, l := range layers {
		switch {
		case k == 0:
			more := params{}
			if !l.source {
				more = params{"neuron": l.neuron(), "weight": hdf5.Scalar(float32(1)), "bias": hdf5.Scalar(float32(0))}
			}
			add(kindInput, l.dims(), more)
		case l.vector():
			if !layers[k-1].vector() {
				add(kindFlatten, []int64{int64(layers[k-1].size())}, params{})
			}
			add(kindDense, l.dims(), l.dense(layers[k-1].size()))
		default:
			add(kindConv, l.dims(), l.conv(layers[k-1].shape[0]))
		}
		if img.Cores[l.cores[0]].Start > 0 && slices.ContainsFunc(l.bias, func(b int32) bool { return b != 0 }) {
			found.Add(diag.Diagnostic{ID: idOther, Severity: diag.Warning, Subject: l.name,
				Message: fmt.Sprintf("takes its biases from the first step on in netx, and from step %d on here", img.Cores[l.cores[0]].Start), Remedy: "zero biases (--rules strict), or hold the layer back"})
		}
	}
	data, err := hdf5.Write(&hdf5.Group{Links: params{"layer": &hdf5.Group{Links: list}, "spikec": host}})
	if err != nil {
		return nil, nil, err
	}
	return data, found, same(img, data, p)
}

// same reports an image that is not what its file is read as.
func same(img *image.Image, data []byte, p *chip.Profile) error {
	back, err := Read("netx", data, p)
	if err != nil {
		return err
	}
	var want, got bytes.Buffer
	if err := errors.Join(image.Encode(&want, img), image.Encode(&got, back)); err != nil {
		return err
	}
	if !bytes.Equal(want.Bytes(), got.Bytes()) {
		return unspoken(p.ID, "", "the image is not what its layers give when they are placed again")
	}
	return nil
}

// dims returns the shape as netx has it: C,H,W, or N of a vector.
func (l *layer) dims() []int64 {
	if l.vector() {
		return []int64{int64(l.shape[0])}
	}
	return []int64{int64(l.shape[0]), int64(l.shape[1]), int64(l.shape[2])}
}

// neuron returns the group of a layer's neurons: integrate-and-fire ones.
func (l *layer) neuron() *hdf5.Group {
	return &hdf5.Group{Links: params{"type": hdf5.Scalar("CUBA"), "iDecay": hdf5.Scalar(int64(4096)), "vDecay": hdf5.Scalar(int64(0)),
		"vThMant": hdf5.Scalar(int64(l.threshold)), "refDelay": hdf5.Scalar(int64(1))}}
}

// common returns what all layers with weights have.
func (l *layer) common(weight []int32, dims ...int) params {
	p := params{"neuron": l.neuron(), "weight": hdf5.Array(floats(weight), dims...)}
	if slices.ContainsFunc(l.bias, func(b int32) bool { return b != 0 }) {
		p["bias"] = hdf5.Array(floats(l.bias))
	}
	return p
}

// dense returns a fully connected layer.
func (l *layer) dense(inputs int) params {
	p := l.common(l.weight, l.shape[0], inputs)
	p["inFeatures"], p["outFeatures"] = hdf5.Scalar(int64(inputs)), hdf5.Scalar(int64(l.shape[0]))
	return p
}

// conv returns a convolution.
func (l *layer) conv(channels int) params {
	w := &l.window
	p := l.common(l.weight, l.shape[0], channels, w.Kernel[0], w.Kernel[1])
	for name, v := range map[string][2]int{"kernelSize": w.Kernel, "stride": w.Stride, "padding": w.PadBegin, "dilation": w.Dilation} {
		p[name] = hdf5.Array([]int64{int64(v[0]), int64(v[1])})
	}
	p["inChannels"], p["outChannels"], p["groups"] = hdf5.Scalar(int64(channels)), hdf5.Scalar(int64(l.shape[0])), hdf5.Scalar(int64(1))
	return p
}

// floats returns integers as float32, which holds all weights, biases and thresholds of the chip.
func floats(v []int32) []float32 {
	f := make([]float32, len(v))
	for i, x := range v {
		f[i] = float32(x)
	}
	return f
}

// hostOf returns the group of what the host does.
func hostOf(img *image.Image, layers []*layer) (*hdf5.Group, error) {
	var names []string
	for _, l := range layers {
		names = append(names, l.name)
	}
	o, in := &img.Output, &img.Input
	p := params{
		"schema": hdf5.Scalar(schema), "chip": hdf5.Scalar(img.Chip), "populations": hdf5.Array(names), "steps": hdf5.Scalar(int64(img.Steps)),
		"encoding": hdf5.Scalar(in.Encoding), "seed": hdf5.Scalar(in.Seed), "parameter": hdf5.Scalar(int64(in.Parameter)), "step": hdf5.Scalar(in.Step),
		"shape": hdf5.Array([]int64{int64(in.Shape[0]), int64(in.Shape[1]), int64(in.Shape[2])}), "readout": hdf5.Scalar(o.Readout), "delay": hdf5.Scalar(int64(o.Delay)),
		"exit": hdf5.Scalar(o.EarlyExit), "margin": hdf5.Scalar(int64(o.Margin)),
	}
	if layers[0].source != (len(in.Drives) == 0) || len(in.Drives) > 1 {
		return nil, unspoken(layers[0].name, "", "has %d drives of the host, and netx has one layer that takes input", len(in.Drives))
	}
	for _, d := range in.Drives {
		conv, ok := d.Synapses.(*image.Conv2d)
		if !ok || !slices.Equal(d.Cores, layers[0].cores) {
			return nil, unspoken(layers[0].name, "", "is not the one layer that the input reaches, and netx has one")
		}
		drive := params{"weight": hdf5.Array(conv.Weight), "groups": hdf5.Scalar(int64(conv.Groups)), "shift": hdf5.Scalar(int64(d.Shift)), "window": windowData(&conv.Window)}
		if conv.Pool != nil {
			drive["pool"] = windowData(conv.Pool)
		}
		if bias := layers[0].bias; slices.ContainsFunc(bias, func(b int32) bool { return b != 0 }) {
			drive["bias"] = hdf5.Array(bias) // the host adds it to what it feeds
		}
		p["drive"] = &hdf5.Group{Links: drive}
	}
	return &hdf5.Group{Links: p}, nil
}

// windowData returns kernel, stride, dilation and paddings before and behind, rows and columns of each.
func windowData(w *window.Window2d) *hdf5.Dataset {
	var d []int64
	for _, x := range [][2]int{w.Kernel, w.Stride, w.Dilation, w.PadBegin, w.PadEnd} {
		d = append(d, int64(x[0]), int64(x[1]))
	}
	return hdf5.Array(d, 5, 2)
}
