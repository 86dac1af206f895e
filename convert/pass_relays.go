package convert

import (
	"context"
	"fmt"
	"slices"

	"spikec/internal/diag"
	"spikec/models/snn"
)

// relays puts relays into connections past other layers, where the windows of layers follow each other: there a spike
// reaches the next layer only. A relay is a population with one neuron for each of another one, which brings it its spikes
// with a weight of one threshold, so that it sends on as many as it got, a layer later:
//
//	staged    N spikes in T steps make a membrane of N thresholds and what it began with, less than one: it fires N times
//	plain     at most one spike a step, and each makes the neuron fire in the step in which it arrives
//	signed    the same; where a spike is taken back, the membrane falls below 0, and the relay has one to take back
//
// All connections from one population share a chain of relays, as long as the farthest of them needs.
func relays(_ context.Context, s *State) error {
	if !s.Capabilities.Staggered {
		return nil
	}
	r := relayer{from: s.Network, depth: s.Network.Depth()}
	s.Network = r.network()
	for node, p := range s.population {
		s.population[node] = r.chains[p][0]
	}
	s.Diagnostics = append(s.Diagnostics, r.about()...)
	return nil
}

// relayer copies a network, with relays.
type relayer struct {
	from, to       *snn.Network
	depth          []int
	chains         [][]int // by population of from: itself and its relays in to, one a layer
	count, neurons int
}

// about says how many relays there are.
func (r *relayer) about() diag.List {
	if r.count == 0 {
		return nil
	}
	return diag.List{{ID: "SPK-CONV-015", Severity: diag.Info, Subject: r.from.Name,
		Message: fmt.Sprintf("connections past other layers go over %d relays of %d neurons in all, which send spikes on a layer later", r.count, r.neurons)}}
}

// network returns the network with relays, each behind its source.
func (r *relayer) network() *snn.Network {
	n := *r.from
	n.Populations, n.Projections = nil, nil
	r.to = &n
	for i, p := range r.from.Populations {
		at := len(n.Populations)
		n.Populations = append(n.Populations, p)
		for _, k := range r.from.Incoming(i) {
			q := r.from.Projections[k]
			chain := r.chains[q.Source]
			q.Source, q.Target = chain[r.passed(q.Source, i)], at
			n.Projections = append(n.Projections, q)
		}
		r.chains = append(r.chains, []int{at})
		r.chain(i)
	}
	return r.to
}

// passed returns how many layers a projection passes. What the input drives is driven in all its steps.
func (r *relayer) passed(source, target int) int {
	if source == 0 {
		return 0
	}
	return r.depth[target] - r.depth[source] - 1
}

// chain adds the relays behind population i.
func (r *relayer) chain(i int) {
	longest := 0
	for _, p := range r.from.Projections {
		if p.Source == i {
			longest = max(longest, r.passed(i, p.Target))
		}
	}
	p := &r.from.Populations[i]
	for k := range longest {
		relay := snn.Population{Name: p.Name + "/relay", Shape: p.Shape, Neuron: snn.IF, Scale: p.Scale}
		if longest > 1 {
			relay.Name += fmt.Sprint(k + 1)
		}
		at := len(r.to.Populations)
		r.to.Populations = append(r.to.Populations, relay)
		r.to.Projections = append(r.to.Projections, snn.Projection{Source: r.chains[i][k], Target: at, Window: oneTap(), Groups: p.Shape[0],
			Weight: slices.Repeat([]float32{1}, p.Shape[0]), Identity: true})
		r.chains[i] = append(r.chains[i], at)
		r.count, r.neurons = r.count+1, r.neurons+relay.Size()
	}
}
