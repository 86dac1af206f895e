package build

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"spikec/convert"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/runtime/tune"
)

// axis is a choice that can be made by trying, where it is open.
type axis struct {
	name, about string
	open        func(ctx context.Context, b *run) bool // the user leaves it open, and there is more than one way
	vary        func(b *run, c choices) choices
}

// axes are the choices that can be made by trying, in the order in which they are tried. The defaults are what is tried
// first: max pooling kept, biases kept, thresholds by least error, all steps read.
var axes = []axis{
	{"average pooling", "fewer neurons and layers, which answer sooner, for another function than the trained one",
		func(ctx context.Context, b *run) bool {
			return b.Options.Pooling == "" && b.opt.pooling == convert.MaxPooling && b.comparesPools(ctx)
		},
		func(_ *run, c choices) choices { c.pooling = convert.AveragePooling; return c }},
	{"zero biases", "a bias acts from the first step on, before there is anything that it corrects",
		func(_ context.Context, b *run) bool { return b.Options.Biases == "" && b.opt.biases == keptBiases },
		func(_ *run, c choices) choices { c.biases = zeroBiases; return c }},
	{"percentile", "thresholds that clip fewer activations than those of least error",
		func(_ context.Context, b *run) bool {
			return b.Options.Normalization == "" && b.Options.Percentile == 0 && b.opt.normalization != byPercentile
		},
		func(_ *run, c choices) choices {
			c.normalization, c.percentile = byPercentile, usualPercentile
			return c
		}},
	{"counted spikes", "behind a pool, weights that add up in a membrane over all steps are few levels; a membrane that fires holds finer ones",
		func(_ context.Context, b *run) bool {
			return b.Options.Readout == "" && b.opt.readout == snn.Membrane && slices.Contains(readouts(b.opt.capabilities), snn.Count) && b.opt.exit == nil && poolsLast(b.Model.Graph)
		},
		func(_ *run, c choices) choices { c.readout = snn.Count; return c }},
	{"later read-out", "what the output does in the first quarter of the steps comes from layers that were hardly reached",
		func(_ context.Context, b *run) bool {
			return b.Options.ReadoutDelay == 0 && b.opt.readout == snn.Membrane && atEnd(b.opt.capabilities) == "" && b.opt.steps >= 4
		},
		func(b *run, c choices) choices { c.delay = b.opt.steps / 4; return c }},
}

// openAxes returns the axes that are open.
func (b *run) openAxes(ctx context.Context) []tune.Axis[choices] {
	var list []tune.Axis[choices]
	for _, a := range axes {
		if a.open(ctx, b) {
			list = append(list, tune.Axis[choices]{Name: a.name, About: a.about, Vary: func(c choices) choices { return a.vary(b, c) }})
		}
	}
	return list
}

// poolsLast reports whether the network's last weights read the average of a map: their sums are of many spikes a step.
func poolsLast(g *ann.Graph) bool {
	for i := g.Output; i != 0 && len(g.Nodes[i].Inputs) == 1; i = g.Nodes[i].Inputs[0] {
		switch g.Nodes[i].Op.(type) {
		case *ann.AveragePool, ann.GlobalAveragePool:
			return true
		case ann.Relu, ann.Clip, *ann.MaxPool:
			return false
		}
	}
	return false
}

// comparesPools reports whether the network has max pools that can be kept, by comparisons. A network that cannot be
// converted has none; that it cannot is for the conversion to say.
func (b *run) comparesPools(ctx context.Context) bool {
	opt := b.opt.conversion()
	opt.StopAfter = "compare-pools"
	r, err := b.converted(ctx, b.calib.Images(), opt)
	return err == nil && r.KeptPools > 0
}

// flags words choices as the command line takes them.
func (c choices) flags() string {
	words := []string{"--auto=false", "--pooling " + c.pooling, "--biases " + c.biases, "--normalization " + c.normalization}
	if c.percentile != 0 {
		words = append(words, fmt.Sprintf("--percentile %g", c.percentile))
	}
	if c.readout == snn.Count {
		words = append(words, "--readout "+c.readout)
	}
	if c.delay > 0 {
		words = append(words, fmt.Sprintf("--readout-delay %d", c.delay))
	}
	return strings.Join(words, " ")
}
