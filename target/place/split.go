package place

import (
	"cmp"
	"context"
	"slices"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/target/chip"
)

// split divides population i over cores. Populations behind i are divided. The error is that of ctx.
func (pl *placer) split(ctx context.Context, i int) error {
	size := pl.net.Populations[i].Size()
	if pl.net.Populations[i].Neuron == snn.Source {
		pl.parts[i] = []part{{area: pl.stretch(i, 0, size)}} // the host has no limits
		return nil
	}
	switch pl.profile.Execution.LayersIn() {
	case chip.LayersInPasses:
		pl.pass(i, size)
		return nil
	case chip.LayersRecurrent:
		pl.recurrent(i, size)
		return nil
	}
	s := newSplitter(pl, i)
	if !s.stretches(ctx) || pl.convolves(i) || i == pl.net.Output() {
		pl.parts[i] = s.best // a convolution engine takes stretches alone, and classes are read in order
		return context.Cause(ctx)
	}
	s.blocks(ctx)
	pl.parts[i] = s.best
	return context.Cause(ctx)
}

// convolves reports whether the chip computes an input of population i by its convolution engine.
func (pl *placer) convolves(i int) bool {
	for j, p := range pl.net.Projections {
		if p.Target == i && p.Source != 0 && pl.native(pl.convolution(j)) {
			return true
		}
	}
	return false
}

// splitter tries ways to divide one population over cores, and keeps the cheapest (expense) whose cores hold all limits.
type splitter struct {
	*placer
	population int
	out        []int       // axons that the spikes of each neuron go to
	sent       map[int]int // by source: axons that it sends to already
	best       []part
	least      expense
}

func newSplitter(pl *placer, i int) *splitter {
	s := &splitter{placer: pl, population: i, out: pl.outDegree(i), sent: map[int]int{}}
	for _, p := range pl.net.Projections {
		if p.Target == i && p.Source != 0 {
			s.sent[p.Source] = sum(pl.outDegree(p.Source))
		}
	}
	return s
}

// expense is what is compared of two ways: the cores of a population and of those that feed it first, then traffic.
type expense struct {
	// cores is how many the population takes, and at least its sources, for their neurons and for their output axons; those to
	// populations that are not divided yet are left out.
	cores int
	// traffic is how many packets reach the population if each neuron of its sources fires once: its input axons.
	traffic int
}

func (e expense) compare(f expense) int {
	return cmp.Or(cmp.Compare(e.cores, f.cores), cmp.Compare(e.traffic, f.traffic))
}

// expense returns that of a way.
func (s *splitter) expense(way []part) expense {
	e := expense{cores: len(way)}
	more := map[int]int{}
	for k := range way {
		for _, in := range way[k].inputs {
			more[in.source] += in.synapses.Axons()
			e.traffic += in.synapses.Axons()
		}
	}
	for source := range s.sent {
		e.cores += s.sourceCores(source, more[source])
	}
	return e
}

// sourceCores returns how many cores source i takes at least if it sends to so many more axons.
func (s *splitter) sourceCores(i, more int) int {
	if s.net.Populations[i].Neuron == snn.Source {
		return 0
	}
	cores := 1
	if n := s.profile.Capacity.Neurons; n != nil {
		cores = atLeast(s.net.Populations[i].Size(), *n)
	}
	if n := s.profile.Capacity.AxonsOut; n != nil {
		cores = max(cores, atLeast(s.sent[i]+more, *n))
	}
	return cores
}

// atLeast returns how many times n is needed for all.
func atLeast(all, n int) int { return (all + n - 1) / n }

// keep takes a way that is cheaper than what there is.
func (s *splitter) keep(way []part) {
	if e := s.expense(way); s.best == nil || e.compare(s.least) < 0 {
		s.best, s.least = way, e
	}
}

// stretches divides the population in H,W,C order, each core taking as many neurons as its limits allow. It reports a
// neuron that does not fit alone. Once ctx has ended it gives up.
func (s *splitter) stretches(ctx context.Context) bool {
	var way []part
	size := len(s.out)
	for first := 0; first < size; {
		if ctx.Err() != nil {
			return false
		}
		most := size - first
		if n := s.profile.Capacity.Neurons; n != nil {
			most = min(most, *n)
		}
		if limit := s.profile.Capacity.AxonsOut; limit != nil {
			most = min(most, within(s.out[first:], *limit))
		}
		p, ok := s.fill(s.population, first, s.whole(s.population, first, most))
		if !ok {
			return false
		}
		way = append(way, p)
		first += p.neurons
	}
	s.keep(way)
	return true
}

