package simulate

import (
	"fmt"
	"math"
	"strings"

	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// plotOf says how a kind of plot is made: which monitors it takes, and what it draws after the run.
type plotOf struct {
	monitors string // the kind of monitor that it is of; "" for none
	check    func(b *builder, p describe.Plot)
	draw     func(b *builder, p describe.Plot, o *Outcome, f *figure.Figure)
}

// drawings are the kinds of plots.
var drawings map[string]plotOf

func init() {
	drawings = map[string]plotOf{
		"raster":    {"spikes", nil, (*builder).raster},
		"trace":     {"state", (*builder).checkTrace, (*builder).trace},
		"rate":      {"rate", nil, (*builder).rate},
		"weights":   {"weights", nil, (*builder).weights},
		"histogram": {"weights", nil, (*builder).histogram},
		"intervals": {"spikes", nil, (*builder).intervals},
		"fI":        {"spikes", (*builder).checkCurve, (*builder).curve},
		"phase":     {"state", (*builder).checkPhase, (*builder).phase},
		"window":    {"", (*builder).checkSynapses, (*builder).window},
		"graph":     {"", (*builder).checkSynapses, (*builder).graph},
	}
}

// plots checks what the plots name.
func (b *builder) plots() {
	files := map[string]bool{}
	for _, p := range b.d.Plots {
		here := at(p.Line, p.Where)
		if p.Kind == "" {
			continue // what is wrong with its form is said already
		}
		kind, ok := drawings[p.Kind]
		if !ok {
			b.wrong(idEngine, here, "use it with train", "a plot of kind %s shows a training, and there is none", p.Kind)
			continue
		}
		if len(p.Of) == 0 {
			b.wrong(idReference, here, "name what it shows", "shows nothing")
			continue
		}
		if kind.monitors != "" {
			for _, t := range p.Of {
				b.named(t, kind.monitors)
			}
		}
		if kind.check != nil {
			kind.check(b, p)
		}
		if name := fileName(p); files[name] {
			b.wrong(idReference, here, "add file, a name for it", "two plots have the file %s", name)
		} else {
			files[name] = true
		}
		if strings.ContainsAny(p.File.Text, "/\\.") || p.File.Text == "result" {
			b.wrong(idRange, p.File, "write a plain name without ending", "%q is no name of a file", p.File.Text)
		}
	}
}

// fileName is the name of a plot's files, without ending.
func fileName(p describe.Plot) string {
	if p.File.Given() {
		return p.File.Text
	}
	name := p.Kind
	for _, t := range p.Of {
		name += "_" + strings.NewReplacer(".", "_").Replace(t.Text)
	}
	return name
}

// named returns a monitor of a kind, or reports that it is not there.
func (b *builder) named(t describe.Text, kind string) *monitor {
	for _, m := range b.monitors {
		if m.name == t.Text && m.kind == kind {
			return m
		}
	}
	names := map[string]bool{}
	for _, m := range b.d.Monitors {
		if m.Kind == kind {
			names[m.Name] = true
		}
		if m.Name == t.Text && (m.Kind == kind || m.Kind == "") {
			return nil // what is wrong with it is said already
		}
	}
	hint, remedy := meant(t.Text, names)
	b.wrong(idReference, t, remedy, "there is no monitor of kind %s named %s%s", kind, t.Text, hint)
	return nil
}

// draw draws all plots.
func (b *builder) draw(o *Outcome) error {
	for _, p := range b.d.Plots {
		f := figure.Figure{Title: p.Title.Text, Width: p.Width, Height: p.Height}
		if f.Title == "" {
			f.Title = b.d.Title.Text
		}
		drawings[p.Kind].draw(b, p, o, &f)
		if p.XLabel.Given() {
			f.XLabel = p.XLabel.Text
		}
		if p.YLabel.Given() {
			f.YLabel = p.YLabel.Text
		}
		o.add(p, f)
	}
	return nil
}

// add adds a figure and says in the result where it is.
func (o *Outcome) add(p describe.Plot, f figure.Figure) {
	name := fileName(p)
	o.figures, o.names = append(o.figures, f), append(o.names, name)
	o.Result.Plots = append(o.Result.Plots, Plot{p.Kind, f.Title, f.Description, name + ".svg", name + ".png"})
}

// inMS returns times in ms.
func inMS(list []float64) []float64 {
	out := make([]float64, len(list))
	for k, t := range list {
		out[k] = milli(t)
	}
	return out
}

// withUnit is a label with its unit.
func withUnit(name, unit string) string {
	if unit == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, unit)
}

// extent is the least and the largest value of some series.
func extent(list []figure.Series) (lo, hi float64, ok bool) {
	for _, s := range list {
		for _, y := range s.Y {
			if !math.IsNaN(y) && (!ok || y < lo) {
				lo = y
			}
			if !math.IsNaN(y) && (!ok || y > hi) {
				hi = y
			}
			ok = ok || !math.IsNaN(y)
		}
	}
	return lo, hi, ok
}

// column returns one recorded element over time.
func (m *monitor) column(k int, factor float64) []float64 {
	out := make([]float64, len(m.times))
	for r := range out {
		out[r] = m.values[r*len(m.elements)+k] * factor
	}
	return out
}

// checkSynapses checks the name of synapses.
func (b *builder) checkSynapses(p describe.Plot) {
	y := b.connected(p.Of[0])
	if p.Kind == "window" && y != nil && y.rule == "" {
		b.wrong(idReference, p.Of[0], "add plasticity to them", "synapses %s do not learn", y.name)
	}
}

// connected returns synapses by their name.
func (b *builder) connected(t describe.Text) *synapses {
	names := map[string]bool{}
	for _, s := range b.d.Synapses {
		names[s.Name] = true
	}
	for _, y := range b.synapses {
		if y.name == t.Text {
			return y
		}
	}
	if !names[t.Text] {
		hint, remedy := meant(t.Text, names)
		b.wrong(idReference, t, remedy, "there are no synapses %s%s", t.Text, hint)
	}
	return nil
}
