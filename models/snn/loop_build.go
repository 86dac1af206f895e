package snn

import (
	"spikec/emulator/kernel"
	"spikec/internal/divisor"
)

// NewLoop returns a loop that records the output after the numbers of steps in checkpoints, ascending; the last one ends it.
// Where neurons are staged, they are steps of the second stage. synapses has one entry a projection of net; neurons one a
// population (nil for the input and for sources); add does acc[i] += k·w[i]. Codings must be valid.
func NewLoop[N Number](net Topology, checkpoints []int, synapses []*Synapses[N], neurons []Neurons[N], add func(acc, w []N, k N)) *Loop[N] {
	steps := checkpoints[len(checkpoints)-1]
	l := &Loop[N]{steps: steps, populations: make([]population[N], len(net.Shapes)), add: add, firing: net.Firing, checkpoints: checkpoints}
	for i, s := range net.Shapes {
		p := &l.populations[i]
		p.size, p.channels, p.neurons, p.watched = s[0]*s[1]*s[2], s[0], neurons[i], true
		p.words = Words(p.size)
		p.stride = p.words * net.Firing.Planes()
		if i > 0 {
			p.spikes = make([]uint64, steps*p.stride+kernel.SpikeSlack)
		}
		if net.Codings != nil && net.Codings[i] != nil {
			p.source = newSource[N](*net.Codings[i], p.size)
		}
	}
	for i, e := range net.Ends {
		l.connect(e[0], e[1], synapses[i])
	}
	for i := range l.populations {
		l.allocate(&l.populations[i])
	}
	l.result.Steps = l.checkpoints
	l.result.Spikes = make([]int64, len(l.populations))
	out := l.populations[len(l.populations)-1].size
	for range l.checkpoints {
		l.result.Counts = append(l.result.Counts, make([]int32, out))
		l.result.Potentials = append(l.result.Potentials, make([]N, out))
	}
	return l
}

// connect adds a projection.
func (l *Loop[N]) connect(source, target int, s *Synapses[N]) {
	from, to := &l.populations[source], &l.populations[target]
	if source == 0 {
		to.drives = append(to.drives, newLink(source, 0, s))
		to.drive = make([]N, to.size)
		return
	}
	to.links = append(to.links, newLink(source, 0, s))
	if s.negative != nil && from.source == nil {
		to.links = append(to.links, newLink(source, 1, s.negative))
	}
	if from.synapses == nil {
		from.synapses = make([]int32, from.words*WordBits)
	}
	for n, count := range s.counts {
		from.synapses[n] += count
	}
}

// newLink prepares synapses for the spikes of one sign of a source.
func newLink[N Number](source, plane int, s *Synapses[N]) link[N] {
	k := link[N]{source: source, plane: plane, synapses: s}
	if s.scatter != nil {
		k.hits = s.scatter.NewGathered()
	} else {
		k.list, k.summer = s.gather.list, s.gather.table.newSummer(s.gather)
	}
	return k
}

// allocate makes room for what population p is computed with.
func (l *Loop[N]) allocate(p *population[N]) {
	unit := p.channels / divisor.Greatest(p.channels, WordBits) // words that hold whole positions
	p.stretch = min((wordsAtOnce+unit-1)/unit*unit, p.words)
	for k, x := range p.links {
		if k == len(l.lists) {
			l.lists = append(l.lists, &lists{})
		}
		if x.synapses.gather == nil {
			p.stretch = p.words
			continue
		}
		grow(l.lists[k], x.synapses.gather, stepsAtOnce)
	}
	p.base = make([]N, p.words*WordBits+p.channels+rowSlack)
	if n := stepsAtOnce * p.sumStride(); n > len(l.sums) {
		l.sums = make([]N, n)
	}
	if n := p.words * kernel.Block16; n > len(l.counts) && p.synapses != nil {
		l.counts = make([]uint64, n)
	}
}

// sumStride is how far the sums of a step are from those of the next: a stretch, and room for a row of weights behind it.
func (p *population[N]) sumStride() int { return p.stretch*WordBits + p.channels + rowSlack }
