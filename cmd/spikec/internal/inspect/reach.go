package inspect

import (
	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/target/chip"
)

// reach is how a layer of neurons reads another one: through at most one pool and one operation with weights.
type reach struct {
	source int              // node of the neurons that are read: a rectifier, or 0 for the input
	pool   *window.Window2d // nil without a pool
	op     int              // the Conv or Linear, or -1 where the source itself is added
}

// firing reports whether an operation becomes a layer of neurons.
func firing(op ann.Op) bool {
	switch op.(type) {
	case ann.Relu, ann.Clip:
		return true
	}
	return false
}

// reaches returns what the value of node i is summed up from. The graph is one that the conversion took.
func reaches(g *ann.Graph, i int) []reach {
	if _, ok := g.Nodes[i].Op.(ann.Add); ok {
		var all []reach
		for _, in := range g.Nodes[i].Inputs {
			all = append(all, reaches(g, in)...)
		}
		return all
	}
	r := reach{source: i, op: -1}
	switch g.Nodes[i].Op.(type) {
	case *ann.Conv, *ann.Linear:
		r.op, r.source = i, g.Nodes[i].Inputs[0]
	}
	for r.source != 0 && !firing(g.Nodes[r.source].Op) {
		if p, ok := g.Nodes[r.source].Op.(*ann.AveragePool); ok {
			r.pool = &p.Window
		}
		r.source = g.Nodes[r.source].Inputs[0]
	}
	return []reach{r}
}

// connections returns what the target's routes cannot hold, and by layer how many relays stand behind it (see convert).
// Where the target takes the input as a constant, the host computes the first layer's, and none of these bounds concerns
// them.
func connections(g *ann.Graph, p *chip.Profile) (found diag.List, relays map[int]int) {
	relays = map[int]int{}
	depth := map[int]int{} // by layer, where the windows of layers follow each other
	c := p.Capabilities()
	host, next := c.ConstantInput, 0
	if c.Staggered() {
		next = 1
	}
	for i, n := range g.Nodes {
		from := i
		switch {
		case firing(n.Op):
			from = n.Inputs[0]
		case i != g.Output:
			continue
		}
		var read []reach
		for _, r := range reaches(g, from) {
			if r.source != 0 || !host {
				read = append(read, r)
				depth[i] = max(depth[i], depth[r.source]+next)
			}
		}
		axons := 0
		for _, r := range read {
			axons += sources(g, r)
			relays[r.source] = max(relays[r.source], depth[i]-depth[r.source]-next)
		}
		if most := p.Capacity.AxonsIn; most != nil && axons > *most {
			found.Add(tooManyAxons(n.Name, axons, *most, p))
		}
	}
	return found, relays
}

// tooManyAxons is the finding about a neuron that reads so many others. Weights that are rounded to zero take no axon:
// up to twice the limit that may save it.
func tooManyAxons(node string, axons, most int, p *chip.Profile) diag.Diagnostic {
	d := diag.Diagnostic{ID: idAxons, Severity: diag.Warning, Subject: node, Value: axons, Limit: most,
		Message: "one neuron reads up to so many others, more than a core of " + p.ID + " has input axons; it fits only if enough weights are rounded to zero",
		Remedy:  "a smaller kernel or fewer channels in the layer before, build with --pool-neurons where a pool lies between, or a larger target"}
	if axons > 2*most {
		d.Severity = diag.Error
		d.Message = "one neuron reads up to so many others, more than a core of " + p.ID + " has input axons"
	}
	return d
}

// sources returns how many neurons of the source one neuron reads at most.
func sources(g *ann.Graph, r reach) int {
	shape := g.Nodes[r.source].Shape
	if len(shape) != 3 {
		if r.op < 0 {
			return 1
		}
		return shape.Size()
	}
	n := 1
	op := window.Square(1, 1)
	out := [2]int{shape[1], shape[2]}
	if r.pool != nil {
		if pooled, err := r.pool.Output(out); err == nil {
			out = pooled
		}
	}
	pooled := out
	if r.op >= 0 {
		switch w := g.Nodes[r.op].Op.(type) {
		case *ann.Linear:
			n, out = shape[0], [2]int{1, 1}
			op.Kernel = pooled
		case *ann.Conv:
			n, op = w.In/w.Groups, w.Window
			out = [2]int{g.Nodes[r.op].Shape[1], g.Nodes[r.op].Shape[2]}
		}
	}
	for d := range 2 {
		most := 0
		for o := range out[d] {
			most = max(most, seen(op, r.pool, d, o, pooled[d], shape[1+d]))
		}
		n *= most
	}
	return n
}

// seen counts the rows (d = 0) or columns (d = 1) of a map of size that position o of op reads through pool, behind
// which pooled of them are left.
func seen(op window.Window2d, pool *window.Window2d, d, o, pooled, size int) int {
	rows := map[int]bool{}
	for k := range op.Kernel[d] {
		q := op.Source(d, o, k)
		if q < 0 || q >= pooled {
			continue
		}
		if pool == nil {
			rows[q] = true
			continue
		}
		for u := range pool.Kernel[d] {
			if s := pool.Source(d, q, u); s >= 0 && s < size {
				rows[s] = true
			}
		}
	}
	return len(rows)
}
