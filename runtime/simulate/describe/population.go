package describe

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// mostNeurons bounds a population, as package network does.
const mostNeurons = 1 << 20

func (r *reader) populations(d *Description, e entry) {
	r.each(e, "populations by their names, such as G: {n: 100, model: lif}", func(x entry) {
		d.Populations = append(d.Populations, r.population(x))
	})
}

// population reads one, which is also the form of the bundled models.
func (r *reader) population(x entry) Population {
	p := Population{Name: x.key, Line: x.at.Line, N: 1}
	r.known(x.value, x.where, "{n: 100, model: lif}", map[string]func(entry){
		"n": func(e entry) {
			before := r.found.Len()
			r.whole(&p.N, 1, mostNeurons)(e)
			p.Wrong = r.found.Len() > before
		},
		"model":      r.word(&p.Model, Models()...),
		"regime":     r.into(&p.Regime),
		"equations":  r.into(&p.Equations),
		"threshold":  r.into(&p.Threshold),
		"crossing":   r.into(&p.Crossing),
		"reset":      r.into(&p.Reset),
		"refractory": r.into(&p.Refractory),
		"method":     r.into(&p.Method),
		"parameters": r.named(&p.Parameters),
		"init":       r.named(&p.Init),
		"every":      r.named(&p.Every),
		"dt":         r.into(&p.Dt),
		"linked":     r.named(&p.Linked),
		"events":     func(e entry) { r.events(&p, e) },
		"input":      func(e entry) { r.inputs(&p, e) },
		"spikes":     func(e entry) { r.spikes(&p, e) },
		"poisson":    func(e entry) { r.poisson(&p, e) },
		"images":     func(e entry) { r.images(&p, e) },
	})
	kinds := 0
	for _, there := range []bool{p.Model.Given(), p.Equations.Given(), p.Spikes != nil, p.Poisson != nil, p.Images != nil} {
		if there {
			kinds++
		}
	}
	p.Wrong = p.Wrong || kinds != 1 || p.Model.Wrong || p.Poisson != nil && p.Poisson.Construction.Wrong
	switch {
	case kinds == 0:
		r.wrong(idMissing, x.at, x.where, "add one of them; model is one of "+strings.Join(Models(), ", "), "want model, equations, spikes, poisson or images")
	case kinds > 1:
		r.wrong(idValue, x.at, x.where, "keep one of them", "has more than one of model, equations, spikes, poisson and images")
	}
	if p.Regime.Given() && !p.Model.Given() {
		r.wrong(idValue, x.at, x.where, "name the model too", "a regime belongs to a model")
	}
	if p.Threshold.Given() && p.Crossing.Given() {
		r.wrong(idValue, x.at, x.where, "keep one of them: threshold spikes in every step in which it is true, crossing where it becomes true", "has both threshold and crossing")
	}
	return p
}

func (r *reader) events(p *Population, e entry) {
	r.each(e, "events by their names, such as crossed: {when: v > 2}", func(x entry) {
		v := Event{Name: x.key, Line: x.at.Line}
		r.known(x.value, x.where, "{when: v > 2}", map[string]func(entry){"when": r.into(&v.When), "do": r.into(&v.Do)})
		r.need(x.at, x.where, map[string]bool{"when": v.When.Given()})
		p.Events = append(p.Events, v)
	})
}

// forms are the forms of an input and the values that each has.
var forms = map[string]struct{ need, may []string }{
	"step":   {[]string{"amplitude"}, []string{"base", "from", "until"}},
	"ramp":   {[]string{"slope"}, []string{"base", "from", "until"}},
	"noise":  {[]string{"sd"}, []string{"mean"}},
	"pulses": {[]string{"amplitude", "length"}, []string{"base"}},
}

func (r *reader) inputs(p *Population, e entry) {
	for _, x := range r.entries(e.value, e.where, "parameters with what drives them, such as {I: 2*nA}") {
		in := Input{Variable: x.key, Form: "constant", Line: x.at.Line, Where: x.where, Values: map[string]Text{}}
		if x.value.Kind == yaml.MappingNode {
			r.form(&in, x)
		} else {
			in.Values["value"] = r.text(x)
		}
		p.Input = append(p.Input, in)
	}
}

// form reads an input that is a form with its values.
func (r *reader) form(in *Input, x entry) {
	read := map[string]func(entry){}
	for name, f := range forms {
		read[name] = func(e entry) {
			in.Form = name
			keys := map[string]func(entry){}
			if name == "pulses" {
				keys["times"] = r.texts(&in.Times)
			}
			for _, k := range append(slices.Clone(f.need), f.may...) {
				keys[k] = func(v entry) { in.Values[k] = r.text(v) }
			}
			r.known(e.value, e.where, "{amplitude: 2*nA, from: 10*ms}", keys)
			there := map[string]bool{}
			for _, k := range f.need {
				there[k] = in.Values[k].Given()
			}
			if name == "pulses" {
				there["times"] = len(in.Times) > 0
			}
			r.need(e.at, e.where, there)
		}
	}
	r.known(x.value, x.where, "{step: {amplitude: 2*nA, from: 10*ms}}", read)
	if len(x.value.Content) != 2 {
		r.wrong(idValue, x.at, x.where, "write one of step, ramp, noise, pulses; several inputs can be the sum of an expression", "want one form of input")
	}
}

func (r *reader) spikes(p *Population, e entry) {
	s := &Spikes{Line: e.at.Line}
	r.known(e.value, e.where, "{indices: [0, 1], times: [5*ms, 10*ms]}", map[string]func(entry){
		"indices": r.texts(&s.Indices), "times": r.texts(&s.Times), "period": r.into(&s.Period), "repeats": r.into(&s.Repeats)})
	r.need(e.at, e.where, map[string]bool{"times": len(s.Times) > 0})
	p.Spikes = s
}

func (r *reader) images(p *Population, e entry) {
	s := &Images{Line: e.at.Line}
	r.known(e.value, e.where, "{data: mnist, pictures: [0], code: poisson}", map[string]func(entry){
		"data": r.into(&s.Data), "code": r.into(&s.Code), "pictures": r.texts(&s.Pictures), "every": r.into(&s.Every), "length": r.into(&s.Length), "pause": r.into(&s.Pause),
		"parameter": r.whole(&s.Parameter, 1, 1<<20)})
	r.need(e.at, e.where, map[string]bool{"data": s.Data.Given(), "code": s.Code.Given(), "pictures": len(s.Pictures) > 0})
	p.Images = s
	p.Wrong = p.Wrong || !s.Data.Given() || !s.Code.Given()
}

func (r *reader) poisson(p *Population, e entry) {
	s := &Poisson{Line: e.at.Line}
	r.known(e.value, e.where, "{rate: 20*Hz}", map[string]func(entry){
		"rate": r.into(&s.Rate), "construction": r.word(&s.Construction, "bins", "intervals", "thinning"), "refractory": r.into(&s.Refractory),
		"recovery": r.into(&s.Recovery), "correlation": r.into(&s.Correlation), "burst": r.texts(&s.Burst), "most": r.into(&s.Most), "bin": r.into(&s.Bin)})
	r.need(e.at, e.where, map[string]bool{"rate": s.Rate.Given() || len(s.Burst) > 0})
	p.Poisson = s
}
