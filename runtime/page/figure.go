package page

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// figure is a plot with all that belongs to it.
type figure struct {
	Title  string
	SVG    template.HTML // or another picture
	Legend []key
	Note   string
	Save   save // the numbers behind it; empty where they are elsewhere
}

// key is an entry of a legend.
type key struct {
	Name   string
	Colour string // two digits: a variable of the style
	Width  string
	Dash   string
}

// ink is a colour of the style: the plot's lines carry its number, and the page has a variable for it, in light and dark.
type ink uint8

// The inks. Series have the six from first on, then grey.
const (
	line   ink = 0x01 // axes and text
	grid   ink = 0x02
	first  ink = 0x03
	series     = 6
	grey   ink = 0x09
	filled ink = 0x0A // what is under a line
	ramp   ink = 0x10 // the first of rampLength colours from little to much
	paler  ink = 0x17 // text on the darker ones of them
	edge   ink = 0x16

	rampLength = 6
)

// RGBA is a colour that stands for the ink until the page has its own.
func (k ink) RGBA() (r, g, b, a uint32) {
	return color.RGBA{R: 0xFF, G: 0x0D, B: uint8(k), A: 0xFF}.RGBA()
}

// inked finds what RGBA becomes in a plot, and plainFont what is said of letters, which the style says.
var (
	inked     = regexp.MustCompile(`#FF0D([0-9A-F]{2})`)
	plainFont = regexp.MustCompile(`font-family:[^"]*?font-style:normal;?`)
	dashes    = [][]vg.Length{nil, {vg.Points(6), vg.Points(3)}, {vg.Points(2), vg.Points(2)}, {vg.Points(8), vg.Points(3), vg.Points(2), vg.Points(3)}}
)

// The size of letters, and of plots. [points]
const (
	fontSize   = 10
	plotWidth  = 330
	plotHeight = 215
	margin     = 8 // for what stands out over the ends of the axes
)

// newPlot returns an empty plot with names of its axes, units included.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Color, a.Tick.LineStyle.Color = line, line
		for _, s := range []*draw.TextStyle{&a.Label.TextStyle, &a.Tick.Label} {
			s.Color, s.Font = line, font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize)
		}
		a.Padding, a.Tick.Length, a.Tick.Marker = 3, 4, plot.TickerFunc(round)
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Label.Padding, p.Y.Label.Padding = 3, 3
	return p
}

// round marks 1, 2 or 5 times a power of ten, three to six times.
func round(lo, hi float64) []plot.Tick {
	if !(hi > lo) || !within(lo, hi) {
		return nil
	}
	const most = 6
	step := math.Pow10(int(math.Floor(math.Log10(hi-lo))) - 1)
	for k := 0; (hi-lo)/step > most-0.5; k++ {
		step *= []float64{2, 2.5, 2}[k%3]
	}
	var ticks []plot.Tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+step*1e-9; k++ {
		at := k*step + 0 // without the sign of −0
		ticks = append(ticks, plot.Tick{Value: at, Label: strconv.FormatFloat(at, 'g', 6, 64)})
	}
	return ticks
}

// withGrid adds lines behind everything else.
func withGrid(p *plot.Plot) {
	g := plotter.NewGrid()
	g.Horizontal.Color, g.Vertical.Color = grid, grid
	p.Add(g)
}

// stroke is the style of series number i.
func stroke(i int) draw.LineStyle {
	return draw.LineStyle{Color: seriesInk(i), Width: vg.Points(1.8), Dashes: dashes[i%len(dashes)]}
}

// seriesInk is the colour of series number i.
func seriesInk(i int) ink { return first + ink(i%series) }

// keyOf is the entry of a line in the legend.
func keyOf(name string, s draw.LineStyle) key {
	k := key{Name: name, Width: fmt.Sprint(float64(s.Width) * 1.2)}
	if c, ok := s.Color.(ink); ok {
		k.Colour = fmt.Sprintf("%02X", uint8(c))
	}
	var parts []string
	for _, d := range s.Dashes {
		parts = append(parts, fmt.Sprint(float64(d)))
	}
	k.Dash = strings.Join(parts, " ")
	return k
}

// drawn finishes a figure: the plot becomes part of the page, with its title, and in words what there is to see. lines are the
// numbers behind it, with a heading; their file is named as it.
func drawn(p *plot.Plot, width, height vg.Length, f figure, words, file string, lines [][]string) *figure {
	c := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(c), 1, -margin, 1, -margin))
	var b bytes.Buffer
	_, _ = c.WriteTo(&b) // a buffer takes all
	_, body, _ := strings.Cut(b.String(), "<svg ")
	_, body, _ = strings.Cut(body, ">")
	body = plainFont.ReplaceAllString(inked.ReplaceAllString(body, "var(--p$1)"), "")
	f.Save = newSave(file, lines)
	title := strings.TrimSuffix(f.Title, ".")
	f.SVG = template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s"><title>%s</title><desc>%s</desc>%s`,
		float64(width), float64(height), html.EscapeString(title+". "+words), html.EscapeString(title), html.EscapeString(words), strings.TrimSpace(body)))
	return &f
}

// within reports whether two numbers are finite: others cannot be drawn.
func within(x, y float64) bool { return x-x == 0 && y-y == 0 }
