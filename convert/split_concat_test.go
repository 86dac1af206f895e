package convert

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

// branches draws a network whose branches, of channels of their own, are joined and read through operations that keep channels
// apart, by a Conv and by a fully connected layer.
func branches(t *rapid.T) *sketch {
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	same := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})
	s := newSketch(t, seed(t), 2, 6, 8)
	s.add(s.conv(2, 3, 1, same, true))
	stem := s.add(ann.Relu{})
	var parts []int
	for range rapid.IntRange(2, 3).Draw(t, "branches") {
		s.add(s.conv(3, rapid.IntRange(1, 3).Draw(t, "channels"), 1, same, yes("bias")), stem)
		if yes("rectified before") {
			s.add(ann.Relu{})
		}
		parts = append(parts, s.g.Output)
	}
	s.add(ann.Concat{}, parts...)
	if yes("nested") {
		s.add(ann.Concat{}, s.g.Output, stem)
	}
	if n := s.shape(s.g.Output)[0]; yes("batch normalisation") {
		s.add(s.batchNorm(n, true))
	}
	s.add(ann.Relu{})
	if yes("pool") {
		s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	}
	if yes("convolution behind") {
		s.add(s.conv(s.shape(s.g.Output)[0], 4, 1, same, true))
		s.add(ann.Relu{})
		return s
	}
	if n := s.shape(s.g.Output)[0]; yes("grouped convolution between") {
		s.add(s.conv(n, 2*n, n, same, yes("bias of the groups")))
		s.add(ann.Relu{})
	}
	shape := s.shape(s.g.Output)
	s.add(ann.Flatten{})
	s.add(s.linear(shape[0]*shape[1]*shape[2], 3, true))
	return s
}

// TestSplitConcatKeepsTheFunction compares the executors before and after; what is left can become populations.
func TestSplitConcatKeepsTheFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := branches(t)
		st := &State{Teacher: s.g}
		if err := splitConcat(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		x := pixels(5, 96)
		for i := range x {
			x[i] = x[i]/128 - 1
		}
		closeTo(t, "output", evaluate(t, st.Teacher, x), evaluate(t, s.g, x), 1e-5)
		for _, n := range st.Teacher.Nodes {
			if _, ok := n.Op.(ann.Concat); ok {
				t.Fatalf("a Concat is left:\n%s", st.Teacher)
			}
		}
	})
}

// TestConcatOfScales: branches whose activations differ by a factor of 1000 are converted without loss, because each has
// scale factors of its own.
func TestConcatOfScales(t *testing.T) {
	s := newSketch(t, 7, 2, 4, 4)
	var parts []int
	for _, size := range []float32{1, 1000} {
		c := s.conv(2, 3, 1, oneTap(), true)
		for i := range c.Weight {
			c.Weight[i] *= size
		}
		for i := range c.Bias {
			c.Bias[i] *= size
		}
		s.add(c, 0)
		parts = append(parts, s.add(ann.Relu{}))
	}
	s.add(ann.Concat{}, parts...)
	s.add(ann.Flatten{})
	l := s.linear(96, 2, true)
	for i := range l.Weight {
		if i%96 >= 48 {
			l.Weight[i] /= 1000
		}
	}
	s.add(l)
	opt := options(Best, 400)
	opt.Disable["rate-refit"], opt.Disable["refit"] = true, true
	if got := loss(t, s, opt); got > 1e-4 {
		t.Errorf("the output is off by %.2g of its mean square", got)
	}
}

// TestGroupsAcrossBranches: a grouped convolution with a group that reads several branches is refused by name, another one
// is converted.
func TestGroupsAcrossBranches(t *testing.T) {
	for groups, across := range map[int]bool{1: false, 2: true, 3: false, 6: false} {
		s := newSketch(t, 7, 2, 4, 4)
		var stems []int
		for range 3 {
			s.add(s.conv(2, 2, 1, oneTap(), true), 0)
			stems = append(stems, s.add(ann.Relu{}))
		}
		concat := s.add(ann.Concat{}, stems...)
		s.add(s.conv(6, 6, groups, oneTap(), true))
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(96, 2, true))
		_, err := Run(context.Background(), s.g, unit, pictures(s.g, 4, unit), Capabilities{Bias: true}, options(Best, 4))
		switch {
		case across && (err == nil || !strings.Contains(err.Error(), "SPK-CONV-007 "+s.g.Nodes[concat].Name)):
			t.Errorf("%d groups: got %v, want a refusal of the Concat", groups, err)
		case !across && err != nil:
			t.Errorf("%d groups: %v", groups, err)
		}
	}
}
