package simulate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"spikec/runtime/simulate/describe"
)

// Text writes a result as tables.
func Text(w io.Writer, r *Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if r.Title != "" {
		fmt.Fprintln(t, r.Title)
	}
	switch {
	case r.Training != nil:
		fmt.Fprintf(t, "rule %s, %d epochs: error %.4g in the first one, %.4g in the last one\n", r.Training.Rule, r.Training.Epochs, r.Training.First, r.Training.Last)
	case r.StepMS > 0:
		fmt.Fprintf(t, "engine %s, steps of %.6g ms, %.6g ms, seed %d\n", r.Engine, r.StepMS, r.DurationMS, r.Seed)
	default:
		fmt.Fprintf(t, "engine %s, %.6g ms, seed %d\n", r.Engine, r.DurationMS, r.Seed)
	}
	if len(r.Populations) > 0 {
		fmt.Fprintln(t, "\nPOPULATION\tNEURONS\tSPIKES\tRATE")
		for _, p := range r.Populations {
			fmt.Fprintf(t, "%s\t%d\t%d\t%.4g Hz\n", p.Name, p.Neurons, p.Spikes, p.RateHz)
		}
	}
	if len(r.Synapses) > 0 {
		fmt.Fprintln(t, "\nSYNAPSES\tFROM\tTO\tNUMBER\tWEIGHTS AT THE END")
		for _, s := range r.Synapses {
			weights := ""
			if s.Weights != nil {
				factor, unit := scaled(s.Unit)
				weights = strings.TrimSpace(fmt.Sprintf("%.4g, from %.4g to %.4g %s", factor*s.Weights.Mean, factor*s.Weights.Min, factor*s.Weights.Max, unit))
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", s.Name, s.From, s.To, s.Synapses, weights)
		}
	}
	if r.Sweep != nil {
		factor, unit := scaled(r.Sweep.Unit)
		fmt.Fprintf(t, "\n%s", withUnit(r.Sweep.Parameter, unit))
		for _, x := range r.Sweep.Rates {
			fmt.Fprintf(t, "\tRATE OF %s", x.Population)
		}
		fmt.Fprintln(t)
		for k, v := range r.Sweep.Values {
			fmt.Fprintf(t, "%.6g", factor*v)
			for _, x := range r.Sweep.Rates {
				fmt.Fprintf(t, "\t%.4g Hz", x.RateHz[k])
			}
			fmt.Fprintln(t)
		}
	}
	if len(r.Monitors) > 0 {
		fmt.Fprintln(t, "\nMONITOR\tOF\tROWS\tFILE")
		for _, m := range r.Monitors {
			fmt.Fprintf(t, "%s\t%s of %s\t%d\t%s\n", m.Name, m.Kind, m.Of, m.Rows, m.File)
		}
	}
	if len(r.Plots) > 0 {
		fmt.Fprintln(t, "\nPLOT\tSHOWS")
		for _, p := range r.Plots {
			fmt.Fprintf(t, "%s, %s\t%s\n", p.SVG, p.PNG, p.Description)
		}
	}
	return t.Flush()
}

// Catalogue lists what is bundled.
type Catalogue struct {
	Schema   string `json:"schema"`
	Examples []Item `json:"examples"`
	Models   []Item `json:"models"`
	Rules    []Item `json:"rules"`
	Tasks    []Item `json:"tasks"`
}

// Item is a name and what it stands for.
type Item struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// Part is a part of the catalogue with its heading.
type Part struct {
	Title string
	Items []Item
}

// Parts are the parts of the catalogue in order.
func (c *Catalogue) Parts() []Part {
	return []Part{{"EXAMPLES (--example NAME)", c.Examples}, {"NEURON MODELS (model: NAME)", c.Models}, {"LEARNING RULES (plasticity: {rule: NAME})", c.Rules},
		{"TASKS OF LEARNING (train: {rule: NAME})", c.Tasks}}
}

// Bundled lists what is bundled.
func Bundled() *Catalogue {
	c := &Catalogue{Schema: "spikec/simulate-catalogue/v1"}
	for _, name := range Examples() {
		c.Examples = append(c.Examples, Item{name, About(name)})
	}
	for _, name := range describe.Models() {
		if m, err := describe.ModelOf(name); err == nil {
			c.Models = append(c.Models, Item{name, m.About})
		}
	}
	for _, name := range describe.Rules() {
		if u, err := describe.RuleOf(name); err == nil {
			c.Rules = append(c.Rules, Item{name, u.About})
		}
	}
	tasks := Tasks()
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		c.Tasks = append(c.Tasks, Item{name, tasks[name]})
	}
	return c
}
