package simulate

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// additions returns what synapses that end in a population add to its equations, and the statement of a spike that arrives.
func (b *builder) additions(p describe.Population) []addition {
	var out []addition
	for _, s := range b.d.Synapses {
		if s.To.Text != p.Name || s.Kind.Text != "exponential" && s.Kind.Text != "alpha" {
			continue
		}
		here := at(s.Line, "synapses."+s.Name)
		if !s.Tau.Given() || !s.Weight.Given() {
			b.wrong(idReference, here, "add tau, such as 5*ms, and weight", "kind %s needs a weight and a time constant", s.Kind.Text)
			continue
		}
		tau, ok := b.number(s.Tau, "tau", equation.Second)
		if !ok || !(tau > 0) {
			if ok {
				b.wrong(idRange, s.Tau, "write a time above 0", "a time constant of %v s", tau)
			}
			continue
		}
		merged, ok := b.merged(p)
		if !ok {
			continue
		}
		onto, first, dim := s.Onto.Text, "", equation.Dimension{}
		if onto == "" {
			onto = "I"
		}
		declared := false
		for _, t := range merged.Equations.Lines() {
			l, err := equation.ParseLine(t.Text)
			if err != nil {
				continue
			}
			if l.Kind == equation.Differential && first == "" {
				first = l.Name
			}
			if l.Name == onto && l.Kind == equation.Parameter {
				u, _ := equation.ParseUnit(l.Unit)
				declared, dim = true, u.Dimension
			}
		}
		if !declared {
			b.wrong(idReference, here, "name in onto a parameter of its equations, declared as x : unit", "population %s has no parameter %s for the current of synapses", p.Name, onto)
			continue
		}
		trace := s.Name + "_s"
		term, unit := trace, dim
		if s.Reversal.Given() {
			reversal, ok := b.number(s.Reversal, "reversal", b.unitOf(merged, first))
			if !ok {
				continue
			}
			unit = dim.Per(b.unitOf(merged, first))
			term = fmt.Sprintf("%s*(%v*%s - %s)", trace, reversal, b.unitOf(merged, first).Expression(), first)
		}
		a := addition{onto: onto, term: term, multiplies: s.Reversal.Given(), lines: []string{fmt.Sprintf("d%s/dt = -%s/(%v*second) : %v", trace, trace, tau, unit.Expression())}}
		if s.Kind.Text == "alpha" {
			a.lines = []string{fmt.Sprintf("d%s/dt = (%s_x - %s)/(%v*second) : %v", trace, s.Name, trace, tau, unit.Expression()),
				fmt.Sprintf("d%s_x/dt = -%s_x/(%v*second) : %v", s.Name, s.Name, tau, unit.Expression())}
		}
		out = append(out, a)
	}
	return out
}

