package simulate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/models/generator"
	"spikec/models/plasticity"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/simulate/figure"
)

// Training is what a task with a teacher gave, epoch by epoch.
type Training struct {
	Rule    string      `json:"rule"`
	Epochs  int         `json:"epochs"`
	First   float64     `json:"firstError"`
	Last    float64     `json:"lastError"`
	Wanted  []float64   `json:"wantedMs,omitempty"`
	Outputs [][]float64 `json:"outputsMs,omitempty"` // spike times, epoch by epoch
	Errors  []float64   `json:"errors"`
	File    string      `json:"file"`
}

// task is a task for a rule: values with their defaults, and what an epoch does. Times are in ms.
type task struct {
	about  string
	values map[string]float64
	times  []string // which values are times
	start  func(b *builder, v map[string]float64) (epoch func() (failure float64, outputs []float64), wanted []float64, err error)
	what   string // the error
}

// tasks are the rules that learn from a teacher, and one that learns patterns without.
var tasks = map[string]task{
	"tempotron": {"two classes of patterns, told apart by whether a neuron spikes (Gütig and Sompolinsky 2006)",
		map[string]float64{"inputs": 60, "patterns": 20, "duration": 200, "tau": 15, "tau_s": 3.75, "rate": 0.02, "epochs": 60}, []string{"duration", "tau", "tau_s"}, tempotron, "share of wrong decisions"},
	"resume": {"a train of wanted spikes (Ponulak and Kasiński 2010)", student(0.02), []string{"duration", "tau"}, taught("resume"), "distance of the trains"},
	"span":   {"a train of wanted spikes (Mohemmed et al. 2012)", student(0.0008), []string{"duration", "tau"}, taught("span"), "distance of the trains"},
	"hebb":   {"one wanted spike, by the supervised rule of Hebb", student(0.0005), []string{"duration", "tau"}, taught("hebb"), "distance from the wanted time (ms)"},
	"stdp_digits": {"handwritten digits without a teacher, by spike-timing-dependent plasticity and competition (Diehl and Cook 2015, in small)",
		map[string]float64{"neurons": 100, "images": 1000, "test": 1000, "steps": 50, "share": 0.25, "rate": 0.3, "epochs": 8}, nil, learnDigits, "share of wrong decisions"},
	"spikeprop": {"exclusive or, by the gradient of spike times (Bohte, Kok and La Poutré 2002)",
		map[string]float64{"hidden": 5, "tau": 7, "theta": 30, "rate": 1, "epochs": 200}, []string{"tau"}, spikeProp, "½·Σ(t − wanted)² (ms²)"},
}

// student are the values of a neuron that learns a train.
func student(rate float64) map[string]float64 {
	return map[string]float64{"inputs": 200, "duration": 200, "wanted": 3, "input_rate": 10, "tau": 10, "rate": rate, "epochs": 100}
}

// checkTraining reads a task.
func (b *builder) checkTraining() {
	d := b.d
	if !d.Training.Rule.Given() {
		return
	}
	t, ok := tasks[d.Training.Rule.Text]
	if !ok {
		hint, remedy := meant(d.Training.Rule.Text, tasks)
		b.wrong(idReference, d.Training.Rule, remedy, "there is no rule %s for a training%s", d.Training.Rule.Text, hint)
		return
	}
	v := maps.Clone(t.values)
	for _, x := range d.Training.Values {
		want, factor := equation.Dimension{}, 1.0
		if slices.Contains(t.times, x.Name) {
			want, factor = equation.Second, 1e3
		}
		if _, there := v[x.Name]; !there {
			hint, remedy := meant(x.Name, v)
			b.wrong(idReference, x.Text, remedy, "the task %s has no value %s%s", d.Training.Rule.Text, x.Name, hint)
			continue
		}
		if value, ok := b.number(x.Text, x.Name, want); ok {
			if v[x.Name] = value * factor; !(v[x.Name] > 0) || v[x.Name] > 1e5 {
				b.wrong(idRange, x.Text, "", "%s is %v: want a number above 0, and not more than 100000", x.Name, value)
			}
		}
	}
	if v["tau_s"] > 0 && v["tau_s"] >= v["tau"] {
		b.wrong(idRange, d.Training.Rule, "", "tau_s must be below tau")
	}
	if len(d.Populations)+len(d.Synapses)+len(d.Monitors) > 0 || d.Sweep != nil {
		b.wrong(idEngine, d.Training.Rule, "make two descriptions of it", "a training has no populations, synapses, monitors or sweep of its own")
	}
	for _, p := range d.Plots {
		if p.Kind != "learning" {
			b.wrong(idEngine, at(p.Line, p.Where), "use learning: train", "a training has plots of kind learning alone")
		}
	}
	b.task, b.taskValues = &t, v
}

