package simulate

import (
	"context"
	"strconv"

	"spikec/internal/parallel"
	"spikec/runtime/dataset/npz"
)

// sweep runs the simulation once for each value of a parameter, several at a time, all with the same seed. Monitors and plots other than
// curves show the run with the parameter's own value.
func (b *builder) sweep(ctx context.Context, r Request) (*Outcome, error) {
	d := r.Description
	values, ok := b.of(d.Sweep.Values, "sweep", b.names[d.Sweep.Name])
	if !ok {
		return nil, b.found.Err()
	}
	task := r.Progress.Start("sweep", len(values)+1)
	defer task.Done()
	rates := make([][]float64, len(values))
	err := parallel.For(ctx, len(values)+1, r.Jobs, func(_, k int) error {
		if k == len(values) { // the run that is shown
			defer task.Add(1)
			return b.run(ctx, nothing{})
		}
		one, err := prepare(d, map[string]float64{d.Sweep.Name: values[k]})
		if err != nil {
			return err
		}
		if err := one.run(ctx, nothing{}); err != nil {
			return err
		}
		for _, g := range one.order {
			rates[k] = append(rates[k], float64(g.spikes)/float64(g.n)/one.duration)
		}
		task.Add(1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s := &Sweep{Parameter: d.Sweep.Name, Unit: b.names[d.Sweep.Name].String(), Values: values, File: "sweep.csv"}
	t := table{name: "sweep", columns: []string{d.Sweep.Name}, rows: len(values)}
	t.arrays = append(t.arrays, npz.Float64s("sweep.value", values, len(values)))
	for i, g := range b.order {
		list := SweepRate{Population: g.name}
		for k := range values {
			list.RateHz = append(list.RateHz, rates[k][i])
		}
		s.Rates = append(s.Rates, list)
		t.columns = append(t.columns, "rate of "+g.name)
		t.arrays = append(t.arrays, npz.Float64s("sweep.rate."+strconv.Itoa(i)+"."+g.name, list.RateHz, len(values)))
	}
	t.at = func(r, c int) float64 {
		if c == 0 {
			return values[r]
		}
		return rates[r][c-1]
	}
	b.swept, b.sweptTable = s, t
	return b.outcome()
}

// nothing is a task that is not shown.
type nothing struct{}

func (nothing) Add(int) {}
func (nothing) Done()   {}
func (nothing) Enough() {}
