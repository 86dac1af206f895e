package page

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bar is an amount with a name; low and high are the ends of its interval, the same where it has none.
type bar struct {
	name         string
	x, low, high float64
}

// barPlot draws amounts as bars from 0 on, below each other, the first on top.
func barPlot(title, x, words, file string, list []bar) *figure {
	save := [][]string{{"name", x, "low", "high"}}
	for _, b := range list {
		save = append(save, []string{b.name, exact(b.x), exact(b.low), exact(b.high)})
	}
	return drawn(barAxes(x, list), plotWidth, vg.Length(46+16*max(3, len(list))), figure{Title: title}, words, file, save)
}

// barAxes draws the bars between their axes, which have room for 0 and for all of them.
func barAxes(x string, list []bar) *plot.Plot {
	p := newPlot(x, "")
	withGrid(p)
	s := &strips{list: list}
	p.Add(s)
	var ticks []plot.Tick
	p.X.Min = 0
	for k, b := range list {
		ticks = append(ticks, plot.Tick{Value: s.row(k), Label: short(b.name, 16)})
		p.X.Min = min(p.X.Min, b.x, b.low)
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
	p.Y.Min, p.Y.Max = -0.5, float64(len(list))-0.5
	if !(p.X.Max > 0) {
		p.X.Max = 1
	}
	return p
}

// strips draws the bars.
type strips struct{ list []bar }

// row is where bar k stands.
func (s *strips) row(k int) float64 { return float64(len(s.list) - 1 - k) }

// Plot draws them, all as one path, and their intervals over them.
func (s *strips) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	half := (y(1) - y(0)) * 0.32
	var fill, spans vg.Path
	for k, b := range s.list {
		at := y(s.row(k))
		fill.Move(vg.Point{X: x(0), Y: at - half})
		fill.Line(vg.Point{X: x(b.x), Y: at - half})
		fill.Line(vg.Point{X: x(b.x), Y: at + half})
		fill.Line(vg.Point{X: x(0), Y: at + half})
		fill.Close()
		if b.low < b.high {
			spans.Move(vg.Point{X: x(b.low), Y: at})
			spans.Line(vg.Point{X: x(b.high), Y: at})
			for _, end := range []float64{b.low, b.high} {
				spans.Move(vg.Point{X: x(end), Y: at - half/2})
				spans.Line(vg.Point{X: x(end), Y: at + half/2})
			}
		}
	}
	c.SetColor(first)
	c.Fill(fill)
	if spans == nil {
		return
	}
	c.SetColor(line)
	c.SetLineWidth(1)
	c.SetLineDash(nil, 0)
	c.Stroke(spans)
}

// DataRange is where they are.
func (s *strips) DataRange() (xmin, xmax, ymin, ymax float64) {
	var points plotter.XYs
	for k, b := range s.list {
		points = append(points, plotter.XY{X: max(b.x, b.high), Y: s.row(k)})
	}
	return plotter.XYRange(points)
}
