package convert

import (
	"context"
	"math"
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
