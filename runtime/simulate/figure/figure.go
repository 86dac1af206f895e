// Package figure draws numbers: lines, dots and bars in one panel, as SVG with a title and a description for those who cannot see it, and
// as PNG. It knows nothing of what the numbers mean. Equal figures give equal bytes.
package figure

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Style is how a series is drawn.
type Style int

// A series is a line, a dashed one, dots, short upright strokes, or bars from 0 to y.
const (
	Line Style = iota
	Dashed
	Dots
	Strokes
	Bars
)

// Series are points of one kind; Name stands in the legend, and none without one. A point that is not finite breaks a line.
type Series struct {
	Name  string
	Style Style
	X, Y  []float64
	Color int // of the palette
	Wide  float64
}

// Mark is a straight line through the whole panel.
type Mark struct {
	At       float64
	Vertical bool
	Dotted   bool
}

// Figure is one panel.
type Figure struct {
	Title, XLabel, YLabel string
	Description           string // what there is to see, in words
	Width, Height         int    // cm
	Series                []Series
	Marks                 []Mark
	// Bare leaves the axes away, and keeps the scales of both alike.
	Bare bool
	// XRange and YRange, where they are not equal, are the ends of the axes.
	XRange, YRange [2]float64
}

// palette are colours that differ for those who see few, by Okabe and Ito (Color Universal Design, 2008).
var palette = []color.RGBA{{0, 0, 0, 255}, {0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}, {86, 180, 233, 255}}

// mostLegend bounds the entries of a legend.
const mostLegend = 8

// legendShare is what an entry of the legend takes of the height of a panel, of 10 cm.
const legendShare = 0.055

// named is how many series stand in the legend.
func (f *Figure) named() int {
	n := 0
	for _, s := range f.Series {
		if s.Name != "" && len(s.X) > 0 {
			n++
		}
	}
	return min(n, mostLegend)
}

// plot makes the panel.
func (f *Figure) plot() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.XLabel, f.YLabel
	p.Title.Padding = vg.Millimeter
	p.Legend.Top = true
	points := 0
	for _, s := range f.Series {
		if err := f.series(p, s); err != nil {
			return nil, err
		}
		points += len(s.X)
	}
	if points == 0 { // axes need ends
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	}
	if f.XRange[0] < f.XRange[1] {
		p.X.Min, p.X.Max = f.XRange[0], f.XRange[1]
	}
	if f.YRange[0] < f.YRange[1] {
		p.Y.Min, p.Y.Max = f.YRange[0], f.YRange[1]
	}
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		if !(a.Max > a.Min) {
			a.Min, a.Max = a.Min-0.5, a.Max+0.5
		}
	}
	if n := f.named(); n > 0 && !(f.YRange[0] < f.YRange[1]) { // the legend stands above the lines, as far as that costs little
		share := legendShare * 10 / float64(max(10, f.Height)) * float64(min(n, 4))
		p.Y.Max += (p.Y.Max - p.Y.Min) * share / (1 - share)
	}
	for _, m := range f.Marks {
		line := &plotter.Line{XYs: plotter.XYs{{X: p.X.Min, Y: m.At}, {X: p.X.Max, Y: m.At}}, LineStyle: draw.LineStyle{Color: color.Gray{120}, Width: vg.Points(0.7),
			Dashes: []vg.Length{vg.Points(4), vg.Points(3)}}}
		if m.Vertical {
			line.XYs = plotter.XYs{{X: m.At, Y: p.Y.Min}, {X: m.At, Y: p.Y.Max}}
		}
		if m.Dotted {
			line.Dashes = []vg.Length{vg.Points(1), vg.Points(2)}
		}
		p.Add(line)
	}
	if f.Bare {
		p.HideAxes()
	}
	return p, nil
}

