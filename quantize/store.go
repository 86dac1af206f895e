package quantize

import (
	"fmt"
	"math"
	"math/bits"

	"spikec/internal/diag"
	"spikec/models/snn"
)

// store writes the population, its projections and its report into q, and reports whether the layer fits: if not, q stays
// as it is.
func (l *layer) store(q *Network, found *diag.List) bool {
	if !l.diagnose(found) {
		return false
	}
	out := len(l.rows)
	p := Population{Name: l.pop.Name, Shape: l.pop.Shape, Neuron: l.pop.Neuron, DriveShift: l.shift,
		Threshold: make([]int32, out), Bias: make([]int32, out), Initial: make([]int32, out), Unit: make([]float64, out)}
	for o := range out {
		p.Unit[o] = l.unit[o]
		if l.pop.Scale != nil {
			p.Unit[o] /= l.pop.Scale[o]
		}
		p.Threshold[o] = l.format.ThresholdMax
		if l.pop.Neuron == snn.IF {
			p.Threshold[o] = int32(l.unit[o])
			p.Initial[o] = int32(math.Floor(l.unit[o] * l.net.Initial))
		}
		p.Bias[o] = l.bias(o)
		if l.format.LowerReset {
			p.Lower = append(p.Lower, l.lowerBound(o))
		}
	}
	q.Populations = append(q.Populations, p)
	at, atHost := make([]int, out), make([]int, out)
	for _, identity := range []bool{false, true} {
		for _, i := range l.projections {
			if s := &l.net.Projections[i]; s.Identity == identity {
				l.unstack(s, &q.Projections[i], at, atHost)
			}
		}
	}
	r := l.report(p)
	r.coarse(found)
	q.Report = append(q.Report, r)
	return true
}

// unstack takes the weights of one projection off the rows.
func (l *layer) unstack(s *snn.Projection, to *Projection, at, atHost []int) {
	from, pos := l.rounded, at
	if s.Source == 0 {
		from, pos = l.host, atHost
	}
	fan := len(s.Weight) / len(from)
	for o := range from {
		to.Weight = append(to.Weight, from[o][pos[o]:pos[o]+fan]...)
		pos[o] += fan
	}
}

// diagnose finds what does not fit or makes the result doubtful, and reports whether the layer fits.
func (l *layer) diagnose(found *diag.List) bool {
	f, name := l.format, l.pop.Name
	for o := range l.rows {
		if len(l.drive[o]) > 0 && l.host[o] == nil {
			found.Errorf("SPK-QUANT-001", name, "channel %d: the host's weights overflow %d bits even without a fraction", o, hostBits)
			return false
		}
		if sum := l.sum(o); sum > f.SumMax {
			found.Add(diag.Diagnostic{ID: "SPK-QUANT-002", Severity: diag.Error, Subject: fmt.Sprintf("%s channel %d", name, o),
				Message: "the weights of one neuron add up to more than the chip's sum holds", Value: sum, Limit: f.SumMax, Remedy: "fewer inputs a neuron, or fewer weight bits"})
			return false
		}
		if lo, hi := l.input(o); max(hi, -lo) > int64(f.BiasMax) {
			found.Add(diag.Diagnostic{ID: "SPK-QUANT-004", Severity: diag.Error, Subject: fmt.Sprintf("%s channel %d", name, o),
				Message: "bias and drive add up to more than the chip's bias holds", Value: max(hi, -lo), Limit: f.BiasMax, Remedy: "regular encoding, the strict rules, or a larger target"})
			return false
		}
		if v, most := l.farthest(o), f.VMax>>f.Shift; v > most {
			found.Add(diag.Diagnostic{ID: "SPK-QUANT-009", Severity: diag.Error, Subject: fmt.Sprintf("%s channel %d", name, o),
				Message: "all that may arrive adds up to more than the chip's membrane holds exactly", Value: v, Limit: most, Remedy: "fewer steps, fewer inputs a neuron, or fewer weight bits"})
			return false
		}
	}
	if l.pop.Neuron == snn.IF {
		small := 0
		for _, u := range l.unit {
			if u < 8 {
				small++
			}
		}
		if small > 0 {
			found.Warnf("SPK-QUANT-003", name, "%d of %d channels have a threshold below 8 weight units: rates are coarse", small, len(l.unit))
		}
	}
	return true
}

// report sums up the population.
func (l *layer) report(p Population) LayerReport {
	r := LayerReport{Population: p.Name, Bits: l.format.Bits, ThresholdLo: math.MaxInt32}
	signal, noise := 0.0, 0.0
	weights, clipped, zeroed := 0, 0, 0
	edge := l.format.WeightMax / l.format.WeightStep * l.format.WeightStep
	for o, row := range l.rounded {
		neg, pos := l.input(o)
		for j, w := range row {
			real := l.rows[o][j]
			d := real - float64(w)/l.unit[o]
			signal, noise = signal+real*real, noise+d*d
			weights++
			if w == edge || w == -edge {
				clipped++
			}
			if w == 0 && real != 0 {
				zeroed++
			}
			most := int64(l.repeat[j]) * int64(w)
			pos, neg = pos+max(most, 0), neg+min(most, 0)
			if l.format.Firing == snn.Signed {
				pos, neg = pos-min(most, 0), neg-max(most, 0)
			}
		}
		for j, w := range l.host[o] {
			real := l.drive[o][j]
			d := real - math.Ldexp(float64(w), -int(l.shift))/l.unit[o]
			signal, noise = signal+real*real, noise+d*d
		}
		r.Positive, r.Negative = max(r.Positive, pos), min(r.Negative, neg)
		r.ThresholdLo, r.ThresholdHi = min(r.ThresholdLo, p.Threshold[o]), max(r.ThresholdHi, p.Threshold[o])
	}
	if weights > 0 {
		r.Clipped, r.Zeroed = float64(clipped)/float64(weights), float64(zeroed)/float64(weights)
	} else {
		r.Bits = hostBits
	}
	if noise > 0 {
		r.SQNR = 10 * math.Log10(signal/noise)
	}
	r.AccumulatorBits = bits.Len64(uint64(max(r.Positive, -r.Negative))) + 1
	return r
}
