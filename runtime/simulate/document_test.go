package simulate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/internal/golden"
	"spikec/internal/section"
	"spikec/runtime/simulate/describe"
)

// mistaken is the description whose refusal the document shows.
const mistaken = `simulate:
  duration: 100*ms
  populations:
    G:
      n: 10
      equations: |
        dv/dt = (I - v) : 1
        I : 1
      treshold: v > 1
      reset: v = 0
  synapses:
    S: {from: G, to: H, weight: 0.1, delay: -1*ms}
`

// TestDocument compares what docs/simulate.md shows with what the program does; -update writes it.
func TestDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "simulate.md")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := Bundled()
	table := func(head string, items []Item) string {
		text := "| " + head + " | about |\n|---|---|\n"
		for _, x := range items {
			text += fmt.Sprintf("| `%s` | %s |\n", x.Name, x.About)
		}
		return text
	}
	sections := map[string]string{"examples": table("`--example`", list.Examples), "tasks": table("`train: {rule: …}`", list.Tasks), "models": models(t), "rules": rules(t),
		"first": first(t), "refused": refusal(t)}
	want, err := section.Replace(string(have), sections)
	if err != nil {
		t.Fatal(err)
	}
	if golden.Updating() {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(have) {
		t.Error("docs/simulate.md is not what the program does: go test ./runtime/simulate -run TestDocument -update writes it anew")
	}
}

// first is an example with its output.
func first(t *testing.T) string {
	text, err := ExampleText("lif_equations")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Example("lif_equations")
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(t.Context(), Request{Description: d})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Text(&out, o.Result); err != nil {
		t.Fatal(err)
	}
	return "```yaml\n" + string(text) + "```\n\n```console\n$ spikec simulate --example lif_equations --out first\n" + out.String() + "\nwritten: first\n```\n"
}

// refusal is what is said about a description with mistakes.
func refusal(t *testing.T) string {
	d, err := describe.Parse("net.yaml", []byte(mistaken))
	if err == nil {
		err = Check(d)
	}
	if err == nil {
		t.Fatal("was not refused")
	}
	return "```yaml\n" + mistaken + "```\n\n```console\n$ spikec simulate net.yaml --out result\n" + err.Error() + "\n```\n"
}

// models are the models with their equations, parameters and regimes.
func models(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| model | about | variables and inputs | parameters | spikes where |\n|---|---|---|---|---|\n")
	for _, name := range describe.Models() {
		m, err := describe.ModelOf(name)
		if err != nil {
			t.Fatal(err)
		}
		var names, parameters []string
		for _, l := range m.Population.Equations.Lines() {
			left, _, _ := strings.Cut(l.Text, ":")
			left, _, _ = strings.Cut(left, "=")
			left = strings.TrimSpace(left)
			if v, ok := strings.CutSuffix(strings.TrimPrefix(left, "d"), "/dt"); ok {
				names = append(names, v)
			} else if !strings.Contains(l.Text, "=") {
				names = append(names, left)
			}
		}
		for _, p := range m.Population.Parameters {
			parameters = append(parameters, p.Name+" "+p.Text.Text)
		}
		about := m.About
		if len(m.Regimes) > 0 {
			about += ": " + strings.Join(m.Regimes, ", ")
		}
		condition := m.Population.Threshold.Text
		if m.Population.Crossing.Given() {
			condition = m.Population.Crossing.Text + " becomes true"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", name, about, strings.Join(names, ", "), strings.Join(parameters, ", "), condition)
	}
	return b.String()
}

// rules are the rules with their parameters.
func rules(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| `plasticity: {rule: …}` | about | parameters |\n|---|---|---|\n")
	for _, name := range describe.Rules() {
		u, err := describe.RuleOf(name)
		if err != nil {
			t.Fatal(err)
		}
		var parameters []string
		for _, p := range u.Parameters {
			parameters = append(parameters, p.Name+" "+p.Text.Text)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, u.About, strings.Join(parameters, ", "))
	}
	return b.String()
}
