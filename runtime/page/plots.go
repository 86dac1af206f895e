package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curve is a series of points in the order of their x.
type curve struct {
	name  string
	x, y  []float64
	low   []float64 // of intervals; nil without
	high  []float64
	loose bool // points without a line
	guide bool // a line to compare with: thin and grey, without points
}

// mostDots is up to how many points of a curve are seen one by one, mostWhiskers up to how many curves intervals are seen.
const (
	mostDots     = 16
	mostWhiskers = 3
)

// lines draws curves. Where steps is true x is a number of steps, in powers of two.
func lines(title, x, y, words, file string, steps bool, curves []curve) *figure {
	p := newPlot(x, y)
	withGrid(p)
	f := figure{Title: title}
	save := [][]string{{"series", x, y, "low", "high"}}
	place := func(v float64) float64 { return v }
	if steps {
		place = math.Log2
		p.X.Tick.Marker = plot.ConstantTicks(stepTicks(curves))
	}
	n, whiskers := 0, len(curves) <= mostWhiskers // more hide each other; the numbers have all
	for _, c := range curves {
		style := stroke(n)
		if c.guide {
			style = draw.LineStyle{Color: grey, Width: vg.Points(1), Dashes: dashes[1]}
		} else {
			n++
		}
		var points plotter.XYs
		for k := range c.x {
			if !within(place(c.x[k]), c.y[k]) {
				continue
			}
			points = append(points, plotter.XY{X: place(c.x[k]), Y: c.y[k]})
			row := []string{c.name, exact(c.x[k]), exact(c.y[k]), "", ""}
			if c.low != nil {
				row[3], row[4] = exact(c.low[k]), exact(c.high[k])
				if whiskers {
					p.Add(&whisker{place(c.x[k]), c.low[k], c.high[k], style.Color})
				}
			}
			save = append(save, row)
		}
		if len(points) == 0 {
			continue
		}
		if c.loose {
			style.Dashes = []vg.Length{3, 5}
		} else {
			p.Add(&plotter.Line{XYs: points, LineStyle: style})
		}
		if c.loose || !c.guide && len(points) <= mostDots {
			p.Add(&dots{points, style.Color, 2.4})
		}
		f.Legend = append(f.Legend, keyOf(c.name, style))
	}
	if len(f.Legend) < 2 {
		f.Legend = nil
	}
	widen(p)
	return drawn(p, plotWidth, plotHeight, f, words, file, save)
}

// stepTicks marks every number of steps that occurs, or where they would not fit the powers of two.
func stepTicks(curves []curve) []plot.Tick {
	seen := map[float64]bool{}
	var ticks []plot.Tick
	for _, c := range curves {
		for _, x := range c.x {
			if x > 0 && !seen[x] {
				seen[x] = true
				ticks = append(ticks, plot.Tick{Value: math.Log2(x), Label: exact(x)})
			}
		}
	}
	const most = 9
	if len(ticks) <= most {
		return ticks
	}
	ticks = nil
	for k := 0; k <= 16; k++ {
		ticks = append(ticks, plot.Tick{Value: float64(k), Label: strconv.Itoa(1 << k)})
	}
	return ticks
}

// widen gives axes on which nothing varies some room.
func widen(p *plot.Plot) {
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		if !(a.Max-a.Min > 1e-9*math.Abs(a.Max)) {
			if !within(a.Min, a.Max) {
				a.Min, a.Max = 0, 0
			}
			a.Min, a.Max = a.Min-0.5, a.Max+0.5
		}
	}
}

// dots draws squares, all of them as one path.
type dots struct {
	at     plotter.XYs
	colour interface {
		RGBA() (r, g, b, a uint32)
	}
	half vg.Length
}

// Plot draws them.
func (d *dots) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path vg.Path
	for _, at := range d.at {
		px, py := x(at.X), y(at.Y)
		path.Move(vg.Point{X: px - d.half, Y: py - d.half})
		path.Line(vg.Point{X: px + d.half, Y: py - d.half})
		path.Line(vg.Point{X: px + d.half, Y: py + d.half})
		path.Line(vg.Point{X: px - d.half, Y: py + d.half})
		path.Close()
	}
	c.SetColor(d.colour)
	c.Fill(path)
}

// DataRange is where they are.
func (d *dots) DataRange() (xmin, xmax, ymin, ymax float64) { return plotter.XYRange(d.at) }

// whisker is an interval at x.
type whisker struct {
	x, low, high float64
	colour       interface {
		RGBA() (r, g, b, a uint32)
	}
}