// train runs a task.
func (b *builder) train(ctx context.Context, r Request) (*Outcome, error) {
	v := b.taskValues
	epoch, wanted, err := b.task.start(b, v)
	if err != nil {
		return nil, err
	}
	out := &Training{Rule: b.d.Training.Rule.Text, Epochs: int(v["epochs"]), Wanted: wanted, File: "training.csv"}
	shown := r.Progress.Start("train", out.Epochs)
	defer shown.Done()
	for range out.Epochs {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failure, outputs := epoch()
		out.Errors = append(out.Errors, failure)
		if wanted != nil {
			out.Outputs = append(out.Outputs, outputs)
		}
		shown.Add(1)
	}
	out.First, out.Last = out.Errors[0], out.Errors[len(out.Errors)-1]
	return b.trained(out, *b.task), nil
}

// trained sums up a training.
func (b *builder) trained(t *Training, k task) *Outcome {
	o := &Outcome{Result: b.result("training")}
	o.Result.DurationMS = 0
	o.Result.Training = t
	o.tables = []table{{name: "training", columns: []string{"epoch", "error"}, rows: len(t.Errors), at: func(r, c int) float64 {
		if c == 0 {
			return float64(r)
		}
		return t.Errors[r]
	}, arrays: []*npz.Array{npz.Float64s("training.error", t.Errors, len(t.Errors))}}}
	for _, p := range b.d.Plots {
		f := figure.Figure{Title: p.Title.Text, XLabel: "epoch", YLabel: k.what, Width: p.Width, Height: p.Height}
		if f.Title == "" {
			f.Title = b.d.Title.Text
		}
		s := figure.Series{}
		for e, v := range t.Errors {
			s.X, s.Y = append(s.X, float64(e)), append(s.Y, v)
		}
		f.Series = []figure.Series{s}
		f.Description = fmt.Sprintf("Error over %d epochs: %.4g in the first one, %.4g in the last one.", t.Epochs, t.First, t.Last)
		o.add(p, f)
		if len(t.Wanted) == 0 {
			continue
		}
		g := figure.Figure{Title: f.Title, XLabel: "epoch", YLabel: "output spikes (ms)", Width: p.Width, Height: p.Height,
			Description: fmt.Sprintf("Times of the output's spikes over %d epochs, dashed lines where they are wanted.", t.Epochs)}
		dots := figure.Series{Style: figure.Dots, Color: 1}
		for e, list := range t.Outputs {
			for _, v := range list {
				dots.X, dots.Y = append(dots.X, float64(e)), append(dots.Y, v)
			}
		}
		g.Series = []figure.Series{dots}
		for _, w := range t.Wanted {
			g.Marks = append(g.Marks, figure.Mark{At: w})
		}
		p.File.Text, p.File.Line = strings.TrimSuffix(fileName(p), "_error")+"_spikes", p.Line
		o.add(p, g)
	}
	return o
}

// tempotron is a task of random patterns, half of them of each class, one spike an input.
func tempotron(b *builder, v map[string]float64) (func() (float64, []float64), []float64, error) {
	r := plasticity.Tempotron{Tau: v["tau"], TauS: v["tau_s"], Threshold: 1, Rate: v["rate"]}
	w := make([]float64, int(v["inputs"]))
	for i := range w {
		w[i] = 0.2 * (b.draws.Uniform() - 0.3)
	}
	patterns := make([][][]float64, int(v["patterns"]))
	for k := range patterns {
		for range w {
			patterns[k] = append(patterns[k], []float64{b.draws.Uniform() * v["duration"]})
		}
	}
	return func() (float64, []float64) {
		wrong := 0
		for k, p := range patterns {
			if !r.Learn(w, p, k%2 == 0, v["duration"], 1) {
				wrong++
			}
		}
		return float64(wrong) / float64(len(patterns)), nil
	}, nil, nil
}

