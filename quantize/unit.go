package quantize

import (
	"math"

	"spikec/models/snn"
)

// chooseUnits finds, a channel or for the whole layer, how many weight units the value 1 (the threshold) is worth.
// The limits are those of weights, thresholds, biases, membranes and sums; below them, the unit is the one with the
// smallest weighted rounding error: large weights may be clipped for a finer grid.
func (l *layer) chooseUnits() {
	out := len(l.rows)
	l.unit = make([]float64, out)
	limit, grid := make([]float64, out), make([]float64, out)
	for o := range out {
		limit[o], grid[o] = l.limit(o), l.gridLimit(o)
	}
	if l.common() {
		lo, fine := math.Inf(1), math.Inf(1)
		for o := range out {
			lo, fine = min(lo, limit[o]), min(fine, grid[o])
		}
		u := l.search(lo, fine, 0, out)
		for o := range out {
			l.unit[o] = u
		}
		return
	}
	for o := range out {
		l.unit[o] = l.search(limit[o], grid[o], o, o+1)
	}
}

// common reports whether all channels share one unit: where the chip has one threshold a layer, and at the output,
// whose membranes are compared with each other.
func (l *layer) common() bool {
	return !l.format.ThresholdPerChannel || l.output
}

// limit is the largest unit that the thresholds, biases, membranes and sums of channel o allow.
func (l *layer) limit(o int) float64 {
	f := l.format
	u := float64(f.ThresholdMax)
	if l.pop.Neuron == snn.Integrator {
		u = math.Inf(1)
		if l.pop.Range > 0 {
			u = min(float64(f.VMax>>f.Shift), float64(f.ThresholdMax)-1) / l.pop.Range
		}
	} else if f.Order != ByEvent || f.VMin < 0 {
		u = min(u, float64(f.VMax>>f.Shift)/membraneRoom/l.stepsHeld())
	}
	pos, neg := 0.0, 0.0
	for j, w := range l.drive[o] {
		pos, neg = pos+l.codes[j]*max(w, 0), neg-l.codes[j]*min(w, 0)
		if w != 0 {
			u = min(u, (1<<(hostBits-1)-1)/math.Abs(w))
		}
	}
	if l.pop.Bias != nil {
		pos, neg = pos+math.Abs(l.pop.Bias[o]), neg+math.Abs(l.pop.Bias[o])
	}
	if most := max(pos, neg); most > 0 {
		u = min(u, (float64(f.BiasMax)-biasSlack)/most, (math.MaxInt32/2)/most)
	}
	sum := 0.0
	for j, w := range l.rows[o] {
		sum += math.Abs(w) * l.repeat[j]
	}
	if sum > 0 {
		u = min(u, float64(f.SumMax)/sum)
	}
	if f.Exact {
		u = min(u, float64(f.VMax>>f.Shift)/(l.net.Initial+float64(l.net.Steps)*(sum+max(pos, neg))))
	}
	return u
}

// stepsHeld is how many steps a membrane adds up before it fires.
func (l *layer) stepsHeld() float64 {
	if l.format.Firing == snn.Staged {
		return float64(l.net.Steps)
	}
	return 1
}

// membraneRoom is how many thresholds a membrane holds at least, for every step that it adds up before it fires: room for
// what a step adds above one, and for inhibition, which is worth more than a finer threshold. Where a membrane is tested after
// every event it goes beyond one by less than a weight, and where its floor is 0 there is no room for inhibition: with both, a
// threshold may be all that it holds.
const membraneRoom = 8

// gridLimit is the unit at which the largest weight of channel o just fits.
func (l *layer) gridLimit(o int) float64 {
	largest := 0.0
	for _, w := range l.rows[o] {
		largest = max(largest, math.Abs(w))
	}
	if largest == 0 {
		return math.Inf(1)
	}
	return float64(l.format.WeightMax) / largest
}

// clipSteps is how many ratios of clipping are tried, each 1/80 below the one before.
const clipSteps = 60

// search returns the unit for channels from..to-1: the best of fit/(1 − k/80) up to limit.
func (l *layer) search(limit, fit float64, from, to int) float64 {
	if math.IsInf(fit, 1) {
		return l.settle(limit)
	}
	best, least := 0.0, math.Inf(1)
	for k := range clipSteps {
		u := l.settle(min(limit, fit/(1-float64(k)/80)))
		if u == best {
			continue
		}
		e := 0.0
		for o := from; o < to && e < least; o++ {
			e += l.error(o, u)
		}
		if e < least {
			best, least = u, e
		}
	}
	return best
}

// settle rounds the unit of a firing population down to a whole number: it is the threshold. Where the only weight of every
// neuron is one threshold, as that of a relay, the unit is one that the weight can be too.
func (l *layer) settle(u float64) float64 {
	if math.IsInf(u, 1) {
		u = float64(l.format.ThresholdMax) / 2
	}
	if l.pop.Neuron == snn.Integrator {
		return u
	}
	if l.passes {
		step := float64(l.format.WeightStep)
		return max(math.Floor(u/step), math.Ceil(float64(l.format.ThresholdMin)/step), 1) * step
	}
	return max(math.Floor(u), float64(l.format.ThresholdMin), 1)
}

// isOne reports whether every row is the one weight 1, and nothing else comes to the neurons.
func (l *layer) isOne() bool {
	for o, row := range l.rows {
		if len(row) != 1 || row[0] != 1 || l.repeat[0] != 1 || len(l.drive[o]) > 0 {
			return false
		}
	}
	return l.pop.Bias == nil
}

// error is the rounding error of channel o at unit u, weighted by the second moment of each input where it is known,
// relative to the square of the threshold.
func (l *layer) error(o int, u float64) float64 {
	e := 0.0
	block, h := 0, l.moments
	if h != nil {
		block = o / (len(l.rows) / len(h))
	}
	for j, w := range l.rows[o] {
		d := w - float64(l.grid(w, u))/u
		if h != nil && j < l.fitted {
			e += d * d * h[block].At(j, j)
		} else {
			e += d * d
		}
	}
	return e
}
