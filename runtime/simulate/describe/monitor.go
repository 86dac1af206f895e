package describe

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

func (r *reader) monitors(d *Description, e entry) {
	r.each(e, "monitors by their names, such as raster: {spikes: G}", func(x entry) {
		m := Monitor{Name: x.key, Line: x.at.Line}
		keys := map[string]func(entry){"record": r.texts(&m.Record), "every": r.into(&m.Every), "smooth": r.into(&m.Smooth)}
		kinds := []string{"spikes", "state", "rate", "weights"}
		for _, kind := range kinds {
			keys[kind] = func(v entry) {
				if m.Kind != "" {
					r.wrong(idValue, v.at, x.where, "make a monitor of each", "records two things")
				}
				m.Kind, m.Of = kind, r.text(v)
			}
		}
		r.known(x.value, x.where, "{spikes: G}", keys)
		if m.Kind == "" {
			r.wrong(idMissing, x.at, x.where, "write what it records: "+strings.Join(kinds, ", "), "records nothing")
		}
		d.Monitors = append(d.Monitors, m)
	})
}

// plotKinds are the kinds of plots and the values that each may have.
var plotKinds = map[string][]string{"raster": nil, "trace": {"threshold", "spikes"}, "rate": nil, "weights": nil, "histogram": {"bins"}, "intervals": {"bins"},
	"fI": {"x"}, "phase": {"nullclines", "x_range", "y_range"}, "window": {"range"}, "graph": nil, "learning": nil}

func (r *reader) plots(d *Description, e entry) {
	if e.value.Kind != yaml.SequenceNode {
		r.wrong(idYAML, e.value, e.where, "write a list, such as - {raster: spikes}", "want a list of plots")
		return
	}
	for _, n := range e.value.Content {
		n = settle(n)
		p := Plot{Line: n.Line, Where: e.where, Values: map[string]Text{}, Width: 16, Height: 10}
		keys := map[string]func(entry){"title": r.into(&p.Title), "file": r.into(&p.File), "x_label": r.into(&p.XLabel), "y_label": r.into(&p.YLabel),
			"width": r.whole(&p.Width, 3, 100), "height": r.whole(&p.Height, 3, 100)}
		var kinds []string
		for kind, values := range plotKinds {
			kinds = append(kinds, kind)
			for _, v := range values {
				keys[v] = func(x entry) { p.Values[v] = r.text(x) }
			}
		}
		slices.Sort(kinds)
		for _, kind := range kinds {
			keys[kind] = func(x entry) {
				if p.Kind != "" {
					r.wrong(idValue, x.at, e.where, "make a plot of each", "is of two kinds")
				}
				p.Kind = kind
				r.texts(&p.Of)(x)
			}
		}
		r.known(n, e.where, "{raster: spikes}", keys)
		if p.Kind == "" {
			r.wrong(idMissing, n, e.where, "write its kind with what it shows: "+strings.Join(kinds, ", "), "is of no kind")
		}
		for v, t := range p.Values {
			if p.Kind != "" && !slices.Contains(plotKinds[p.Kind], v) {
				r.wrong(idValue, &yaml.Node{Line: t.Line}, t.Where, "leave it away", "%s means nothing for a plot of kind %s", v, p.Kind)
			}
		}
		d.Plots = append(d.Plots, p)
	}
}
