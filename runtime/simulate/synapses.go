package simulate

import (
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// synapses are connections while they are built and run.
type synapses struct {
	name     string
	from, to *group
	s        *network.Synapses
	own      map[string]equation.Dimension
	rule     string
}

// connection builds a set of synapses.
func (b *builder) connection(d describe.Synapses) {
	here := at(d.Line, "synapses."+d.Name)
	from, to := b.groups[d.From.Text], b.groups[d.To.Text]
	for _, x := range []struct {
		t describe.Text
		g *group
	}{{d.From, from}, {d.To, to}} {
		if x.g == nil {
			hint, remedy := meant(x.t.Text, b.groups)
			b.wrong(idReference, x.t, remedy, "there is no population %s%s", x.t.Text, hint)
		}
	}
	if from == nil || to == nil || from.spiking == nil || to.spiking == nil {
		return
	}
	if to.p == nil || to.event {
		b.wrong(idReference, d.To, "name a population of neurons", "%s is a source of spikes and receives none", d.To.Text)
		return
	}
	pairs, weights, ok := b.pairs(d.Connect, from, to)
	if !ok {
		return
	}
	s, err := b.net.AddSynapses(from.spiking, to.p, pairs, nil)
	if err != nil {
		b.wrong(idConnection, here, "", "%v", err)
		return
	}
	y := &synapses{name: d.Name, from: from, to: to, s: s, own: map[string]equation.Dimension{}}
	b.synapses = append(b.synapses, y)
	dims := b.ends(y)
	b.variables(y, d, dims, weights)
	b.synapticEquations(y, d, dims)
	b.pathways(y, d, dims)
}

// ends are the names that expressions of synapses may use.
func (b *builder) ends(y *synapses) *equation.Dimensions {
	names := map[string]equation.Dimension{"i": {}, "j": {}, "N": {}, "N_pre": {}, "N_post": {}}
	for suffix, g := range map[string]*group{"_pre": y.from, "_post": y.to} {
		for name, dim := range g.own {
			if g.p != nil && !g.inner[name] {
				names[name+suffix] = dim
			}
		}
	}
	return b.dimensions(names)
}

// variables declares the variables of synapses and gives them their values at the start.
func (b *builder) variables(y *synapses, d describe.Synapses, dims *equation.Dimensions, weights []float64) {
	name := func(list []describe.Named) {
		for _, x := range list {
			e := b.parse(x.Text)
			if e == nil || b.shadows(x.Name, x.Text) {
				continue
			}
			if dim, ok := b.measure(x.Text, e, dims); ok {
				dims.Names[x.Name] = dim
				b.refused(x.Text, y.s.Name(x.Name, x.Text.Text))
			}
		}
	}
	name(d.Parameters)
	list := d.Variables
	if d.Weight.Given() {
		list = append([]describe.Named{{Name: "w", Text: d.Weight}}, list...)
	}
	for _, x := range list {
		e := b.parse(x.Text)
		if e == nil || b.shadows(x.Name, x.Text) {
			continue
		}
		dim, ok := b.measure(x.Text, e, dims)
		if !ok {
			continue
		}
		b.refused(x.Text, y.s.Declare(x.Name))
		dims.Names[x.Name], y.own[x.Name] = dim, dim
		b.refused(x.Text, y.s.Set(x.Name+" = "+x.Text.Text))
	}
	if weights != nil && y.own != nil {
		if values, err := y.s.Values("w"); err == nil {
			for k := range values { // the file's numbers times the weight of the description
				values[k] *= weights[k]
			}
		}
	}
}

// pathways sets what spikes do.
func (b *builder) pathways(y *synapses, d describe.Synapses, dims *equation.Dimensions) {
	here := at(d.Line, "synapses."+d.Name)
	var pre, post []string
	if d.Weight.Given() && !d.OnPre.Given() {
		target, ok := b.receiver(y, d, here)
		if !ok {
			return
		}
		efficacy := "w"
		if len(d.ShortTerm) > 0 {
			statements, ok := b.shortTerm(y, d, dims, here)
			if !ok {
				return
			}
			pre = append(pre, statements)
			efficacy = "w*u_st*x_st"
		}
		pre = append(pre, target+"_post += "+efficacy)
		if len(d.ShortTerm) > 0 {
			pre = append(pre, "x_st -= u_st*x_st")
		}
		e, _ := equation.Parse(efficacy)
		b.fits(d.Weight, e, dims, "weight", y.to.own[target])
	}
	targets := map[string]equation.Dimension{}
	for name, dim := range dims.Names {
		end := strings.HasSuffix(name, "_post") || strings.HasSuffix(name, "_pre")
		if _, own := y.own[name]; own || end && !strings.HasPrefix(name, "N_") && !strings.HasPrefix(name, "i_") && !strings.HasPrefix(name, "lastspike_") {
			if _, constant := b.names[name]; !constant {
				targets[name] = dim
			}
		}
	}
	for _, x := range []struct {
		t  describe.Text
		to *[]string
	}{{d.OnPre, &pre}, {d.OnPost, &post}} {
		if x.t.Given() && b.statements(x.t, dims, targets) {
			*x.to = append(*x.to, text(x.t))
		}
	}
	each := b.plasticity(y, d, dims, here, &pre, &post)
	delays, ok := b.delays(y, d, dims)
	if !ok {
		return
	}
	if len(pre) > 0 {
		b.refused(here, y.s.OnPre(strings.Join(pre, "\n"), delays...))
	}
	if len(post) > 0 {
		b.refused(here, y.s.OnPost(strings.Join(post, "\n")))
	}
	if each != "" {
		b.refused(here, y.s.Regularly(each, b.dt))
	}
	for _, x := range d.Every {
		every, ok := b.number(describe.Text{Text: x.Name, Line: x.Line, Where: x.Where}, "the time", equation.Second)
		if ok && b.statements(x.Text, dims, targets) {
			b.refused(x.Text, y.s.Regularly(text(x.Text), every))
		}
	}
	for _, x := range d.Summed {
		want, there := y.to.own[x.Name]
		if !there || y.to.inner[x.Name] {
			hint, remedy := meant(x.Name, y.to.targets())
			b.wrong(idReference, x.Text, remedy, "population %s has no parameter %s%s", y.to.name, x.Name, hint)
			continue
		}
		if e := b.parse(x.Text); e != nil && b.fits(x.Text, e, dims, x.Name, want) {
			b.refused(x.Text, y.s.Summed(x.Name+"_post", x.Text.Text))
		}
	}
}

// receiver is the variable of the target that a spike adds to.
func (b *builder) receiver(y *synapses, d describe.Synapses, here describe.Text) (string, bool) {
	switch d.Kind.Text {
	case "exponential", "alpha":
		name := d.Name + map[string]string{"exponential": "_s", "alpha": "_x"}[d.Kind.Text]
		_, ok := y.to.own[name] // else what is wrong is said already
		return name, ok
	}
	onto := d.Onto.Text
	if onto == "" {
		onto = y.to.first
	}
	if _, ok := y.to.targets()[onto]; !ok {
		place := here
		if d.Onto.Given() {
			place = d.Onto
		}
		hint, remedy := meant(onto, y.to.targets())
		b.wrong(idReference, place, remedy, "population %s has no variable %s%s", y.to.name, onto, hint)
		return "", false
	}
	return onto, true
}

// delays returns the delays in s: none, one, or one a synapse.
func (b *builder) delays(y *synapses, d describe.Synapses, dims *equation.Dimensions) ([]float64, bool) {
	if !d.Delay.Given() {
		return nil, true
	}
	e := b.parse(d.Delay)
	if e == nil || !b.fits(d.Delay, e, dims, "delay", equation.Second) {
		return nil, false
	}
	values, err := y.s.Evaluate(d.Delay.Text)
	if err != nil {
		b.refused(d.Delay, err)
		return nil, false
	}
	if len(values) == 0 {
		return nil, true
	}
	for k, v := range values {
		if !(v >= 0 && v <= network.MostDelay*b.dt) {
			b.wrong(idRange, d.Delay, "delays are 0 or more", "the delay of synapse %d is %.6g ms: want 0 to %.6g", k, 1e3*v, 1e3*network.MostDelay*b.dt)
			return nil, false
		}
	}
	if !slices.ContainsFunc(values, func(v float64) bool { return v != values[0] }) {
		values = values[:1]
	}
	return values, true
}