// series draws one.
func (f *Figure) series(p *plot.Plot, s Series) error {
	if len(s.X) != len(s.Y) {
		return fmt.Errorf("series %q has %d and %d numbers", s.Name, len(s.X), len(s.Y))
	}
	c := palette[s.Color%len(palette)]
	width := vg.Points(1)
	if s.Wide > 0 {
		width = vg.Points(s.Wide)
	}
	style := draw.LineStyle{Color: c, Width: width}
	if s.Style == Dashed {
		style.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	}
	var thumb plot.Thumbnailer
	switch s.Style {
	case Dots, Strokes:
		points := &plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: c, Radius: vg.Points(1.2), Shape: draw.CircleGlyph{}}}
		if s.Style == Strokes {
			points.Shape = stroke{}
		}
		for _, part := range finite(s.X, s.Y) {
			points.XYs = append(points.XYs, part...)
		}
		if len(points.XYs) > 0 {
			p.Add(points)
		}
		thumb = points
	case Bars:
		if len(s.X) > 1 {
			half := (s.X[1] - s.X[0]) / 2
			h := &plotter.Histogram{FillColor: c, LineStyle: draw.LineStyle{Color: color.White, Width: vg.Points(0.3)}}
			for k, x := range s.X {
				h.Bins = append(h.Bins, plotter.HistogramBin{Min: x - half, Max: x + half, Weight: s.Y[k]})
			}
			h.Width = 2 * half
			p.Add(h)
			thumb = h
		}
	default:
		for _, part := range finite(s.X, s.Y) {
			l := &plotter.Line{XYs: part, LineStyle: style}
			p.Add(l)
			thumb = l
		}
	}
	if s.Name != "" && thumb != nil && f.legend(s.Name) {
		p.Legend.Add(s.Name, thumb)
	}
	return nil
}

// legend reports whether a series stands in the legend, which holds the first ones.
func (f *Figure) legend(name string) bool {
	n := 0
	for _, s := range f.Series {
		if s.Name == "" {
			continue
		}
		if n++; s.Name == name {
			return n <= mostLegend
		}
	}
	return false
}

// finite returns the stretches of points that are finite.
func finite(x, y []float64) []plotter.XYs {
	var parts []plotter.XYs
	open := false
	for k := range x {
		if math.IsNaN(x[k]+y[k]) || math.IsInf(x[k]+y[k], 0) {
			open = false
			continue
		}
		if !open {
			parts, open = append(parts, nil), true
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], plotter.XY{X: x[k], Y: y[k]})
	}
	return parts
}

// stroke is a short upright line.
type stroke struct{}

// DrawGlyph draws it.
func (stroke) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	var p vg.Path
	p.Move(vg.Point{X: at.X, Y: at.Y - 2*s.Radius})
	p.Line(vg.Point{X: at.X, Y: at.Y + 2*s.Radius})
	c.SetLineStyle(draw.LineStyle{Color: s.Color, Width: s.Radius / 1.5})
	c.Stroke(p)
}

// bytes writes the figure in a format of package plot.
func (f *Figure) bytes(format string) ([]byte, error) {
	p, err := f.plot()
	if err != nil {
		return nil, err
	}
	w, err := p.WriterTo(vg.Length(f.Width)*vg.Centimeter, vg.Length(f.Height)*vg.Centimeter, format)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// SVG returns the figure as SVG whose title and description are part of it.
func (f *Figure) SVG() ([]byte, error) {
	text, err := f.bytes("svg")
	if err != nil {
		return nil, err
	}
	start := bytes.Index(text, []byte("<svg"))
	if start < 0 {
		return nil, errors.New("the drawing is no SVG")
	}
	end := bytes.IndexByte(text[start:], '>')
	if end < 0 {
		return nil, errors.New("the drawing is no SVG")
	}
	end += start
	var b bytes.Buffer
	b.Write(text[:end])
	b.WriteString(` role="img" aria-labelledby="title desc">` + "\n<title id=\"title\">")
	if err := xml.EscapeText(&b, []byte(f.Title)); err != nil {
		return nil, err
	}
	b.WriteString("</title>\n<desc id=\"desc\">")
	if err := xml.EscapeText(&b, []byte(f.Description)); err != nil {
		return nil, err
	}
	b.WriteString("</desc>")
	b.Write(text[end+1:])
	return b.Bytes(), nil
}

// PNG returns the figure as PNG with its title and description as texts (PNG, third edition, section 11.3.3).
func (f *Figure) PNG() ([]byte, error) {
	image, err := f.bytes("png")
	if err != nil {
		return nil, err
	}
	const head = 8 + 4 + 4 + 13 + 4 // signature and the first chunk, the header
	if len(image) < head {
		return nil, errors.New("the drawing is no PNG")
	}
	out := append([]byte{}, image[:head]...)
	out = append(out, textChunk("Title", f.Title)...)
	out = append(out, textChunk("Description", f.Description)...)
	return append(out, image[head:]...), nil
}

// textChunk is a chunk iTXt, uncompressed, in UTF-8.
func textChunk(keyword, text string) []byte {
	data := append([]byte("iTXt"+keyword), 0, 0, 0, 0, 0)
	data = append(data, strings.ReplaceAll(text, "\x00", "")...)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)-4))
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(data))
}
