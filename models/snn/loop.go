package snn

import (
	"fmt"
	"math/bits"
	"slices"

	"spikec/emulator/kernel"
)

// Loop runs a feed-forward network on one picture after the other: all T steps of a population, then those of the
// next. It is the one time loop of the simulators without a chip: package snn gives it real-valued neurons, package
// quantize integer ones. Currents and membranes have type N. It is not safe for concurrent use; Synapses may be shared
// between loops.
type Loop[N Number] struct {
	steps       int
	firing      Firing
	populations []population[N]
	add         func(acc, w []N, k N)
	input       []int32  // indices of the input's codes that are not zero
	lists       []*lists // of a population's first, second … projection
	sums        []N
	events      []int32
	counts      []uint64
	checkpoints []int
	result      Result[N]
}

// population is one population at work.
type population[N Number] struct {
	size, words int
	channels    int
	neurons     Neurons[N] // nil: the input, or a source
	source      *source[N] // of Source neurons
	drives      []link[N]  // from the input
	links       []link[N]  // from others
	drive       []N        // of the picture; nil without drives
	base        []N        // what the sums of every step start with, and room behind it for a row of weights
	stretch     int        // words that are summed at once
	stride      int        // words of a step: of the spikes of +1, and behind them of those of −1
	spikes      []uint64   // those of step t begin at word t*stride
	synapses    []int32    // that a spike of each neuron meets; nil where nothing reads them
	watched     bool
}

// link is a projection at work.
type link[N Number] struct {
	source   int
	plane    int // of its spikes
	synapses *Synapses[N]
	hits     *Gathered[N] // of a scatter
	list     kernel.List  // of a gather
	summer   summer[N]
}

const (
	stepsAtOnce = 8
	// wordsAtOnce is how many words of neurons are summed at once: their sums stay in a processor's cache.
	wordsAtOnce = 32
	// rowSlack is how many numbers a row of weights may have beyond the channels.
	rowSlack = kernel.RowBlock
)

// Watch limits what the observers of Run are told to the given populations: the others are faster where nobody looks.
func (l *Loop[N]) Watch(populations ...int) {
	for i := range l.populations {
		l.populations[i].watched = slices.Contains(populations, i)
	}
}

// Run presents one picture, codes in H,W,C order, picture being its index in its set of pictures, which spikes that are
// drawn depend on. It returns a result that the next Run overwrites. observe may be nil.
func (l *Loop[N]) Run(codes []N, picture int, observe Observer[N]) (*Result[N], error) {
	return l.Resume(1, codes, picture, observe)
}

// Resume is Run for the populations from first on; those before have the spikes that Spikes gives access to. Their
// Result.Spikes are those of an earlier run, and Result.SynapticOperations leaves them out.
func (l *Loop[N]) Resume(first int, codes []N, picture int, observe Observer[N]) (*Result[N], error) {
	if n := l.populations[0].size; len(codes) != n {
		return nil, fmt.Errorf("snn: picture has %d codes, the network takes %d", len(codes), n)
	}
	l.input = l.input[:0]
	for i, c := range codes {
		if c != 0 {
			l.input = append(l.input, int32(i))
		}
	}
	l.result.SynapticOperations = 0
	for i := first; i < len(l.populations); i++ {
		p := &l.populations[i]
		if p.drive != nil {
			clear(p.drive)
			for _, k := range p.drives {
				k.synapses.scatter.Add(p.drive, l.input, codes, k.hits, l.add)
			}
		}
		see := observe
		if !p.watched {
			see = nil
		}
		if p.source != nil {
			l.play(i, codes, picture, see)
		} else {
			p.neurons.Begin(p.drive, p.base[:p.size])
			l.run(i, see)
		}
		l.result.Spikes[i] = int64(kernel.Ones(p.spikes[:l.steps*p.stride]))
		l.result.SynapticOperations += l.operations(p)
	}
	return &l.result, nil
}

