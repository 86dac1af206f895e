package convert

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

// pooled draws a network with a max pool between two weighted operations; the one behind it is a Conv or fully connected.
func pooled(t *rapid.T) *sketch {
	n := func(lo, hi int, name string) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	s := newSketch(t, seed(t), 2, n(4, 9, "rows"), n(4, 9, "columns"))
	s.add(s.conv(2, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
	s.add(ann.Relu{})
	p := &ann.MaxPool{Window: window.Window2d{Kernel: [2]int{n(1, 3, "kh"), n(1, 3, "kw")}, Stride: [2]int{n(1, 3, "sh"), n(1, 3, "sw")}, Dilation: [2]int{1, 1}}}
	for d := range 2 {
		p.Window.PadBegin[d] = n(0, p.Window.Kernel[d]-1, "pads before")
		p.Window.PadEnd[d] = n(0, p.Window.Kernel[d]-1, "pads behind")
	}
	if _, err := p.OutputShape([]ann.Shape{s.g.Nodes[s.g.Output].Shape}); err != nil {
		t.Skip("the pool does not fit")
	}
	s.add(p)
	shape := s.shape(s.g.Output)
	if rapid.Bool().Draw(t, "fully connected") {
		s.add(ann.Flatten{})
		s.add(s.linear(shape[0]*shape[1]*shape[2], 4, true))
		return s
	}
	w := window.Window2d{Kernel: [2]int{n(1, min(3, shape[1]), "conv kh"), n(1, min(3, shape[2]), "conv kw")}, Stride: [2]int{n(1, 2, "conv sh"), n(1, 2, "conv sw")},
		Dilation: [2]int{1, 1}, PadBegin: [2]int{n(0, 1, "top"), n(0, 1, "left")}, PadEnd: [2]int{n(0, 1, "bottom"), n(0, 1, "right")}}
	s.add(s.conv(3, 6, []int{1, 3}[n(0, 1, "groups")], w, true))
	s.add(ann.Relu{})
	return s
}

// compared runs the passes up to compare-pools on a network.
func compared(t tb, g *ann.Graph, pooling string) *State {
	t.Helper()
	st := &State{Teacher: g, Options: Options{Pooling: pooling}}
	if err := comparePools(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	return st
}

// maxPools counts the max pools of a network.
func maxPools(g *ann.Graph) int {
	n := 0
	for _, node := range g.Nodes {
		if _, ok := node.Op.(*ann.MaxPool); ok {
			n++
		}
	}
	return n
}

// TestComparePoolsKeepsTheFunction draws networks and compares the executors before and after; most pools are taken apart.
func TestComparePoolsKeepsTheFunction(t *testing.T) {
	apart, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := pooled(t)
		st := compared(t, s.g, MaxPooling)
		if all++; maxPools(st.Teacher) == 0 {
			apart++
			if layers, found := layersOf(st.Teacher); found.HasErrors() || len(layers) < 2 {
				t.Fatalf("%v\n%s", found, st.Teacher)
			}
		}
		x := pixels(3, s.g.Nodes[0].Shape.Size())
		for i := range x {
			x[i] = x[i]/128 - 1
		}
		closeTo(t, "output", evaluate(t, st.Teacher, x), evaluate(t, s.g, x), 1e-5)
	})
	if apart < all/3 {
		t.Errorf("%d of %d pools were taken apart", apart, all)
	}
}

// TestComparePoolsOfTwo: a window of 2×2 takes two rectifiers a row pair and one for the rows, C·(2·4 + 4) neurons on a map
// of 4×4.
func TestComparePoolsOfTwo(t *testing.T) {
	s := newSketch(t, 3, 1, 4, 4)
	s.add(s.conv(1, 3, 1, oneTap(), true))
	s.add(ann.Relu{})
	s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	s.add(s.conv(3, 2, 1, window.Square(2, 1), true))
	st := compared(t, s.g, MaxPooling)
	layers, found := layersOf(st.Teacher)
	if found.HasErrors() || len(layers) != 4 {
		t.Fatalf("%d layers, %v\n%s", len(layers), found, st.Teacher)
	}
	for k, want := range [][3]int{{3, 4, 4}, {3, 4, 2}, {3, 2, 2}, {2, 1, 1}} {
		if got := channels(st.Teacher.Nodes[layers[k].node].Shape); got != want {
			t.Errorf("layer %d is %v, want %v", k, got, want)
		}
	}
	if len(layers[3].terms) != 3 {
		t.Errorf("the last layer has %d terms, want the first values and both comparisons", len(layers[3].terms))
	}
}

// TestComparePoolsLeaves: average pooling as the user's choice, and pools that rectifiers cannot compare.
func TestComparePoolsLeaves(t *testing.T) {
	network := func(signed bool, read func(s *sketch)) *ann.Graph {
		s := newSketch(t, 4, 2, 6, 6)
		s.add(s.conv(2, 2, 1, oneTap(), true))
		if !signed {
			s.add(ann.Relu{})
		}
		s.add(&ann.MaxPool{Window: window.Square(2, 2)})
		read(s)
		return s.g
	}
	conv := func(s *sketch) { s.add(s.conv(2, 3, 1, oneTap(), false)) }
	for _, c := range []struct {
		name    string
		g       *ann.Graph
		pooling string
	}{
		{"the user wants averages", network(false, conv), AveragePooling},
		{"values below zero", network(true, conv), MaxPooling},
		{"read by a rectifier", network(false, func(s *sketch) { s.add(ann.Relu{}) }), MaxPooling},
		{"the output", network(false, func(*sketch) {}), MaxPooling},
		{"flattened to the output", network(false, func(s *sketch) { s.add(ann.Flatten{}) }), MaxPooling},
	} {
		if st := compared(t, c.g, c.pooling); maxPools(st.Teacher) != 1 {
			t.Errorf("%s: the pool is gone:\n%s", c.name, st.Teacher)
		}
	}
}
