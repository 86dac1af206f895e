package network

import (
	"math/bits"
	"slices"

	"spikec/internal/elementwise"
	"spikec/models/equation"
)

// crossed fills which with the neurons whose condition is true or, where that is asked for, has become true.
func (p *Population) crossed() {
	p.which = p.which[:0]
	values := p.threshold.At(equation.All(p.N))
	if len(values) == p.N && !p.rising {
		p.which = nonzero(p.which, values, p.words)
		return
	}
	for k := range p.N {
		above := values[min(k, len(values)-1)] != 0
		if above && (!p.rising || !p.above[k]) {
			p.which = append(p.which, int32(k))
		}
		if p.rising {
			p.above[k] = above
		}
	}
}

// nonzero appends the numbers of the values that are not 0. It uses memory for a bit a value.
func nonzero(to []int32, values []float64, words []uint64) []int32 {
	elementwise.NonZero(words, values)
	for w, word := range words[:(len(values)+63)/64] {
		for ; word != 0; word &= word - 1 {
			to = append(to, int32(64*w+bits.TrailingZeros64(word)))
		}
	}
	return to
}

// cross finds who spikes.
func (p *Population) cross() {
	p.Spikes, p.which = p.Spikes[:0], p.which[:0]
	if p.threshold == nil || !p.due() {
		return
	}
	p.crossed()
	p.which = slices.DeleteFunc(p.which, func(k int32) bool { return !p.ready[k] })
	for _, k := range p.which {
		p.Spikes = append(p.Spikes, int(k))
		p.last.Data[k] = p.net.time.Data[0]
	}
	p.rest()
}
