package convert

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

// pick adds a selection along dimension d of the last node.
func (s *sketch) pick(d int, value float32, index ...int) int {
	s.Helper()
	op := &ann.Select{Axes: ann.Kept(len(s.g.Nodes[s.g.Output].Shape)), Value: value}
	op.Axes[d].Index = index
	return s.add(op)
}

// drawIndex draws positions in a dimension of n, also outside where that is allowed.
func drawIndex(t *rapid.T, n, least int) []int {
	return rapid.SliceOfN(rapid.IntRange(least, n-1), 1, 5).Draw(t, "index")
}

// shuffle adds what PyTorch exports for a shuffle of the channels: Reshape, Transpose, Reshape.
func (s *sketch) shuffle(groups int) {
	s.Helper()
	shape := s.g.Nodes[s.g.Output].Shape
	s.add(ann.Reshape{To: ann.Shape{groups, shape[0] / groups, shape[1], shape[2]}})
	s.add(&ann.Select{Axes: []ann.SelectAxis{{From: 1}, {From: 0}, {From: 2}, {From: 3}}})
	s.add(ann.Reshape{To: shape})
}

// selecting draws a network with selections of every kind in front of everything that may read one.
func selecting(t *rapid.T) *sketch {
	s := newSketch(t, seed(t), 2, 6, 5)
	s.add(s.conv(2, 4, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true))
	if rapid.Bool().Draw(t, "rectified") {
		s.add(ann.Relu{})
	}
	for range rapid.IntRange(1, 2).Draw(t, "selections") {
		value := rapid.SampledFrom([]float32{0, 0.5}).Draw(t, "value")
		shape := s.g.Nodes[s.g.Output].Shape
		switch rapid.SampledFrom([]string{"channels", "part", "any", "shuffle", "rows", "border"}).Draw(t, "what") {
		case "channels":
			s.pick(0, value, drawIndex(t, shape[0], -1)...)
		case "part":
			first := rapid.IntRange(0, shape[1]-1).Draw(t, "first")
			s.pick(1, 0, identity(shape[1])[first:rapid.IntRange(first+1, shape[1]).Draw(t, "last")]...)
		case "any":
			s.pick(rapid.IntRange(1, 2).Draw(t, "dimension"), value, drawIndex(t, 1, -1)...)
		case "shuffle":
			if shape[0]%2 == 0 {
				s.shuffle(2)
			}
		case "border":
			s.add(&ann.Pad{Begin: [2]int{1, 0}, End: [2]int{0, 2}, Value: value})
		case "rows":
			s.add(ann.Reshape{To: ann.Shape{shape[0], shape[1] * shape[2]}})
			s.add(ann.Reshape{To: shape})
		}
	}
	n := s.g.Nodes[s.g.Output].Shape[0]
	from := s.g.Output
	switch rapid.SampledFrom([]string{"norm", "relu", "two relus", "pool", "mean", "elements", "add", "concat", "nothing"}).Draw(t, "between") {
	case "norm":
		s.add(s.batchNorm(n, true))
		s.add(ann.Relu{})
	case "relu":
		s.add(ann.Relu{})
	case "two relus":
		a := s.add(ann.Relu{})
		b := s.add(ann.Clip{Max: 1}, from)
		s.add(ann.Add{}, a, b)
	case "pool":
		s.add(ann.Relu{})
		s.add(&ann.MaxPool{Window: oneTap()})
	case "mean":
		s.add(ann.GlobalAveragePool{})
	case "elements":
		s.add(&ann.ElementAffine{Scale: s.numbers(s.g.Nodes[from].Shape.Size(), 1), Shift: s.numbers(s.g.Nodes[from].Shape.Size(), 1)})
	case "add":
		s.add(ann.Add{}, from, from)
	case "concat":
		s.add(ann.Concat{}, from, from)
	}
	shape := s.g.Nodes[s.g.Output].Shape
	switch rapid.SampledFrom([]string{"conv", "groups", "linear"}).Draw(t, "reader") {
	case "conv":
		s.add(s.conv(shape[0], 3, 1, padded([2]int{min(2, shape[1]), 1}, [4]int{0, rapid.IntRange(0, 1).Draw(t, "pad"), 0, 0}), rapid.Bool().Draw(t, "bias")))
		s.add(ann.Relu{})
	case "groups":
		s.add(s.conv(shape[0], 2*shape[0], shape[0], oneTap(), rapid.Bool().Draw(t, "bias")))
		s.add(ann.Relu{})
	}
	shape = s.g.Nodes[s.g.Output].Shape
	s.add(ann.Flatten{})
	s.add(s.linear(shape.Size(), 3, rapid.Bool().Draw(t, "bias of the output")))
	return s
}

