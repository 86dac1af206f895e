package convert

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

// affines appends up to two affine maps with n channels.
func (s *sketch) affines(t *rapid.T, n int, signed bool) {
	for range rapid.IntRange(0, 2).Draw(t, "affine maps") {
		switch rapid.SampledFrom([]string{"bn", "mul", "add", "muladd"}).Draw(t, "kind") {
		case "bn":
			s.add(s.batchNorm(n, signed))
		case "mul":
			b := s.batchNorm(n, signed)
			s.add(&ann.ChannelAffine{Scale: b.Gamma})
		case "add":
			s.add(&ann.ChannelAffine{Shift: s.numbers(n, 0.5)})
		case "muladd":
			b := s.batchNorm(n, signed)
			s.add(&ann.ChannelAffine{Scale: b.Gamma, Shift: b.Beta})
		}
	}
}

// affineNetwork draws a network with affine maps on the input, behind and in front of convolutions and on the fully
// connected layers.
func affineNetwork(t *rapid.T) *sketch {
	c := rapid.IntRange(1, 3).Draw(t, "input channels")
	s := newSketch(t, seed(t), c, 9, 7)
	s.affines(t, c, true)
	s.add(s.conv(c, 4, 1, padded([2]int{3, 2}, [4]int{1, 0, 0, 1}), rapid.Bool().Draw(t, "bias 1")))
	s.affines(t, 4, true)
	s.add(ann.Relu{})
	s.affines(t, 4, false)
	switch rapid.SampledFrom([]string{"max", "average", "none"}).Draw(t, "pool") {
	case "max":
		s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	case "average":
		s.add(&ann.AveragePool{Window: padded([2]int{2, 3}, [4]int{1, 0, 0, 0})}) // the pads do not count
	}
	s.affines(t, 4, true)
	s.add(s.conv(4, 6, 2, window.Square(2, 1), rapid.Bool().Draw(t, "bias 2")))
	s.add(ann.Relu{})
	s.affines(t, 6, false)
	s.add(&ann.MaxPool{Window: window.Square(2, 1)})
	s.add(ann.Flatten{})
	n := s.g.Nodes[s.g.Output].Shape.Size()
	s.add(s.linear(n, 5, true))
	s.affines(t, 5, true)
	s.add(ann.Relu{})
	s.affines(t, 5, true)
	s.add(s.linear(5, 3, false))
	s.affines(t, 3, true)
	return s
}

