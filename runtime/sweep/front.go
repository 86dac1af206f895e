package sweep

import (
	"slices"

	"spikec/runtime/ladder"
)

// fronts settles what an image costs, and marks the cells on either front.
func (r *Result) fronts() {
	r.Cost = CostEnergy
	if slices.ContainsFunc(r.Cells, func(c Cell) bool { return !c.Failed && c.SNNNanojoule == nil }) {
		r.Cost = CostOperations
	}
	cost, steps := r.costs(), func(c *Cell) float64 { return float64(c.Duration) }
	for i := range r.Cells {
		if c := &r.Cells[i]; !c.Failed {
			c.Front = &Front{Cost: !r.beaten(c, cost), Steps: !r.beaten(c, steps)}
		}
	}
}

// costs returns what an image of a cell costs, in units of r.Cost.
func (r *Result) costs() func(*Cell) float64 {
	if r.Cost == CostEnergy {
		return func(c *Cell) float64 { return *c.SNNNanojoule }
	}
	return func(c *Cell) float64 { return c.PerImage.SynapticOperations }
}

// beaten reports whether another cell is at least as accurate for at most the cost, and better in one of them (V. Pareto's
// dominance). Accuracies on different numbers of images are not compared.
func (r *Result) beaten(c *Cell, cost func(*Cell) float64) bool {
	mine := c.Stage(ladder.Files)
	for i := range r.Cells {
		o := &r.Cells[i]
		if o.Failed {
			continue
		}
		its := o.Stage(ladder.Files)
		if its.N != mine.N || its.Correct < mine.Correct || cost(o) > cost(c) {
			continue
		}
		if its.Correct > mine.Correct || cost(o) < cost(c) {
			return true
		}
	}
	return false
}