// unitOf is the dimension of a variable that a population's equations declare.
func (b *builder) unitOf(p describe.Population, name string) equation.Dimension {
	for _, t := range p.Equations.Lines() {
		if l, err := equation.ParseLine(t.Text); err == nil && l.Name == name {
			if u, err := equation.ParseUnit(l.Unit); err == nil {
				return u.Dimension
			}
		}
	}
	return equation.Dimension{}
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
	if to.p == nil {
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

// shortTerm returns the statements of short-term plasticity (plasticity.ShortTerm) before a spike is sent on.
func (b *builder) shortTerm(y *synapses, d describe.Synapses, dims *equation.Dimensions, here describe.Text) (string, bool) {
	values := map[string]float64{"U": 0.5, "tau_rec": 0.8, "tau_facil": 0}
	for _, x := range d.ShortTerm {
		want := equation.Second
		if x.Name == "U" {
			want = equation.Dimension{}
		}
		if _, ok := values[x.Name]; !ok {
			hint, remedy := meant(x.Name, values)
			b.wrong(idReference, x.Text, remedy, "short-term plasticity has no parameter %s%s", x.Name, hint)
			return "", false
		}
		v, ok := b.number(x.Text, x.Name, want)
		if !ok {
			return "", false
		}
		values[x.Name] = v
	}
	if !(values["U"] > 0 && values["U"] <= 1) || !(values["tau_rec"] > 0) || values["tau_facil"] < 0 {
		b.wrong(idRange, here, "U lies in (0, 1], tau_rec is above 0, and tau_facil 0 or more", "U = %v, tau_rec = %v s, tau_facil = %v s", values["U"], values["tau_rec"], values["tau_facil"])
		return "", false
	}
	for _, v := range []string{"u_st", "x_st", "t_st"} {
		b.refused(here, y.s.Declare(v))
		y.own[v] = equation.Dimension{}
		dims.Names[v] = equation.Dimension{}
	}
	b.refused(here, y.s.Set("x_st = 1"))
	fall := "0"
	if values["tau_facil"] > 0 {
		fall = fmt.Sprintf("u_st*exp(-(t - t_st)/%v)", values["tau_facil"])
	}
	return fmt.Sprintf("x_st = 1 + (x_st - 1)*exp(-(t - t_st)/%v)\nu_st = %s\nt_st = t\nu_st += %v*(1 - u_st)", values["tau_rec"], fall, values["U"]), true
}

// plasticity adds the statements of a rule, and returns those of each step.
func (b *builder) plasticity(y *synapses, d describe.Synapses, dims *equation.Dimensions, here describe.Text, pre, post *[]string) (each string) {
	if !d.Rule.Given() {
		return ""
	}
	rule, err := describe.RuleOf(d.Rule.Text)
	if err != nil {
		b.wrong(idReference, d.Rule, "rules are "+strings.Join(describe.Rules(), ", "), "%v", err)
		return ""
	}
	if !d.Weight.Given() {
		b.wrong(idReference, here, "add weight", "a learning rule changes a weight, and there is none")
		return ""
	}
	y.rule = d.Rule.Text
	rule.Place(d.Rule)
	before := len(b.found.Found)
	parameters := slices.Clone(rule.Parameters)
	for _, x := range d.Plasticity {
		k := slices.IndexFunc(parameters, func(o describe.Named) bool { return o.Name == x.Name })
		if k < 0 {
			names := map[string]bool{}
			for _, o := range parameters {
				names[o.Name] = true
			}
			hint, remedy := meant(x.Name, names)
			b.wrong(idReference, x.Text, remedy, "rule %s has no parameter %s%s", d.Rule.Text, x.Name, hint)
			continue
		}
		parameters[k] = x
	}
	for _, x := range parameters {
		e := b.parse(x.Text)
		if e == nil {
			continue
		}
		dim, ok := b.measure(x.Text, e, dims)
		k := slices.IndexFunc(rule.Parameters, func(o describe.Named) bool { return o.Name == x.Name })
		def := b.parse(rule.Parameters[k].Text)
		want, _ := def.Dimension(dims)
		if x.Name == "w_min" || x.Name == "w_max" || x.Name == "w_target" {
			want = y.own["w"]
		}
		if !ok || !b.fits(x.Text, e, dims, x.Name, want) {
			continue
		}
		dims.Names[x.Name] = dim
		b.refused(x.Text, y.s.Name(x.Name, x.Text.Text))
	}
	for _, x := range rule.Variables {
		if _, there := y.own[x.Name]; there {
			b.wrong(idEquation, here, "choose another name", "%s is a variable of the rule %s", x.Name, d.Rule.Text)
			continue
		}
		b.refused(here, y.s.Declare(x.Name))
		y.own[x.Name] = equation.Dimension{}
	}
	if len(b.found.Found) > before {
		return ""
	}
	if rule.OnPre.Given() {
		*pre = append(*pre, text(rule.OnPre))
	}
	if rule.OnPost.Given() {
		*post = append(*post, text(rule.OnPost))
	}
	return text(rule.EachStep)
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

// pairs returns the pairs that are connected and, from a file, their weights.
func (b *builder) pairs(c describe.Connect, from, to *group) (pairs []network.Pair, weights []float64, ok bool) {
	here := at(c.Line, c.Where)
	p, static := 1.0, true
	if c.P.Given() {
		e := b.parse(c.P)
		d := b.dimensions(map[string]equation.Dimension{"i": {}, "j": {}, "N_pre": {}, "N_post": {}})
		if e == nil || !b.fits(c.P, e, d, "p", equation.Dimension{}) {
			return nil, nil, false
		}
		names := e.Names()
		if static = !slices.Contains(names, "i") && !slices.Contains(names, "j") && !slices.Contains(names, "N_pre") && !slices.Contains(names, "N_post"); static {
			if p, ok = b.number(c.P, "p", equation.Dimension{}); !ok {
				return nil, nil, false
			}
			if !(p >= 0 && p <= 1) {
				b.wrong(idRange, c.P, "a probability lies in [0, 1]", "a probability of %v", p)
				return nil, nil, false
			}
		}
	}
	if c.Form == "pairs" || c.Form == "file" {
		pairs, weights, ok = b.listed(c, here)
		if !ok {
			return nil, nil, false
		}
	} else {
		var err error
		switch {
		case c.Form == "one_to_one":
			if from.n != to.n {
				b.wrong(idConnection, here, "give both populations the same size, or use to: 'i % N_post'", "one_to_one between %d and %d neurons", from.n, to.n)
				return nil, nil, false
			}
			pairs, err = network.ConnectTo(from.n, to.n, "i")
		case c.Form == "to":
			pairs, err = network.ConnectTo(from.n, to.n, b.inlined(c.To))
		case c.Form == "range":
			pairs, err = network.ConnectRange(from.n, to.n, b.inlined(c.First), b.inlined(c.End), c.Condition.Text)
		case c.Form == "small_world":
			if from != to {
				b.wrong(idConnection, here, "connect a population with itself", "a small world is a ring of one population")
				return nil, nil, false
			}
			pairs, err = network.SmallWorld(from.n, c.Neighbours, p, b.draws)
		case !static:
			pairs, err = network.ConnectBy(from.n, to.n, c.Condition.Text, b.inlined(c.P), b.draws)
		case p < 1 && !c.Condition.Given():
			pairs, err = network.ConnectSparse(from.n, to.n, p, b.draws)
		default:
			pairs, err = network.Connect(from.n, to.n, c.Condition.Text, p, b.draws)
		}
		if err != nil {
			b.wrong(idConnection, here, "", "%v", err)
			return nil, nil, false
		}
	}
	if c.Copies > 1 {
		var all []network.Pair
		var w []float64
		for k, q := range pairs {
			all = append(all, slices.Repeat([]network.Pair{q}, c.Copies)...)
			if weights != nil {
				w = append(w, slices.Repeat(weights[k:k+1], c.Copies)...)
			}
		}
		pairs, weights = all, w
	}
	return pairs, weights, true
}

// inlined writes the numbers of parameters in the place of their names, for expressions of i and j.
func (b *builder) inlined(t describe.Text) string {
	e := b.parse(t)
	if e == nil {
		return t.Text
	}
	text := t.Text
	for _, p := range b.d.Parameters {
		if slices.Contains(e.Names(), p.Name) {
			text = replaceName(text, p.Name, fmt.Sprintf("(%v)", b.values[p.Name]))
		}
	}
	return text
}

// replaceName puts a text in the place of a name, where that is a word of its own.
func replaceName(text, name, by string) string {
	var out strings.Builder
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] == '_' || text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'z' || text[i] >= 'A' && text[i] <= 'Z')
	}
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], name) && !word(i-1) && !word(i+len(name)) {
			out.WriteString(by)
			i += len(name) - 1
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// listed reads pairs from the description or a file: i, j and, optionally, a factor of the weight.
func (b *builder) listed(c describe.Connect, here describe.Text) (pairs []network.Pair, weights []float64, ok bool) {
	add := func(i, j, w float64, weighted bool) {
		pairs = append(pairs, network.Pair{I: int(i), J: int(j)})
		if weighted && weights == nil {
			weights = slices.Repeat([]float64{1}, len(pairs)-1)
		}
		if weights != nil {
			weights = append(weights, w)
		}
	}
	if c.Form == "pairs" {
		for k, row := range c.Pairs {
			v, ok := b.of(row, "a pair", equation.Dimension{})
			if !ok {
				return nil, nil, false
			}
			if len(v) != 2 && len(v) != 3 {
				b.wrong(idConnection, here, "write [source, target] or [source, target, factor of the weight]", "pair %d has %d numbers", k, len(v))
				return nil, nil, false
			}
			add(v[0], v[1], v[len(v)-1], len(v) == 3)
		}
		return pairs, weights, true
	}
	path := c.File.Text
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(b.d.Path), path)
	}
	f, err := os.Open(path)
	if err != nil {
		b.wrong(idConnection, c.File, "name a file relative to the description, with lines source,target or source,target,factor", "%v", err)
		return nil, nil, false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, ",")
		var v []float64
		for _, s := range fields {
			x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			if err != nil {
				break
			}
			v = append(v, x)
		}
		if len(v) != len(fields) || len(v) < 2 || len(v) > 3 {
			if n == 1 && len(v) == 0 { // a line with the names of the columns
				continue
			}
			b.wrong(idConnection, c.File, "write lines source,target or source,target,factor", "line %d of %s is %q", n, path, line)
			return nil, nil, false
		}
		if len(pairs) >= network.MostSynapses {
			b.wrong(idConnection, c.File, "", "%s has more than %d synapses", path, network.MostSynapses)
			return nil, nil, false
		}
		add(v[0], v[1], v[len(v)-1], len(v) == 3)
	}
	if err := lines.Err(); err != nil {
		b.wrong(idConnection, c.File, "", "%v", err)
		return nil, nil, false
	}
	return pairs, weights, true
}
