package page

import (
	"fmt"
	"html"
	"html/template"
	"path/filepath"
	"strings"

	"spikec/runtime/simulate"
)

func init() {
	register(kind{name: "a folder of a simulation", holds: simulate.IsFolder, read: readSimulation, beside: simulate.ReportFile})
}

// How much of a simulation's files is in its page, at most, so that it can be sent by mail. [bytes]
const (
	mostVectors = 1 << 20   // plots as SVG; those beyond are there as PNG
	mostPlots   = 3 << 19   // all plots
	mostNumbers = 600 << 10 // CSV files
)

// readSimulation makes the page of a simulation.
func readSimulation(dir string) (*page, error) {
	k, err := simulate.LookAt(dir)
	if err != nil {
		return nil, err
	}
	r := k.Result
	v := &simulationView{Look: k}
	p := &page{Title: r.Title, About: v.about(), Figures: v.figures()}
	if p.Title == "" {
		p.Title = "Simulation " + filepath.Base(filepath.Clean(dir))
	}
	plots, err := v.plots()
	if err != nil {
		return nil, err
	}
	recorded, err := v.recorded()
	if err != nil {
		return nil, err
	}
	p.Sections = []section{found(r.Diagnostics), plots, v.numbers(), recorded, v.described(), v.reproduce(dir)}
	return p, nil
}

// simulationView is a simulation on its way to a page.
type simulationView struct{ *simulate.Look }

// about says in a sentence how it was simulated.
func (v *simulationView) about() string {
	r := v.Result
	switch {
	case r.Training != nil:
		return fmt.Sprintf("A task with a teacher: rule %s, %d epochs, seed %d.", r.Training.Rule, r.Training.Epochs, r.Seed)
	case r.StepMS > 0:
		return fmt.Sprintf("%.6g ms in steps of %.6g ms, seed %d.", r.DurationMS, r.StepMS, r.Seed)
	}
	return fmt.Sprintf("%.6g ms from event to event, without a time step, seed %d.", r.DurationMS, r.Seed)
}

// figures are what is seen first.
func (v *simulationView) figures() []fact {
	r := v.Result
	var facts []fact
	if t := r.Training; t != nil {
		facts = append(facts, fact{Name: "Error in the last epoch", Value: fmt.Sprintf("%.4g", t.Last), Note: fmt.Sprintf("%.4g in the first one", t.First)})
	}
	neurons, spikes, synapses := 0, 0, 0
	for _, p := range r.Populations {
		neurons, spikes = neurons+p.Neurons, spikes+p.Spikes
	}
	for _, s := range r.Synapses {
		synapses += s.Synapses
	}
	if len(r.Populations) > 0 {
		facts = append(facts, fact{Name: "Neurons", Value: fmt.Sprint(neurons), Note: fmt.Sprintf("in %d populations", len(r.Populations))}, fact{Name: "Spikes", Value: fmt.Sprint(spikes)})
	}
	if len(r.Synapses) > 0 {
		facts = append(facts, fact{Name: "Synapses", Value: fmt.Sprint(synapses)})
	}
	if s := r.Sweep; s != nil {
		facts = append(facts, fact{Name: "Simulated for", Value: fmt.Sprintf("%d values", len(s.Values)), Note: fmt.Sprintf("of %s (%s)", s.Parameter, s.Unit)})
	}
	if n := worth(r.Diagnostics); n > 0 {
		facts = append(facts, fact{Name: "To look at", Value: fmt.Sprint(n), Note: "of warnings and errors", Bad: true})
	}
	return facts
}

// plots shows the plots as they are in the folder. They are pictures: nothing in them runs, and nothing is loaded.
func (v *simulationView) plots() (section, error) {
	s := section{ID: "plots", Title: "Plots"}
	var b block
	var left []string
	all := 0
	for _, p := range v.Result.Plots {
		name, kind := p.SVG, "image/svg+xml"
		data, err := v.Read(name, mostVectors)
		if err != nil || all+len(data) > mostVectors {
			name, kind = p.PNG, "image/png"
			if data, err = v.Read(name, mostPlots); err != nil || all+len(data) > mostPlots {
				left = append(left, p.SVG)
				continue
			}
		}
		all += len(data)
		words := "Plot: " + p.Title + ". " + p.Description
		b.Plots = append(b.Plots, &figure{Title: strings.TrimSuffix(p.SVG, ".svg"), Note: p.Description,
			SVG: template.HTML(fmt.Sprintf(`<img class="plot" src="%s" alt="%s">`, dataURL(kind, data), html.EscapeString(words)))})
	}
	if len(b.Plots) == 0 && len(left) == 0 {
		s.add(text("The description asks for none. docs/simulate.md says what there is, under plots."))
	} else {
		s.add(b)
	}
	if len(left) > 0 {
		s.add(text("Too large for a page, and in the folder: %s.", strings.Join(left, ", ")))
	}
	return s, nil
}

