package simulate

import (
	"context"
	"fmt"
	"math"

	"spikec/internal/diag"
	"spikec/models/network"
	"spikec/runtime/progress"
	"spikec/runtime/simulate/describe"
)

// Request is what is to be simulated.
type Request struct {
	Description *describe.Description
	Tool        string // name and version of the program, for the result
	Jobs        int    // simulations of a sweep at a time; 0: the number of processors
	Progress    progress.Reporter
}

// Check builds the network of a description and reports all that is wrong with it, without running it.
func Check(d *describe.Description) error {
	_, err := prepare(d, nil)
	return err
}

// prepare builds the network of a description. Override replaces values of parameters.
func prepare(d *describe.Description, override map[string]float64) (*builder, error) {
	b := newBuilder(d, override)
	switch {
	case d.Training != nil:
		b.checkTraining()
	case d.Engine.Wrong: // what else is wrong depends on the engine
	case d.Engine.Text == "events" || d.Engine.Text == "event":
		b.eventful = b.eventNetwork()
	default:
		b.stepNetwork(override)
	}
	return b, b.found.Err()
}

// stepNetwork builds a network in steps.
func (b *builder) stepNetwork(override map[string]float64) {
	d := b.d
	if len(d.Stimuli) > 0 {
		b.wrong(idEngine, at(d.Stimuli[0][0].Line, "stimuli"), "write engine: events, or a population with spikes in place of the stimuli", "stimuli belong to engine: events")
	}
	if d.Ties.Given() {
		b.wrong(idEngine, d.Ties, "write engine: events, or leave it away", "ties belong to engine: events")
	}
	for _, p := range d.Populations {
		b.population(p, b.additions(p))
	}
	for _, s := range d.Synapses {
		b.connection(s)
	}
	for _, m := range d.Monitors {
		b.monitor(m)
	}
	b.plots()
	for _, g := range b.order {
		if g.spiking == nil {
			continue
		}
		b.net.Observe(network.Thresholds, func(int) { g.spikes += len(g.spiking.Now()) })
	}
	if s := d.Sweep; s != nil {
		if _, ok := b.values[s.Name]; !ok || !isParameter(d, s.Name) {
			names := map[string]bool{}
			for _, p := range d.Parameters {
				names[p.Name] = true
			}
			hint, remedy := meant(s.Name, names)
			b.wrong(idReference, at(s.Line, s.Where), remedy, "there is no parameter %s%s", s.Name, hint)
		} else if override == nil {
			b.of(s.Values, "sweep", b.names[s.Name])
		}
	}
}

// isParameter reports whether a description has a parameter.
func isParameter(d *describe.Description, name string) bool {
	for _, p := range d.Parameters {
		if p.Name == name {
			return true
		}
	}
	return false
}

// chunk is how many steps are taken between two looks at the state.
const chunk = 200

// run takes all steps.
func (b *builder) run(ctx context.Context, task progress.Task) error {
	for done := 0; done < b.steps; {
		n := min(chunk, b.steps-done)
		if err := b.net.Run(ctx, n); err != nil {
			return err
		}
		done += n
		task.Add(n)
		for _, g := range b.order {
			if g.p == nil {
				continue
			}
			if name, k, ok := g.p.Finite(); !ok {
				return &diag.Failure{List: diag.List{{ID: idDiverged, Severity: diag.Error, Subject: describe.Subject(b.d.Path, 0, "populations."+g.name),
					Message: fmt.Sprintf("%s of neuron %d is not finite before t = %.6g ms", name, k, 1e3*float64(done)*b.dt),
					Remedy:  "use a smaller dt or another method, or bound what grows (a reset, clip)"}}}
			}
		}
	}
	for _, m := range b.monitors {
		m.finish(b)
	}
	return nil
}

// Run simulates. The error is of type *diag.Failure where the description is wrong, or that of the context.
func Run(ctx context.Context, r Request) (*Outcome, error) {
	if r.Progress == nil {
		r.Progress = progress.None
	}
	b, err := prepare(r.Description, nil)
	if err != nil {
		return nil, err
	}
	o, err := b.simulate(ctx, r)
	if err != nil {
		return nil, err
	}
	o.Result.Tool, o.description = r.Tool, r.Description.Source
	return o, nil
}

// simulate runs what was prepared.
func (b *builder) simulate(ctx context.Context, r Request) (*Outcome, error) {
	switch {
	case r.Description.Training != nil:
		return b.train(ctx, r)
	case b.eventful != nil:
		return b.runEvents(ctx, r)
	case r.Description.Sweep != nil:
		return b.sweep(ctx, r)
	}
	task := r.Progress.Start("simulate", b.steps)
	defer task.Done()
	if err := b.run(ctx, task); err != nil {
		return nil, err
	}
	return b.outcome()
}

// mean, least and most of a list; NaN of an empty one is never stored: an empty list gives nil.
func spread(v []float64) *Spread {
	if len(v) == 0 {
		return nil
	}
	s := &Spread{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, x := range v {
		s.Mean += x / float64(len(v))
		s.Min, s.Max = min(s.Min, x), max(s.Max, x)
	}
	return s
}
