package simulate

import (
	"fmt"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
)

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
	if !d.Rule.Given() || d.Rule.Wrong {
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
	before := b.found.Len()
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
	if b.found.Len() > before {
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
