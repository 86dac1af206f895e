package place

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/target/image"
)

// oneCore reports, for a chip whose layers all lie in one core, everything that they need and the core does not have.
func (pl *placer) oneCore() {
	report := func(subject, message string, value, limit int, remedy string) {
		pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-005", Severity: diag.Error, Subject: subject, Message: message, Value: value, Limit: limit, Remedy: remedy})
	}
	over := func(subject, message string, value int, limit *int, remedy string) {
		if limit != nil && value > *limit {
			report(subject, message, value, *limit, remedy)
		}
	}
	c, neurons := &pl.profile.Capacity, 0
	for i := range pl.net.Populations[1:] {
		p := &pl.net.Populations[i+1]
		switch {
		case p.Neuron == snn.Source:
			over(p.Name, "inputs of the core", p.Size(), c.Inputs, "smaller images, or a larger target")
		case i+1 == pl.net.Output():
			over(p.Name, "outputs of the core", p.Size(), c.Outputs, "fewer classes, or a larger target")
		default:
			neurons += image.Paired(p.Size())
		}
	}
	over("network", "neurons of all hidden layers, which lie in one core; each begins with an even one", neurons, c.Neurons, "fewer or smaller layers, or a larger target")
	between := map[[2]int]bool{}
	for _, p := range pl.net.Projections {
		from, to := &pl.net.Populations[p.Source], &pl.net.Populations[p.Target]
		if p.Source == 0 {
			continue // a drive, which image.Check refuses
		}
		if from.Neuron == snn.Source && p.Target == pl.net.Output() {
			report(from.Name+" → "+to.Name, "connections from inputs to outputs", 1, 0, "a network with a hidden layer")
		}
		ends := [2]int{p.Source, p.Target}
		if between[ends] {
			report(from.Name+" → "+to.Name, "connections between two layers, which share their synapses", 2, 1, "one connection between two layers")
		}
		between[ends] = true
	}
}

// recurrent puts the whole of population i into the one core, with axons for all neurons of every layer whose spikes arrive in its
// window: what is between two such layers without a connection are synapses of weight 0.
func (pl *placer) recurrent(i, size int) {
	if pl.found.HasErrors() {
		return // layers of any size
	}
	roles, err := pl.profile.Recurrent()
	if err != nil {
		pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-005", Severity: diag.Error, Subject: pl.profile.ID, Message: fmt.Sprint(err)})
		return
	}
	p := part{area: pl.stretch(i, 0, size)}
	axons := 0
	for s := 1; s < len(pl.net.Populations); s++ {
		from := &pl.net.Populations[s]
		if pl.start[s]+delay(pl.net, pl.profile, s) != pl.start[i] {
			continue
		}
		m := &image.Dense{Inputs: from.Size(), Neurons: size, Weight: make([]int32, from.Size()*size)}
		for j, q := range pl.net.Projections {
			if q.Source != s || q.Target != i {
				continue
			}
			conv := pl.convolution(j)
			conv.Neurons = size
			for a := range m.Inputs {
				conv.Each(a, func(n int, w int32) { m.Weight[a*size+n] += w })
			}
		}
		p.inputs = append(p.inputs, input{source: s, firstAxon: axons, memory: roles.Memory(from.Neuron == snn.Source, i == pl.net.Output()), synapses: m})
		axons += m.Inputs
	}
	pl.parts[i] = []part{p}
}