// run runs all steps of population i, in blocks that end where the answer is read or a step is to be seen.
func (l *Loop[N]) run(i int, observe Observer[N]) {
	p, last := &l.populations[i], i == len(l.populations)-1
	if l.firing == Staged {
		l.integrate(i, observe)
	}
	next := 0 // checkpoint
	for t := 0; t < l.steps; {
		n := l.steps - t
		if p.links != nil && l.firing != Staged {
			n = min(n, stepsAtOnce)
		}
		if last {
			n = min(n, l.checkpoints[next]-t)
		}
		if observe != nil {
			n = 1
		}
		if l.firing == Staged {
			p.neurons.Step(&Block[N]{Words: p.words, Steps: n, Spikes: p.spikes[t*p.stride:], SpikeStride: p.stride})
			p.cutTail(t, n)
		} else {
			l.block(p, t, n, true)
		}
		t += n
		if observe != nil {
			l.events = p.appendSpikes(l.events[:0], t-1)
			observe(i, (l.firing.stages()-1)*l.steps+t-1, l.events, p.neurons.Membranes())
		}
		if last && t == l.checkpoints[next] {
			l.read(next)
			next++
		}
	}
}

// integrate runs the first stage of population i.
func (l *Loop[N]) integrate(i int, observe Observer[N]) {
	p := &l.populations[i]
	for t := 0; t < l.steps; {
		n := l.steps - t
		if p.links != nil {
			n = min(n, stepsAtOnce)
		}
		if observe != nil {
			n = 1
		}
		l.block(p, t, n, false)
		if t += n; observe != nil {
			observe(i, t-1, nil, p.neurons.Membranes())
		}
	}
}

// block runs steps t..t+n-1 of a population, stretch by stretch, in which neurons may fire or not.
func (l *Loop[N]) block(p *population[N], t, n int, fires bool) {
	for k := range p.links {
		l.list(&p.links[k], l.lists[k], t, n)
	}
	b := Block[N]{Steps: n, SpikeStride: p.stride}
	for from := 0; from < p.words; from += p.stretch {
		b.First, b.Words = from*WordBits, min(p.stretch, p.words-from)
		if fires {
			b.Spikes = p.spikes[t*p.stride+from:]
		}
		if p.stride > p.words {
			b.Negative = p.spikes[t*p.stride+p.words+from:]
		}
		b.Sums, b.SumStride = p.base[b.First:], 0
		for k := range p.links {
			l.arrive(p, &p.links[k], t, &b)
		}
		p.neurons.Step(&b)
	}
	if fires {
		p.cutTail(t, n)
	}
}

// cutTail takes away the spikes of steps t..t+n-1 that are beyond the last neuron.
func (p *population[N]) cutTail(t, n int) {
	if rest := p.size % WordBits; rest != 0 {
		for w := t*p.stride + p.words - 1; w < (t+n)*p.stride; w += p.words {
			p.spikes[w] &= 1<<rest - 1
		}
	}
}

// plane returns the spikes of one sign, from step t on.
func (p *population[N]) plane(t, plane int) []uint64 { return p.spikes[t*p.stride+plane*p.words:] }

// appendSpikes appends the neurons that fired in step t: n for a spike of +1 of neuron n, −1−n for one of −1.
func (p *population[N]) appendSpikes(events []int32, t int) []int32 {
	events = appendEvents(events, p.plane(t, 0)[:p.words])
	if positive := len(events); p.stride > p.words {
		events = appendEvents(events, p.plane(t, 1)[:p.words])
		for i, n := range events[positive:] {
			events[positive+i] = -1 - n
		}
	}
	return events
}

// list lists the spikes of steps t..t+n-1 for a link that gathers them.
func (l *Loop[N]) list(x *link[N], room *lists, t, n int) {
	if x.synapses.gather == nil {
		return
	}
	source := &l.populations[x.source]
	x.list.Spikes, x.list.SpikeStride, x.list.Steps = source.plane(t, x.plane), source.stride, n
	x.list.Entries, x.list.Ranks = room.entries, room.ranks
	x.list.Run()
	x.summer.take(room)
}

