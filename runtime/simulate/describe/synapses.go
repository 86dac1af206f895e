package describe

import "gopkg.in/yaml.v3"

func (r *reader) synapses(d *Description, e entry) {
	r.each(e, "synapses by their names, such as S: {from: G, to: G, weight: 1*mV}", func(x entry) {
		s := Synapses{Name: x.key, Line: x.at.Line, Connect: Connect{Form: "all", Line: x.at.Line, Where: x.where, Copies: 1}}
		r.known(x.value, x.where, "{from: G, to: G, weight: 1*mV}", map[string]func(entry){
			"from": r.into(&s.From), "to": r.into(&s.To), "connect": func(c entry) { r.connect(&s.Connect, c) },
			"kind": r.word(&s.Kind, "delta", "exponential", "alpha"), "onto": r.into(&s.Onto), "weight": r.into(&s.Weight), "delay": r.into(&s.Delay), "delay_post": r.into(&s.DelayPost),
			"tau": r.into(&s.Tau), "reversal": r.into(&s.Reversal), "short_term": r.named(&s.ShortTerm),
			"plasticity": func(p entry) { r.plasticity(&s, p) }, "parameters": r.named(&s.Parameters), "variables": r.named(&s.Variables),
			"equations": r.into(&s.Equations), "method": r.into(&s.Method), "init": r.named(&s.Init), "on_pre": r.into(&s.OnPre), "on_post": r.into(&s.OnPost), "every": r.named(&s.Every), "summed": r.named(&s.Summed)})
		r.need(x.at, x.where, map[string]bool{"from": s.From.Given(), "to": s.To.Given()})
		if !s.Weight.Given() && !s.OnPre.Given() && !s.OnPost.Given() && len(s.Summed) == 0 && len(s.Every) == 0 {
			r.wrong(idMissing, x.at, x.where, "add weight, such as 1*mV, or statements of your own", "want weight, on_pre, on_post, every or summed")
		}
		d.Synapses = append(d.Synapses, s)
	})
}

// plasticity reads the name of a rule and its parameters.
func (r *reader) plasticity(s *Synapses, p entry) {
	if p.value.Kind == yaml.ScalarNode {
		r.word(&s.Rule, Rules()...)(p)
		return
	}
	for _, x := range r.entries(p.value, p.where, "{rule: stdp, A_plus: 0.01}") {
		if x.key == "rule" {
			r.word(&s.Rule, Rules()...)(x)
		} else if t := r.text(x); t.Given() {
			s.Plasticity = append(s.Plasticity, Named{x.key, t})
		}
	}
	r.need(p.at, p.where, map[string]bool{"rule": s.Rule.Given()})
}

// connect reads which pairs are connected: a word, or a form with its values.
func (r *reader) connect(c *Connect, e entry) {
	c.Line, c.Where = e.at.Line, e.where
	if e.value.Kind == yaml.ScalarNode {
		var t Text
		r.word(&t, "all", "one_to_one")(e)
		c.Form, c.Wrong = t.Text, t.Wrong || !t.Given()
		return
	}
	var small, span bool
	r.known(e.value, e.where, "{p: 0.1}", map[string]func(entry){
		"condition": r.into(&c.Condition), "p": r.into(&c.P), "to": r.into(&c.To), "pairs": r.rows(&c.Pairs), "file": r.into(&c.File),
		"copies": r.whole(&c.Copies, 1, 1000),
		"range": func(x entry) {
			span = true
			r.known(x.value, x.where, "{from: i-2, until: i+3}", map[string]func(entry){"from": r.into(&c.First), "until": r.into(&c.End)})
			r.need(x.at, x.where, map[string]bool{"from": c.First.Given(), "until": c.End.Given()})
		},
		"small_world": func(x entry) {
			small = true
			r.known(x.value, x.where, "{neighbours: 4, p: 0.1}", map[string]func(entry){"neighbours": r.whole(&c.Neighbours, 2, mostNeurons), "p": r.into(&c.P)})
			r.need(x.at, x.where, map[string]bool{"neighbours": c.Neighbours > 0, "p": c.P.Given()})
		}})
	forms := map[string]bool{"to": c.To.Given(), "range": span, "pairs": len(c.Pairs) > 0, "file": c.File.Given(), "small_world": small}
	count := 0
	for name, there := range forms {
		if there {
			c.Form = name
			count++
		}
	}
	if count == 0 {
		c.Form = "random"
	}
	c.Wrong = count > 1
	switch {
	case count > 1:
		r.wrong(idValue, e.at, e.where, "keep one of to, range, pairs, file, small_world", "is said in more than one way")
	case count == 1 && c.P.Given() && !small, c.Condition.Given() && count == 1 && !span:
		c.Wrong = true
		r.wrong(idValue, e.at, e.where, "leave p and condition away here", "p and condition go together with each other, and condition with range")
	}
}
