package network

import (
	"math"

	"spikec/models/equation"
)

// recover finds who is refractory in this step. A neuron that is not stays so until it spikes, unless the refractory time changes: where
// all have the same as in the step before, only those that are refractory are looked at.
func (p *Population) recover() {
	switch {
	case p.refractory == nil:
		return
	case p.condition && !p.refractory.Draws():
		if len(p.resting) > 0 {
			values := p.refractory.At(equation.Some(p.resting))
			p.wake(func(m int, _ int32) bool { return values[min(m, len(values)-1)] == 0 })
		}
		return
	case p.condition:
		values := p.refractory.At(equation.All(p.N))
		p.wake(func(_ int, k int32) bool { return values[min(int(k), len(values)-1)] == 0 })
		return
	}
	times := p.refractory.At(equation.All(p.N))
	if len(times) == 1 && times[0] == p.rested {
		now, limit := p.net.time.Data[0], steps(times[0], p.dt)
		p.wake(func(_ int, k int32) bool { return p.over(now-p.last.Data[k], times[0], limit) })
		return
	}
	p.rested = math.NaN()
	if len(times) == 1 {
		p.rested = times[0]
	}
	p.resting = p.resting[:0]
	for k := range p.ready {
		r := times[min(k, len(times)-1)]
		if p.ready[k] = p.over(p.net.time.Data[0]-p.last.Data[k], r, steps(r, p.dt)); !p.ready[k] {
			p.resting = append(p.resting, int32(k))
		}
	}
}

// over reports whether a refractory time, which has limit steps, is over when a time has passed since the spike. The first comparison
// alone says it all where it is true, as steps never falls.
func (p *Population) over(since, refractory, limit float64) bool {
	return since >= refractory || steps(since, p.dt) >= limit
}

// wake ends the refractory time of those for whom over, which gets the place in resting and the neuron, is true.
func (p *Population) wake(over func(m int, k int32) bool) {
	still := p.resting[:0]
	for m, k := range p.resting {
		if over(m, k) {
			p.ready[k] = true
		} else {
			still = append(still, k)
		}
	}
	p.resting = still
}

// rest makes those refractory who spike.
func (p *Population) rest() {
	if p.refractory == nil {
		return
	}
	for _, k := range p.which {
		p.ready[k] = false
	}
	p.resting = append(p.resting, p.which...)
}
