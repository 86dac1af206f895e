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
	neurons     Neurons[N] // nil: the input
	drives      []link[N]  // from the input
	links       []link[N]  // from others
	drive       []N        // of the picture; nil without drives
	base        []N        // what the sums of every step start with, and room behind it for a row of weights
	stretch     int        // words that are summed at once
	spikes      []uint64   // those of step t begin at word t*words
	synapses    []int32    // that a spike of each neuron meets; nil where nothing reads them
	watched     bool
}

// link is a projection at work.
type link[N Number] struct {
	source   int
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

// Result is what a Loop reports of one picture.
type Result[N Number] struct {
	Steps              []int     // checkpoints: how many steps had passed
	Counts             [][]int32 // at each checkpoint: spikes of each output neuron so far
	Potentials         [][]N     // at each checkpoint: membrane of each output neuron
	Spikes             []int64   // of each population, over all steps
	SynapticOperations int64     // weights added because a spike arrived
}

// Observer is told what a population did at a step: which neurons fired (H,W,C order), and the membranes after it.
type Observer[N Number] func(population, t int, fired []int32, membranes []N)

// Checkpoints returns the steps after which the answer is read besides the last: powers of two from 2 on, and steps.
func Checkpoints(steps int) []int {
	var c []int
	for t := 2; t < steps; t *= 2 {
		c = append(c, t)
	}
	return append(c, steps)
}

// Topology is what a Loop must know of a network.
type Topology struct {
	Shapes [][3]int // C,H,W of each population
	Ends   [][2]int // source and target of each projection
}

// NewLoop returns a loop over steps steps. synapses has one entry a projection of net; neurons one a population
// (the input's is nil); add does acc[i] += k·w[i].
func NewLoop[N Number](net Topology, steps int, synapses []*Synapses[N], neurons []Neurons[N], add func(acc, w []N, k N)) *Loop[N] {
	l := &Loop[N]{steps: steps, populations: make([]population[N], len(net.Shapes)), add: add, checkpoints: Checkpoints(steps)}
	for i, s := range net.Shapes {
		p := &l.populations[i]
		p.size, p.channels, p.neurons, p.watched = s[0]*s[1]*s[2], s[0], neurons[i], true
		p.words = Words(p.size)
		if i > 0 {
			p.spikes = make([]uint64, steps*p.words+kernel.SpikeSlack)
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
	k := link[N]{source: source, synapses: s}
	if s.scatter != nil {
		k.hits = s.scatter.NewGathered()
	} else {
		k.list, k.summer = s.gather.list, s.gather.table.newSummer(s.gather)
	}
	if source == 0 {
		to.drives = append(to.drives, k)
		to.drive = make([]N, to.size)
		return
	}
	to.links = append(to.links, k)
	if from.synapses == nil {
		from.synapses = make([]int32, from.words*WordBits)
	}
	for n, count := range s.counts {
		from.synapses[n] += count
	}
}

// allocate makes room for what population p is computed with.
func (l *Loop[N]) allocate(p *population[N]) {
	unit := p.channels / gcd(p.channels, WordBits) // words that hold whole positions
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

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Watch limits what the observers of Run are told to the given populations: the others are faster where nobody looks.
func (l *Loop[N]) Watch(populations ...int) {
	for i := range l.populations {
		l.populations[i].watched = slices.Contains(populations, i)
	}
}

// Run presents one picture, codes in H,W,C order, and returns a result that the next Run overwrites. observe may
// be nil.
func (l *Loop[N]) Run(codes []N, observe Observer[N]) (*Result[N], error) {
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
	for i := 1; i < len(l.populations); i++ {
		p := &l.populations[i]
		if p.drive != nil {
			clear(p.drive)
			for _, k := range p.drives {
				k.synapses.scatter.Add(p.drive, l.input, codes, k.hits, l.add)
			}
		}
		p.neurons.Begin(p.drive, p.base[:p.size])
		if p.watched {
			l.run(i, observe)
		} else {
			l.run(i, nil)
		}
		l.result.Spikes[i] = int64(kernel.Ones(p.spikes[:l.steps*p.words]))
		l.result.SynapticOperations += l.operations(p)
	}
	return &l.result, nil
}

// run runs all steps of population i, in blocks that end where the answer is read or a step is to be seen.
func (l *Loop[N]) run(i int, observe Observer[N]) {
	p, last := &l.populations[i], i == len(l.populations)-1
	next := 0 // checkpoint
	for t := 0; t < l.steps; {
		n := l.steps - t
		if p.links != nil {
			n = min(n, stepsAtOnce)
		}
		if last {
			n = min(n, l.checkpoints[next]-t)
		}
		if observe != nil {
			n = 1
		}
		l.block(p, t, n)
		t += n
		if observe != nil {
			l.events = appendEvents(l.events[:0], p.spikes[(t-1)*p.words:t*p.words])
			observe(i, t-1, l.events, p.neurons.Membranes())
		}
		if last && t == l.checkpoints[next] {
			l.read(next)
			next++
		}
	}
}

// block runs steps t..t+n-1 of a population, stretch by stretch.
func (l *Loop[N]) block(p *population[N], t, n int) {
	for k := range p.links {
		l.list(&p.links[k], l.lists[k], t, n)
	}
	b := Block[N]{Steps: n, SpikeStride: p.words}
	for from := 0; from < p.words; from += p.stretch {
		b.First, b.Words = from*WordBits, min(p.stretch, p.words-from)
		b.Spikes = p.spikes[t*p.words+from:]
		b.Sums, b.SumStride = p.base[b.First:], 0
		for k := range p.links {
			l.arrive(p, &p.links[k], t, &b)
		}
		p.neurons.Step(&b)
	}
	if rest := p.size % WordBits; rest != 0 {
		for s := t; s < t+n; s++ {
			p.spikes[(s+1)*p.words-1] &= 1<<rest - 1
		}
	}
}

// list lists the spikes of steps t..t+n-1 for a link that gathers them.
func (l *Loop[N]) list(x *link[N], room *lists, t, n int) {
	if x.synapses.gather == nil {
		return
	}
	source := &l.populations[x.source]
	x.list.Spikes, x.list.SpikeStride, x.list.Steps = source.spikes[t*source.words:], source.words, n
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
		l.events = appendEvents(l.events[:0], source.spikes[(t+s)*source.words:(t+s+1)*source.words])
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
	for t := 0; t < l.steps; t += kernel.MaxSteps {
		clear(counts)
		kernel.Count(counts, p.spikes[t*p.words:], p.words, min(kernel.MaxSteps, l.steps-t))
		for i, w := range counts {
			if w != 0 {
				s := (*[4]int32)(p.synapses[4*i:])
				total += int64(w&0xffff)*int64(s[0]) + int64(w>>16&0xffff)*int64(s[1]) + int64(w>>32&0xffff)*int64(s[2]) + int64(w>>48)*int64(s[3])
			}
		}
	}
	return total
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
	for ; t < l.checkpoints[i]; t++ {
		l.events = appendEvents(l.events[:0], p.spikes[t*p.words:(t+1)*p.words])
		for _, e := range l.events {
			counts[e]++
		}
	}
	copy(l.result.Potentials[i], p.neurons.Membranes())
}

// Decide returns the class that a read-out chooses. count: most spikes, ties to the higher membrane; membrane: the
// highest membrane; remaining ties to the lower class.
func Decide[N Number](readout string, counts []int32, potentials []N) int {
	best := 0
	for k := range counts {
		switch {
		case readout == "count" && counts[k] != counts[best]:
			if counts[k] > counts[best] {
				best = k
			}
		case potentials[k] > potentials[best]:
			best = k
		}
	}
	return best
}

// ToHWC reorders one map from C,H,W to H,W,C.
func ToHWC[N Number](dst, src []N, shape [3]int) {
	c, plane := shape[0], shape[1]*shape[2]
	for ch := range c {
		for i, v := range src[ch*plane : (ch+1)*plane] {
			dst[i*c+ch] = v
		}
	}
}

// NewTopology returns the topology of n.
func NewTopology(n *Network) Topology {
	var t Topology
	for _, p := range n.Populations {
		t.Shapes = append(t.Shapes, p.Shape)
	}
	for _, p := range n.Projections {
		t.Ends = append(t.Ends, [2]int{p.Source, p.Target})
	}
	return t
}

// Clone returns a copy of the result that the next Run does not touch.
func (r *Result[N]) Clone() *Result[N] {
	c := &Result[N]{Steps: r.Steps, Spikes: slices.Clone(r.Spikes), SynapticOperations: r.SynapticOperations}
	for i := range r.Counts {
		c.Counts = append(c.Counts, slices.Clone(r.Counts[i]))
		c.Potentials = append(c.Potentials, slices.Clone(r.Potentials[i]))
	}
	return c
}
