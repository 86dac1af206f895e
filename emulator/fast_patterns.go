package emulator

import (
	"encoding/binary"
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/image"
)

// boundsListed returns limits of the sum of a step over all neurons, if every axon receives up to times spikes.
func boundsListed(s image.Synapses, neurons int, times int64) (lo, hi int64) {
	neg, pos := make([]int64, neurons), make([]int64, neurons)
	for a := range s.Axons() {
		s.Each(a, func(n int, w int32) {
			neg[n] += min(int64(w), 0) * times
			pos[n] += max(int64(w), 0) * times
		})
	}
	return slices.Min(neg), slices.Max(pos)
}

// compileDense adds a matrix: one bundle, whose run is the whole core.
func (b *memoryBuilder) compileDense(d *image.Dense, first int) error {
	l := &b.layout
	words := l.slot(d.Neurons-1)/b.lanes + 1
	slots := l.table(d.Neurons)
	bundle := b.addBundle([]run{{0, int32(words), 0}})
	for a := range d.Inputs {
		g := group{}
		var err error
		if g.base, err = b.reserve(words); err != nil {
			return err
		}
		row := b.weights[g.base:]
		for n, w := range d.Weight[a*d.Neurons : (a+1)*d.Neurons] {
			if w != 0 {
				g.synapses++
				row[int(slots[n])/b.lanes] += kernel.Lane(b.lanes, int(slots[n])%b.lanes, int64(w))
			}
		}
		b.connect(first+a, bundle, b.addGroup(bundle, g))
	}
	return nil
}

// patternCompiler compiles synapses that are listed one by one. Axons with the same row of a table have the same
// pattern of words relative to a lane where words begin, if they begin at the same phase; axons with the same pattern
// at the same place make a group.
type patternCompiler struct {
	b        *memoryBuilder
	patterns map[patternKey]*pattern
	shapes   map[string]int32 // relative runs, as bytes → number
	bundles  map[placeKey]int32
	members  map[memberKey]link
}

// patternKey names a row of a table and where within a period of the layout it begins.
type patternKey struct{ row, phase int }

// placeKey names a shape at a place: all patterns of the shape reach the same accumulators from there.
type placeKey struct {
	shape int32
	word  int
}

// memberKey names a pattern at a place.
type memberKey struct {
	pattern *pattern
	word    int
}

// pattern is what one spike adds, relative to the word where it is anchored.
type pattern struct {
	shape int32
	runs  []run // acc counts from the anchor
	group group
}

// compileTable adds a table.
func (b *memoryBuilder) compileTable(t *image.Table, first int) error {
	k := &patternCompiler{b, map[patternKey]*pattern{}, map[string]int32{}, map[placeKey]int32{}, map[memberKey]link{}}
	for a, r := range t.Row {
		s, e := t.RowStart[r], t.RowStart[r+1]
		if err := k.add(first+a, int(r), int(t.Base[a]), t.Target[s:e], t.Weight[s:e]); err != nil {
			return err
		}
	}
	return nil
}

// compileListed adds synapses of a kind that has no compiler of its own, each axon with a row of its own.
func (b *memoryBuilder) compileListed(s image.Synapses, first int) error {
	k := &patternCompiler{b, map[patternKey]*pattern{}, map[string]int32{}, map[placeKey]int32{}, map[memberKey]link{}}
	for a := range s.Axons() {
		var target, weight []int32
		s.Each(a, func(n int, w int32) { target, weight = append(target, int32(n)), append(weight, w) })
		if err := k.add(first+a, a, 0, target, weight); err != nil {
			return err
		}
	}
	return nil
}

// compileIdentity adds a connection one by one.
func (b *memoryBuilder) compileIdentity(i *image.Identity, first int) error {
	k := &patternCompiler{b, map[patternKey]*pattern{}, map[string]int32{}, map[placeKey]int32{}, map[memberKey]link{}}
	target, weight := []int32{0}, []int32{1}
	for a := range i.N {
		if err := k.add(first+a, 0, a, target, weight); err != nil {
			return err
		}
	}
	return nil
}

// add connects an axon that reaches the neurons base + target.
func (k *patternCompiler) add(axon, row, base int, target, weight []int32) error {
	l := &k.b.layout
	period := l.channels
	if l.padded == l.channels {
		period = k.b.lanes // the layout repeats with every word
	}
	phase := ((l.first+base)%period + period) % period
	anchor := l.slot(base - phase) // a multiple of lanes
	key := patternKey{row, phase}
	p := k.patterns[key]
	if p == nil {
		var err error
		if p, err = k.newPattern(base, anchor, target, weight); err != nil {
			return err
		}
		k.patterns[key] = p
	}
	if len(p.runs) == 0 {
		return nil
	}
	member := memberKey{p, anchor / k.b.lanes}
	at, ok := k.members[member]
	if !ok {
		at.bundle = k.bundle(p, anchor/k.b.lanes)
		at.group = k.b.addGroup(at.bundle, p.group)
		k.members[member] = at
	}
	k.b.connect(axon, at.bundle, at.group)
	return nil
}

// newPattern packs the synapses of an axon that is anchored at a lane.
func (k *patternCompiler) newPattern(base, anchor int, target, weight []int32) (*pattern, error) {
	l, L := &k.b.layout, k.b.lanes
	sums := map[int]uint64{} // word relative to the anchor → weights
	p := &pattern{}
	for i, n := range target {
		if weight[i] == 0 {
			continue
		}
		p.group.synapses++
		slot := l.slot(base + int(n))
		sums[slot/L-anchor/L] += kernel.Lane(L, slot%L, int64(weight[i]))
	}
	var words []int
	for w := range sums {
		words = append(words, w)
	}
	slices.Sort(words)
	var err error
	if p.group.base, err = k.b.reserve(len(words)); err != nil {
		return nil, err
	}
	for i, w := range words {
		k.b.weights[int(p.group.base)+i] = sums[w]
		if n := len(p.runs); n > 0 && int(p.runs[n-1].acc+p.runs[n-1].words) == w {
			p.runs[n-1].words++
		} else {
			p.runs = append(p.runs, run{int32(w), 1, int32(i)})
		}
	}
	p.shape = k.shape(p.runs)
	return p, nil
}

// shape numbers a list of relative runs.
func (k *patternCompiler) shape(runs []run) int32 {
	var text []byte
	for _, r := range runs {
		text = binary.LittleEndian.AppendUint64(text, uint64(uint32(r.acc))<<32|uint64(r.words))
	}
	n, ok := k.shapes[string(text)]
	if !ok {
		n = int32(len(k.shapes))
		k.shapes[string(text)] = n
	}
	return n
}

// bundle returns the bundle of the pattern's shape anchored at a word.
func (k *patternCompiler) bundle(p *pattern, word int) int32 {
	key := placeKey{p.shape, word}
	n, ok := k.bundles[key]
	if !ok {
		runs := slices.Clone(p.runs)
		for i := range runs {
			runs[i].acc += int32(word)
		}
		n = k.b.addBundle(runs)
		k.bundles[key] = n
	}
	return n
}
