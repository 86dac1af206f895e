package onnx

import (
	"testing"

	"spikec/models/ann"
)

// TestInputIsTurned: pictures of H,W,C are taken as C,H,W where nothing but Transposes to N,C,H,W read them, through
// what does the same to every element; else the network stays as it is written.
func TestInputIsTurned(t *testing.T) {
	perm := wireInts("perm", 0, 3, 1, 2)
	cases := []struct {
		name  string
		want  ann.Shape // of the graph's input
		nodes [][]byte
	}{
		{"alone", ann.Shape{1, 2, 3}, [][]byte{named("Transpose", "t", "x", perm), named("Flatten", "y", "t")}},
		{"twice", ann.Shape{1, 2, 3}, [][]byte{named("Transpose", "t", "x", perm), named("Transpose", "u", "x", perm), named("Add", "y", "t u")}},
		{"behind a scale", ann.Shape{1, 2, 3}, [][]byte{named("Identity", "i", "x"), named("Sub", "s", "i two"), named("Mul", "d", "two s"), named("Transpose", "t", "d", perm), named("Flatten", "y", "t")}},
		{"another order", ann.Shape{2, 3, 1}, [][]byte{named("Transpose", "t", "x", wireInts("perm", 0, 1, 3, 2)), named("Flatten", "y", "t")}},
		{"read otherwise too", ann.Shape{2, 3, 1}, [][]byte{named("Transpose", "t", "x", perm), named("Flatten", "f", "t"), named("Flatten", "g", "x"), named("Add", "y", "f g")}},
		{"an output too", ann.Shape{2, 3, 1}, [][]byte{named("Identity", "y", "x"), named("Transpose", "t", "x", perm)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := oneNode(c.nodes[0], "N", 2, 3, 1)
			m.nodes = c.nodes
			got, err := Decode(m.with(wireFloats("two", nil, 2)).bytes(), "")
			if err != nil {
				t.Fatal(err)
			}
			if got.ChannelsLast == c.want.Equal(ann.Shape{2, 3, 1}) || !got.Graph.Nodes[0].Shape.Equal(c.want) {
				t.Errorf("channels last %v, input %s, want %s", got.ChannelsLast, got.Graph.Nodes[0].Shape, c.want)
			}
		})
	}
}
