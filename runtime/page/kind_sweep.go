package page

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/runtime/report"
	"spikec/runtime/sweep"
)

func init() {
	register(kind{name: "a folder of a sweep", holds: func(path string) bool {
		return exists(filepath.Join(path, "results.json")) || exists(filepath.Join(path, "cells"))
	}, read: readSweep, beside: build.ReportFile})
}

// readSweep makes the page of a sweep.
func readSweep(dir string) (*page, error) {
	r, err := sweep.Read(dir)
	if err != nil {
		return nil, err
	}
	v := newSweepView(r)
	p := &page{Title: "Sweep of " + r.Model.Name, Figures: v.figures(),
		About:    fmt.Sprintf("%d cells on %d images of %s; calibrated with %d images of %s.", len(r.Cells), r.Data.N, r.Data.Name, r.Calibration.N, r.Calibration.Name),
		Sections: []section{v.table(), v.bySteps(), v.fronts(), v.found(), v.reproduce()}}
	return p, nil
}

// sweepView is a sweep, and what of it is asked for again and again.
type sweepView struct {
	*sweep.Result
	built []*sweep.Cell
	cost  func(*sweep.Cell) float64
	unit  string
	words func(*sweep.Cell) string // the cost with its unit
}

func newSweepView(r *sweep.Result) *sweepView {
	v := &sweepView{Result: r, unit: "synaptic operations [millions an image]",
		cost:  func(c *sweep.Cell) float64 { return c.PerImage.SynapticOperations / 1e6 },
		words: func(c *sweep.Cell) string { return report.Amount(c.PerImage.SynapticOperations) + " operations" }}
	if r.Cost == sweep.CostEnergy {
		v.unit, v.cost = "energy [µJ an image]", func(c *sweep.Cell) float64 { return *c.SNNNanojoule / 1e3 }
		v.words = func(c *sweep.Cell) string { return report.Joule(*c.SNNNanojoule) }
	}
	for i := range r.Cells {
		if !r.Cells[i].Failed {
			v.built = append(v.built, &r.Cells[i])
		}
	}
	return v
}

// accuracy is that of the files of a cell. [%]
func accuracy(c *sweep.Cell) float64 { return 100 * c.Stage(ladder.Files).Accuracy }

// figures are the best cell, and the cheapest that is nearly as good.
func (v *sweepView) figures() []fact {
	facts := []fact{{Name: "Cells that were built", Value: fmt.Sprintf("%d of %d", len(v.built), len(v.Cells)), Bad: len(v.built) == 0}}
	if len(v.built) == 0 {
		return facts
	}
	best := slices.MaxFunc(v.built, func(a, b *sweep.Cell) int { return cmp.Compare(accuracy(a), accuracy(b)) })
	facts = append(facts, fact{Name: "Best accuracy", Value: fmt.Sprintf("%.2f %%", accuracy(best)), Note: best.String()})
	const near = 0.5 // points
	cheap, quick := best, best
	for _, c := range v.built {
		if accuracy(c) < accuracy(best)-near || c.Stage(ladder.Files).N != best.Stage(ladder.Files).N {
			continue
		}
		if v.cost(c) < v.cost(cheap) {
			cheap = c
		}
		if c.Duration < quick.Duration {
			quick = c
		}
	}
	within := fmt.Sprintf("within %g points of the best: ", near)
	return append(facts, fact{Name: "Cheapest good cell", Value: v.words(cheap), Note: "an image, " + within + fmt.Sprintf("%.2f %%, %s", accuracy(cheap), cheap)},
		fact{Name: "Quickest good cell", Value: fmt.Sprintf("%d steps", quick.Duration), Note: within + fmt.Sprintf("%.2f %%, %s", accuracy(quick), quick)})
}