// TestSelectionsKeepTheFunction compares the executors before and after; no selection is left.
func TestSelectionsKeepTheFunction(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		s := selecting(t)
		st := &State{Teacher: s.g}
		if err := selections(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		if st.Diagnostics.HasErrors() {
			refused++
			return
		}
		if err := st.Teacher.Validate(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, s.g, st.Teacher)
		}
		x := pixels(5, 60)
		for i := range x {
			x[i] = x[i]/128 - 1
		}
		closeTo(t, "output", evaluate(t, st.Teacher, x), evaluate(t, s.g, x), 1e-4)
		for _, n := range st.Teacher.Nodes {
			if _, ok := n.Op.(*ann.Select); ok {
				t.Fatalf("a selection is left:\n%s", st.Teacher)
			}
		}
	})
	t.Logf("%d networks refused", refused)
}

// whole networks that are converted to the end, each with an operation that no map can hold as it stands.
func selectionNetworks(t tb) map[string]*sketch {
	nets := map[string]*sketch{}
	begin := func(name string, shape ...int) *sketch {
		nets[name] = newSketch(t, 3, shape...)
		return nets[name]
	}
	end := func(s *sketch) {
		s.add(ann.Flatten{})
		s.add(s.linear(s.g.Nodes[s.g.Output].Shape.Size(), 3, true))
	}
	same := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})

	s := begin("split and joined, shuffled", 2, 6, 6) // a unit of ShuffleNet v2
	s.add(s.conv(2, 8, 1, same, true))
	stem := s.add(ann.Relu{})
	left := s.pick(0, 0, 0, 1, 2, 3)
	s.g.Output = stem
	s.pick(0, 0, 4, 5, 6, 7)
	s.add(s.conv(4, 4, 1, oneTap(), true))
	s.add(ann.Relu{})
	right := s.add(s.conv(4, 4, 4, same, true))
	s.add(ann.Relu{}, right)
	s.add(ann.Concat{}, left, s.g.Output)
	s.shuffle(2)
	s.add(s.conv(8, 4, 1, same, true))
	s.add(ann.Relu{})
	s.add(ann.GlobalAveragePool{})
	end(s)

	s = begin("doubled map", 1, 4, 4)
	s.add(s.conv(1, 2, 1, same, true))
	s.add(ann.Relu{})
	s.pick(1, 0, 0, 0, 1, 1, 2, 2, 3, 3)
	s.pick(2, 0, 0, 0, 1, 1, 2, 2, 3, 3)
	s.add(s.conv(2, 2, 1, same, true))
	s.add(ann.Relu{})
	s.add(&ann.AveragePool{Window: window.Square(2, 2)})
	s.add(s.conv(2, 2, 1, same, false))
	s.add(ann.Relu{})
	end(s)

	s = begin("reflected border", 1, 4, 4)
	s.pick(1, 0, 1, 0, 1, 2, 3, 2)
	s.pick(2, 0, 1, 0, 1, 2, 3, 2)
	s.add(s.conv(1, 2, 1, window.Square(3, 1), true))
	s.add(ann.Relu{})
	end(s)

	s = begin("border of ones", 1, 4, 4)
	s.add(&ann.Pad{Begin: [2]int{1, 1}, End: [2]int{1, 1}, Value: 1})
	s.add(s.conv(1, 2, 1, window.Square(3, 1), true))
	s.add(ann.Relu{})
	s.add(&ann.Pad{Begin: [2]int{1, 0}, End: [2]int{0, 0}})
	end(s)

	s = begin("border of a pool", 1, 4, 4)
	s.add(s.conv(1, 2, 1, same, true))
	s.add(ann.Relu{})
	s.add(&ann.Pad{Begin: [2]int{1, 1}, End: [2]int{1, 1}})
	s.add(&ann.AveragePool{Window: window.Square(2, 2)})
	end(s)

	s = begin("rows", 2, 12) // one-dimensional
	rows := func(op ann.Op) {
		shape := s.g.Nodes[s.g.Output].Shape
		s.add(ann.Reshape{To: ann.Shape{shape[0], 1, shape[1]}})
		s.add(op)
		shape = s.g.Nodes[s.g.Output].Shape
		s.add(ann.Reshape{To: ann.Shape{shape[0], shape[2]}})
	}
	rows(s.conv(2, 4, 1, padded([2]int{1, 3}, [4]int{0, 1, 0, 1}), true))
	s.add(s.batchNorm(4, true))
	s.add(ann.Relu{})
	rows(&ann.MaxPool{Window: window.Window2d{Kernel: [2]int{1, 2}, Stride: [2]int{1, 2}, Dilation: [2]int{1, 1}}})
	rows(s.conv(4, 4, 2, padded([2]int{1, 3}, [4]int{0, 1, 0, 1}), true))
	s.add(ann.Relu{})
	end(s)

	s = begin("part of the map", 1, 6, 6)
	s.pick(1, 0, 1, 2, 3, 4)
	s.add(s.conv(1, 2, 1, window.Square(2, 1), true))
	s.add(ann.Relu{})
	end(s)

	s = begin("channels last in front of the classifier", 2, 4, 4)
	s.add(s.conv(2, 3, 1, same, true))
	s.add(ann.Relu{})
	s.add(&ann.Select{Axes: []ann.SelectAxis{{From: 1}, {From: 2}, {From: 0}}})
	end(s)

	s = begin("mean image", 1, 4, 4)
	s.add(&ann.ElementAffine{Shift: s.numbers(16, 0.2)})
	end(s)

	s = begin("sum over the map", 1, 4, 4)
	s.add(s.conv(1, 3, 1, same, true))
	s.add(ann.GlobalAveragePool{})
	s.add(&ann.ChannelAffine{Scale: []float32{16, 16, 16}})
	s.add(ann.Flatten{})
	s.add(ann.ArgMax{})
	return nets
}

