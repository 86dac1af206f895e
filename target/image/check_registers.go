package image

import (
	"fmt"
	"slices"
	"strings"

	"spikec/internal/diag"
)

// resetRegister chooses between the reset modes of a program whose reset has the mode cfg: 0 subtract, 1 zero, 2 value.
const resetRegister = "reset"

// checkRegisters reports registers that the chip does not have, and roles that core i leaves empty.
func (k *checker) checkRegisters(i int) {
	c, roles := &k.img.Cores[i], &k.p.Registers
	known := append([]string{roles.Threshold}, sortedKeys(roles.Constants)...)
	if roles.Lower != "" {
		known = append(known, roles.Lower)
	}
	for _, name := range known {
		if _, ok := c.Registers[name]; !ok {
			k.report(idRegister, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d: register %s is missing", i, name),
				Remedy: "build the image again"})
		}
	}
	if roles.Bias != "" {
		known = append(known, roles.Bias)
	}
	if len(k.p.Reset.Modes) > 1 {
		known = append(known, resetRegister)
	}
	for _, name := range sortedKeys(c.Registers) {
		if !slices.Contains(known, name) {
			k.report(idRegister, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d: register %s is not on %s, which has %s", i, name, k.p.ID, strings.Join(known, ", ")),
				Remedy: "build the image for this target"})
		}
	}
	k.checkReset(i)
}

// checkReset reports a choice of reset that the chip does not have, or that neurons of a core cannot make apart.
func (k *checker) checkReset(i int) {
	c := &k.img.Cores[i]
	modes := []string{"subtract", "zero", "value"}
	for n, v := range c.Registers[resetRegister] {
		remedy := "one of " + strings.Join(k.p.Reset.Modes, ", ")
		switch {
		case v < 0 || int(v) >= len(modes):
			k.over(idReset, i, -1, "register reset, 0 subtract, 1 zero or 2 value", int64(v), 2, remedy)
		case !slices.Contains(k.p.Reset.Modes, modes[v]):
			k.report(idReset, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d: reset %s is not on %s", i, modes[v], k.p.ID), Remedy: remedy})
		case v != c.Registers[resetRegister][0] && k.p.Reset.Scope != "neuron" && k.p.Reset.Scope != "pair":
			k.report(idReset, c.Population, i, 0, diag.Diagnostic{Message: fmt.Sprintf("core %d: resets %s and %s on one core (value %d of the register)",
				i, modes[c.Registers[resetRegister][0]], modes[v], n), Remedy: "one reset for the whole layer"})
		}
	}
}

// checkThresholds compares the thresholds of core i with their format and with who shares one.
func (k *checker) checkThresholds(i int) {
	c, t := &k.img.Cores[i], &k.p.Threshold
	values := c.Registers[k.p.Registers.Threshold]
	for _, v := range values {
		limit := min(max(v, t.Min), t.Max)
		if v != limit {
			k.over(idThresholdRange, i, -1, fmt.Sprintf("threshold, want %d..%d", t.Min, t.Max), int64(v), int64(limit), "more or fewer weight bits, or another scale of the layer")
		}
	}
	distinct := slices.Clone(values)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	if limit := k.p.Capacity.ThresholdConfigs; limit != nil {
		k.atMost(idThresholdConfigs, i, "different thresholds on one core", int64(len(distinct)), limit, "one scale for the layer instead of one a channel")
	}
	switch {
	case len(values) == 0:
	case (t.Scope == "core" || t.Scope == "layer") && len(distinct) > 1:
		k.over(idThresholdScope, i, -1, "different thresholds; the chip has one a "+t.Scope, int64(len(distinct)), 1, "one scale for the layer instead of one a channel")
	case t.Scope == "layer" && values[0] != k.layerThreshold(c.Population):
		k.over(idThresholdScope, i, -1, "threshold; other cores of the layer have another one", int64(values[0]), int64(k.layerThreshold(c.Population)), "one scale for the layer")
	case t.Scope == "pair":
		for n := 1; n < c.Neurons; n += 2 {
			if a, b := c.Channel(values, n-1), c.Channel(values, n); a != b {
				k.over(idThresholdScope, i, n, "threshold; its neighbour, which shares it, has another one", int64(b), int64(a), "equal thresholds for neurons 2p and 2p+1")
			}
		}
	}
}

// layerThreshold returns the first threshold of the first core of a population.
func (k *checker) layerThreshold(population string) int32 {
	for i := range k.img.Cores {
		if v := k.img.Cores[i].Registers[k.p.Registers.Threshold]; k.img.Cores[i].Population == population && len(v) > 0 {
			return v[0]
		}
	}
	return 0
}

// checkBias compares the biases of core i, together with what the host can add to them, with their format. A bias of b
// bits is −(2^(b−1)−1)..2^(b−1)−1: every bias has its negative.
func (k *checker) checkBias(i int) {
	if k.p.Bias.Bits == nil || k.p.Registers.Bias == "" {
		return
	}
	c, f := &k.img.Cores[i], k.fan(i)
	limit := int64(1)<<(*k.p.Bias.Bits-1) - 1
	for n := range c.Neurons {
		bias := int64(c.Channel(c.Registers[k.p.Registers.Bias], n))
		if hi := bias + max(0, f.driveHi[n]); hi > limit {
			k.over(idBiasRange, i, n, "bias with the largest drive of the host", hi, limit, "fewer weight bits, or another scale of the layer")
		}
		if lo := bias + min(0, f.driveLo[n]); lo < -limit {
			k.over(idBiasRange, i, n, "bias with the smallest drive of the host", lo, -limit, "fewer weight bits, or another scale of the layer")
		}
	}
}

// checkInitialV reports preset membranes of core i that the chip does not have or cannot hold.
func (k *checker) checkInitialV(i int) {
	c := &k.img.Cores[i]
	for _, v := range c.InitialV {
		if v == 0 {
			continue
		}
		if !k.p.Initial.V {
			k.over(idInitialV, i, -1, "membrane at the start; "+k.p.ID+" starts at 0", int64(v), 0, "--initial-potential zero")
			continue
		}
		if s := k.p.State.V; s != nil {
			if limit := min(max(int64(v), s.Min), s.Max); limit != int64(v) {
				k.over(idInitialRange, i, -1, fmt.Sprintf("membrane at the start, want %d..%d", s.Min, s.Max), int64(v), limit, "--initial-potential zero, or another scale of the layer")
			}
		}
	}
}

// checkDrive reports a drive that the chip does not take.
func (k *checker) checkDrive(d *Drive) {
	b := &k.p.Bias
	if k.p.Execution.Input.Kind != "current" && (b.Kind != "add" && b.Kind != "current" || b.When != "tick") {
		k.report(idDrive, "input", 0, 0, diag.Diagnostic{Message: "neurons of " + k.p.ID + " take no current that is constant over a picture", Remedy: "another encoding"})
		return
	}
	if d.Register != k.p.Registers.Bias {
		k.report(idDrive, "input", 0, 0, diag.Diagnostic{Message: fmt.Sprintf("a drive goes to register %s, want %s", d.Register, k.p.Registers.Bias), Remedy: "build the image for this target"})
	}
}

// checkSources reports spikes from the host where the chip takes none.
func (k *checker) checkSources() {
	if _, plays := k.img.Input.Coding(); plays && !k.p.Capabilities().SpikeInput {
		k.report(idDrive, "input", 0, 0, diag.Diagnostic{Message: k.p.ID + " takes no spikes from its host, and encoding " + k.img.Input.Encoding + " plays some",
			Remedy: "another encoding"})
	}
}
