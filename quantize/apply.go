package quantize

import (
	"math"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/target/chip"
)

// Apply replaces the weights and biases of a hidden population, in net, by what the integers are worth that Run rounds them
// to: what comes behind it can then be fitted to what the chip's neurons will deliver. net need not be complete behind the
// population. A population that does not fit the formats stays as it is, and is left to Run to report.
func Apply(net *snn.Network, population int, p *chip.Profile, o Options) error {
	f, err := FormatOf(p, o.Bits)
	if err != nil {
		return err
	}
	l := newLayer(net, population, f, false, o.Jobs)
	l.quantise()
	q := &Network{Projections: make([]Projection, len(net.Projections))}
	var found diag.List
	if !l.store(q, &found) {
		return nil
	}
	for _, i := range l.projections {
		to, from := &net.Projections[i], q.Projections[i].Weight
		unit := 1.0
		if to.Source == 0 {
			unit = math.Ldexp(1, int(l.shift))
		}
		to.Weight = make([]float32, len(from))
		fan := len(from) / len(l.rows)
		for k, w := range from {
			to.Weight[k] = float32(float64(w) / (unit * l.unit[k/fan]))
		}
	}
	pop := &net.Populations[population]
	if pop.Bias != nil {
		bias := q.Populations[0].Bias
		pop.Bias = make([]float64, len(bias))
		for o, b := range bias {
			pop.Bias[o] = float64(b) / l.unit[o]
		}
	}
	return nil
}