// TestSelectionNetworks converts them whole, with biases kept and no re-fit, and compares the network before time with the
// trained one.
func TestSelectionNetworks(t *testing.T) {
	for name, s := range selectionNetworks(t) {
		t.Run(name, func(t *testing.T) {
			opt := options(Best, 400)
			opt.Disable["rate-refit"], opt.Disable["refit"] = true, true
			opt.Pooling = MaxPooling
			r, err := Run(context.Background(), s.g, unit, pictures(s.g, 4, unit), Capabilities{Bias: true}, opt)
			if err != nil {
				t.Fatal(err)
			}
			scores, _ := s.g.Scores()
			for i := range 3 {
				x := pixels(i, s.g.Nodes[0].Shape.Size())
				in := make([]float32, len(x))
				for k := range x {
					in[k] = x[k] / 255
				}
				e := ann.NewExecutor(s.g)
				if _, err := e.Run(in); err != nil {
					t.Fatal(err)
				}
				closeTo(t, name, evaluate(t, r.Tailored, x), e.Value(scores), 1e-4)
			}
		})
	}
}

// TestSelectionsRefuse: what would take too many weights is named, with all others.
func TestSelectionsRefuse(t *testing.T) {
	s := newSketch(t, 3, 1, 80, 80)
	s.pick(1, 0, append([]int{1}, identity(80)...)...)
	s.add(s.conv(1, 1, 1, window.Square(3, 1), true))
	s.add(ann.Relu{})
	s.pick(2, 0, append([]int{1}, identity(78)...)...)
	s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	s.add(ann.Flatten{})
	s.add(s.linear(s.g.Nodes[s.g.Output].Shape.Size(), 2, true))
	_, err := Run(context.Background(), s.g, unit, pictures(s.g, 4, unit), Capabilities{Bias: true}, options(Best, 4))
	for _, want := range []string{"SPK-CONV-007 Conv2", "more than 4194304", "SPK-CONV-007 MaxPool5"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
