package encode

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/runtime/dataset"
)

// sets makes the SHA-256 of every set its own.
var sets int

// pixels makes a set of stored pixels with an identity of its own.
func pixels(shape [3]int, n int, each func(i, k int) uint8) *dataset.Set {
	sets++
	s := &dataset.Set{Spec: "npz:p.npz", Shape: shape, Labels: make([]int, n), Classes: 10, SHA256: fmt.Sprint("pixels ", sets)}
	s.Pixels = make([]uint8, n*s.Size())
	for i := range s.Pixels {
		s.Pixels[i] = each(i/s.Size(), i%s.Size())
	}
	return s
}

// values makes a set of real numbers with an identity of its own.
func values(shape [3]int, n int, each func(i, k int) float32) *dataset.Set {
	sets++
	s := &dataset.Set{Spec: "npz:v.npz", Shape: shape, Labels: make([]int, n), Classes: 10, SHA256: fmt.Sprint("values ", sets)}
	s.Values = make([]float32, n*s.Size())
	for i := range s.Values {
		s.Values[i] = each(i/s.Size(), i%s.Size())
	}
	return s
}

// ramp are pixels from 0 to most, of which the third makes every image of every set another one.
func ramp(most int) func(i, k int) uint8 {
	return func(i, k int) uint8 {
		if k == 2 {
			return uint8((most/2 + 7*i + 3*sets) % (most + 1))
		}
		return uint8(k % 2 * most)
	}
}

// between are values from lo to hi, of which the third makes every image of every set another one.
func between(lo, hi float32) func(i, k int) float32 {
	return func(i, k int) float32 {
		if k == 2 {
			return hi - (hi-lo)*float32((7*i+3*sets)%97)/200
		}
		return lo + (hi-lo)*float32(k%2)
	}
}

// ramps are values that are the same in every set.
func ramps(i, k int) float32 { return float32(i+k) / 10 }

// text prints a list of findings, one a line.
func text(l diag.List) string {
	var s []string
	for _, d := range l {
		s = append(s, d.String())
	}
	return strings.Join(s, "\n")
}

var chw = [3]int{1, 2, 3}

