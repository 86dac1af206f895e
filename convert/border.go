package convert

import (
	"context"
	"math"
	"slices"

	"spikec/internal/window"
	"spikec/models/ann"
)

// Border is what is put around a picture of codes before the network sees it: so many rows above and below, and columns left
// and right, all of one code a channel.
type Border struct {
	Begin [2]int  `json:"begin"` // rows above, columns left; not negative
	End   [2]int  `json:"end"`   // rows below, columns right; not negative
	Codes []uint8 `json:"codes"` // one a channel
}

// Around returns the shape, C,H,W, of a picture of a shape with its border.
func (b *Border) Around(shape [3]int) [3]int {
	if b == nil {
		return shape
	}
	for d := range 2 {
		shape[1+d] += b.Begin[d] + b.End[d]
	}
	return shape
}

// BorderOf returns the border with which a picture of codes, pre saying what they are worth, takes the place of the padding of
// g's first layer. A trained network pads its own input with zeros: where the preprocessing has a mean, those are pixels of the
// mean's value, and not black ones. nil: there is no padding, black is right, or no border is: the layers that read the
// input pad it differently, pool it first, or no code is worth 0.
func BorderOf(ctx context.Context, g *ann.Graph, pre Preprocess, opt Options) (*Border, error) {
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
func (s *State) findBorder() *Border {
	g := s.Graph
	if len(g.Nodes[0].Shape) != 3 {
		return nil
	}
	var found *Border
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
func (s *State) borderAt(i int, w window.Window2d, maps map[int]*ann.ChannelAffine) *Border {
	if !w.Padded() {
		return nil
	}
	b := &Border{Begin: w.PadBegin, End: w.PadEnd}
	scale, shift := s.codesTo(i, maps)
	for c := range s.Graph.Nodes[0].Shape.Channels() {
		k := c * len(scale) / s.Graph.Nodes[0].Shape.Channels()
		code := math.Round(-float64(shift[k]) / float64(scale[k]))
		if !(code >= 0 && code <= 255) {
			return nil
		}
		b.Codes = append(b.Codes, uint8(code))
	}
	return b
}
