package convert

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

// TestJoinPoolsKeepsTheFunction draws a Conv with an average pool behind it and compares the executors before and after.
func TestJoinPoolsKeepsTheFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(lo, hi int, name string) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		in, out := 2, 4
		groups := []int{1, 2}[n(0, 1, "groups")]
		w := window.Window2d{Kernel: [2]int{n(1, 3, "kh"), n(1, 3, "kw")}, Stride: [2]int{n(1, 2, "sh"), n(1, 2, "sw")},
			Dilation: [2]int{n(1, 2, "dh"), n(1, 2, "dw")}, PadBegin: [2]int{n(0, 1, "pt"), n(0, 1, "pl")}, PadEnd: [2]int{n(0, 1, "pb"), n(0, 1, "pr")}}
		pool := window.Window2d{Kernel: [2]int{n(1, 3, "ph"), n(1, 3, "pw")}, Stride: [2]int{n(1, 3, "qh"), n(1, 3, "qw")}, Dilation: [2]int{1, 1}}
		values := func(k int) []float32 {
			return rapid.SliceOfN(rapid.Float32Range(-1, 1), k, k).Draw(t, "values")
		}
		g := ann.NewGraph("drawn", "x", ann.Shape{in, 11, 13})
		c, err := g.Add("conv", &ann.Conv{Weight: values(out * in / groups * w.Kernel[0] * w.Kernel[1]), Bias: values(out), In: in, Out: out, Groups: groups, Window: w}, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := g.Add("pool", &ann.AveragePool{Window: pool}, c)
		if err != nil {
			t.Skip("the pool does not fit")
		}
		if _, err := g.Add("relu", ann.Relu{}, p); err != nil {
			t.Fatal(err)
		}
		s := &State{Teacher: g}
		if err := joinPools(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		if len(s.Teacher.Nodes) != 3 {
			t.Fatalf("pool not joined:\n%s", s.Teacher)
		}
		x := values(in * 11 * 13)
		before, err := ann.NewExecutor(g).Run(x)
		if err != nil {
			t.Fatal(err)
		}
		after, err := ann.NewExecutor(s.Teacher).Run(x)
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			if math.Abs(float64(before[i]-after[i])) > 1e-4 {
				t.Fatalf("output %d: %v before, %v after", i, before[i], after[i])
			}
		}
	})
}

// TestPoolsInFrontOfSingleTaps: a mean behind a Conv of one tap over a rectified map is one in front of it; the Conv keeps its
// weights, and each operation its name. Where that would be a pool of a pool, or the Conv moves on, the pool is joined.
func TestPoolsInFrontOfSingleTaps(t *testing.T) {
	for _, c := range []struct {
		name   string
		before ann.Op // of the Conv
		window window.Window2d
		pool   ann.Op
		want   []string
		taps   int // weights an input of the last operation
	}{
		{"everything", ann.Relu{}, oneTap(), ann.GlobalAveragePool{}, []string{"x", "Conv1", "Relu2", "GlobalAveragePool4", "Conv3"}, 1},
		{"bounded", ann.Clip{Max: 6}, oneTap(), &ann.AveragePool{Window: window.Square(2, 2)}, []string{"x", "Conv1", "Clip2", "AveragePool4", "Conv3"}, 1},
		{"a pool before", &ann.MaxPool{Window: window.Square(2, 1)}, oneTap(), ann.GlobalAveragePool{}, []string{"x", "Conv1", "MaxPool2", "GlobalAveragePool4"}, 35},
		{"a stride", ann.Relu{}, window.Square(1, 2), ann.GlobalAveragePool{}, []string{"x", "Conv1", "Relu2", "GlobalAveragePool4"}, 35},
		{"padding", ann.Relu{}, padded([2]int{1, 1}, [4]int{1, 0, 0, 0}), ann.GlobalAveragePool{}, []string{"x", "Conv1", "Relu2", "GlobalAveragePool4"}, 54},
		{"two taps", ann.Relu{}, padded([2]int{1, 2}, [4]int{}), ann.GlobalAveragePool{}, []string{"x", "Conv1", "Relu2", "GlobalAveragePool4"}, 48},
	} {
		s := newSketch(t, 3, 2, 8, 6)
		s.add(s.conv(2, 4, 1, oneTap(), true))
		s.add(c.before)
		s.add(s.conv(4, 4, 2, c.window, true))
		s.add(c.pool)
		st := &State{Teacher: s.g}
		through(t, st, "normal-forms", "join-pools")
		var names []string
		for _, n := range st.Teacher.Nodes {
			names = append(names, n.Name)
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, names, c.want)
		}
		if w, _ := weightedOf(st.Teacher.Nodes[st.Teacher.Output].Op); w.fanIn() != 2*c.taps {
			t.Errorf("%s: %d weights a neuron, want %d", c.name, w.fanIn(), 2*c.taps)
		}
		x := s.numbers(96, 1)
		closeTo(t, c.name, evaluate(t, st.Teacher, x), evaluate(t, s.g, x), 1e-5)
	}
}
