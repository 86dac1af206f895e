package place

// mesh gives cores of a grid their places, each as near as can be to the cores that it sends to.
type mesh struct {
	size  [2]int
	taken map[[2]int]bool
}

// newMesh returns the grid, as square as can be, of so many cores and one more place in the far corner, where the chip's output is;
// of at most so many places.
func newMesh(cores, most int) *mesh {
	n := cores + 1
	w := 1
	for w*w < n {
		w++
	}
	for w < n && w*((n+w-1)/w) > most {
		w++
	}
	m := &mesh{size: [2]int{w, (n + w - 1) / w}, taken: map[[2]int]bool{}}
	m.taken[m.corner()] = true
	return m
}

// corner returns the place of the output.
func (m *mesh) corner() [2]int { return [2]int{m.size[0] - 1, m.size[1] - 1} }

// put takes the free place with the shortest way to targets, each as often as it is named; of equals the first, row by row.
func (m *mesh) put(targets map[[2]int]int) [2]int {
	best, least := [2]int{}, -1
	for y := range m.size[1] {
		for x := range m.size[0] {
			at := [2]int{x, y}
			if m.taken[at] {
				continue
			}
			way := 0
			for to, times := range targets {
				way += times * (max(to[0]-x, x-to[0]) + max(to[1]-y, y-to[1]))
			}
			if least < 0 || way < least {
				best, least = at, way
			}
		}
	}
	m.taken[best] = true
	return best
}