// table lists all cells.
func (v *sweepView) table() section {
	s := section{ID: "cells", Title: "All cells"}
	t := newTable("Cells, in the order of the grid", "cells", "target", "rules", "#percentile", "#T", "#bits", "#images", "#ann", "#tailored", "#snn", "#files", "#from", "#to", "#lost", "#agreement", "#operations", "#energy", "#cores", "#steps", "front")
	for i, title := range map[int]string{9: "accuracy of the files, emulated", 10: "lower end of the 95 % interval", 11: "upper end of the 95 % interval", 12: "percentage points against the trained network",
		14: "millions of synaptic operations an image", 15: "nanojoules an image", 17: "of an image, until the last layer is done", 18: "no other cell is as accurate for less cost, or in fewer steps"} {
		t.Columns[i].Title = title
	}
	for i := range v.Cells {
		c := &v.Cells[i]
		percentile := none
		if c.Percentile != 0 {
			percentile = number(c.Percentile, "%g")
		}
		row := []any{c.Target, c.Rules, percentile, c.Steps, c.Bits}
		if c.Failed {
			for range 13 {
				row = append(row, none)
			}
			t.row(append(row, cell{Text: "cannot be built", Bad: true})...)
			continue
		}
		f := c.Stage(ladder.Files)
		front := ""
		switch {
		case c.Front == nil:
		case c.Front.Cost && c.Front.Steps:
			front = "cost, steps"
		case c.Front.Cost:
			front = "cost"
		case c.Front.Steps:
			front = "steps"
		}
		t.row(append(row, f.N, percent(c.Stage(ladder.ANN).Accuracy), percent(c.Stage(ladder.Tailored).Accuracy), percent(c.Stage(ladder.SNN).Accuracy), percent(f.Accuracy), percent(f.CI95[0]), percent(f.CI95[1]),
			number(c.Loss(), "%.2f"), maybe(f.Agreement, percent), number(c.PerImage.SynapticOperations/1e6, "%.4g"), maybe(c.SNNNanojoule, func(x float64) cell { return number(x, "%.1f") }), c.Cores, c.Duration, front)...)
	}
	s.add(block{Table: t})
	return s
}

// bySteps draws accuracy against T, a plot for each target.
func (v *sweepView) bySteps() section {
	s := section{ID: "steps", Title: "Accuracy against time steps"}
	var targets []string
	for _, c := range v.built {
		if !slices.Contains(targets, c.Target) {
			targets = append(targets, c.Target)
		}
	}
	var plots []*figure
	for i, target := range targets {
		var curves []curve
		trained := math.NaN()
		for _, c := range v.built {
			if c.Target != target {
				continue
			}
			trained = 100 * c.Stage(ladder.ANN).Accuracy
			name := fmt.Sprintf("%s, %d bits", c.Rules, c.Bits)
			if c.Percentile != 0 {
				name += fmt.Sprintf(", percentile %g", c.Percentile)
			}
			k := slices.IndexFunc(curves, func(x curve) bool { return x.name == name })
			if k < 0 {
				k = len(curves)
				curves = append(curves, curve{name: name})
			}
			ci := c.Stage(ladder.Files).CI95
			one := &curves[k]
			at, _ := slices.BinarySearch(one.x, float64(c.Steps))
			one.x, one.y = slices.Insert(one.x, at, float64(c.Steps)), slices.Insert(one.y, at, accuracy(c))
			one.low, one.high = slices.Insert(one.low, at, 100*ci[0]), slices.Insert(one.high, at, 100*ci[1])
		}
		words := fmt.Sprintf("%d curves.", len(curves))
		for _, c := range curves {
			words += fmt.Sprintf(" %s: %.2f %% at T = %g, %.2f %% at T = %g.", c.name, c.y[0], c.x[0], c.y[len(c.y)-1], c.x[len(c.x)-1])
		}
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, c := range curves {
			lo, hi = min(lo, c.x[0]), max(hi, c.x[len(c.x)-1])
		}
		curves = append(curves, curve{name: "trained network", x: []float64{lo, hi}, y: []float64{trained, trained}, guide: true})
		plots = append(plots, lines("Accuracy against T on "+target, "time steps T", "accuracy [%]", words, fmt.Sprintf("by-steps-%d", i), true, curves))
	}
	if plots == nil {
		s.add(text("No cell was built."))
		return s
	}
	s.add(block{Plots: plots})
	return s
}

