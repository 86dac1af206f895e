package convert

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/internal/window"
	"spikec/models/ann"
)

// TestRefusals: what cannot become populations is refused by the node's name; the texts are in testdata.
func TestRefusals(t *testing.T) {
	conv := func(s *sketch, in, out int) int { return s.add(s.conv(in, out, 1, window.Square(2, 1), true)) }
	cases := []struct {
		name  string
		build func(s *sketch)
	}{
		{"a pool of a pool", func(s *sketch) {
			conv(s, 2, 3)
			s.add(ann.Relu{})
			s.add(&ann.MaxPool{Window: window.Square(2, 1)})
			s.add(&ann.AveragePool{Window: window.Square(2, 1)})
			conv(s, 3, 2)
		}},
		{"two convolutions without a rectifier", func(s *sketch) { conv(s, 2, 3); conv(s, 3, 4); conv(s, 4, 2) }},
		{"a pool between weights and rectifier", func(s *sketch) {
			conv(s, 2, 3)
			s.add(&ann.AveragePool{Window: window.Square(2, 1)})
			s.add(ann.Relu{})
			conv(s, 3, 2)
		}},
		{"a sum that is read by weights", func(s *sketch) {
			a, b := s.add(s.conv(2, 3, 1, window.Square(2, 1), true), 0), s.add(s.conv(2, 3, 1, window.Square(2, 1), true), 0)
			s.add(ann.Add{}, a, b)
			conv(s, 3, 2)
		}},
		{"a clip that is no rectifier", func(s *sketch) { conv(s, 2, 3); s.add(ann.Clip{Min: -1, Max: 1}); conv(s, 3, 2) }},
		{"a softmax in the middle", func(s *sketch) {
			s.add(ann.Flatten{})
			s.add(s.linear(60, 4, true))
			s.add(ann.Softmax{})
			s.add(s.linear(4, 2, true))
		}},
		{"a rectifier on the input", func(s *sketch) { s.add(ann.Relu{}); conv(s, 2, 3) }},
		{"a skip from the input", func(s *sketch) {
			a := s.add(s.conv(2, 2, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
			s.add(ann.Add{}, a, 0)
			s.add(ann.Relu{})
		}},
		{"weights in two layers", func(s *sketch) {
			a := conv(s, 2, 3)
			r := s.add(ann.Relu{}, a)
			b := s.add(s.conv(3, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true), r)
			s.add(ann.Add{}, a, b)
			s.add(ann.Relu{})
			conv(s, 3, 2)
		}},
		{"a max pool of a map that is stretched", func(s *sketch) {
			conv(s, 2, 3)
			s.add(ann.Relu{})
			s.pick(1, 0, 0, 0, 1, 1)
			s.add(&ann.MaxPool{Window: window.Square(2, 1)})
			conv(s, 3, 2)
		}},
		{"constants and bounds of every element", func(s *sketch) {
			conv(s, 2, 3)
			n := s.g.Nodes[s.g.Output].Shape.Size()
			s.add(&ann.ElementAffine{Shift: s.numbers(n, 1)})
			s.add(ann.Relu{})
			conv(s, 3, 3)
			s.add(&ann.ElementClip{Min: s.numbers(s.g.Nodes[s.g.Output].Shape.Size(), 1)})
			conv(s, 3, 2)
		}},
		{"a normalised vector between rectifiers", func(s *sketch) {
			s.add(ann.Flatten{})
			s.add(s.linear(60, 4, true))
			r := s.add(ann.Relu{})
			b := s.add(s.batchNorm(4, true))
			s.add(ann.Add{}, r, b)
			s.add(ann.Relu{})
		}},
		{"a map that is flattened to the output", func(s *sketch) { conv(s, 2, 3); s.add(ann.Relu{}); conv(s, 3, 2); s.add(ann.Flatten{}) }},
		{"a rectified map that is flattened to the output", func(s *sketch) { conv(s, 2, 3); s.add(ann.Flatten{}); s.add(ann.Relu{}) }},
		{"a map that is flattened into a sum of vectors", func(s *sketch) {
			conv(s, 2, 3)
			r := s.add(ann.Relu{})
			vector := s.add(s.linear(60, 60, true), s.add(ann.Flatten{}, r))
			s.add(ann.Add{}, vector, s.add(ann.Flatten{}, s.add(s.conv(3, 3, 1, oneTap(), true), r)))
			s.add(ann.Relu{})
			s.add(s.linear(60, 2, true))
		}},
		{"a map of other channels in a sum", func(s *sketch) {
			conv(s, 2, 3)
			r := s.add(ann.Relu{})
			s.add(ann.Reshape{To: ann.Shape{6, 5, 2}})
			m := s.g.Output
			s.add(s.conv(3, 6, 1, window.Window2d{Kernel: [2]int{1, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, true), r)
			s.add(ann.Add{}, s.g.Output, m)
			s.add(ann.Relu{})
			conv(s, 6, 2)
		}},
		{"the input in two shapes", func(s *sketch) {
			s.add(&ann.AveragePool{Window: window.Square(5, 1)})
			a := s.add(s.conv(2, 3, 1, oneTap(), true))
			s.add(ann.Reshape{To: ann.Shape{2, 30, 1}}, 0)
			s.add(s.conv(2, 3, 1, padded([2]int{29, 1}, [4]int{}), true))
			s.add(ann.Add{}, a, s.g.Output)
			s.add(ann.Relu{})
			s.add(s.conv(3, 2, 1, oneTap(), true))
		}},
		{"a further convolution of joined branches", func(s *sketch) { s.join(); conv(s, 5, 4); conv(s, 4, 2) }},
		{"everything at once", func(s *sketch) {
			conv(s, 2, 3)
			conv(s, 3, 3)
			s.add(ann.Relu{})
			s.add(&ann.MaxPool{Window: window.Square(2, 1)})
			s.add(&ann.MaxPool{Window: window.Square(2, 1)})
			s.add(s.conv(3, 2, 1, window.Square(1, 1), true))
			s.add(ann.Relu{})
		}},
	}
	var b strings.Builder
	for _, c := range cases {
		s := newSketch(t, 1, 2, 6, 5)
		c.build(s)
		_, err := Run(context.Background(), s.g, unit, pictures(s.g, 3, unit), Capabilities{}, options(Strict, 4))
		fmt.Fprintf(&b, "== %s\n", c.name)
		var f *diag.Failure
		if !errors.As(err, &f) {
			fmt.Fprintf(&b, "not a list of diagnostics: %v\n\n", err)
			continue
		}
		for _, d := range f.List {
			fmt.Fprintln(&b, d)
		}
		b.WriteByte('\n')
	}
	golden.File(t, "refusals.txt", b.String())
}

// TestSummandsReachThroughSums: sums of sums are one layer, with a term for every way.
func TestSummandsReachThroughSums(t *testing.T) {
	s := newSketch(t, 1, 2, 6, 5)
	same := func() window.Window2d { return padded([2]int{3, 3}, [4]int{1, 1, 1, 1}) }
	r := s.add(s.conv(2, 2, 1, same(), true))
	r = s.add(ann.Relu{}, r)
	a := s.add(s.conv(2, 2, 1, same(), true), r)
	b := s.add(s.conv(2, 2, 1, same(), true), r)
	p := s.add(&ann.AveragePool{Window: same(), CountPad: true}, r)
	ab := s.add(ann.Add{}, a, b)
	pr := s.add(ann.Add{}, p, r)
	s.add(ann.Add{}, ab, pr)
	out := s.add(ann.Clip{Max: 6})
	layers, found := layersOf(s.g)
	if len(found) != 1 || found[0].ID != "SPK-CONV-006" {
		t.Errorf("%v, want the warning of an output that is a rectifier", found)
	}
	if len(layers) != 2 {
		t.Fatalf("%d layers", len(layers))
	}
	l := layers[1]
	want := []term{{value: a, source: r, pool: -1, weighted: a}, {value: b, source: r, pool: -1, weighted: b}, {value: p, source: r, pool: p, weighted: -1}, {value: r, source: r, pool: -1, weighted: -1}}
	if fmt.Sprint(l.terms) != fmt.Sprint(want) || l.node != out || l.limit != 6 {
		t.Errorf("got %+v", l)
	}
}
