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
	var found *snn.Border
	maps := affineMaps(g)
	for i := range g.Nodes {
		if i == 0 || !fromInput(g, i) {
			continue
		}
		if maps[i] != nil {
			continue
		}
		conv, ok := g.Nodes[i].Op.(*ann.Conv)
		if !ok {
			return nil
		}
		b := s.borderAt(i, conv.Window, maps)
		if b == nil || found != nil && !(found.Begin == b.Begin && found.End == b.End && slices.Equal(found.Codes, b.Codes)) {
			return nil
		}
		found = b
	}
	if found == nil || !slices.ContainsFunc(found.Codes, func(c uint8) bool { return c > 0 }) {
		return nil
	}
	return found
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

// borderAt returns the border that stands for the padding of node i, which convolves the input; nil where there is none.
func (s *State) borderAt(i int, w window.Window2d, maps map[int]*ann.ChannelAffine) *snn.Border {
	if !w.Padded() {
		return nil
	}
	b := &snn.Border{Begin: w.PadBegin, End: w.PadEnd}
	scale, shift := s.codesTo(i, maps)
	for c := range s.Graph.Nodes[0].Shape.Channels() {
		k := c * len(scale) / s.Graph.Nodes[0].Shape.Channels()
		code, ok := codeOfZero(float64(scale[k]), float64(shift[k]))
		if !ok {
			return nil
		}
		b.Codes = append(b.Codes, code)
	}
	if b.Validate(len(b.Codes)) != nil {
		return nil // wider than a border may be
	}
	return b
}

// BorderOfSpiking returns the border of a spiking network that another tool made, as BorderOf does: Adopt takes the padding of the
// projections that read the input for it.
func BorderOfSpiking(net *snn.Network, pre Preprocess) *snn.Border {
	if pre.Pairs > 0 {
		return nil
	}
	shape := net.Populations[0].Shape
	b := &snn.Border{}
	for i := range net.Projections {
		q := &net.Projections[i]
		switch {
		case q.Source != 0:
			continue
		case q.Pool != nil || !q.Window.Padded() || b.Codes != nil && (q.Window.PadBegin != b.Begin || q.Window.PadEnd != b.End):
			return nil
		}
		b.Begin, b.End, b.Codes = q.Window.PadBegin, q.Window.PadEnd, nil
		for c := range shape[0] {
			scale, shift := pre.At(c, shape[0])
			code, ok := codeOfZero(scale, shift)
			if !ok {
				return nil
			}
			b.Codes = append(b.Codes, code)
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
