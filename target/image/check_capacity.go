package image

import (
	"fmt"
	"slices"

	"spikec/internal/diag"
	"spikec/target/chip"
)

// checkCapacity counts what the image takes and compares it with what there is.
func (k *checker) checkCapacity() Resources {
	r := Resources{}
	limits := &k.p.Capacity
	for i := range k.img.Cores {
		if k.img.Cores[i].Source {
			continue // on the host
		}
		r.Cores++
		u := k.coreUse(i)
		r.add(u)
		if k.recurrent() {
			continue // the layers are one core
		}
		k.atMost(idNeurons, i, "neurons on one core", int64(u.neurons), limits.Neurons, "split the layer over more cores")
		k.atMost(idAxonsIn, i, "input axons of one core", int64(u.axonsIn), limits.AxonsIn, "split the layer over more cores, or use smaller kernels")
		k.atMost(idAxonsOut, i, "output axons of one core", int64(u.axonsOut), limits.AxonsOut, "split the layer over more cores, or its targets over fewer")
		k.atMost(idSynapseBits, i, "bits of synapse memory on one core", u.bits, limits.SynapseBits, "split the layer over more cores, or use smaller kernels")
		k.checkFans(i)
	}
	if k.recurrent() {
		k.checkOneCore(&r)
	}
	if limits.Cores != nil && r.Cores > *limits.Cores && !k.passes() {
		k.report(idCores, "image", 0, 0, diag.Diagnostic{Message: "cores", Value: r.Cores, Limit: *limits.Cores,
			Remedy: "a smaller network, or a larger target"})
	}
	return r
}

// recurrent reports whether the cores of the image lie side by side in one core of the chip.
func (k *checker) recurrent() bool { return k.p.Execution.LayersIn() == chip.LayersRecurrent }

// passes reports whether the cores of the image are one core of the chip, at different times.
func (k *checker) passes() bool { return k.p.Execution.LayersIn() == chip.LayersInPasses }

// atMost reports a value of a core beyond a limit, where there is one.
func (k *checker) atMost(id string, core int, what string, value int64, limit *int, remedy string) {
	if limit != nil && value > int64(*limit) {
		k.over(id, core, -1, what, value, int64(*limit), remedy)
	}
}

// coreUse is what one core takes.
type coreUse struct {
	neurons, axonsIn, axonsOut int
	synapses, weights          int64
	bits, weightBits           int64
}

// coreUse counts what core i takes. Its logical synapses are counted per spike that can take them, so that axons on
// which two routes end count twice.
func (k *checker) coreUse(i int) coreUse {
	c := &k.img.Cores[i]
	u := coreUse{neurons: c.Neurons, axonsIn: c.Axons(), bits: int64(SynapseBits(c, k.p))}
	for _, r := range c.Routes {
		u.axonsOut += r.Count
	}
	if k.passes() {
		u.axonsOut = c.Neurons // the host sends spikes on
	}
	for _, n := range k.fan(i).Synapses {
		u.synapses += n
	}
	for _, b := range c.Synapses {
		u.weights += int64(len(storedWeights(b.Synapses)))
	}
	u.weightBits = u.weights * int64(k.p.Weight.Bits)
	return u
}

// add adds what a core takes.
func (r *Resources) add(u coreUse) {
	r.Neurons += u.neurons
	r.Synapses += u.synapses
	r.StoredWeights += u.weights
	r.WeightBytes += (u.weightBits + 7) / 8
	r.SynapseBits += u.bits
	r.MaxNeurons = max(r.MaxNeurons, u.neurons)
	r.MaxAxonsIn = max(r.MaxAxonsIn, u.axonsIn)
	r.MaxAxonsOut = max(r.MaxAxonsOut, u.axonsOut)
	r.MaxSynapseBits = max(r.MaxSynapseBits, u.bits)
}

