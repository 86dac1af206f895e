package emulator

import (
	"cmp"
	"slices"

	"spikec/emulator/kernel"
)

// target is a stretch of accumulators and the bundles that have a run just there: they stand side by side in a chain.
type target struct {
	acc, words  int32
	first, last int32 // places first..last-1
	at          int32 // what is added to the rows of the places
}

// place is a bundle in a chain. The rows of its groups are base + offset + the target's at. So the rows of a place are
// listed once, and every target that the bundle reaches, such as the output rows that a row of the source reaches,
// takes a part of the chain's list.
type place struct {
	bundle int32
	offset int32
	first  bool // no place before is of the same bundle
}

// stretch names a stretch of accumulators that a block of synapses reaches.
type stretch struct{ block, acc, words int32 }

// source is a bundle that reaches a stretch.
type source struct {
	bundle int32
	weight int32 // as in run
}

// chains are places under construction.
type chains struct {
	places [][]place
	where  map[int32][2]int // bundle → its first chain and place
}

// meet makes the targets, in ascending order of accumulators, and the chains.
func (m *memory) meet() {
	sources := map[stretch][]source{}
	for i, b := range m.bundles {
		for _, r := range m.runs[b.run : b.run+b.runs] {
			k := stretch{b.block, r.acc, r.words}
			sources[k] = append(sources[k], source{int32(i), r.weight})
		}
	}
	var order []stretch
	for k := range sources {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b stretch) int {
		return cmp.Or(cmp.Compare(a.block, b.block), cmp.Compare(a.acc, b.acc), cmp.Compare(a.words, b.words))
	})
	c := &chains{where: map[int32][2]int{}}
	at := make([][2]int, len(order)) // target → chain, place
	for i, k := range order {
		var offset int32
		at[i][0], at[i][1], offset = c.put(sources[k])
		m.targets = append(m.targets, target{acc: k.acc, words: k.words, at: offset})
	}
	begin := []int32{0}
	for _, p := range c.places {
		m.places = append(m.places, p...)
		begin = append(begin, int32(len(m.places)))
	}
	for i, k := range order {
		t := &m.targets[i]
		t.first = begin[at[i][0]] + int32(at[i][1])
		t.last = t.first + int32(len(sources[k]))
	}
}

// put finds the sources of a target side by side in a chain, or puts them there: behind a chain of which they continue
// the end, or into a new one. It returns the chain, the place of the first source and the target's offset.
func (c *chains) put(s []source) (chain, at int, offset int32) {
	if w, ok := c.where[s[0].bundle]; ok {
		chain, at = w[0], w[1]
		offset = s[0].weight - c.places[chain][at].offset
		if c.fits(chain, at, offset, s) {
			known := min(len(s), len(c.places[chain])-at)
			for _, x := range s[known:] {
				c.add(chain, place{bundle: x.bundle, offset: x.weight - offset})
			}
			return chain, at, offset
		}
	}
	chain = len(c.places)
	c.places = append(c.places, nil)
	for _, x := range s {
		c.add(chain, place{bundle: x.bundle, offset: x.weight})
	}
	return chain, 0, 0
}

// fits reports whether the sources continue what stands in a chain from a place on.
func (c *chains) fits(chain, at int, offset int32, s []source) bool {
	for i, x := range s {
		if at+i == len(c.places[chain]) {
			break
		}
		if p := c.places[chain][at+i]; p.bundle != x.bundle || p.offset != x.weight-offset {
			return false
		}
	}
	return true
}

// add puts a place at the end of a chain.
func (c *chains) add(chain int, p place) {
	if _, ok := c.where[p.bundle]; !ok {
		p.first = true
		c.where[p.bundle] = [2]int{chain, len(c.places[chain])}
	}
	c.places[chain] = append(c.places[chain], p)
}

// addCounts adds, for every group, its weights times its count to the accumulators, sets the counts to zero, and
// returns the number of synaptic operations.
func (m *memory) addCounts(acc []uint64, counts []uint16, s *rowLists) (operations int64) {
	switch m.planes {
	case 0:
		operations = s.listScaled(m, counts)
	case 1:
		operations = s.listOnce(m, counts)
	default:
		operations = s.list(m, counts)
	}
	clear(counts)
	if operations == 0 {
		return 0
	}
	for i := range m.targets {
		t := &m.targets[i]
		a, first, last := acc[t.acc:t.acc+t.words], &s.start[t.first], &s.start[t.last]
		if m.planes == 0 {
			lo, hi := first[0], last[0]
			kernel.AddRowsScaled(a, m.weights, int(t.at), s.rows[0][lo:hi], s.times[lo:hi])
			continue
		}
		rows := [kernel.Planes][]int32{s.rows[0][first[0]:last[0]], s.rows[1][first[1]:last[1]], s.rows[2][first[2]:last[2]]}
		kernel.AddRows(a, m.weights, int(t.at), &rows)
	}
	return operations
}

