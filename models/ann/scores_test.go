package ann

import (
	"slices"
	"testing"
)

func TestScores(t *testing.T) {
	for _, c := range []struct {
		name   string
		ops    []Op
		scores int
		behind []int
	}{
		{"none", []Op{Relu{}, Flatten{}}, 2, nil},
		{"softmax and its shape", []Op{Flatten{}, Softmax{Log: true}, Reshape{Shape{1, 4}}}, 1, []int{3, 2}},
		{"softmax of rows", []Op{Softmax{Run: 2}}, 1, nil},
		{"decision of probabilities", []Op{Flatten{}, Softmax{}, ArgMax{}}, 1, []int{3, 2}},
		{"decision of each row", []Op{ArgMax{}}, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph("t", "x", Shape{2, 2})
			for _, op := range c.ops {
				if _, err := g.Add(op.Kind(), op, g.Output); err != nil {
					t.Fatal(err)
				}
			}
			if scores, behind := g.Scores(); scores != c.scores || !slices.Equal(behind, c.behind) {
				t.Errorf("got %d, %v, want %d, %v", scores, behind, c.scores, c.behind)
			}
		})
	}
}
