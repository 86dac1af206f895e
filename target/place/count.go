package place

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/target/chip"
	"spikec/target/image"
)

// countCores says, where the chip has fewer cores than the network needs, which layers take them and what binds these. That there are too
// few is said by image.Check where every layer fits, and here where some do not: those count as many as their neurons take at least.
func (pl *placer) countCores(fits bool) {
	most := pl.profile.Capacity.Cores
	if most == nil || pl.profile.Execution.LayersIn() != chip.LayersOnCores {
		return
	}
	cores := 0
	for i, parts := range pl.parts[1:] {
		switch pop := &pl.net.Populations[i+1]; {
		case pop.Neuron == snn.Source:
		case parts != nil:
			cores += len(parts)
		case pl.profile.Capacity.Neurons != nil:
			cores += atLeast(pop.Size(), *pl.profile.Capacity.Neurons)
		default:
			cores++
		}
	}
	if cores <= *most {
		return
	}
	if !fits {
		pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-003", Severity: diag.Error, Subject: "network", Message: "needs at least so many cores, more than the target has",
			Value: cores, Limit: *most, Remedy: "a smaller network, or a larger target"})
	}
	for i, parts := range pl.parts {
		if pop := &pl.net.Populations[i]; len(parts) > 1 {
			b := pl.binding(i)
			pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-014", Severity: diag.Info, Subject: pop.Name,
				Message: fmt.Sprintf("takes %d cores, bound by %s, of which one core takes", len(parts), b.what), Value: b.value, Limit: b.limit, Remedy: b.remedy})
		}
	}
}

// bound is a limit, and how much of it is taken.
type bound struct {
	what, remedy string
	value, limit int
}

// binding returns the limit that the fullest core of population i comes closest to.
func (pl *placer) binding(i int) (tightest bound) {
	out, share := pl.outDegree(i), -1.0
	for k := range pl.parts[i] {
		p, sent := &pl.parts[i][k], 0
		p.each(func(_, neuron int) { sent += out[neuron] })
		core, limits := pl.core(i, p), &pl.profile.Capacity
		for _, x := range []struct {
			bound
			limit *int
		}{{bound{what: "neurons", remedy: "fewer channels, or a larger stride", value: p.neurons}, limits.Neurons},
			{bound{what: "input axons", remedy: "smaller kernels, or fewer channels in the layer before", value: p.axons()}, limits.AxonsIn},
			{bound{what: "output axons", remedy: "smaller kernels, or fewer channels in the layers behind", value: sent}, limits.AxonsOut},
			{bound{what: "synapse memory bits", remedy: "smaller kernels, or fewer channels", value: image.SynapseBits(&core, pl.profile)}, limits.SynapseBits}} {
			if x.limit == nil {
				continue
			}
			if s := float64(x.value) / float64(*x.limit); s > share {
				x.bound.limit, share = *x.limit, s
				tightest = x.bound
			}
		}
	}
	return tightest
}