// rowLists is room for the rows that addCounts lists, chain by chain.
type rowLists struct {
	rows  [kernel.Planes][]int32 // by the binary digits of the count
	times []uint64               // or with the count
	start [][kernel.Planes]int32 // place → where its rows begin in each list
}

// newRowLists returns lists that are long enough for all groups of the memory.
func newRowLists(m *memory) *rowLists {
	n := 1
	for _, p := range m.places {
		n += int(m.bundles[p.bundle].groups)
	}
	s := &rowLists{start: make([][kernel.Planes]int32, len(m.places)+1)}
	s.rows[0] = make([]int32, n)
	if m.planes == 0 {
		s.times = make([]uint64, n)
		return s
	}
	if m.planes > 1 {
		s.rows[1], s.rows[2] = make([]int32, n), make([]int32, n)
	}
	return s
}

// list lists the rows of every place by the binary digits of their counts, and returns the number of synaptic
// operations that the counts stand for.
func (s *rowLists) list(m *memory, counts []uint16) (operations int64) {
	r0, r1, r2 := s.rows[0], s.rows[1], s.rows[2]
	n0, n1, n2 := 0, 0, 0
	for i := range m.places {
		s.start[i] = [kernel.Planes]int32{int32(n0), int32(n1), int32(n2)}
		p := &m.places[i]
		b := &m.bundles[p.bundle]
		groups, counts := m.groups[b.group:b.group+b.groups], counts[b.group:b.group+b.groups]
		sum := int64(0)
		for len(counts) >= groupsAtOnce && len(groups) >= groupsAtOnce {
			c, g := (*[groupsAtOnce]uint16)(counts), (*[groupsAtOnce]group)(groups)
			counts, groups = counts[groupsAtOnce:], groups[groupsAtOnce:]
			if uint64(c[0])|uint64(c[1])<<16|uint64(c[2])<<32|uint64(c[3])<<48 == 0 {
				continue
			}
			for k, count := range c {
				row := g[k].base + p.offset
				r0[n0], r1[n1], r2[n2] = row, row, row
				n0 += int(count & 1)
				n1 += int(count >> 1 & 1)
				n2 += int(count >> 2)
				sum += int64(count) * int64(g[k].synapses)
			}
		}
		if p.first {
			operations += sum
		}
	}
	s.start[len(m.places)] = [kernel.Planes]int32{int32(n0), int32(n1), int32(n2)}
	return operations
}

// listOnce is list for counts up to 1.
func (s *rowLists) listOnce(m *memory, counts []uint16) (operations int64) {
	rows, n := s.rows[0], 0
	for i := range m.places {
		s.start[i][0] = int32(n)
		p := &m.places[i]
		b := &m.bundles[p.bundle]
		groups, counts := m.groups[b.group:b.group+b.groups], counts[b.group:b.group+b.groups]
		sum := int64(0)
		for len(counts) >= groupsAtOnce && len(groups) >= groupsAtOnce {
			c, g := (*[groupsAtOnce]uint16)(counts), (*[groupsAtOnce]group)(groups)
			counts, groups = counts[groupsAtOnce:], groups[groupsAtOnce:]
			if uint64(c[0])|uint64(c[1])<<16|uint64(c[2])<<32|uint64(c[3])<<48 == 0 {
				continue
			}
			for k, count := range c {
				rows[n] = g[k].base + p.offset
				n += int(count)
				sum += int64(count) * int64(g[k].synapses)
			}
		}
		if p.first {
			operations += sum
		}
	}
	s.start[len(m.places)][0] = int32(n)
	return operations
}

// listScaled lists the rows of every place and their counts, and returns the number of synaptic operations.
func (s *rowLists) listScaled(m *memory, counts []uint16) (operations int64) {
	n := 0
	for i := range m.places {
		s.start[i][0] = int32(n)
		p := &m.places[i]
		b := &m.bundles[p.bundle]
		for k, g := range m.groups[b.group : b.group+b.groups] {
			count := counts[int(b.group)+k]
			if count == 0 {
				continue
			}
			s.rows[0][n], s.times[n] = g.base+p.offset, uint64(count)
			n++
			if p.first {
				operations += int64(count) * int64(g.synapses)
			}
		}
	}
	s.start[len(m.places)][0] = int32(n)
	return operations
}