// checkFans compares the synapses and the destinations of single neurons with their limits.
func (k *checker) checkFans(i int) {
	limits, c := &k.p.Capacity, &k.img.Cores[i]
	if limits.FanIn != nil {
		for n, count := range k.fan(i).Synapses {
			if count > int64(*limits.FanIn) {
				k.over(idFanIn, i, n, "synapses that reach it", count, int64(*limits.FanIn), "smaller kernels or fewer channels in the layer before")
			}
		}
	}
	if (limits.Targets != nil || limits.FanOut != nil) && !k.passes() {
		targets := make([]int64, c.Neurons)
		for _, r := range c.Routes {
			for n := r.First; n < r.First+r.Count; n++ {
				targets[n]++
			}
		}
		for n, count := range targets {
			if limits.Targets != nil && count > int64(*limits.Targets) {
				k.over(idTargets, i, n, "destinations of its spikes", count, int64(*limits.Targets), "fewer cores for the layers after it")
			}
		}
	}
	if limits.FanOut != nil && !k.passes() {
		for n, count := range k.fanOut(c) {
			if count > int64(*limits.FanOut) {
				k.over(idFanOut, i, n, "synapses that it reaches", count, int64(*limits.FanOut), "smaller kernels or fewer channels in the layers after it")
			}
		}
	}
}

// fanOut counts the synapses that each neuron of a core reaches.
func (k *checker) fanOut(c *Core) []int64 {
	reach := make([]int64, c.Neurons)
	for _, r := range c.Routes {
		to := &k.img.Cores[r.Core]
		for i := range r.Count {
			for _, b := range to.Synapses {
				if a := r.Axon + i - b.FirstAxon; a >= 0 && a < b.Synapses.Axons() {
					b.Synapses.Each(a, func(_ int, w int32) {
						if w != 0 {
							reach[r.First+i]++
						}
					})
				}
			}
		}
	}
	return reach
}

// checkStarts compares the windows of core i with those of the cores that it feeds: a spike of step t acts in step
// t + latency, and the first step in which a core can fire is that of the last stage of its window.
func (k *checker) checkStarts(i int) {
	c := &k.img.Cores[i]
	for _, r := range c.Routes {
		to := &k.img.Cores[r.Core]
		after := k.img.Arrival(i, k.p)
		if want := c.Start + after; to.Start != want {
			k.over(idStart, r.Core, -1, fmt.Sprintf("first step of its window; that of its source %s is %d and the delay %d", c.Population, c.Start, after),
				int64(to.Start), int64(want), "paths of one length to every layer, or a target without latency")
		}
	}
}

// checkOutput reports a read-out that the chip cannot do.
func (k *checker) checkOutput() {
	if k.img.Output.Readout == Membrane && !k.p.Capabilities().ReadPotential {
		k.report(idReadout, "output", 0, 0, diag.Diagnostic{Message: "membranes cannot be read on " + k.p.ID, Remedy: "--readout count"})
	}
	if k.img.Output.Readout != Membrane && !k.img.Output.SpikesOnly && !k.p.Capabilities().ReadPotential {
		k.report(idReadout, "output", 0, 0, diag.Diagnostic{Message: "membranes decide where spikes do not, and cannot be read on " + k.p.ID, Remedy: "build the image again"})
	}
	if k.img.Output.Readout != Membrane && !slices.ContainsFunc(k.p.Program, emits) {
		k.report(idReadout, "output", 0, 0, diag.Diagnostic{Message: "neurons of " + k.p.ID + " send no spikes", Remedy: "--readout membrane"})
	}
	if most := k.p.Capacity.Outputs; most != nil && len(k.p.Capacity.KernelMemory) > 0 && k.img.Output.Classes > *most {
		k.report(idClasses, "output", 0, 0, diag.Diagnostic{Message: "classes, more than " + k.p.ID + " reads", Value: k.img.Output.Classes, Limit: *most, Remedy: "fewer classes, or another target"})
	}
	if k.p.Capabilities().Accumulators && (k.img.Output.Readout != Membrane || k.img.Output.Delay > 0 || k.img.Output.EarlyExit != "") {
		k.report(idReadout, "output", 0, 0, diag.Diagnostic{
			Message: "outputs of " + k.p.ID + " are accumulators, which send no spikes and are read at the end of a picture alone",
			Remedy:  "--readout membrane, without --readout-delay and --early-exit"})
	}
	if k.p.Execution.StageCount() > 1 && (k.img.Output.Delay > 0 || k.img.Output.EarlyExit != "") {
		k.report(idReadout, "output", 0, 0, diag.Diagnostic{
			Message: "neurons of " + k.p.ID + " fire when all has arrived: there is no delay and no early exit of the read-out",
			Remedy:  "leave out --readout-delay and --early-exit"})
	}
}
