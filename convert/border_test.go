package convert

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// surrounded returns pictures of pixels whose codes have the border of pre.
func surrounded(g *ann.Graph, n int, pre Preprocess) Images {
	images := pictures(g, n, pre)
	shape := [3]int(g.Nodes[0].Shape)
	images.Codes = func(i int, dst []float32) {
		b, p := pre.Border, pre.Border.Around(shape)
		for k := range dst[:p[0]*p[1]*p[2]] {
			dst[k] = float32(b.Codes[k/(p[1]*p[2])])
		}
		for k, x := range pixels(i, shape[0]*shape[1]*shape[2]) {
			c, y, x0 := k/(shape[1]*shape[2]), k/shape[2]%shape[1], k%shape[2]
			dst[(c*p[1]+y+b.Begin[0])*p[2]+x0+b.Begin[1]] = x
		}
	}
	return images
}

// TestBorder: with the border in place of the padding the student computes, at the border too, what the teacher computes,
// where a code is worth exactly the zero that the teacher pads with.
func TestBorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.IntRange(1, 3).Draw(t, "channels")
		s := newSketch(t, seed(t), c, 7, 5)
		pre := Preprocess{}
		var codes []uint8
		for range c {
			code := rapid.IntRange(1, 255).Draw(t, "code of the border")
			scale := rapid.Float64Range(0.002, 0.02).Draw(t, "scale")
			codes = append(codes, uint8(code))
			pre.Scale, pre.Offset = append(pre.Scale, scale), append(pre.Offset, -scale*float64(code))
		}
		input := 0
		if rapid.Bool().Draw(t, "an affine map of the graph") {
			a := &ann.ChannelAffine{Scale: s.numbers(c, 1), Shift: make([]float32, c)}
			input = s.add(a)
		}
		w := padded([2]int{3, 2}, [4]int{rapid.IntRange(0, 2).Draw(t, "top"), rapid.IntRange(0, 1).Draw(t, "left"), 1, rapid.IntRange(0, 1).Draw(t, "right")})
		w.Stride = [2]int{rapid.IntRange(1, 3).Draw(t, "stride"), 1}
		w.Dilation = [2]int{rapid.IntRange(1, 2).Draw(t, "dilation"), 1}
		a := s.add(s.conv(c, 3, 1, w, true), input)
		if rapid.Bool().Draw(t, "two readers") {
			s.add(ann.Add{}, a, s.add(s.conv(c, 3, 1, w, false), input))
		}
		s.add(ann.Relu{})
		opt := options(Best, 1)
		b, err := BorderOf(context.Background(), s.g, pre, opt)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil || !slices.Equal(b.Codes, codes) || b.Begin != w.PadBegin || b.End != w.PadEnd {
			t.Fatalf("border %+v, want codes %v, %v and %v", b, codes, w.PadBegin, w.PadEnd)
		}
		pre.Border = b
		st := stateOf(s.g, 1, pre, opt)
		st.Images = surrounded(s.g, 1, pre)
		through(t, st, "drop-softmax", "input-scale")
		if slices.ContainsFunc(st.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == "SPK-CONV-008" || d.Severity == diag.Error }) {
			t.Fatal(st.Diagnostics)
		}
		p := b.Around([3]int{c, 7, 5})
		if !st.Graph.Nodes[0].Shape.Equal(p[:]) {
			t.Fatalf("the student takes %s, want %v", st.Graph.Nodes[0].Shape, p)
		}
		x, seen := make([]float32, c*35), make([]float32, p[0]*p[1]*p[2])
		st.Images.Inputs(2, x)
		st.Images.Codes(2, seen)
		closeTo(t, "student", evaluate(t, st.Graph, seen), evaluate(t, st.Teacher, x), 1e-4)
	})
}

// TestBorderOfTheGraphsOwnMean: the mean may be taken off by the network itself.
func TestBorderOfTheGraphsOwnMean(t *testing.T) {
	s := newSketch(t, 3, 2, 6, 5)
	s.add(&ann.ChannelAffine{Scale: []float32{2.5, 4}, Shift: []float32{-1, -0.8}})
	s.add(s.conv(2, 2, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
	s.add(ann.Relu{})
	b, err := BorderOf(context.Background(), s.g, unit, options(Best, 1))
	if err != nil {
		t.Fatal(err)
	}
	// 2.5·code/255 − 1 = 0 at 102, and 4·code/255 − 0.8 = 0 at 51
	if b == nil || !slices.Equal(b.Codes, []uint8{102, 51}) {
		t.Errorf("border %+v", b)
	}
}

// TestNoBorder lists where padding stays padding.
func TestNoBorder(t *testing.T) {
	gray := Preprocess{Scale: []float64{1. / 255}, Offset: []float64{-0.5}}
	pads := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})
	conv := func(s *sketch, w window.Window2d) { s.add(s.conv(1, 2, 1, w, true), 0) }
	for name, c := range map[string]struct {
		pre    Preprocess
		opt    func(*Options)
		layers func(s *sketch)
	}{
		"black is right":             {pre: unit, layers: func(s *sketch) { conv(s, pads) }},
		"no padding":                 {pre: gray, layers: func(s *sketch) { conv(s, window.Square(3, 1)) }},
		"no code is worth zero":      {pre: Preprocess{Scale: []float64{1. / 255}, Offset: []float64{0.5}}, layers: func(s *sketch) { conv(s, pads) }},
		"wider than a border may be": {pre: gray, layers: func(s *sketch) { conv(s, padded([2]int{3, 3}, [4]int{snn.MaxBorder + 1, 1, 1, 1})) }},
		"pooled first": {pre: gray, layers: func(s *sketch) {
			s.add(&ann.AveragePool{Window: window.Square(2, 1)})
			s.add(s.conv(1, 2, 1, pads, true))
		}},
		"padded in two ways": {pre: gray, layers: func(s *sketch) {
			a := s.add(s.conv(1, 2, 1, pads, true), 0)
			b := s.add(s.conv(1, 2, 1, padded([2]int{5, 5}, [4]int{2, 2, 2, 2}), true), 0)
			s.add(ann.Add{}, a, b)
		}},
		"one of two is not padded": {pre: gray, layers: func(s *sketch) {
			a := s.add(s.conv(1, 2, 1, pads, true), 0)
			b := s.add(s.conv(1, 2, 1, window.Square(1, 1), true), 0)
			s.add(ann.Add{}, a, b)
		}},
		"signed data": {pre: Preprocess{Scale: []float64{1. / 255}, Offset: []float64{-0.5}, Pairs: 1}, layers: func(s *sketch) { conv(s, pads) }},
		"not wanted":  {pre: gray, opt: func(o *Options) { o.Disable = map[string]bool{"input-border": true} }, layers: func(s *sketch) { conv(s, pads) }},
	} {
		s := newSketch(t, 3, 1, 6, 5)
		c.layers(s)
		s.add(ann.Relu{})
		opt := options(Best, 1)
		if c.opt != nil {
			c.opt(&opt)
		}
		if b, err := BorderOf(context.Background(), s.g, c.pre, opt); b != nil || err != nil {
			t.Errorf("%s: border %+v, %v", name, b, err)
		}
	}
}
