package convert

import (
	"strings"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
)

// branched is a network whose second rectifier has a dense 3×3 convolution and a depthwise one of one tap in front of it,
// both of c channels, as a batch normalisation past a convolution is (RepVGG).
func branched(t *testing.T, c int) *State {
	t.Helper()
	s := newSketch(t, 9, 1, 4, 4)
	s.add(s.conv(1, c, 1, oneTap(), true))
	r := s.add(ann.Relu{})
	a, b := s.add(s.conv(c, c, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true), r), s.add(s.conv(c, c, c, oneTap(), true), r)
	s.add(ann.Add{}, a, b)
	s.add(ann.Relu{})
	s.add(s.conv(c, 2, 1, oneTap(), true))
	return stateOf(s.g, 20, unit, options(Best, 4))
}

// TestSizeOfMixedGroups: a neuron's inputs are those of all summands, whatever their groups.
func TestSizeOfMixedGroups(t *testing.T) {
	st := branched(t, 8)
	through(t, st, "drop-softmax", "zero-bias")
	f := newFit(st, st.studentLayers()[1])
	if f.wide != 8*9+1 || f.blocks != 8 || len(f.columnsOf(3)) != f.wide {
		t.Errorf("%d inputs in %d blocks, %d columns, want 73 in 8", f.wide, f.blocks, len(f.columnsOf(3)))
	}
	st.Images.N = 1000
	if want := 3; fitSizeOf(st, st.studentLayers()[1]).perImage != want { // 20·73 + 1000 rows
		t.Errorf("%d rows an image, want %d", fitSizeOf(st, st.studentLayers()[1]).perImage, want)
	}
}

// TestMomentsAreBounded: where each of many groups has a regression of its own over many inputs, the layer is left as it is,
// and that is said with what to do about it.
func TestMomentsAreBounded(t *testing.T) {
	for channels, fits := range map[int]bool{64: true, 80: false} { // 64·577² < 2²⁵ < 80·721²
		st := branched(t, channels)
		through(t, st, "drop-softmax", "zero-bias")
		l := st.studentLayers()[1]
		if st.refits(l) != fits {
			t.Errorf("%d channels: fitted is %v", channels, !fits)
		}
		if fits {
			continue
		}
		f, _, err := fitLayer(t.Context(), st, st.studentLayers()[1:], nil, nil)
		if err != nil || f != nil || len(st.Diagnostics) == 0 {
			t.Fatalf("%v, %v, %v", f, err, st.Diagnostics)
		}
		d := st.Diagnostics[len(st.Diagnostics)-1]
		if d.ID != "SPK-CONV-010" || d.Value != 721 || d.Limit != 647 || !strings.Contains(d.Message, "80 groups") || !strings.Contains(d.Remedy, "one convolution") {
			t.Errorf("got %+v", d)
		}
	}
}

// TestRowsAreBounded: columns of many groups leave room for few rows, fewer than images.
func TestRowsAreBounded(t *testing.T) {
	s := newSketch(t, 2, 32*128, 3, 3)
	s.add(&ann.Conv{Weight: make([]float32, 32*128*9), In: 32 * 128, Out: 32, Groups: 32, Window: window.Square(3, 1)})
	st := stateOf(s.g, 1000, unit, options(Best, 4))
	st.Graph = s.g
	for n, images := range map[int]int{1000: 1000, 5000: refitFloats / (32 * 128 * 9)} {
		st.Images.N = n
		f := fitSizeOf(st, st.studentLayers()[0])
		if f.images != images || f.perImage != 1 || f.images*f.perImage*f.columns > refitFloats {
			t.Errorf("%d of %d images, %d rows of each, %d columns", f.images, n, f.perImage, f.columns)
		}
	}
}
