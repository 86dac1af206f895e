package inspect

import (
	"cmp"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/target/chip"
	"spikec/target/image"
)

// oneCore returns what the one core of a target cannot hold in which all layers lie side by side. relays counts those behind each
// layer.
func oneCore(g *ann.Graph, p *chip.Profile, relays map[int]int) diag.List {
	var found diag.List
	most := func(subject, what string, value int, limit *int) {
		if limit != nil && value > *limit {
			found.Add(diag.Diagnostic{ID: idCores, Severity: diag.Error, Subject: subject, Message: "has more " + what + " than the core of " + p.ID,
				Value: value, Limit: *limit, Remedy: "a smaller network, or a larger target"})
		}
	}
	neurons := 0
	for i, n := range g.Nodes {
		layers := relays[i]
		if firing(n.Op) {
			layers++
		}
		neurons += layers * image.Paired(n.Shape.Size())
	}
	c := &p.Capacity
	most(g.Nodes[0].Name, "values", g.Nodes[0].Shape.Size(), c.Inputs)
	most(cmp.Or(g.Name, "network"), "neurons in all hidden layers together", neurons, c.Neurons)
	most(g.Nodes[g.Output].Name, "outputs", g.Nodes[g.Output].Shape.Size(), c.Outputs)
	return found
}
