package convert

import (
	"slices"

	"spikec/models/ann"
)

// checkpoint keeps, for every calibration image, what teacher and student computed up to a node, as far as later layers
// need it: a layer is then fitted without running all layers before it again.
type checkpoint struct {
	last             int   // all nodes up to this one are final
	nodes            []int // those of them whose values are kept
	teacher, student [][]float32
}

// checkpointFloats bounds a checkpoint's memory: 256 MiB of float32.
const checkpointFloats = 64 << 20

// newCheckpoint returns an empty checkpoint behind node last for the layers that are still to be fitted; nil if there are none,
// if that is no later than after, or if it is too large for that many images.
func newCheckpoint(g *ann.Graph, layers []layer, last, after, images int) *checkpoint {
	c := &checkpoint{last: last}
	if len(layers) == 0 || last <= after {
		return nil
	}
	c.nodes = needed(g, layers, c.last)
	size := c.size(g)
	if 2*size*images > checkpointFloats {
		return nil
	}
	c.teacher, c.student = make([][]float32, images), make([][]float32, images)
	return c
}

// firstWeighted returns the first node with weights of layers.
func firstWeighted(g *ann.Graph, layers []layer) int {
	first := len(g.Nodes)
	for _, l := range layers {
		for _, t := range l.terms {
			if t.weighted >= 0 {
				first = min(first, t.weighted)
			}
		}
	}
	return first
}

// needed lists the nodes up to last that later nodes read, and those that the layers' regressions read.
func needed(g *ann.Graph, layers []layer, last int) []int {
	read := make([]bool, len(g.Nodes))
	for _, n := range g.Nodes[last+1:] {
		for _, in := range n.Inputs {
			read[in] = true
		}
	}
	for _, l := range layers {
		read[l.pre] = true
		for _, t := range l.terms {
			read[t.value] = true
		}
	}
	var nodes []int
	for i, r := range read[:last+1] {
		if r {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// size returns the values of one image.
func (c *checkpoint) size(g *ann.Graph) int {
	n := 0
	for _, i := range c.nodes {
		n += g.Nodes[i].Shape.Size()
	}
	return n
}

// save keeps what the executors hold, as image i.
func (c *checkpoint) save(i int, teacher, student *ann.Executor) {
	c.teacher[i], c.student[i] = c.collect(teacher), c.collect(student)
}

// collect returns the values of the nodes, one after the other.
func (c *checkpoint) collect(e *ann.Executor) []float32 {
	v := make([]float32, 0, c.size(e.Graph()))
	for _, n := range c.nodes {
		v = append(v, e.Value(n)...)
	}
	return slices.Clip(v)
}

// restore makes the executors hold what they held for image i.
func (c *checkpoint) restore(i int, teacher, student *ann.Executor) {
	c.spread(teacher, c.teacher[i])
	c.spread(student, c.student[i])
}

// spread writes values that collect returned back to their nodes.
func (c *checkpoint) spread(e *ann.Executor, v []float32) {
	for _, n := range c.nodes {
		v = v[copy(e.Value(n), v):]
	}
}
