package simulate

import (
	"fmt"
	"math"

	"spikec/runtime/simulate/describe"
	"spikec/runtime/simulate/figure"
)

// mostEdges bounds the lines of a graph.
const mostEdges = 3000

// graph shows neurons on a circle, those of another population on an outer one, and their connections.
func (b *builder) graph(p describe.Plot, o *Outcome, f *figure.Figure) {
	y := b.connected(p.Of[0])
	place := func(k, n int, r float64) (float64, float64) {
		a := 2 * math.Pi * float64(k) / float64(n)
		return r * math.Sin(a), r * math.Cos(a)
	}
	outer := 1.0
	if y.from != y.to {
		outer = 1.6
	}
	every := max(1, (y.s.Size()+mostEdges-1)/mostEdges)
	lines := figure.Series{Color: 6, Wide: 0.3}
	for k := 0; k < y.s.Size(); k += every {
		q := y.s.Ends(k)
		x1, y1 := place(q.I, y.from.n, outer)
		x2, y2 := place(q.J, y.to.n, 1)
		lines.X, lines.Y = append(lines.X, x1, x2, math.NaN()), append(lines.Y, y1, y2, math.NaN())
	}
	f.Series = append(f.Series, lines)
	for k, g := range []*group{y.to, y.from} {
		if k == 1 && y.from == y.to {
			break
		}
		dots := figure.Series{Name: g.name, Style: figure.Dots, Color: 2 * k}
		for n := range g.n {
			x, z := place(n, g.n, []float64{1, outer}[k])
			dots.X, dots.Y = append(dots.X, x), append(dots.Y, z)
		}
		f.Series = append(f.Series, dots)
	}
	f.Bare = true
	f.Height = f.Width
	f.Description = fmt.Sprintf("%d connections from %d neurons of %s to %d neurons of %s, neurons on circles.", y.s.Size(), y.from.n, y.from.name, y.to.n, y.to.name)
	if every > 1 {
		f.Description += fmt.Sprintf(" Every %dth is drawn.", every)
	}
}
