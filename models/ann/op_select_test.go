package ann

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// plainSelect is the formula of Select for one element of the output.
func plainSelect(s *Select, x []float32, in, out Shape, element int) float32 {
	at := make([]int, len(in))
	for k := len(out) - 1; k >= 0; k-- {
		o := element % out[k]
		element /= out[k]
		at[s.Axes[k].From] = o
		if s.Axes[k].Index != nil {
			at[s.Axes[k].From] = s.Axes[k].Index[o]
		}
	}
	e := 0
	for d, i := range at {
		if i < 0 {
			return s.Value
		}
		e = e*in[d] + i
	}
	return x[e]
}

// TestSelect compares random selections with the formula.
func TestSelect(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		rank := 1 + r.IntN(4)
		in := make(Shape, rank)
		s := &Select{Axes: make([]SelectAxis, rank), Value: 9}
		for k, from := range r.Perm(rank) {
			in[from] = 1 + r.IntN(4)
			s.Axes[k].From = from
			if r.IntN(3) == 0 {
				continue
			}
			s.Axes[k].Index = make([]int, 1+r.IntN(5))
			for o := range s.Axes[k].Index {
				s.Axes[k].Index[o] = r.IntN(in[from]+1) - 1
			}
		}
		out, err := s.OutputShape([]Shape{in})
		if err != nil {
			t.Fatal(err)
		}
		x, y := ramp(in.Size()), make([]float32, out.Size())
		s.Forward(y, [][]float32{x}, []Shape{in}, nil)
		for i, got := range y {
			if want := plainSelect(s, x, in, out, i); got != want {
				t.Fatalf("seed %d: %s of %s: element %d is %v, want %v", seed, s, in, i, got, want)
			}
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for _, c := range []struct {
		axes []SelectAxis
		want string
	}{
		{Kept(1), "1 dimensions"},
		{[]SelectAxis{{From: 1}, {From: 1}}, "each once"},
		{[]SelectAxis{{From: 0}, {From: 2}}, "each once"},
		{[]SelectAxis{{From: 1, Index: []int{3}}, {From: 0}}, "position 3"},
		{[]SelectAxis{{From: 0, Index: []int{-2}}, {From: 1}}, "position -2"},
	} {
		if _, err := (&Select{Axes: c.axes}).OutputShape([]Shape{{2, 3}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.axes, err, c.want)
		}
	}
}

func TestSelectString(t *testing.T) {
	s := &Select{Axes: []SelectAxis{{From: 1}, {From: 0, Index: []int{-1, 0}}, {From: 2}}, Value: 3}
	if got, want := s.String(), "axis 0 from 1, axis 1 from 0, 2 places on axis 1, value=3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
