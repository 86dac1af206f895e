package simulate

import (
	"context"
	"fmt"
	"slices"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// window shows what one pair of spikes changes in the weight of synapses that learn, against the time from the spike of the source to
// that of the target: each distance is a simulation of its own of one synapse.
func (b *builder) window(p describe.Plot, o *Outcome, f *figure.Figure) {
	reach := 100e-3
	if t, ok := p.Values["range"]; ok {
		if v, ok := b.number(t, "range", equation.Second); ok && v > 0 {
			reach = v
		}
	}
	f.XLabel, f.YLabel = "time of the target's spike − time of the source's (ms)", "change of the weight"
	f.Marks = []figure.Mark{{At: 0}, {At: 0, Vertical: true}}
	f.XRange = [2]float64{-1e3 * reach, 1e3 * reach}
	k := slices.IndexFunc(b.d.Synapses, func(s describe.Synapses) bool { return s.Name == p.Of[0].Text })
	delta, change, err := b.pairsOfSpikes(b.d.Synapses[k], reach)
	if err != nil || len(change) == 0 {
		f.Description = "The window of the rule could not be measured."
		return
	}
	f.Series = []figure.Series{{X: delta, Y: change, Color: 1}}
	lo, hi, _ := extent(f.Series)
	f.Description = fmt.Sprintf("Change of a weight by one pair of spikes, for distances up to %.6g ms on both sides: between %.4g and %.4g.", 1e3*reach, lo, hi)
}

// pairsOfSpikes returns the change of a weight, in units of w_max, for distances from −reach to reach.
func (b *builder) pairsOfSpikes(s describe.Synapses, reach float64) (delta, change []float64, err error) {
	const points = 101
	dt := reach / (points - 1) / 2
	net, err := network.New(dt, nil)
	if err != nil {
		return nil, nil, err
	}
	for name, v := range b.values {
		if name != "dt" {
			net.Constant(name, v)
		}
	}
	target, err := net.AddPopulation(network.Description{N: points, Equations: []string{"v : 1"}, Threshold: "v > 0", Reset: "v = 0"})
	if err != nil {
		return nil, nil, err
	}
	var numbers []int
	var pre, post []float64
	middle := 1.5 * reach
	for k := range points {
		d := float64(k-points/2) * 4 * dt
		numbers, pre, post = append(numbers, k), append(pre, middle-d/2), append(post, middle+d/2)
		delta = append(delta, milli(d))
	}
	source, err := net.AddSource(points, numbers, pre)
	if err != nil {
		return nil, nil, err
	}
	push, err := net.AddSource(points, numbers, post)
	if err != nil {
		return nil, nil, err
	}
	pairs, err := network.ConnectTo(points, points, "i")
	if err != nil {
		return nil, nil, err
	}
	y, err := net.AddSynapses(source, target, pairs, nil)
	if err != nil {
		return nil, nil, err
	}
	kick, err := net.AddSynapses(push, target, pairs, nil)
	if err != nil {
		return nil, nil, err
	}
	if err := kick.OnPre("v_post += 1"); err != nil {
		return nil, nil, err
	}
	rule, err := describe.RuleOf(s.Rule.Text)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range rule.Parameters {
		for _, own := range s.Plasticity {
			if own.Name == x.Name {
				x = own
			}
		}
		if err := y.Name(x.Name, x.Text.Text); err != nil {
			return nil, nil, err
		}
	}
	for _, v := range append([]describe.Named{{Name: "w"}}, rule.Variables...) {
		if err := y.Declare(v.Name); err != nil {
			return nil, nil, err
		}
	}
	if err := y.Set("w = 0.5*(w_min + w_max)"); err != nil {
		return nil, nil, err
	}
	before, err := y.Evaluate("w/w_max")
	if err != nil {
		return nil, nil, err
	}
	if err := y.OnPre(text(rule.OnPre), dt); err != nil { // the target spikes a step after its push
		return nil, nil, err
	}
	if err := y.OnPost(text(rule.OnPost)); err != nil {
		return nil, nil, err
	}
	if rule.EachStep.Given() {
		if err := y.Regularly(text(rule.EachStep), dt); err != nil {
			return nil, nil, err
		}
	}
	if err := net.Run(context.Background(), int(3*reach/dt)); err != nil {
		return nil, nil, err
	}
	after, err := y.Evaluate("w/w_max")
	if err != nil {
		return nil, nil, err
	}
	for k := range after {
		change = append(change, after[k]-before[k])
	}
	return delta, change, nil
}
