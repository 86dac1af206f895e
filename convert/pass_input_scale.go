package convert

import (
	"context"
	"slices"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// inputScale lets the student take codes: input = code·s + m, with the affine maps that the graph itself begins with,
// goes into the weights that read the input:
//
//	b ← b + Σ W·m ,  W ← W·s
//
// Where the kernel, or a pool before it, is padded and m is not zero the border of the student differs: the teacher pads with an
// input of zero, or leaves padding out of its pool, the student pads with a code of zero. Pass input-border avoids that where it can.
func inputScale(_ context.Context, s *State) error {
	g := s.Graph
	maps := affineMaps(g)
	for i := range maps {
		g.Nodes[i].Op = &ann.ChannelAffine{}
	}
	var found diag.List
	s.layers, found = layersOf(g)
	s.Diagnostics = append(s.Diagnostics, found...)
	pooled := map[int]bool{}
	for _, l := range s.layers {
		for _, t := range l.terms {
			if t.source != 0 {
				continue
			}
			if t.weighted < 0 {
				s.Diagnostics.Add(unsupported(g, t.value, "it reads the network's input past any weights", "begin with a convolution or a fully connected layer"))
				continue
			}
			w, _ := weightedOf(g.Nodes[t.weighted].Op)
			scale, shift := s.codesTo(t.weighted, maps)
			if t.pool >= 0 && !pooled[t.pool] {
				pool, _ := poolOf(g.Nodes[t.pool].Op)
				_, shift := s.codesTo(t.pool, maps)
				if pooled[t.pool] = true; pool.Padded() && anyNonZero(shift) {
					s.Diagnostics.Warnf("SPK-CONV-008", g.Nodes[t.pool].Name,
						"padding: the trained network pools its normalised input, the chip pools pixels, with zeros around them; the re-fit evens it out")
				}
			}
			if w.window.Padded() && anyNonZero(shift) {
				s.Diagnostics.Warnf("SPK-CONV-008", g.Nodes[t.weighted].Name,
					"padding: the trained network pads its normalised input with zeros, the chip pads pixels with zeros; the re-fit evens it out")
			}
			g.Nodes[t.weighted].Op = scaleInputs(g.Nodes[t.weighted].Op, perInput(scale, w.in), perInput(shift, w.in))
		}
	}
	return nil
}

// affineMaps returns the affine maps that are nodes of g, by node.
func affineMaps(g *ann.Graph) map[int]*ann.ChannelAffine {
	maps := map[int]*ann.ChannelAffine{}
	for i := 1; i < len(g.Nodes); i++ {
		if scale, shift, ok := affineOf(g.Nodes[i].Op, g.Nodes[i].Shape.Channels()); ok {
			maps[i] = &ann.ChannelAffine{Scale: scale, Shift: shift}
		}
	}
	return maps
}

// codesTo returns what the preprocessing, and then those of the affine maps that are on the way to node i, make of each code.
func (s *State) codesTo(i int, maps map[int]*ann.ChannelAffine) (scale, shift []float32) {
	g := s.Graph
	size := g.Nodes[0].Shape.Size()
	scale, shift = make([]float32, size), make([]float32, size)
	for k := range size {
		a, m := s.Preprocess.At(k, size)
		scale[k], shift[k] = float32(a), float32(m)
	}
	var way []*ann.ChannelAffine
	for i = g.Nodes[i].Inputs[0]; i != 0; i = g.Nodes[i].Inputs[0] {
		if a := maps[i]; a != nil {
			way = append(way, a)
		}
	}
	for _, a := range slices.Backward(way) {
		plane := size / len(a.Scale)
		for k := range size {
			scale[k] *= a.Scale[k/plane]
			shift[k] = shift[k]*a.Scale[k/plane] + a.Shift[k/plane]
		}
	}
	return scale, shift
}

// perInput picks, for each of in equal parts of v, its first value.
func perInput(v []float32, in int) []float32 {
	p := make([]float32, in)
	for c := range p {
		p[c] = v[c*len(v)/in]
	}
	return p
}
