package describe

import (
	"embed"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// The bundled neuron models and learning rules, one file each, in the words of a user's own description.
//
//go:embed models/*.yaml rules/*.yaml
var library embed.FS

// Model is a population that has a name.
type Model struct {
	About      string
	Regimes    []string
	Population Population
	regimes    map[string][]Named
}

// Rule is a learning rule that has a name: parameters, variables of a synapse with their units, and statements. Every, where it is
// there, comes in each step.
type Rule struct {
	About                   string
	Parameters              []Named
	Variables               []Named
	OnPre, OnPost, EachStep Text
}

// names returns the names of the files of a folder.
func names(folder string) []string {
	entries, _ := library.ReadDir(folder)
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(out)
	return out
}

// Models and Rules are the names of the bundled models and rules.
func Models() []string { return names("models") }

// Rules are the names of the bundled rules.
func Rules() []string { return names("rules") }

// open reads a bundled file with the readers of its keys.
func open(name string, keys func(r *reader) map[string]func(entry)) error {
	text, err := library.ReadFile(name)
	if err != nil {
		return err
	}
	r := &reader{found: &Findings{path: path.Base(name)}}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	r.known(doc.Content[0], "", "about: and more", keys(r))
	return r.found.Err()
}

// ModelOf returns the bundled model of a name.
func ModelOf(name string) (*Model, error) {
	m := &Model{regimes: map[string][]Named{}}
	var about Text
	err := open("models/"+name+".yaml", func(r *reader) map[string]func(entry) {
		return map[string]func(entry){
			"about": r.into(&about),
			"regimes": func(e entry) {
				for _, x := range r.entries(e.value, e.where, "{RS: {a: 0.02}}") {
					var list []Named
					r.named(&list)(x)
					m.Regimes, m.regimes[x.key] = append(m.Regimes, x.key), list
				}
			},
			"population": func(e entry) { m.Population = r.population(e) },
		}
	})
	m.About = about.Text
	return m, err
}

// Regime returns the parameters of a regime of the model.
func (m *Model) Regime(name string) (parameters []Named, ok bool) {
	p, ok := m.regimes[name]
	return p, ok
}

// RuleOf returns the bundled rule of a name.
func RuleOf(name string) (*Rule, error) {
	u := &Rule{}
	var about Text
	err := open("rules/"+name+".yaml", func(r *reader) map[string]func(entry) {
		return map[string]func(entry){"about": r.into(&about), "parameters": r.named(&u.Parameters), "variables": r.named(&u.Variables),
			"on_pre": r.into(&u.OnPre), "on_post": r.into(&u.OnPost), "each_step": r.into(&u.EachStep)}
	})
	u.About = about.Text
	return u, err
}

// Place says where the description names the model: what is wrong with a part of it is shown there.
func (m *Model) Place(name Text) {
	p := &m.Population
	for _, t := range []*Text{&p.Equations, &p.Threshold, &p.Crossing, &p.Reset, &p.Refractory, &p.Method} {
		t.moved(name)
	}
	for _, list := range [][]Named{p.Parameters, p.Init, p.Every} {
		for k := range list {
			list[k].moved(name)
		}
	}
	for _, list := range m.regimes {
		for k := range list {
			list[k].moved(name)
		}
	}
}

// Place says where the description names the rule.
func (u *Rule) Place(name Text) {
	for _, t := range []*Text{&u.OnPre, &u.OnPost, &u.EachStep} {
		t.moved(name)
	}
	for _, list := range [][]Named{u.Parameters, u.Variables} {
		for k := range list {
			list[k].moved(name)
		}
	}
}

// moved gives a piece that is there another place.
func (t *Text) moved(to Text) {
	if t.Given() {
		t.Line, t.Where, t.Bundled = to.Line, to.Where, true
	}
}
