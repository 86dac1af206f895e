package place

import "spikec/internal/window"

// sources returns how many neurons of populations before it lie under the windows of population i, in all: as many axons as it takes,
// but for sources whose weights are all 0, and for further axons of a source with weights of both signs.
func (pl *placer) sources(i int) int {
	of := map[int]int{}
	for j, p := range pl.net.Projections {
		if p.Target != i || p.Source == 0 { // whose values are the host's, and no spikes
			continue
		}
		g := pl.net.Geometry(j)
		n := g.In[0]
		for d := range 2 {
			n *= under(g.Pool, &g.Window, d, [2]int{g.In[1], g.In[2]}, g.Out[d+1])
		}
		of[p.Source] = max(of[p.Source], n)
	}
	sum := 0
	for _, n := range of {
		sum += n
	}
	return sum
}

// under counts the places along axis d of a map of some rows and columns that lie under a window at places 0..out-1, over sums of a pool
// unless that is nil.
func under(pool, w *window.Window2d, d int, in [2]int, out int) int {
	seen, sums := make([]bool, in[d]), [2]int{}
	if pool != nil {
		sums, _ = pool.Output(in) // none where the pool does not fit the map
	}
	for o := range out {
		for k := range w.Kernel[d] {
			s := w.Source(d, o, k)
			if pool == nil {
				mark(seen, s)
				continue
			}
			if s < 0 || s >= sums[d] {
				continue // beside the map of sums: padding
			}
			for l := range pool.Kernel[d] {
				mark(seen, pool.Source(d, s, l))
			}
		}
	}
	n := 0
	for _, s := range seen {
		if s {
			n++
		}
	}
	return n
}

// mark marks a place, if there is one.
func mark(seen []bool, at int) {
	if at >= 0 && at < len(seen) {
		seen[at] = true
	}
}
