package ann

import (
	"slices"
	"testing"
)

func TestConcat(t *testing.T) {
	for _, c := range []struct {
		in   []Shape
		want Shape
	}{
		{[]Shape{{2}, {3}}, Shape{5}},
		{[]Shape{{1, 2, 2}, {2, 2, 2}, {1, 2, 2}}, Shape{4, 2, 2}},
	} {
		got, err := Concat{}.OutputShape(c.in)
		if err != nil || !got.Equal(c.want) {
			t.Fatalf("%v: got %v, %v, want %v", c.in, got, err, c.want)
		}
		var x [][]float32
		var want []float32
		for i, s := range c.in {
			v := ramp(s.Size())
			v[0] = float32(10 * i)
			x, want = append(x, v), append(want, v...)
		}
		dst := make([]float32, len(want))
		Concat{}.Forward(dst, x, c.in, nil)
		if !slices.Equal(dst, want) {
			t.Errorf("%v: got %v, want %v", c.in, dst, want)
		}
	}
	for _, in := range [][]Shape{{}, {{1, 2, 2}, {1, 2, 3}}, {{2}, {2, 1, 1}}} {
		if got, err := (Concat{}).OutputShape(in); err == nil {
			t.Errorf("%v: got %v, want an error", in, got)
		}
	}
}