func TestPlan(t *testing.T) {
	good := pixels(chw, 4, ramp(255))
	other := pixels(chw, 5, ramp(255))
	labelled := pixels(chw, 4, ramp(255))
	labelled.Labels = []int{0, 9, 10, 12}
	constant := pixels(chw, 4, func(i, k int) uint8 {
		if i == 1 {
			return 3
		}
		return ramp(255)(i, k)
	})
	stated := &[2]float64{0, 255}
	tests := []struct {
		name              string
		data, calibration *dataset.Set
		shape             ann.Shape
		opt               Options
		want              []string // for each finding: severity, ID, and words of its line and remedy
	}{
		{"plain pixels", good, other, ann.Shape{1, 2, 3}, Options{}, nil},
		{"a flat network of the same size", good, other, ann.Shape{6}, Options{}, nil},
		{"a flat network of another size", good, other, ann.Shape{7}, Options{}, []string{"error SPK-DATA-001 (1x2x3, want 7)", "error SPK-DATA-001"}},
		{"rows and columns swapped", good, other, ann.Shape{1, 3, 2}, Options{}, []string{"error SPK-DATA-001", "error SPK-DATA-001"}},
		{"larger by a whole factor", pixels([3]int{1, 6, 9}, 2, ramp(255)), pixels([3]int{1, 6, 9}, 3, ramp(255)), ann.Shape{1, 2, 3},
			Options{}, []string{"error SPK-DATA-001 downscale:3:", "error SPK-DATA-001 downscale:3:"}},
		{"larger in one direction", pixels([3]int{1, 2, 9}, 2, ramp(255)), pixels([3]int{1, 2, 9}, 3, ramp(255)), ann.Shape{1, 2, 3},
			Options{}, []string{"error SPK-DATA-001 crop:HxW:", "error SPK-DATA-001 crop:HxW:"}},
		{"channels last", pixels([3]int{8, 9, 3}, 2, ramp(255)), pixels([3]int{8, 9, 3}, 3, ramp(255)), ann.Shape{3, 8, 9}, Options{},
			[]string{"error SPK-DATA-001 transpose(0, 3, 1, 2)", "error SPK-DATA-001"}},
		{"labels", labelled, other, ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-002 npz:p.npz 2 of 4 images (12, limit 9)"}},
		{"labels of calibration images are not used", good, labelled, ann.Shape{1, 2, 3}, Options{}, nil},
		{"pixels and values", good, values(chw, 3, between(0, 1)), ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-003 hold values"}},
		{"flags for values", values(chw, 2, between(0, 1)), values(chw, 3, between(0, 1)), ann.Shape{1, 2, 3}, Options{PixelScale: 1},
			[]string{"error SPK-DATA-004 --pixel-scale"}},
		{"wrong parameters, all at once", good, other, ann.Shape{1, 2, 3}, Options{PixelScale: -1, Mean: []float64{0, 0}, Std: []float64{0}, InputRange: &[2]float64{1, 1}},
			[]string{"error SPK-DATA-005 --input-range 1,1", "error SPK-DATA-005 --pixel-scale -1", "error SPK-DATA-005 --mean 2 values for images of 1 channels", "error SPK-DATA-005 --std want positive"}},
		{"not scaled pixels", good, other, ann.Shape{1, 2, 3}, Options{PixelScale: 1},
			[]string{"error SPK-DATA-006 npz:p.npz 0..255 --pixel-scale 0.00392157 --input-range", "error SPK-DATA-006"}},
		{"a network that was trained on that", good, other, ann.Shape{1, 2, 3}, Options{PixelScale: 1, InputRange: stated}, nil},
		{"just below the limit", good, other, ann.Shape{1, 2, 3}, Options{PixelScale: 16.0 / 255}, nil},
		{"values 0..255", values(chw, 2, between(0, 255)), values(chw, 3, between(0, 255)), ann.Shape{1, 2, 3}, Options{},
			[]string{"error SPK-DATA-006 npz:v.npz divide x by 255 --input-range 0,255", "error SPK-DATA-006"}},
		{"negative beyond the limit", values(chw, 2, between(-20, 1)), values(chw, 3, between(-20, 1)), ann.Shape{1, 2, 3}, Options{},
			[]string{"error SPK-DATA-006", "warning SPK-DATA-009", "error SPK-DATA-006", "warning SPK-DATA-009"}},
		{"outside the stated range", good, other, ann.Shape{1, 2, 3}, Options{InputRange: &[2]float64{0, 0.9}},
			[]string{"error SPK-DATA-007 by 11 % (0..1, want 0..0.9)", "error SPK-DATA-007"}},
		{"within a tenth of the stated range", good, other, ann.Shape{1, 2, 3}, Options{InputRange: &[2]float64{0, 0.92}}, nil},
		{"brighter than the calibration images", good, pixels(chw, 5, ramp(200)), ann.Shape{1, 2, 3}, Options{}, []string{"warning SPK-DATA-008 0..1 0..0.7843"}},
		{"a little brighter", good, pixels(chw, 5, ramp(240)), ann.Shape{1, 2, 3}, Options{}, nil},
		{"negative values", values(chw, 2, between(-1, 1)), values(chw, 3, between(0, 1)), ann.Shape{1, 2, 3}, Options{},
			[]string{"warning SPK-DATA-009 4 of 12 values, in 2 of 2 images", "warning SPK-DATA-008"}},
		{"one constant image", good, constant, ann.Shape{1, 2, 3}, Options{}, []string{"warning SPK-DATA-010 1 of 4"}},
		{"all constant", good, pixels(chw, 2, func(int, int) uint8 { return 9 }), ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-010 0.03529"}},
		{"all zero values", values(chw, 2, between(0, 1)), values(chw, 2, between(0, 0)), ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-010"}},
		{"one picture many times", good, pixels(chw, 3, func(_, k int) uint8 { return uint8(200*k + 11) }), ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-014 3 same"}},
		{"one value picture many times", values(chw, 2, between(0, 1)), values(chw, 2, func(_, k int) float32 { return float32(k) / 5 }), ann.Shape{1, 2, 3}, Options{},
			[]string{"error SPK-DATA-014 2 same"}},
		{"a single picture", good, pixels(chw, 1, ramp(255)), ann.Shape{1, 2, 3}, Options{}, nil},
		{"no images", pixels(chw, 0, ramp(255)), other, ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-011"}},
		{"scaled twice", pixels(chw, 2, func(i, k int) uint8 { return uint8((i + k) % 2) }), pixels(chw, 3, func(i, k int) uint8 { return uint8((i + k/2) % 2) }), ann.Shape{1, 2, 3}, Options{}, []string{"warning SPK-DATA-012 --pixel-scale", "warning SPK-DATA-012"}},
		{"calibration with the evaluation images", good, good, ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-013 4 of 4 --calibration"}},
		{"one image in both", good, pixels(chw, 3, func(i, k int) uint8 {
			if i == 1 {
				return good.Pixels[k]
			}
			return ramp(255)(i, k)
		}), ann.Shape{1, 2, 3}, Options{}, []string{"warning SPK-DATA-013 1 of 3"}},
		{"all evaluated images in both", good.Head(1), pixels(chw, 3, func(i, k int) uint8 {
			if i == 1 {
				return good.Pixels[k]
			}
			return ramp(255)(i, k)
		}), ann.Shape{1, 2, 3}, Options{},
			[]string{"warning SPK-DATA-013 no accuracy here 1 of 1 1 of 3"}},
		{"the same values", values(chw, 2, ramps), values(chw, 2, ramps), ann.Shape{1, 2, 3}, Options{}, []string{"error SPK-DATA-013 2 of 2"}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			_, found := Plan(c.data, c.calibration, c.shape, 10, c.opt)
			if len(found) != len(c.want) {
				t.Fatalf("%d findings, want %d:\n%s", len(found), len(c.want), text(found))
			}
			for i, want := range c.want {
				line := found[i].String()
				head := found[i].Severity.String() + " " + found[i].ID
				if !strings.HasPrefix(want, head) {
					t.Errorf("finding %d is %s, want %s", i, line, want)
				}
				for _, word := range strings.Fields(strings.TrimPrefix(want, head)) {
					if !strings.Contains(line, word) {
						t.Errorf("finding %d does not say %q: %s", i, word, line)
					}
				}
			}
		})
	}
}

// coding plans for data that are in order.
func coding(t *testing.T, data, calibration *dataset.Set, opt Options) Coding {
	t.Helper()
	c, found := Plan(data, calibration, calibration.Shape[:], 10, opt)
	if found.HasErrors() {
		t.Fatal(text(found))
	}
	return c
}

func TestPixels(t *testing.T) {
	shape := [3]int{2, 1, 2}
	set := pixels(shape, 2, func(i, k int) uint8 { return []uint8{0, 255, 51, 102}[(i+k)%4] })
	c := coding(t, set, pixels(shape, 3, ramp(255)), Options{Mean: []float64{0.5, 0.25}, Std: []float64{0.5, 0.1}})
	e := NewEncoder(set, c)
	code, real, input := make([]uint8, 4), make([]float32, 4), make([]float32, 4)
	e.Codes(1, code)
	e.Reals(1, real)
	e.Inputs(1, input)
	if !slices.Equal(code, []uint8{255, 51, 102, 0}) || !slices.Equal(real, []float32{255, 51, 102, 0}) {
		t.Errorf("codes %v, %v", code, real)
	}
	// (pixel/255 − mean)/std, by hand
	for k, want := range []float64{1, -0.6, 1.5, -2.5} {
		if math.Abs(float64(input[k])-want) > 1e-6 {
			t.Errorf("input %d is %g, want %g", k, input[k], want)
		}
		if back := c.Input(input[k], k); back != code[k] {
			t.Errorf("input %g becomes code %d, want %d", input[k], back, code[k])
		}
	}
	scale, offset := c.Preprocess().At(3, 4)
	if got := float64(code[2])*scale + offset; math.Abs(got-1.5) > 1e-6 {
		t.Errorf("the student sees %g, want 1.5", got)
	}
	if c.Input(9, 0) != 255 || c.Input(-9, 0) != 0 {
		t.Error("inputs beyond the codes are not clipped")
	}
	if c.Step != 1 || c.Absolute || c.Kind != Pixels {
		t.Errorf("coding %+v", c)
	}
}

// TestBorder: codes stand within a border of one code a channel; the network's input has none.
func TestBorder(t *testing.T) {
	shape := [3]int{2, 1, 2}
	border := &snn.Border{Begin: [2]int{1, 0}, End: [2]int{0, 2}, Codes: []uint8{7, 9}}
	want := []uint8{7, 7, 7, 7, 10, 20, 7, 7, 9, 9, 9, 9, 30, 40, 9, 9}
	check := func(set *dataset.Set, c Coding) {
		t.Helper()
		c.Border = border
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		e := NewEncoder(set, c)
		code, real, input := make([]uint8, 16), make([]float32, 16), make([]float32, 4)
		e.Codes(0, code)
		e.Reals(0, real)
		e.Inputs(0, input)
		if !slices.Equal(code, want) {
			t.Errorf("codes %v, want %v", code, want)
		}
		for k, x := range real {
			if x != float32(want[k]) {
				t.Errorf("real %d is %g", k, x)
			}
		}
		if e.Size() != 16 || c.Presented() != [3]int{2, 2, 4} || c.Codes() != 16 || c.Size() != 4 {
			t.Errorf("%d codes of shape %v", e.Size(), c.Presented())
		}
		for k, at := range []int{4, 5, 12, 13} {
			if c.At(k) != at || c.Blank()[at] != 0 {
				t.Errorf("value %d at %d", k, c.At(k))
			}
		}
	}
	set := pixels(shape, 1, func(_, k int) uint8 { return []uint8{10, 20, 30, 40}[k] })
	check(set, coding(t, set, pixels(shape, 3, ramp(255)), Options{}))
	real := values(shape, 1, func(_, k int) float32 { return []float32{10, 20, 30, 40}[k] / 255 })
	check(real, coding(t, real, values(shape, 3, between(0, 1)), Options{}))
}

func TestValidateBorder(t *testing.T) {
	for want, change := range map[string]func(c *Coding){
		"":                   func(*Coding) {},
		"negative values":    func(c *Coding) { c.Kind, c.Split = Values, true },
		"want 0..256":        func(c *Coding) { c.Border.End[1] = 257 },
		"border of [-1 0]":   func(c *Coding) { c.Border.Begin[0] = -1 },
		"1 codes for 2 chan": func(c *Coding) { c.Border.Codes = c.Border.Codes[:1] },
	} {
		c := Coding{Kind: Pixels, Shape: [3]int{2, 3, 3}, Step: 1, Scale: []float64{1}, Offset: []float64{0}, Border: &snn.Border{Codes: []uint8{1, 2}}}
		change(&c)
		if err := c.Validate(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestDefaultScale(t *testing.T) {
	set := pixels(chw, 2, ramp(255))
	c := coding(t, set, pixels(chw, 3, ramp(255)), Options{})
	if len(c.Scale) != 1 || c.Scale[0] != 1.0/255 || c.Offset[0] != 0 || math.Signbit(c.Offset[0]) {
		t.Errorf("coding %+v", c)
	}
	if c.InputRange != [2]float64{0, 1} {
		t.Errorf("range %v", c.InputRange)
	}
}

func TestValues(t *testing.T) {
	calibration := values(chw, 3, between(-2, 1)) // the largest |value| is 2: Step is 2/255
	set := values(chw, 1, func(_, k int) float32 { return []float32{0, 2, -2, 1, 0.0039, 2.5}[k] })
	c := coding(t, set, calibration, Options{})
	if c.Step != 2.0/255 || !c.Absolute || c.Kind != Values {
		t.Fatalf("coding %+v", c)
	}
	e := NewEncoder(set, c)
	code, input := make([]uint8, 6), make([]float32, 6)
	e.Codes(0, code)
	e.Inputs(0, input)
	// 1/Step = 127.5, half up; 0.0039/Step = 0.497
	if want := []uint8{0, 255, 255, 128, 0, 255}; !slices.Equal(code, want) {
		t.Errorf("codes %v, want %v", code, want)
	}
	if !slices.Equal(input, set.Values) {
		t.Errorf("inputs %v, want the values", input)
	}
	scale, offset := c.Preprocess().At(0, 6)
	if scale != c.Step || offset != 0 {
		t.Errorf("the student sees code·%g + %g", scale, offset)
	}
	if n := NewEncoder(calibration, c).Images().N; n != 3 {
		t.Errorf("%d calibration images", n)
	}
}

// TestSplitValues: with Split, channel c of signed values has its positive codes in channel 2c and the others in 2c+1. Data
// that are never negative are not split.
func TestSplitValues(t *testing.T) {
	two := [3]int{2, 1, 2}
	calibration := values(two, 3, between(-2, 1))
	set := values(two, 1, func(_, k int) float32 { return []float32{1, -2, 0, 2.5}[k] })
	c := coding(t, set, calibration, Options{Split: true})
	if c.Step != 2.0/255 || c.Absolute || !c.Split || c.Codes() != 8 || c.Size() != 4 || c.Preprocess().Pairs != 2 || c.Validate() != nil {
		t.Fatalf("coding %+v", c)
	}
	e := NewEncoder(set, c)
	code, real := make([]uint8, e.Size()), make([]float32, e.Size())
	for k := range code {
		code[k], real[k] = 9, 9 // what was there is overwritten
	}
	e.Codes(0, code)
	e.Reals(0, real)
	if want := []uint8{128, 0, 0, 255, 0, 255, 0, 0}; !slices.Equal(code, want) {
		t.Errorf("codes %v, want %v", code, want)
	}
	if want := []float32{128, 0, 0, 255, 0, 255, 0, 0}; !slices.Equal(real, want) {
		t.Errorf("real codes %v, want %v", real, want)
	}
	_, found := Plan(set, calibration, two[:], 10, Options{Split: true})
	for _, want := range []string{"info SPK-DATA-009", "inputs of their own", "1 of 4 values, in 1 of 1 images"} {
		if !strings.Contains(text(found), want) {
			t.Errorf("found %s, want %s", text(found), want)
		}
	}
	if c := coding(t, values(two, 1, between(0, 1)), values(two, 3, between(0, 1)), Options{Split: true}); c.Split || c.Codes() != 4 {
		t.Errorf("values that are never negative have the coding %+v", c)
	}
	if c := coding(t, pixels(two, 1, ramp(255)), pixels(two, 3, ramp(255)), Options{Split: true, Mean: []float64{0.5}}); c.Split {
		t.Errorf("pixels have the coding %+v", c)
	}
	c.Kind = Pixels
	if c.Validate() == nil {
		t.Error("a coding of pixels with codes for negative values is valid")
	}
}

func TestCheckOfOtherData(t *testing.T) {
	calibration := pixels(chw, 3, ramp(100))
	c := coding(t, pixels(chw, 2, ramp(100)), calibration, Options{})
	for _, k := range []struct {
		name string
		set  *dataset.Set
		want string
	}{
		{"alike", pixels(chw, 9, ramp(100)), ""},
		{"brighter", pixels(chw, 9, ramp(255)), "SPK-DATA-008"},
		{"of another kind", values(chw, 2, between(0, 0.4)), "SPK-DATA-003"},
		{"of another shape", pixels([3]int{1, 3, 2}, 2, ramp(100)), "SPK-DATA-001"},
	} {
		found := c.Check(k.set, 10)
		if k.want == "" && len(found) > 0 || k.want != "" && (len(found) != 1 || found[0].ID != k.want) {
			t.Errorf("%s: got %s, want %q", k.name, text(found), k.want)
		}
	}
}