// blocks divides rows, columns and channels of the map into equal spans (divide), in every way that may be cheaper than what there is and
// that takes no more cores than the chip has. Once ctx has ended it gives up.
func (s *splitter) blocks(ctx context.Context) {
	shape := s.net.Populations[s.population].Shape
	least := 1
	if n := s.profile.Capacity.Neurons; n != nil {
		least = atLeast(len(s.out), *n)
	}
	most := s.least.cores
	if n := s.profile.Capacity.Cores; n != nil {
		most = min(most, *n)
	}
	others := 0
	for i := range s.sent {
		others += s.sourceCores(i, 0)
	}
	for cores := max(2, least); cores <= most && cores+others <= s.least.cores; cores++ { // a stretch would be on one core, too
		for rows := 1; rows <= min(cores, shape[1]); rows++ {
			for columns := 1; columns <= min(cores/rows, shape[2]); columns++ {
				channels := cores / rows / columns
				if rows*columns*channels != cores || channels > shape[0] {
					continue
				}
				if ctx.Err() != nil {
					return
				}
				if way := s.grid(rows, columns, channels); way != nil && s.reached(way) {
					s.keep(way)
				}
			}
		}
	}
}

// grid divides the map into so many spans of rows, columns and channels; nil where a core would break a limit. Blocks in the middle come
// first, as they have the most sources.
func (s *splitter) grid(rows, columns, channels int) []part {
	shape := s.net.Populations[s.population].Shape
	ys, xs, cs := divide(shape[1], rows), divide(shape[2], columns), divide(shape[0], channels)
	var areas []area
	for _, y := range ys {
		for _, x := range xs {
			for _, c := range cs {
				areas = append(areas, block(shape, y, x, c))
			}
		}
	}
	for k := range areas {
		if !s.carries(&areas[k]) {
			return nil
		}
	}
	way := make([]part, len(areas))
	middle := (rows/2*columns+columns/2)*channels + channels/2
	for n := range areas {
		k := (middle + n) % len(areas)
		way[k] = s.part(s.population, areas[k])
		if share, _, _, _ := s.overload(s.population, &way[k]); share > 1 {
			return nil
		}
	}
	return way
}

// reached reports whether no neuron of a source would send to more axons than a neuron may, those of populations behind included.
func (s *splitter) reached(way []part) bool {
	most := s.profile.Capacity.Targets
	for source := range s.sent {
		if most == nil || s.net.Populations[source].Neuron == snn.Source {
			continue
		}
		n := s.outDegree(source)
		for k := range way {
			way[k].count(source, n)
		}
		if slices.Max(n) > *most {
			return false
		}
	}
	return true
}

// carries reports whether a core has as many neurons and output axons as an area needs.
func (s *splitter) carries(a *area) bool {
	if n := s.profile.Capacity.Neurons; n != nil && a.neurons > *n {
		return false
	}
	if limit := s.profile.Capacity.AxonsOut; limit != nil {
		sum := 0
		a.each(func(_, neuron int) { sum += s.out[neuron] })
		return sum <= *limit
	}
	return true
}

// outDegree counts, for each neuron of population i, the axons that its spikes go to on cores of populations that are divided.
func (pl *placer) outDegree(i int) []int {
	n := make([]int, pl.net.Populations[i].Size())
	for _, parts := range pl.parts[i+1:] {
		for k := range parts {
			parts[k].count(i, n)
		}
	}
	return n
}

// count adds to n, a number for each neuron of a source, the axons of the core that its spikes go to.
func (p *part) count(source int, n []int) {
	for _, in := range p.inputs {
		if in.source != source {
			continue
		}
		for _, a := range in.axons {
			n[a]++
		}
		if in.axons == nil {
			for a := range n {
				n[a]++
			}
		}
	}
}

// sum adds up values.
func sum(v []int) int {
	n := 0
	for _, x := range v {
		n += x
	}
	return n
}

// within returns how many leading values sum up to at most limit, at least 1.
func within(v []int, limit int) int {
	sum := 0
	for i, x := range v {
		if sum += x; sum > limit {
			return max(1, i)
		}
	}
	return len(v)
}

// whole rounds n down so that neurons first..first+n-1 of population i end with a whole position (all channels) where
// they hold the end of one. A core that begins within a position thus never holds as many neurons as there are channels:
// registers with one value a channel would be taken for those with one a neuron (image.Core.Channel).
func (pl *placer) whole(i, first, n int) int {
	c := pl.net.Populations[i].Shape[0]
	if end := (first + n) / c * c; end > first {
		return end - first
	}
	return n
}

// fill makes a core from at most neurons neurons of population i from first on, fewer if axons or synapse memory
// bind. It reports a single neuron that does not fit.
func (pl *placer) fill(i, first, neurons int) (part, bool) {
	for {
		p := pl.part(i, pl.stretch(i, first, neurons))
		share, what, value, limit := pl.overload(i, &p)
		if share <= 1 {
			return p, true
		}
		if neurons == 1 {
			pl.found.Add(diag.Diagnostic{ID: "SPK-PLACE-002", Severity: diag.Error, Subject: pl.net.Populations[i].Name,
				Message: "one neuron alone needs more " + what + " than a core has", Value: value, Limit: limit, Remedy: pl.smaller(i)})
			return part{}, false
		}
		neurons = max(1, pl.whole(i, first, min(neurons-1, int(float64(neurons)/share))))
	}
}
