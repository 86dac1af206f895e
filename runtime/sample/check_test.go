package sample

import (
	"slices"
	"strings"
	"testing"

	"spikec/models/snn"
	"spikec/runtime/encode"
)

// whole is a document that hangs together, of a build with two cores.
func whole() *Document {
	h := Histogram{Low: -1, Width: 1, Before: []int64{1, 2}, After: []int64{2, 1}}
	return &Document{Schema: Schema, Classes: 3, ClassNames: []string{"a", "b", "c"}, Confusion: []Confusion{{1, 2, 3}}, Cores: make([]Core, 2),
		Layers: []Layer{{Name: "l", Weights: []Weights{{Histogram: h}}, Membranes: &h, Rates: &Rates{Activations: []float32{1}, Rates: []float32{1}}}},
		Images: []Image{{Picture: &Picture{Width: 2, Height: 3, Channels: 1, Pixels: make([]byte, 6)},
			Scores:  Scores{Unit: Spikes, Steps: []int{1, 2}, Classes: []int{0}, Values: [][]int32{{1, 2}}, Decisions: []int{0, 0}},
			Rasters: []Raster{{Neurons: []int{1}, Steps: 2, Spikes: [][]int{{1, -2}}}}}}}
}

// TestCheck wants whatever a report could stumble over to be refused.
func TestCheck(t *testing.T) {
	if err := whole().Check(2); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Document){
		`schema "x"`:           func(d *Document) { d.Schema = "x" },
		"2 names":              func(d *Document) { d.ClassNames = d.ClassNames[:2] },
		"decided as class 3":   func(d *Document) { d.Confusion[0].Decision = 3 },
		"-1 images":            func(d *Document) { d.Confusion[0].Images = -1 },
		"1 cores":              func(d *Document) { d.Cores = d.Cores[:1] },
		"histogram of 2 and 1": func(d *Document) { d.Layers[0].Membranes.After = []int64{1} },
		"0 wide":               func(d *Document) { d.Layers[0].Weights[0].Width = 0 },
		"2 rates":              func(d *Document) { d.Layers[0].Rates.Rates = []float32{1, 2} },
		"class 0, 9":           func(d *Document) { d.Images[0].Trained = 9 },
		"picture of 2 x 4":     func(d *Document) { d.Images[0].Picture.Height = 4 },
		"scores of 1 classes":  func(d *Document) { d.Images[0].Scores.Decisions = nil },
		"1 scores":             func(d *Document) { d.Images[0].Scores.Values[0] = []int32{1} },
		"decision for class 7": func(d *Document) { d.Images[0].Scores.Decisions[1] = 7 },
		`scores in "x"`:        func(d *Document) { d.Images[0].Scores.Unit = "x" },
		"1 trains of 0":        func(d *Document) { d.Images[0].Rasters[0].Neurons = nil },
	} {
		d := whole()
		change(d)
		if err := d.Check(2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestEven(t *testing.T) {
	if got := even(3, 5); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("3 of 3: %v", got)
	}
	// No tenth of 0..999 is left out, or has many more than its share: the golden ratio's multiples lie evenly.
	tenths := make([]int, 10)
	for _, n := range even(1000, 100) {
		tenths[n/100]++
	}
	if slices.Min(tenths) < 8 || slices.Max(tenths) > 12 {
		t.Errorf("tenths have %v", tenths)
	}
}

func TestApart(t *testing.T) {
	if got := apart([]int{2, 5, 7}, 3); !slices.Equal(got, []int{2, 5, 7}) {
		t.Errorf("of 3: %v", got)
	}
	if got := apart([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 3); !slices.Equal(got, []int{0, 5, 10}) {
		t.Errorf("of 11: %v", got)
	}
}

func TestBin(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want int
	}{{-9, 0}, {-1, 0}, {-0.51, 0}, {-0.5, 1}, {0.99, 3}, {1, 3}, {50, 3}} {
		if got := bin(c.x, -1, 0.5, 4); got != c.want {
			t.Errorf("%g is in bin %d, want %d", c.x, got, c.want)
		}
	}
}

func TestSpread(t *testing.T) {
	if got := spread(4); !slices.Equal(got, []int{1, 2, 3, 4}) {
		t.Errorf("of 4: %v", got)
	}
	if got := spread(1000); len(got) != MaxSteps || got[len(got)-1] != 1000 || !slices.IsSorted(got) {
		t.Errorf("of 1000: %v", got)
	}
}

func TestPicture(t *testing.T) {
	codes := func(values ...uint8) []uint8 { return values }
	for _, c := range []struct {
		name   string
		coding encode.Coding
		codes  []uint8
		want   *Picture
	}{
		{"grey", encode.Coding{Shape: [3]int{1, 2, 3}}, codes(1, 2, 3, 4, 5, 6), &Picture{3, 2, 1, codes(1, 2, 3, 4, 5, 6)}},
		{"colours", encode.Coding{Shape: [3]int{3, 2, 2}}, codes(1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24), &Picture{2, 2, 3, codes(1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24)}},
		{"two channels", encode.Coding{Shape: [3]int{2, 2, 2}}, codes(0, 10, 20, 30, 2, 12, 22, 32), &Picture{2, 2, 1, codes(1, 11, 21, 31)}},
		{"signs", encode.Coding{Shape: [3]int{1, 2, 2}, Split: true}, codes(255, 0, 0, 101, 0, 255, 0, 0), &Picture{2, 2, 1, codes(255, 0, 127, 178)}},
		{"border", encode.Coding{Shape: [3]int{1, 1, 2}, Border: &snn.Border{Begin: [2]int{1, 0}, End: [2]int{0, 1}}}, codes(1, 2, 3, 4, 5, 6), &Picture{3, 2, 1, codes(1, 2, 3, 4, 5, 6)}},
		{"no places", encode.Coding{Shape: [3]int{4, 1, 1}}, codes(1, 2, 3, 4), nil},
	} {
		got := picture(c.codes, c.coding)
		if (got == nil) != (c.want == nil) || got != nil && (got.Width != c.want.Width || got.Height != c.want.Height || got.Channels != c.want.Channels || !slices.Equal(got.Pixels, c.want.Pixels)) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	large := make([]uint8, 130*70)
	for i := range large {
		large[i] = 7
	}
	if p := picture(large, encode.Coding{Shape: [3]int{1, 70, 130}}); p.Width != 43 || p.Height != 23 || slices.Min(p.Pixels) != 7 || slices.Max(p.Pixels) != 7 {
		t.Errorf("130 x 70 becomes %d x %d", p.Width, p.Height)
	}
}