// numbers lists what was counted.
func (v *simulationView) numbers() section {
	s := section{ID: "numbers", Title: "Numbers"}
	r := v.Result
	four := func(x float64) cell { return number(x, "%.4g") }
	if len(r.Populations) > 0 {
		t := newTable("Populations", "populations", "population", "#neurons", "#spikes", "#rate [Hz]")
		t.Columns[3].Title = "of a neuron, in the mean"
		for _, p := range r.Populations {
			t.row(p.Name, p.Neurons, p.Spikes, four(p.RateHz))
		}
		s.add(block{Table: t})
	}
	if len(r.Synapses) > 0 {
		t := newTable("Synapses, with their weights at the end in units of the SI", "synapses", "synapses", "from", "to", "#number", "#mean weight", "#least", "#most")
		for _, y := range r.Synapses {
			mean, low, high := none, none, none
			if w := y.Weights; w != nil {
				mean, low, high = four(w.Mean), four(w.Min), four(w.Max)
			}
			t.row(y.Name, y.From, y.To, y.Synapses, mean, low, high)
		}
		s.add(block{Table: t})
	}
	if w := r.Sweep; w != nil {
		columns := []string{fmt.Sprintf("#%s (%s)", w.Parameter, w.Unit)}
		for _, x := range w.Rates {
			columns = append(columns, "#rate of "+x.Population+" [Hz]")
		}
		t := newTable("Rates for each value of "+w.Parameter, "rates", columns...)
		for i, value := range w.Values {
			row := []any{number(value, "%.6g")}
			for _, x := range w.Rates {
				row = append(row, four(x.RateHz[i]))
			}
			t.row(row...)
		}
		s.add(block{Table: t})
	}
	if l := r.Training; l != nil {
		t := newTable("Error of every epoch", "errors", "#epoch", "#error")
		for i, e := range l.Errors {
			t.row(i+1, four(e))
		}
		s.add(block{Table: t})
	}
	if len(s.Blocks) == 0 {
		s.add(text("None."))
	}
	return s
}

// recorded lists what monitors recorded, with the numbers where there is room.
func (v *simulationView) recorded() (section, error) {
	s := section{ID: "recorded", Title: "What was recorded"}
	r := v.Result
	sizes := map[string]int64{}
	for _, f := range v.Files {
		sizes[f.Name] = f.Size
	}
	var names []string
	if len(r.Monitors) > 0 {
		t := newTable("Monitors; times are in s, the rest in units of the SI", "monitors", "monitor", "kind", "of", "unit", "#rows", "file", "#bytes")
		for _, m := range r.Monitors {
			unit := any(m.Unit)
			if m.Unit == "" {
				unit = none
			}
			t.row(m.Name, m.Kind, m.Of, unit, m.Rows, m.File, number(float64(sizes[m.File]), "%.0f"))
			names = append(names, m.File)
		}
		s.add(block{Table: t})
	}
	if r.Sweep != nil {
		names = append(names, r.Sweep.File)
	}
	if r.Training != nil {
		names = append(names, r.Training.File)
	}
	var kept block
	var left []string
	all := int64(0)
	for _, name := range names {
		if all+sizes[name] > mostNumbers {
			left = append(left, name)
			continue
		}
		data, err := v.Read(name, sizes[name])
		if err != nil {
			return s, fmt.Errorf("page: %s: %w", name, err)
		}
		all += sizes[name]
		kept.Saves = append(kept.Saves, save{Name: name, URL: dataURL("text/csv;charset=utf-8", data)})
	}
	if len(kept.Saves) > 0 {
		s.add(block{Text: "To save, as they are in the folder:"}, kept)
	}
	if len(left) > 0 {
		s.add(text("Too large for a page, and in the folder: %s.", strings.Join(left, ", ")))
	}
	if len(names) == 0 {
		s.add(text("The description has no monitors."))
	}
	return s, nil
}

// described is the description.
func (v *simulationView) described() section {
	s := section{ID: "description", Title: "The description"}
	s.add(block{Command: v.Description}, block{Saves: []save{{Name: simulate.DescriptionFile, URL: dataURL("text/yaml;charset=utf-8", []byte(v.Description))}}})
	return s
}

// reproduce says how to get the same, and what exactly this is.
func (v *simulationView) reproduce(dir string) section {
	s := section{ID: "reproduce", Title: "How to reproduce it"}
	s.add(text("From the description in the folder. The same version of spikec writes the same bytes into every file."),
		block{Command: "spikec simulate " + quote(filepath.Join(dir, simulate.DescriptionFile)) + " --out DIR"})
	if v.Reads {
		s.add(text("The description names files of connections, which it looks for beside itself: put it where they are."))
	}
	t := newTable("Files of the folder", "files", "file", "#bytes", "SHA-256")
	for _, f := range v.Files {
		t.row(f.Name, number(float64(f.Size), "%.0f"), f.SHA256)
	}
	made := v.Result.Tool
	if made == "" {
		made = "not recorded"
	}
	s.add(block{Facts: []fact{{Name: "made by", Value: made}, {Name: "schema", Value: v.Result.Schema}, {Name: "seed", Value: fmt.Sprint(v.Result.Seed)}}}, block{Table: t})
	return s
}