// arrive adds to the sums of a stretch what the spikes of a link bring to it.
func (l *Loop[N]) arrive(p *population[N], x *link[N], t int, b *Block[N]) {
	if x.synapses.gather == nil {
		l.scatter(p, x, t, b)
	} else {
		from, to := b.First/p.channels, min(b.First+b.Words*WordBits, p.size)/p.channels
		x.summer.sum(from, to, b, l.sums, p.sumStride())
	}
	b.Sums, b.SumStride = l.sums, p.sumStride()
}

// scatter is arrive for a link that scatters; the stretch is the whole population.
func (l *Loop[N]) scatter(p *population[N], x *link[N], t int, b *Block[N]) {
	source := &l.populations[x.source]
	for s := range b.Steps {
		sums := l.sums[s*p.sumStride():][:p.size]
		copy(sums, b.Sums[s*b.SumStride:])
		l.events = appendEvents(l.events[:0], source.plane(t+s, x.plane)[:source.words])
		x.synapses.scatter.Add(sums, l.events, nil, x.hits, l.add)
	}
}

// appendEvents appends the numbers of the bits that are 1.
func appendEvents(events []int32, words []uint64) []int32 {
	for i, w := range words {
		for ; w != 0; w &= w - 1 {
			events = append(events, int32(i*WordBits+bits.TrailingZeros64(w)))
		}
	}
	return events
}

// operations returns how many weights were added because neurons of p spiked.
func (l *Loop[N]) operations(p *population[N]) int64 {
	if p.synapses == nil {
		return 0
	}
	total := int64(0)
	counts := l.counts[:p.words*kernel.Block16]
	for plane := range l.firing.Planes() {
		for t := 0; t < l.steps; t += kernel.MaxSteps {
			clear(counts)
			kernel.Count(counts, p.plane(t, plane), p.stride, min(kernel.MaxSteps, l.steps-t))
			for i, w := range counts {
				if w != 0 {
					s := (*[4]int32)(p.synapses[4*i:])
					total += int64(w&0xffff)*int64(s[0]) + int64(w>>16&0xffff)*int64(s[1]) + int64(w>>32&0xffff)*int64(s[2]) + int64(w>>48)*int64(s[3])
				}
			}
		}
	}
	return total
}

// Spikes returns the spikes of a population in the last Run, bits in whole words, in an order of its own; what is written
// there, Resume reads.
func (l *Loop[N]) Spikes(population int) []uint64 {
	p := &l.populations[population]
	return p.spikes[:l.steps*p.stride]
}

// Counts fills dst, which has an entry a neuron (H,W,C order), with the net spikes of a population in the last Run: those of
// +1 less those of −1.
func (l *Loop[N]) Counts(population int, dst []int32) {
	p := &l.populations[population]
	clear(dst)
	l.count(p, dst, 0, l.steps)
}

// count adds to counts the net spikes of steps from..to-1.
func (l *Loop[N]) count(p *population[N], counts []int32, from, to int) {
	for plane := range l.firing.Planes() {
		sign := int32(1 - 2*plane)
		for t := from; t < to; t++ {
			for i, w := range p.plane(t, plane)[:p.words] {
				for ; w != 0; w &= w - 1 {
					counts[i*WordBits+bits.TrailingZeros64(w)] += sign
				}
			}
		}
	}
}

// read fills checkpoint i from the output population's spikes so far.
func (l *Loop[N]) read(i int) {
	p := &l.populations[len(l.populations)-1]
	counts, t := l.result.Counts[i], 0
	clear(counts)
	if i > 0 {
		copy(counts, l.result.Counts[i-1])
		t = l.checkpoints[i-1]
	}
	l.count(p, counts, t, l.checkpoints[i])
	copy(l.result.Potentials[i], p.neurons.Membranes())
}
