package convert

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// signed returns an image of whole numbers −255..255, the same for the same i.
func signed(i, size int) []float32 {
	v := pixels(i, size)
	for k, sign := range pixels(i+1000, size) {
		if sign < 128 {
			v[k] = -v[k]
		}
	}
	return v
}

// signedPictures are calibration images of signed values, coded as pairs of channels of plane values.
func signedPictures(n, size, plane int, scale float64) Images {
	return Images{N: n,
		Codes: func(i int, dst []float32) {
			clear(dst)
			for k, v := range signed(i, size) {
				on := k/plane*2*plane + k%plane
				if v >= 0 {
					dst[on] = v
				} else {
					dst[on+plane] = -v
				}
			}
		},
		Inputs: func(i int, dst []float32) {
			for k, v := range signed(i, size) {
				dst[k] = float32(float64(v) * scale)
			}
		}}
}

// TestSplitInput: before zero-bias the student computes from pairs of codes what the teacher computes from signed inputs,
// whatever stands before the first weights.
func TestSplitInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.IntRange(1, 3).Draw(t, "channels")
		s := newSketch(t, seed(t), c, 7, 5)
		flat := rapid.Bool().Draw(t, "flat input")
		if flat {
			s = newSketch(t, seed(t), c*35)
			s.add(ann.Reshape{To: ann.Shape{c, 7, 5}})
		} else {
			s.affines(t, c, true)
		}
		const twoReaders = "two readers"
		if kind := rapid.SampledFrom(append(slices.Clone(firstLayers), twoReaders)).Draw(t, "first layer"); kind == twoReaders {
			in := len(s.g.Nodes) - 1
			a := s.add(s.conv(c, 3, 1, window.Square(3, 1), true), in)
			b := s.add(s.conv(c, 3, 1, window.Square(3, 1), true), in)
			s.add(ann.Add{}, a, b)
		} else {
			s.firstLayer(t, c, kind)
		}
		s.add(ann.Relu{})
		st := stateOf(s.g, 1, Preprocess{Scale: []float64{1.0 / 255}, Pairs: c}, options(Best, 1))
		st.Images = signedPictures(1, c*35, 35, 1.0/255)
		through(t, st, "drop-softmax", "split-input")
		if st.Diagnostics.HasErrors() {
			t.Fatal(st.Diagnostics)
		}
		x, codes := make([]float32, c*35), make([]float32, 2*c*35)
		st.Images.Inputs(2, x)
		st.Images.Codes(2, codes)
		closeTo(t, "student", evaluate(t, st.Graph, codes), evaluate(t, st.Teacher, x), 1e-4)
		if in := st.Graph.Nodes[0].Shape; in.Size() != 2*c*35 || st.Teacher.Nodes[0].Shape.Size() != c*35 {
			t.Fatalf("the student takes %s, the teacher %s", in, st.Teacher.Nodes[0].Shape)
		}
	})
}

// TestSplitInputIsRun: a whole conversion, with its re-fit, has rates that approach the tailored network's activations.
func TestSplitInputIsRun(t *testing.T) {
	const steps = 1500
	s := newSketch(t, 8, 2, 7, 6)
	s.add(s.conv(2, 4, 1, window.Square(3, 2), true))
	s.add(ann.Relu{})
	s.add(ann.Flatten{})
	s.add(s.linear(4*3*2, 3, true))
	res, err := Run(context.Background(), s.g, Preprocess{Scale: []float64{1.0 / 255}, Pairs: 2}, signedPictures(20, 84, 42, 1.0/255), Capabilities{Bias: true}, options(Best, steps))
	if err != nil {
		t.Fatal(err)
	}
	if in := res.Network.Populations[0].Shape; in != [3]int{4, 7, 6} {
		t.Errorf("the network takes %v", in)
	}
	sim, err := snn.NewSimulator(res.Network, steps)
	if err != nil {
		t.Fatal(err)
	}
	codes := make([]float32, 168)
	for i := range 3 {
		signedPictures(20, 84, 42, 1).Codes(i, codes)
		compareRates(t, res, sim.NewLoop(), codes, steps)
	}
}

// TestSplitInputRefuses: a first layer that takes the values in other channels than the data have.
func TestSplitInputRefuses(t *testing.T) {
	s := newSketch(t, 8, 12)
	s.add(ann.Reshape{To: ann.Shape{3, 2, 2}})
	s.add(s.conv(3, 4, 1, window.Square(2, 1), true))
	st := stateOf(s.g, 1, Preprocess{Scale: []float64{1.0 / 255}, Pairs: 1}, options(Best, 1))
	through(t, st, "drop-softmax", "input-scale")
	if err := splitInput(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	if len(st.Diagnostics) == 0 || !strings.Contains(st.Diagnostics.Err().Error(), "SPK-CONV-013") {
		t.Errorf("found %v", st.Diagnostics)
	}
}
