package simulate

import (
	"fmt"
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

// unit is that of the weights; "": there are none.
func (y *synapses) unit() string {
	dim, ok := y.own["w"]
	if !ok {
		return ""
	}
	return dim.String()
}

// connection builds a set of synapses.
func (b *builder) connection(d describe.Synapses) {
	here := at(d.Line, "synapses."+d.Name)
	from, to := b.groups[d.From.Text], b.groups[d.To.Text]
	for _, x := range []struct {
		t describe.Text
		g *group
	}{{d.From, from}, {d.To, to}} {
		if x.g == nil && x.t.Given() {
			hint, remedy := meant(x.t.Text, b.groups)
			b.wrong(idReference, x.t, remedy, "there is no population %s%s", x.t.Text, hint)
		}
	}
	if from == nil || to == nil || from.spiking == nil || to.spiking == nil {
		b.constantDelay(d.Delay)
		b.constantDelay(d.DelayPost)
		return
	}
	if to.p == nil || to.event {
		b.wrong(idReference, d.To, "name a population of neurons", "%s is a source of spikes and receives none", d.To.Text)
		return
	}
	pairs, weights, _ := b.pairs(d.Connect, from, to) // none where they are wrong, so that all else is checked
	s, err := b.net.AddSynapses(from.spiking, to.p, pairs, nil)
	if err != nil {
		b.wrong(idConnection, here, "", "%v", err)
		if s, err = b.net.AddSynapses(from.spiking, to.p, nil, nil); err != nil {
			return
		}
		weights = nil
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
				b.fails(x.Name)
				continue
			}
			dim, ok := b.measure(x.Text, e, dims)
			if !ok {
				b.fails(x.Name)
				continue
			}
			dims.Names[x.Name] = dim
			b.refused(x.Text, y.s.Name(x.Name, x.Text.Text))
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
			b.fails(x.Name)
			continue
		}
		dim, ok := b.measure(x.Text, e, dims)
		if !ok {
			b.fails(x.Name)
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
	before := b.found.Len()
	var pre, post []string
	if d.Weight.Given() && !d.OnPre.Given() && !d.Kind.Wrong {
		b.transmission(y, d, dims, here, &pre)
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
	delays, ok := b.delays(y, d.Delay, dims)
	back, fine := b.delays(y, d.DelayPost, dims)
	if ok && fine && b.found.Len() == before {
		if len(pre) > 0 {
			b.refused(here, y.s.OnPre(strings.Join(pre, "\n"), delays...))
		}
		if len(post) > 0 {
			b.refused(here, y.s.OnPost(strings.Join(post, "\n"), back...))
		}
		if each != "" {
			b.refused(here, y.s.Regularly(each, b.dt))
		}
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
			if b.excused(x.Name) {
				continue
			}
			hint, remedy := meant(x.Name, y.to.targets())
			b.wrong(idReference, x.Text, remedy, "population %s has no parameter %s%s", y.to.name, x.Name, hint)
			continue
		}
		if e := b.parse(x.Text); e != nil && b.fits(x.Text, e, dims, x.Name, want) {
			b.refused(x.Text, y.s.Summed(x.Name+"_post", x.Text.Text))
		}
	}
}

// transmission appends the statements by which a spike adds the weight to the target.
func (b *builder) transmission(y *synapses, d describe.Synapses, dims *equation.Dimensions, here describe.Text, pre *[]string) {
	target, ok := b.receiver(y, d, here)
	efficacy := "w"
	if len(d.ShortTerm) > 0 {
		statements, fine := b.shortTerm(y, d, dims, here)
		if !fine {
			return
		}
		*pre = append(*pre, statements)
		efficacy = "w*u_st*x_st"
	}
	if !ok {
		return
	}
	*pre = append(*pre, target+"_post += "+efficacy)
	if len(d.ShortTerm) > 0 {
		*pre = append(*pre, "x_st -= u_st*x_st")
	}
	if e, err := equation.Parse(efficacy); err == nil {
		b.fits(d.Weight, e, dims, "weight", y.to.own[target])
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
	if onto == "" && b.found.Len() > 0 { // its equations are wrong
		b.found.Follows()
		return "", false
	}
	if _, ok := y.to.targets()[onto]; !ok {
		place := here
		if d.Onto.Given() {
			place = d.Onto
		}
		if b.excused(onto) {
			return "", false
		}
		hint, remedy := meant(onto, y.to.targets())
		b.wrong(idReference, place, remedy, "population %s has no variable %s%s", y.to.name, onto, hint)
		return "", false
	}
	return onto, true
}

// delays returns the delays in s: none, one, or one a synapse.
func (b *builder) delays(y *synapses, t describe.Text, dims *equation.Dimensions) ([]float64, bool) {
	if !t.Given() {
		return nil, true
	}
	e := b.parse(t)
	if e == nil || !b.fits(t, e, dims, "delay", equation.Second) {
		return nil, false
	}
	values, err := y.s.Evaluate(t.Text)
	if err != nil {
		b.refused(t, err)
		return nil, false
	}
	if len(values) == 0 {
		return nil, true
	}
	same := !slices.ContainsFunc(values, func(v float64) bool { return v != values[0] })
	for k, v := range values {
		if v >= 0 && v <= network.MostDelay*b.dt {
			continue
		}
		which := fmt.Sprintf("the delay of synapse %d", k)
		if same {
			which = "the delay"
		}
		b.wrongDelay(t, which, v)
		return nil, false
	}
	if same {
		values = values[:1]
	}
	return values, true
}

// constantDelay checks a delay of constants, where the populations that it lies between are not known.
func (b *builder) constantDelay(t describe.Text) {
	if !t.Given() {
		return
	}
	e := b.parse(t)
	if e == nil || slices.ContainsFunc(e.Names(), func(name string) bool { _, constant := b.values[name]; return !constant }) || e.Calls("rand", "randn", "poisson") {
		return
	}
	if v, ok := b.number(t, "delay", equation.Second); ok && !(v >= 0 && v <= network.MostDelay*b.dt) {
		b.wrongDelay(t, "the delay", v)
	}
}

// wrongDelay reports a delay that is out of its range.
func (b *builder) wrongDelay(t describe.Text, which string, v float64) {
	b.wrong(idRange, t, "delays are 0 or more", "%s is %.6g ms: want 0 to %.6g", which, 1e3*v, 1e3*network.MostDelay*b.dt)
}
