package page

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// stagePlot draws the accuracy of stages, which are no numbers.
func stagePlot(c curve, names []string, words string) *figure {
	p := newPlot("stage", "accuracy [%]")
	withGrid(p)
	var points plotter.XYs
	var ticks []plot.Tick
	save := [][]string{{"stage", "accuracy [%]", "low", "high"}}
	for k, name := range names {
		points = append(points, plotter.XY{X: c.x[k], Y: c.y[k]})
		ticks = append(ticks, plot.Tick{Value: c.x[k], Label: name})
		p.Add(&whisker{c.x[k], c.low[k], c.high[k], first})
		save = append(save, []string{name, exact(c.y[k]), exact(c.low[k]), exact(c.high[k])})
	}
	p.Add(&dots{points, first, 3})
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Min, p.X.Max = p.X.Min-0.3, p.X.Max+0.3
	widen(p)
	return drawn(p, plotWidth, plotHeight, figure{Title: "Accuracy of every stage, with its 95 % interval"}, words, "ladder-plot", save)
}