// Plot draws it.
func (w *whisker) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	const half = 3
	var path vg.Path
	path.Move(vg.Point{X: x(w.x), Y: y(w.low)})
	path.Line(vg.Point{X: x(w.x), Y: y(w.high)})
	for _, end := range []float64{w.low, w.high} {
		path.Move(vg.Point{X: x(w.x) - half, Y: y(end)})
		path.Line(vg.Point{X: x(w.x) + half, Y: y(end)})
	}
	c.SetColor(w.colour)
	c.SetLineWidth(1)
	c.SetLineDash(nil, 0)
	c.Stroke(path)
}

// DataRange is where it is.
func (w *whisker) DataRange() (xmin, xmax, ymin, ymax float64) { return w.x, w.x, w.low, w.high }

// scatter draws points beside the line on which both coordinates are the same.
func scatter(title, x, y, words, file string, xs, ys []float64) *figure {
	p := newPlot(x, y)
	withGrid(p)
	var points plotter.XYs
	save := [][]string{{x, y}}
	lo, hi := 0.0, 0.0
	for k := range xs {
		if within(xs[k], ys[k]) {
			points = append(points, plotter.XY{X: xs[k], Y: ys[k]})
			save = append(save, []string{exact(xs[k]), exact(ys[k])})
			lo, hi = min(lo, xs[k]), max(hi, xs[k])
		}
	}
	guide := draw.LineStyle{Color: grey, Width: vg.Points(1.2), Dashes: dashes[1]}
	p.Add(&plotter.Line{XYs: plotter.XYs{{X: lo, Y: lo}, {X: hi, Y: hi}}, LineStyle: guide})
	if len(points) > 0 {
		p.Add(&dots{points, first, 1.3})
	}
	widen(p)
	f := figure{Title: title, Legend: []key{keyOf("a neuron and an image", draw.LineStyle{Color: first, Width: vg.Points(3), Dashes: []vg.Length{3, 5}}), keyOf("the same", guide)}}
	return drawn(p, plotWidth, plotHeight, f, words, file, save)
}

// histogram draws shares of two counts in bins, the second as an outline over the first. Where many powers of ten lie between
// them, logarithmic makes the small ones seen.
func histogram(title, x, words, file string, low, width float64, before, after []int64, logarithmic bool) *figure {
	p := newPlot(x, "share of them [%]")
	shares := func(counts []int64) []float64 {
		total := int64(0)
		for _, n := range counts {
			total += n
		}
		list := make([]float64, len(counts))
		for k, n := range counts {
			list[k] = 100 * float64(n) / float64(max(1, total))
		}
		return list
	}
	b, a := shares(before), shares(after)
	place, floor := func(v float64) float64 { return v }, 0.0
	if logarithmic {
		floor = -3 // 0.001 %
		place = func(v float64) float64 { return max(floor, math.Log10(v)) }
		var ticks []plot.Tick
		for e := -3; e <= 2; e++ {
			ticks = append(ticks, plot.Tick{Value: float64(e), Label: strconv.FormatFloat(math.Pow10(e), 'g', -1, 64)})
		}
		p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	}
	withGrid(p)
	outline := func(list []float64) plotter.XYs {
		points := plotter.XYs{{X: low, Y: floor}}
		for k, v := range list {
			points = append(points, plotter.XY{X: low + float64(k)*width, Y: place(v)}, plotter.XY{X: low + float64(k+1)*width, Y: place(v)})
		}
		return append(points, plotter.XY{X: low + float64(len(list))*width, Y: floor})
	}
	under := draw.LineStyle{Color: first, Width: vg.Points(1)}
	over := draw.LineStyle{Color: first + 1, Width: vg.Points(1.5)}
	p.Add(&plotter.Line{XYs: outline(b), LineStyle: under, FillColor: filled}, &plotter.Line{XYs: outline(a), LineStyle: over})
	p.Y.Min = floor
	widen(p)
	save := [][]string{{"from", "to", "before", "after"}}
	for k := range before {
		save = append(save, []string{exact(low + float64(k)*width), exact(low + float64(k+1)*width), strconv.FormatInt(before[k], 10), strconv.FormatInt(after[k], 10)})
	}
	f := figure{Title: title, Legend: []key{keyOf("before quantisation", draw.LineStyle{Color: first, Width: vg.Points(4)}), keyOf("after it", over)}}
	return drawn(p, plotWidth, plotHeight, f, words, file, save)
}

