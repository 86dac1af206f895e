package convert

import (
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
)

// residual is a network with a skip connection, a projection beside it that stands far before its sum, and a pool.
func residual(t *testing.T) *sketch {
	same := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})
	s := newSketch(t, 5, 2, 8, 6)
	s.add(s.conv(2, 4, 1, same, true))
	first := s.add(ann.Relu{})
	beside := s.add(s.conv(4, 4, 1, window.Square(1, 1), true), first)
	s.add(s.conv(4, 4, 1, same, true), first)
	s.add(ann.Relu{})
	s.add(s.conv(4, 4, 1, same, true))
	s.add(ann.Add{}, s.g.Output, beside)
	second := s.add(ann.Relu{})
	s.add(s.conv(4, 4, 2, same, true))
	s.add(ann.Add{}, s.g.Output, second)
	s.add(ann.Relu{})
	s.add(&ann.AveragePool{Window: window.Square(2, 2)})
	s.add(ann.Flatten{})
	s.add(s.linear(48, 5, true))
	s.add(ann.Relu{})
	s.add(s.linear(5, 3, true))
	return s
}

// TestCheckpoint fits layer by layer, and gathers each one's rows with what is known and without: the same rows. At the
// end something is known.
func TestCheckpoint(t *testing.T) {
	st := stateOf(residual(t).g, 12, unit, options(Best, 1))
	through(t, st, "drop-softmax", "zero-bias")
	st.Graph = clone(st.Graph)
	var known *checkpoint
	layers := st.studentLayers()
	for k, l := range layers {
		fresh, f := newFit(st, l), newFit(st, l)
		if _, err := fresh.gather(t.Context(), st, layers[k:], nil, nil); err != nil {
			t.Fatal(err)
		}
		var err error
		if known, err = f.gather(t.Context(), st, layers[k:], known, nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.u, fresh.u) || !slices.Equal(f.z, fresh.z) || !slices.Equal(f.fixedSum, fresh.fixedSum) {
			t.Errorf("layer %d: other rows with a checkpoint", k)
		}
		if err := f.solve(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.store(st.Graph)
	}
	if known == nil || known.last <= layers[len(layers)-2].pre {
		t.Errorf("at the end known is %+v", known)
	}
}

// TestCheckpointIsBounded: what does not fit is not kept.
func TestCheckpointIsBounded(t *testing.T) {
	const wide = 4096
	s := newSketch(t, 6, 1)
	s.add(s.linear(1, wide, true))
	s.add(ann.Relu{})
	s.add(s.linear(wide, 2, true))
	last, _ := layersOf(s.g)
	most := checkpointFloats / (2 * wide)
	behind := last[0].node
	if newCheckpoint(s.g, last[1:], behind, 0, most) == nil || newCheckpoint(s.g, last[1:], behind, 0, most+1) != nil {
		t.Error("the bound is not where it should be")
	}
}
