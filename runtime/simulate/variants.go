package simulate

import (
	"math"
	"strings"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// ownStep returns of how many steps one of a population is made.
func (b *builder) ownStep(p describe.Population) int {
	if !p.Dt.Given() {
		return 1
	}
	v, ok := b.number(p.Dt, "dt", equation.Second)
	if !ok {
		return 1
	}
	every := math.Round(v / b.dt)
	if b.unsure {
		return 1
	}
	if !(every >= 1) || every > mostSteps || math.Abs(every*b.dt-v) > 1e-6*b.dt {
		b.wrong(idRange, p.Dt, "give the simulation (dt) a step that divides those of all populations", "a step of %.6g ms is no whole number of steps of %.6g ms", 1e3*v, 1e3*b.dt)
		return 1
	}
	return int(every)
}

// links returns what a population reads of others: "G.v", or "G.v[expression of i]".
func (b *builder) links(g *group, p describe.Population) map[string]network.Link {
	out := map[string]network.Link{}
	for _, x := range p.Linked {
		if b.shadows(x.Name, x.Text) || g.taken(b, x.Name, x.Text) {
			continue
		}
		of, index, indexed := strings.Cut(strings.TrimSpace(x.Text.Text), "[")
		index, closed := strings.CutSuffix(index, "]")
		name, variable, _ := strings.Cut(strings.TrimSpace(of), ".")
		other := b.groups[name]
		if other == nil {
			hint, remedy := meant(name, b.groups)
			b.wrong(idReference, x.Text, remedy, "there is no population %s above this one%s", name, hint)
			b.fails(x.Name)
			continue
		}
		if other.spiking == nil || b.excused(variable) {
			b.fails(x.Name)
			continue // what is wrong with it is said already
		}
		dim, there := other.own[variable]
		if !there || other.inner[variable] || other.p == nil {
			hint, remedy := meant(variable, other.targets())
			b.wrong(idReference, x.Text, remedy, "population %s has no variable or parameter %s%s", name, variable, hint)
			b.fails(x.Name)
			continue
		}
		if closed != indexed {
			b.wrong(idReference, x.Text, "write G.v, or G.v[expression of i]", "%s lacks a bracket", x.Text.Text)
			b.fails(x.Name)
			continue
		}
		l := network.Link{From: other.p, Of: variable}
		if values, err := other.p.Values(variable); indexed && (err != nil || len(values) > 1) {
			t := x.Text
			t.Text = index
			list, ok := b.each(t, "an index", equation.Dimension{}, p.N, func(k int) (int, int) { return k, k })
			if !ok {
				b.fails(x.Name)
				continue
			}
			for _, v := range list {
				l.Index = append(l.Index, int(math.Floor(v)))
			}
		}
		out[x.Name] = l
		g.own[x.Name], g.inner[x.Name] = dim, true
	}
	return out
}

// events adds those of a population. Each has a name as a population has one, for synapses and monitors.
func (b *builder) events(g *group, p describe.Population, d *equation.Dimensions) {
	for _, x := range p.Events {
		e := b.parse(x.When)
		if e == nil || !b.fits(x.When, e, d, "a condition", equation.Dimension{}) || !b.statements(x.Do, d, g.targets()) {
			continue
		}
		made, err := g.p.AddEvent(x.When.Text, text(x.Do))
		if err != nil {
			b.refused(x.When, err)
			continue
		}
		name := g.name + "." + x.Name
		b.groups[name] = &group{name: name, n: g.n, spiking: made, p: g.p, own: g.own, first: g.first, inner: g.inner, shared: g.shared, event: true}
	}
}
