package place

// area is neurons of a population that lie on one core: at each of some positions of the map, in ascending order, a stretch of
// channels. They are the core's neurons in this order, which is H,W,C order too.
type area struct {
	channels int // of the population
	cells    []cell
	neurons  int
}

// cell is what an area holds of a position: channels from..to-1 are the core's neurons at..at+to-from-1.
type cell struct{ position, from, to, at int }

// add adds channels of a position behind all others.
func (a *area) add(position, from, to int) {
	a.cells = append(a.cells, cell{position, from, to, a.neurons})
	a.neurons += to - from
}

// stretch returns neurons first..first+n-1, n at least 1, of a population with so many channels.
func stretch(channels, first, n int) area {
	a := area{channels: channels}
	for at := first; at < first+n; {
		p, c := at/channels, at%channels
		to := min(channels, c+first+n-at)
		a.add(p, c, to)
		at += to - c
	}
	return a
}

// span is from..to-1.
type span struct{ from, to int }

func (s span) size() int { return s.to - s.from }

// block returns the neurons in rows, columns and channels of a population of shape C,H,W.
func block(shape [3]int, rows, columns, channels span) area {
	a := area{channels: shape[0]}
	for y := rows.from; y < rows.to; y++ {
		for x := columns.from; x < columns.to; x++ {
			a.add(y*shape[2]+x, channels.from, channels.to)
		}
	}
	return a
}

// first returns the first neuron; together is false where others than its neighbours follow.
func (a *area) first() (first int, together bool) {
	first = a.cells[0].position*a.channels + a.cells[0].from
	for _, c := range a.cells {
		if c.position*a.channels+c.from != first+c.at {
			return first, false
		}
	}
	return first, true
}

// each calls yield for every neuron: its number on the core, and in the population.
func (a *area) each(yield func(n, neuron int)) {
	for _, c := range a.cells {
		for o := c.from; o < c.to; o++ {
			yield(c.at+o-c.from, c.position*a.channels+o)
		}
	}
}

// divide divides n things into so many spans that differ by one at most. The larger ones lie at both ends, as neurons at the border of a
// map have fewer sources.
func divide(n, count int) []span {
	var list []span
	more, at := n%count, 0
	for i := range count {
		size := n / count
		if i < (more+1)/2 || i >= count-more/2 {
			size++
		}
		list = append(list, span{at, at + size})
		at += size
	}
	return list
}