// raster draws when neurons fired, a row each.
func raster(title, words, file string, steps int, names []string, spikes [][]int) *figure {
	p := newPlot("step", "neuron")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0.5, float64(steps)+0.5, -0.5, float64(len(names))-0.5
	var ticks []plot.Tick
	for k, name := range names {
		t := plot.Tick{Value: float64(k)}
		if len(names) <= 10 || k%5 == 0 {
			t.Label = name
		}
		ticks = append(ticks, t)
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	save := [][]string{{"neuron", "steps of its spikes; -t: one of -1 in step t"}}
	for k, train := range spikes {
		save = append(save, []string{names[k], strings.Trim(fmt.Sprint(train), "[]")})
	}
	for _, sign := range []int{1, -1} {
		m := &marks{colour: first}
		if sign < 0 {
			m.colour = first + 1
		}
		for k, train := range spikes {
			for _, t := range train {
				if t*sign > 0 && t*sign <= steps {
					m.at = append(m.at, plotter.XY{X: float64(t * sign), Y: float64(k)})
				}
			}
		}
		p.Add(m)
	}
	height := vg.Length(46 + 8*max(4, len(names)))
	return drawn(p, plotWidth, height, figure{Title: title}, words, file, save)
}

// marks draws upright strokes, all of them as one path.
type marks struct {
	at     plotter.XYs
	colour ink
}

// Plot draws them.
func (m *marks) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	half := (y(1) - y(0)) * 0.4
	var path vg.Path
	for _, at := range m.at {
		path.Move(vg.Point{X: x(at.X), Y: y(at.Y) - half})
		path.Line(vg.Point{X: x(at.X), Y: y(at.Y) + half})
	}
	if path == nil {
		return
	}
	c.SetColor(m.colour)
	c.SetLineWidth(max(0.8, min(2.5, (x(1)-x(0))*0.45)))
	c.SetLineDash(nil, 0)
	c.Stroke(path)
}

// tile is a core on a map.
type tile struct {
	column, row int
	label       string
	value       float64 // 0..1: its colour
}

// tiles draws a map of tiles below each other, with names of rows; the first row is on top.
func tiles(title, words, file string, rows []string, list []tile, save [][]string, note string) *figure {
	p := newPlot("", "")
	columns := 1
	for _, t := range list {
		columns = max(columns, t.column+1)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(columns)-0.5, -0.5, float64(len(rows))-0.5
	p.HideX()
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
	var ticks []plot.Tick
	for k, name := range rows {
		ticks = append(ticks, plot.Tick{Value: float64(len(rows) - 1 - k), Label: short(name, 16)})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	for k := range rampLength {
		m := &squares{rows: len(rows), colour: ramp + ink(k)}
		for _, t := range list {
			if min(rampLength-1, int(t.value*rampLength)) == k {
				m.list = append(m.list, t)
			}
		}
		p.Add(m)
	}
	height := vg.Length(14 + 22*len(rows))
	f := figure{Title: title, Note: note}
	for k := range rampLength {
		f.Legend = append(f.Legend, keyOf(fmt.Sprintf("%d–%d %%", k*100/rampLength, (k+1)*100/rampLength), draw.LineStyle{Color: ramp + ink(k), Width: 8}))
	}
	return drawn(p, plotWidth, height, f, words, file, save)
}

// squares draws tiles of one colour.
type squares struct {
	list   []tile
	rows   int
	colour ink
}

// Plot draws them, with their labels where there is room.
func (s *squares) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	w, h := x(1)-x(0), y(1)-y(0)
	gap := min(1.5, w*0.1)
	wide := min(w, 44)
	for _, t := range s.list {
		left, bottom := x(-0.5)+vg.Length(t.column)*wide, y(float64(s.rows-1-t.row))-h/2
		var path vg.Path
		path.Move(vg.Point{X: left + gap, Y: bottom + gap})
		path.Line(vg.Point{X: left + wide - gap, Y: bottom + gap})
		path.Line(vg.Point{X: left + wide - gap, Y: bottom + h - gap})
		path.Line(vg.Point{X: left + gap, Y: bottom + h - gap})
		path.Close()
		c.SetColor(s.colour)
		c.Fill(path)
		c.SetColor(edge)
		c.SetLineWidth(0.5)
		c.Stroke(path)
		if wide >= 16 {
			style := p.X.Tick.Label
			style.Color, style.XAlign, style.YAlign = line, draw.XCenter, draw.YCenter
			if s.colour >= ramp+4 {
				style.Color = paler
			}
			style.Font.Size = 8
			c.FillText(style, vg.Point{X: left + wide/2, Y: bottom + h/2}, t.label)
		}
	}
}

// short is a name of at most so many letters, its end kept.
func short(name string, most int) string {
	r := []rune(name)
	if len(r) <= most {
		return name
	}
	return "…" + string(r[len(r)-most+1:])
}