// fronts draws what accuracy costs.
func (v *sweepView) fronts() section {
	s := section{ID: "fronts", Title: "What accuracy costs"}
	if len(v.built) == 0 {
		s.add(text("No cell was built."))
		return s
	}
	s.add(text("A cell is on the front where no other one on as many images is as accurate for less, or more accurate for as much."))
	one := func(title, x, file string, cost func(*sweep.Cell) float64, on func(*sweep.Front) bool, steps bool) (*figure, *table) {
		all, front := curve{name: "cells", loose: true}, curve{name: "the front"}
		var list []*sweep.Cell
		for _, c := range v.built {
			all.x, all.y = append(all.x, cost(c)), append(all.y, accuracy(c))
			if c.Front != nil && on(c.Front) {
				list = append(list, c)
			}
		}
		slices.SortStableFunc(list, func(a, b *sweep.Cell) int { return cmp.Compare(cost(a), cost(b)) })
		t := newTable(title, file+"-front", "cell", "#accuracy [%]", "#"+x)
		for _, c := range list {
			front.x, front.y = append(front.x, cost(c)), append(front.y, accuracy(c))
			t.row(c.String(), number(accuracy(c), "%.2f"), number(cost(c), "%.4g"))
		}
		words := fmt.Sprintf("%d of %d cells are on the front.", len(list), len(v.built))
		if len(list) > 0 {
			last := len(list) - 1
			words += fmt.Sprintf(" It goes from %.2f %% at %.4g to %.2f %% at %.4g.", front.y[0], front.x[0], front.y[last], front.x[last])
		}
		return lines(title, x, "accuracy [%]", words, file, steps, []curve{front, all}), t
	}
	cost, costTable := one("Front of accuracy against cost", v.unit, "cost", v.cost, func(f *sweep.Front) bool { return f.Cost }, false)
	steps, stepsTable := one("Front of accuracy against latency", "steps an image", "latency", func(c *sweep.Cell) float64 { return float64(c.Duration) }, func(f *sweep.Front) bool { return f.Steps }, true)
	s.add(block{Plots: []*figure{cost, steps}}, block{Table: costTable}, block{Table: stepsTable})
	return s
}

// found lists what was noticed: of each ID and subject the first finding, and in how many cells there is one.
func (v *sweepView) found() section {
	s := section{ID: "found", Title: "What was noticed"}
	var list diag.List
	type key struct {
		id, subject string
		severity    diag.Severity
	}
	at, in := map[key]int{}, map[key]int{}
	last := map[key]int{}
	for i := range v.Cells {
		for _, d := range v.Cells[i].Diagnostics {
			k := key{d.ID, d.Subject, d.Severity}
			if in[k] == 0 {
				at[k] = len(list)
				d.Message += fmt.Sprintf("; first in %s", &v.Cells[i])
				list = append(list, d)
			}
			if last[k] != i+1 {
				last[k] = i + 1
				in[k]++
			}
		}
	}
	if len(list) == 0 {
		s.add(text("Nothing: no error, no warning."))
		return s
	}
	for k, i := range at {
		list[i].Message += fmt.Sprintf(", in all in %d of %d cells", in[k], len(v.Cells))
	}
	s.add(text("Of each number and layer the first finding. All that was noticed in a cell is in results.json."), block{Found: list})
	return s
}

// reproduce says what exactly this is.
func (v *sweepView) reproduce() section {
	s := section{ID: "reproduce", Title: "How to reproduce it"}
	t := newTable("What it was made of", "files", "what", "name", "SHA-256")
	t.row("trained network", v.Model.Name, v.Model.SHA256)
	t.row("evaluation images", fmt.Sprintf("%s, %d images", v.Data.Name, v.Data.N), v.Data.SHA256)
	name := fmt.Sprintf("%s, %d images", v.Calibration.Name, v.Calibration.N)
	if v.Calibration.Seed != nil {
		name += fmt.Sprintf(", drawn with seed %d", *v.Calibration.Seed)
	}
	t.row("calibration images", name, v.Calibration.SHA256)
	for _, c := range v.built {
		t.row("outputs", c.String(), c.CountsSHA256)
	}
	s.add(text("A cell is a build with its choices: spikec build %s --target %s --steps T --bits B --rules RULES --data SPEC --out DIR.", quote(v.Model.Name+".onnx"), "ID"),
		block{Facts: []fact{{Name: "made by", Value: v.Tool}}}, block{Table: t})
	return s
}
