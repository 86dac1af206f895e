package convert

import (
	"context"
	"fmt"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// inputBorder lets the student read pictures with a border (Border), and takes the padding from the layers that read them. What
// they compute stays what it was but for the rounding of the border's codes: code·s + m of the border's code is the
// zero that the trained network pads with.
func inputBorder(_ context.Context, s *State) error {
	b := s.Preprocess.Border
	if b == nil {
		return nil
	}
	g := s.Graph
	around := func(shape ann.Shape) ann.Shape {
		p := b.Around([3]int(shape))
		return p[:]
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		switch conv, ok := n.Op.(*ann.Conv); {
		case i == 0:
		case !fromInput(g, i):
			continue
		case ok:
			c := *conv
			c.Window.PadBegin, c.Window.PadEnd = [2]int{}, [2]int{}
			n.Op = &c
			s.Diagnostics.Add(diag.Diagnostic{ID: "SPK-CONV-025", Severity: diag.Info, Subject: n.Name,
				Message: fmt.Sprintf("its padding, zeros of the normalised input, is a border of codes %v around the picture: rows and columns %v before and %v behind", b.Codes, b.Begin, b.End)})
			continue
		}
		n.Shape = around(n.Shape)
	}
	return nil
}