// taught is a task of a neuron that learns to spike at given times, from Poisson trains that are the same in every epoch.
func taught(rule string) func(b *builder, v map[string]float64) (func() (float64, []float64), []float64, error) {
	return func(b *builder, v map[string]float64) (func() (float64, []float64), []float64, error) {
		duration := v["duration"]
		trains := make([][]float64, int(v["inputs"]))
		w := make([]float64, len(trains))
		for i := range trains {
			trains[i] = generator.Intervals(b.draws, v["input_rate"]/1e3, duration)
			if rule == "hebb" { // inputs that spike once
				trains[i] = []float64{b.draws.Uniform() * duration}
			}
			w[i] = 0.1 * b.draws.Uniform()
		}
		var wanted []float64
		for k := range int(v["wanted"]) {
			wanted = append(wanted, duration*(float64(k)+1)/(v["wanted"]+1))
		}
		if rule == "hebb" {
			wanted = []float64{duration / 2}
		}
		n := learner{tau: v["tau"], synaptic: v["tau"] / 2, dt: 0.1, duration: duration}
		distance := plasticity.Exponential(v["tau"])
		return func() (float64, []float64) {
			out := n.run(w, trains)
			switch rule {
			case "hebb":
				return n.hebb(w, trains, out, wanted[0], v["rate"])
			case "resume":
				r := plasticity.ReSuMe{Bias: 0.05, A: 1, Tau: v["tau"]}
				for i := range w {
					w[i] += v["rate"] * r.Change(trains[i], out, wanted)
				}
			case "span":
				r := plasticity.SPAN{Tau: v["tau"]}
				for i := range w {
					w[i] += v["rate"] * r.Change(trains[i], out, wanted)
				}
			}
			return distance.Squared(out, wanted) / v["tau"], out
		}, wanted, nil
	}
}

// learner is a leaky integrate-and-fire neuron with synaptic currents, in steps:
//
//	s += Σ w of the spikes of the step;  V += dt/tau·(s − V);  s −= dt/synaptic·s;  V ≥ 1: spike, V = 0
type learner struct{ tau, synaptic, dt, duration float64 }

// run returns the times of the output's spikes.
func (n learner) run(w []float64, trains [][]float64) []float64 {
	steps := int(n.duration / n.dt)
	input := make([]float64, steps+1)
	for i, train := range trains {
		for _, t := range train {
			input[min(steps, int(t/n.dt))] += w[i]
		}
	}
	var out []float64
	v, s := 0.0, 0.0
	for k := range steps {
		s += input[k] * n.tau / n.synaptic
		v += n.dt / n.tau * (s - v)
		s -= n.dt / n.synaptic * s
		if v >= 1 {
			out, v = append(out, float64(k)*n.dt), 0
		}
	}
	return out
}

// hebb changes weights by the supervised rule, for the first spike of the output.
func (n learner) hebb(w []float64, trains [][]float64, out []float64, wanted, rate float64) (float64, []float64) {
	arrivals := make([]float64, len(trains))
	for i, t := range trains {
		arrivals[i] = t[0]
	}
	r := plasticity.Hebb{Rate: rate}
	if len(out) == 0 {
		r.Change(w, arrivals, 0, false, wanted)
		return n.duration, nil
	}
	r.Change(w, arrivals, out[0], true, wanted)
	return math.Abs(out[0] - wanted), out[:1]
}

// spikeProp is the exclusive or: spikes at 0 or 6 ms and a reference at 0, an output at 16 or 10 ms.
func spikeProp(b *builder, v map[string]float64) (func() (float64, []float64), []float64, error) {
	n := &plasticity.SpikeProp{End: 40}
	n.Cell.Tau, n.Cell.Theta = v["tau"], v["theta"]
	for k := range 16 {
		n.Delays = append(n.Delays, float64(k+1))
	}
	layer := func(targets, sources int) (w [][][]float64) {
		for range targets {
			var rows [][]float64
			for range sources {
				var row []float64
				for range n.Delays {
					row = append(row, 3*b.draws.Uniform())
				}
				rows = append(rows, row)
			}
			w = append(w, rows)
		}
		return w
	}
	hidden := max(1, int(v["hidden"]))
	n.W[0], n.W[1] = layer(hidden, 3), layer(1, hidden)
	patterns := []struct {
		in   []float64
		want float64
	}{{[]float64{0, 0, 0}, 16}, {[]float64{0, 6, 0}, 10}, {[]float64{6, 0, 0}, 10}, {[]float64{6, 6, 0}, 16}}
	return func() (float64, []float64) {
		sum := 0.0
		var out []float64
		for _, p := range patterns {
			pass := n.Present(p.in, []float64{p.want})
			n.Descend(pass, v["rate"])
			sum, out = sum+pass.Error, append(out, pass.Output[0])
		}
		return sum, out
	}, []float64{10, 16}, nil
}

// Tasks returns the rules that learn from a teacher, with what they are about.
func Tasks() map[string]string {
	out := map[string]string{}
	for name, t := range tasks {
		out[name] = t.about
	}
	return out
}