// affineLeft lists the affine maps of g that are not on its input.
func affineLeft(g *ann.Graph) (names []string) {
	for i, n := range g.Nodes {
		if i > 0 {
			if _, _, ok := affineOf(n.Op, n.Shape.Channels()); ok && !onInput(g, i) {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

func TestFoldAffineKeepsTheFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := affineNetwork(t)
		st := stateOf(s.g, 1, unit, options(Best, 1))
		before := s.g.String()
		x := make([]float32, s.g.Nodes[0].Shape.Size())
		st.Images.Inputs(3, x)
		want := append([]float32(nil), evaluate(t, s.g, x)...)
		if err := foldAffine(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		if len(st.Diagnostics) > 0 {
			t.Fatalf("%v", st.Diagnostics)
		}
		closeTo(t, "folded", evaluate(t, st.Teacher, x), want, 2e-5)
		if left := affineLeft(st.Teacher); left != nil {
			t.Fatalf("%v left in\n%s", left, st.Teacher)
		}
		if after := s.g.String(); after != before {
			t.Fatal("the network that was read has changed")
		}
		closeTo(t, "the network that was read", evaluate(t, s.g, x), want, 1e-6)
		// Nothing needed a convolution of its own: all maps had weights beside them.
		for _, n := range st.Teacher.Nodes {
			if c, ok := n.Op.(*ann.Conv); ok && c.Groups == c.In && c.In > 1 && c.FanIn() == 1 {
				t.Fatalf("%s became a convolution in\n%s", n.Name, st.Teacher)
			}
		}
	})
}

// TestFoldAffineByHand: a batch normalisation with √(var+ε) = 2 behind one weight.
func TestFoldAffineByHand(t *testing.T) {
	s := newSketch(t, 1, 1, 1, 1)
	s.add(&ann.Conv{Weight: []float32{3}, Bias: []float32{5}, In: 1, Out: 1, Groups: 1, Window: oneTap()})
	s.add(&ann.BatchNorm{Gamma: []float32{4}, Beta: []float32{1}, Mean: []float32{2}, Var: []float32{3}, Epsilon: 1})
	st := stateOf(s.g, 1, unit, options(Best, 1))
	if err := foldAffine(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	c := st.Teacher.Nodes[st.Teacher.Output].Op.(*ann.Conv)
	// g = 4/2 = 2: w = 2·3, b = 2·(5 − 2) + 1.
	if c.Weight[0] != 6 || c.Bias[0] != 7 {
		t.Errorf("weight %v and bias %v, want 6 and 7", c.Weight[0], c.Bias[0])
	}
}

// TestFoldAffineElsewhere: maps that cannot be folded keep the function as a convolution of one tap a channel.
func TestFoldAffineElsewhere(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(s *sketch)
	}{
		{"negative gamma before a MaxPool", func(s *sketch) {
			b := s.batchNorm(4, true)
			b.Gamma[2] = -1
			s.add(b)
			s.add(&ann.MaxPool{Window: window.Square(2, 2)})
			s.add(s.conv(4, 3, 1, window.Square(2, 1), true))
		}},
		{"shift before a padded kernel", func(s *sketch) {
			s.add(s.batchNorm(4, false))
			s.add(s.conv(4, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
		}},
		{"shift before a pool whose pads count", func(s *sketch) {
			s.add(s.batchNorm(4, false))
			s.add(&ann.AveragePool{Window: padded([2]int{2, 2}, [4]int{1, 1, 0, 0}), CountPad: true})
			s.add(s.conv(4, 3, 1, window.Square(2, 1), true))
		}},
		{"two readers", func(s *sketch) {
			b := s.add(s.batchNorm(4, false))
			x := s.add(s.conv(4, 3, 1, window.Square(1, 1), true), b)
			y := s.add(s.conv(4, 3, 1, window.Square(1, 1), true), b)
			s.add(ann.Add{}, x, y)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSketch(t, 5, 2, 6, 5)
			s.add(s.conv(2, 4, 1, window.Square(2, 1), true))
			s.add(ann.Relu{})
			c.build(s)
			st := stateOf(s.g, 1, unit, options(Best, 1))
			x := make([]float32, 60)
			st.Images.Inputs(0, x)
			want := append([]float32(nil), evaluate(t, s.g, x)...)
			if err := foldAffine(context.Background(), st); err != nil {
				t.Fatal(err)
			}
			closeTo(t, "folded", evaluate(t, st.Teacher, x), want, 1e-5)
			if left := affineLeft(st.Teacher); left != nil || len(st.Teacher.Nodes) != len(s.g.Nodes) {
				t.Errorf("%v left in\n%s", left, st.Teacher)
			}
		})
	}
}

// TestFoldAffineScalesPaddedKernels: a map without a shift folds into a padded kernel, because zeros stay zeros.
func TestFoldAffineScalesPaddedKernels(t *testing.T) {
	s := newSketch(t, 5, 1, 6, 5)
	s.add(s.conv(1, 4, 1, window.Square(2, 1), true))
	s.add(ann.Relu{})
	s.add(&ann.ChannelAffine{Scale: []float32{1, -2, 3, 0.5}})
	s.add(&ann.AveragePool{Window: padded([2]int{2, 2}, [4]int{1, 1, 0, 0}), CountPad: true})
	s.add(s.conv(4, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
	st := stateOf(s.g, 1, unit, options(Best, 1))
	x := make([]float32, 30)
	st.Images.Inputs(0, x)
	want := append([]float32(nil), evaluate(t, s.g, x)...)
	if err := foldAffine(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	closeTo(t, "folded", evaluate(t, st.Teacher, x), want, 1e-5)
	if len(st.Teacher.Nodes) != len(s.g.Nodes)-1 {
		t.Errorf("not folded:\n%s", st.Teacher)
	}
}
