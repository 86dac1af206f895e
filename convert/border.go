package convert

import (
	"context"
	"math"
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// BorderOf returns the border with which a picture of codes, pre saying what they are worth, takes the place of the padding of
// g's first layer. A trained network pads its own input with zeros: where the preprocessing has a mean, those are pixels of the
// mean's value, and not black ones. nil: there is no padding, black is right, or no border is: the layers that read the
// input pad it differently, by more than snn.MaxBorder, or pool it first, or no code is worth 0.
func BorderOf(ctx context.Context, g *ann.Graph, pre Preprocess, opt Options) (*snn.Border, error) {
	if opt.Disable["input-border"] || pre.Pairs > 0 || !shifted(g, pre) {
		return nil, nil
	}
	opt.StopAfter, opt.DumpAfter = "snapshot", nil
	s := &State{Options: opt, Preprocess: pre, Teacher: g}
	if _, err := runPasses(ctx, s); err != nil {
		return nil, err
	}
	return s.findBorder(), nil
}

// shifted reports whether a code of 0 may be worth anything but 0: by the preprocessing, or by what g itself does to its input
// before its first weights.
func shifted(g *ann.Graph, pre Preprocess) bool {
	for _, m := range pre.Offset {
		if m != 0 {
			return true
		}
	}
	return slices.ContainsFunc(g.Consumers()[0], func(i int) bool {
		_, weights := weightedOf(g.Nodes[i].Op)
		return !weights
	})
}

// findBorder returns the border that the student's first layers want (BorderOf).
func (s *State) findBorder() *snn.Border {
	g := s.Graph
	if len(g.Nodes[0].Shape) != 3 {
		return nil
	}
	var wanted []*snn.Border
	maps := affineMaps(g)
	for i := 1; i < len(g.Nodes); i++ {
		if !fromInput(g, i) || maps[i] != nil {
			continue
		}
		conv, ok := g.Nodes[i].Op.(*ann.Conv)
		if !ok {
			return nil
		}
		channels := g.Nodes[0].Shape.Channels()
		scale, shift := s.codesTo(i, maps)
		wanted = append(wanted, borderFor(conv.Window, channels, func(c int) (float64, float64) {
			k := c * len(scale) / channels
			return float64(scale[k]), float64(shift[k])
		}))
	}
	return agreed(wanted)
}

// fromInput reports whether node i reads the input, past affine maps at most.
func fromInput(g *ann.Graph, i int) bool {
	return slices.ContainsFunc(g.Nodes[i].Inputs, func(in int) bool {
		if in == 0 {
			return true
		}
		_, _, affine := affineOf(g.Nodes[in].Op, g.Nodes[in].Shape.Channels())
		return affine && onInput(g, in)
	})
}

// BorderOfSpiking returns the border of a spiking network that another tool made, as BorderOf does: Adopt takes the padding of the
// projections that read the input for it.
func BorderOfSpiking(net *snn.Network, pre Preprocess) *snn.Border {
	if pre.Pairs > 0 {
		return nil
	}
	channels := net.Populations[0].Shape[0]
	var wanted []*snn.Border
	for i := range net.Projections {
		q := &net.Projections[i]
		if q.Source != 0 {
			continue
		}
		if q.Pool != nil {
			return nil
		}
		wanted = append(wanted, borderFor(q.Window, channels, func(c int) (float64, float64) { return pre.At(c, channels) }))
	}
	return agreed(wanted)
}

// borderFor returns the border that stands for the padding of a convolution that reads codes, worth telling what those of a channel
// are worth, code·scale + shift; nil where there is no padding, or no code is worth 0.
func borderFor(w window.Window2d, channels int, worth func(c int) (scale, shift float64)) *snn.Border {
	if !w.Padded() {
		return nil
	}
	b := &snn.Border{Begin: w.PadBegin, End: w.PadEnd}
	for c := range channels {
		code, ok := codeOfZero(worth(c))
		if !ok {
			return nil
		}
		b.Codes = append(b.Codes, code)
	}
	return b
}

// agreed returns the border that all readers of the input want; nil where one of them wants none or another one, where it is wider
// than a border may be, and where black pixels are right.
func agreed(wanted []*snn.Border) *snn.Border {
	if len(wanted) == 0 || wanted[0] == nil {
		return nil
	}
	b := wanted[0]
	for _, w := range wanted[1:] {
		if w == nil || w.Begin != b.Begin || w.End != b.End || !slices.Equal(w.Codes, b.Codes) {
			return nil
		}
	}
	if b.Validate(len(b.Codes)) != nil || !slices.ContainsFunc(b.Codes, func(c uint8) bool { return c > 0 }) {
		return nil
	}
	return b
}

// codeOfZero returns the code that is worth nearest to 0, with code·scale + shift; ok is false where none is.
func codeOfZero(scale, shift float64) (code uint8, ok bool) {
	c := math.Round(-shift / scale)
	return uint8(max(0, min(255, c))), c >= 0 && c <= 255
}
