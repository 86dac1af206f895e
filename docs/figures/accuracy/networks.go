package main

import (
	"context"
	"fmt"
	"path/filepath"

	"spikec/docs/figures"
	"spikec/models/zoo"
	"spikec/runtime/build"
	"spikec/runtime/encode"
	"spikec/runtime/sweep"
	"spikec/target/chip"
)

// The images that networks are measured on.
const (
	mnist   = "mnist"
	cifar10 = "cifar10"
)

// network is one that the document has a section about.
type network struct {
	section string // and the name of its folder of work
	name    string // of the bundled network, or of the ONNX file without its ending
	onnx    bool   // it is not part of spikec
	about   string // its layers; "" for bundled ones, whose description says it
	data    string
	prep    encode.Options // of one that is not bundled
	chips   []string       // further targets, at 8 bits and best rules
}

// networks are those of the document, in its order.
var networks = []network{
	{section: "bundled-mnist_cnn_plain", name: "mnist_cnn_plain", data: mnist},
	{section: "bundled-mnist_cnn_bnmax", name: "mnist_cnn_bnmax", data: mnist},
	{section: "mnist_cnn_plain", name: "mnist_cnn_plain", onnx: true, data: mnist,
		about: "conv5x5x12 - ReLU - AvgPool2 - conv5x5x64 - ReLU - AvgPool2 - FC10; no bias anywhere"},
	{section: "mnist_cnn_bnmax", name: "mnist_cnn_bnmax", onnx: true, data: mnist,
		about: "conv5x5x16 - BN - ReLU - MaxPool2 - conv5x5x40 - BN - ReLU - MaxPool2 - FC10; biases"},
	{section: "mnist_lenet", name: "mnist_lenet", onnx: true, data: mnist,
		about: "conv5x5x8 - ReLU - MaxPool2 - conv5x5x20 - ReLU - MaxPool2 - FC96 - ReLU - FC10; biases"},
	{section: "cifar_vgg_small", name: "cifar_vgg_small", onnx: true, data: cifar10, chips: []string{"generic8-signed", "generic8-staged"},
		about: "conv3x3x32 - MaxPool2 - conv3x3x64 - MaxPool2 - 2 x conv3x3x96 - MaxPool2 - FC10; each convolution with bias, BN and ReLU"},
	{section: "cifar_resnet8", name: "cifar_resnet8", onnx: true, data: cifar10,
		prep:  encode.Options{Mean: []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.247, 0.2435, 0.2616}},
		about: "conv3x3x20, three residual blocks of 24, 48 and 96 channels with a 1x1 projection each, global average pool, FC10; BN and ReLU"},
}

// The grid of every network.
var (
	steps  = []int{2, 4, 8, 16, 32, 64, 128}
	bits   = []int{8, 6, 4, 3}
	rules  = []string{"strict", "best"}
	target = "generic8"
)

// allBits is the precision that is measured on all images.
const allBits = 8

// section sweeps a network and returns its section.
func (g *generator) section(ctx context.Context, n *network) (string, error) {
	r, err := g.request(ctx, n)
	if err != nil {
		return "", err
	}
	about := n.about
	if !n.onnx {
		z, err := zoo.Get(n.name)
		if err != nil {
			return "", err
		}
		about, r.Preprocessing = z.Info.Architecture, encode.Options{PixelScale: z.Info.Preprocessing.PixelScale, Mean: z.Info.Preprocessing.Mean, Std: z.Info.Preprocessing.Std}
	}
	var widths []sweep.Width
	for _, b := range bits {
		limit := g.limit
		if b == allBits {
			limit = g.limit8
		}
		widths = append(widths, sweep.Width{Bits: b, Limit: limit})
	}
	grid, err := g.sweep(ctx, n, r, []string{target}, rules, widths)
	if err != nil {
		return "", err
	}
	text := conditions(grid, about)
	for _, rule := range rules {
		text += gridTable(grid, rule)
	}
	if n.chips == nil {
		return text, nil
	}
	others, err := g.sweep(ctx, n, r, append([]string{target}, n.chips...), rules[len(rules)-1:], []sweep.Width{{Bits: allBits, Limit: g.limit8}})
	if err != nil {
		return "", err
	}
	return text + chipTable(others), nil
}

// request is what all cells of a network have in common.
func (g *generator) request(ctx context.Context, n *network) (build.Request, error) {
	model, err := build.BundledModel(n.name)
	if n.onnx {
		model, err = build.ReadModel(filepath.Join(g.models, n.name+".onnx"))
	}
	if err != nil {
		return build.Request{}, err
	}
	spec := n.data
	if n.data == cifar10 {
		spec += ":" + g.cifar
	}
	data, calibration, err := build.OpenData(ctx, spec, "", 0)
	if err != nil {
		return build.Request{}, err
	}
	no := false
	return build.Request{Model: model, Data: data, Calibration: calibration, Preprocessing: n.prep, Options: build.Options{Auto: &no}, Tool: "spikec " + g.version(ctx)}, nil
}

// sweep runs a sweep in the network's folder; cells that an earlier one has done are taken from there.
func (g *generator) sweep(ctx context.Context, n *network, r build.Request, targets, rules []string, widths []sweep.Width) (*sweep.Result, error) {
	s := sweep.Request{Build: r, Grid: sweep.Grid{Rules: rules, Steps: steps, Bits: widths}, Out: filepath.Join(g.work, n.section), Progress: figures.Progress()}
	defer s.Progress.Close()
	for _, id := range targets {
		p, err := chip.Load(id)
		if err != nil {
			return nil, fmt.Errorf("accuracy: %w", err)
		}
		s.Grid.Targets = append(s.Grid.Targets, p)
	}
	return sweep.Run(ctx, s)
}
