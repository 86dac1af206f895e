package figure

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
)

// sample has a series of every style, and a gap.
func sample() *Figure {
	return &Figure{Title: "Potential <V>", XLabel: "time (ms)", YLabel: "V (mV)", Description: "A line & dots.", Width: 8, Height: 6,
		Series: []Series{{Name: "line", X: []float64{0, 1, 2, 3}, Y: []float64{0, math.NaN(), 2, 1}}, {Style: Dashed, X: []float64{0, 3}, Y: []float64{1, 1}, Color: 1},
			{Style: Dots, X: []float64{1, 2}, Y: []float64{1, 2}, Color: 2}, {Style: Strokes, X: []float64{1, 2}, Y: []float64{1, 2}},
			{Style: Bars, X: []float64{0, 1, 2}, Y: []float64{1, 2, 1}}}, Marks: []Mark{{At: 1}, {At: 2, Vertical: true, Dotted: true}}}
}

// TestSVG: the drawing is XML with the title and the description, and the same every time.
func TestSVG(t *testing.T) {
	text, err := sample().SVG()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"<title id=\"title\">Potential &lt;V&gt;</title>", "<desc id=\"desc\">A line &amp; dots.</desc>", `role="img"`, "time (ms)"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing", want)
		}
	}
	again, err := sample().SVG()
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("a second drawing differs, %v", err)
	}
}

// TestPNG: the drawing is a PNG of its size, with its texts.
func TestPNG(t *testing.T) {
	data, err := sample().PNG()
	if err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if w, h := image.Bounds().Dx(), image.Bounds().Dy(); w < 200 || w <= h {
		t.Errorf("%d by %d", w, h)
	}
	if !bytes.Contains(data, []byte("Description\x00\x00\x00\x00\x00A line & dots.")) {
		t.Error("the description is missing")
	}
}

// TestEmpty: nothing to show, one point and a flat line are figures too; lists that do not fit are an error.
func TestEmpty(t *testing.T) {
	for _, f := range []*Figure{{Title: "none", Width: 5, Height: 5}, {Width: 5, Height: 5, Series: []Series{{Style: Dots, X: []float64{1}, Y: []float64{1}}}},
		{Width: 5, Height: 5, Bare: true, Series: []Series{{X: []float64{1, 1}, Y: []float64{2, 2}}}}, {Width: 5, Height: 5, Series: []Series{{X: []float64{math.NaN()}, Y: []float64{1}}}}} {
		if _, err := f.SVG(); err != nil {
			t.Error(err)
		}
		if _, err := f.PNG(); err != nil {
			t.Error(err)
		}
	}
	f := &Figure{Width: 5, Height: 5, Series: []Series{{X: []float64{1}}}}
	if _, err := f.SVG(); err == nil {
		t.Error("lists of different lengths are drawn")
	}
}
