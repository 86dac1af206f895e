package convert

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/divisor"
	"spikec/internal/gemm"
	"spikec/internal/parallel"
	"spikec/models/snn"
)

const (
	// leastSamples is from how many places of a map, of all images, second moments are taken at least, where there are as many.
	leastSamples = 1000
	// sampleFloats bounds their memory, of each population: 64 MiB of float64.
	sampleFloats = 8 << 20
)

// arrivals collects what the weighted projections of one population deliver: the rates that meet each weight of a channel, at some
// places of its map, on some images.
type arrivals struct {
	net         *snn.Network
	population  int
	projections []int
	blocks      int // of output channels with the same inputs
	width       int // weights of a channel
	places      int // an image
	rows        []float64
}

// newArrivals prepares for so many images; nil where there is nothing that moments are of use for: the host computes what the
// input delivers.
func newArrivals(net *snn.Network, population, images int) *arrivals {
	p := &net.Populations[population]
	a := &arrivals{net: net, population: population, blocks: 1}
	spiking := false
	for _, j := range net.Incoming(population) {
		q := &net.Projections[j]
		if q.Identity {
			continue
		}
		a.projections = append(a.projections, j)
		a.width += len(q.Weight) / p.Shape[0]
		spiking = spiking || q.Source != 0
		a.blocks = divisor.Multiple(a.blocks, q.Groups)
	}
	if !spiking || images == 0 || a.blocks*a.width > sampleFloats/leastSamples {
		return nil
	}
	samples := min(max(leastSamples, 2*a.width), sampleFloats/(a.blocks*a.width))
	a.places = min(p.Shape[1]*p.Shape[2], (samples+images-1)/images)
	a.rows = make([]float64, images*a.places*a.blocks*a.width)
	return a
}

// positions draws the places of image i; order holds as many numbers as the map has places, or more, which it changes.
func (a *arrivals) positions(i int, order []int) []int {
	shape := a.net.Populations[a.population].Shape
	return samplePositions(order[:shape[1]*shape[2]], a.places, uint64(a.population)<<32|uint64(i))
}

// take adds image i, of which counts holds the spikes of every population in T steps, H,W,C order; order is as for positions.
// Images may be taken concurrently.
func (a *arrivals) take(i int, counts [][]int32, order []int) {
	shape := a.net.Populations[a.population].Shape
	places := a.positions(i, order)
	first := 0 // column
	for _, j := range a.projections {
		q := &a.net.Projections[j]
		fan := len(q.Weight) / shape[0]
		if q.Source != 0 {
			g := a.net.Geometry(j)
			for k, at := range places {
				for b := range a.blocks {
					row := a.rows[((i*a.places+k)*a.blocks+b)*a.width+first:][:fan]
					a.patch(row, &g, counts[q.Source], b*q.Groups/a.blocks, at/shape[2], at%shape[2])
				}
			}
		}
		first += fan
	}
}

// patch fills row with the rates that meet the weights of a channel in a group of g, at place y, x of its map.
func (a *arrivals) patch(row []float64, g *snn.Shape2d, counts []int32, group, y, x int) {
	each, kernel := g.In[0]/g.Groups, g.Window.Kernel
	rate := func(c, y, x int) float64 {
		if y < 0 || y >= g.In[1] || x < 0 || x >= g.In[2] {
			return 0
		}
		return float64(counts[(y*g.In[2]+x)*g.In[0]+c]) / float64(a.net.Steps)
	}
	seen := [2]int{g.In[1], g.In[2]}
	if g.Pool != nil {
		seen, _ = g.Pool.Output(seen)
	}
	for k := range row {
		c, u, v := group*each+k/(kernel[0]*kernel[1]), k/kernel[1]%kernel[0], k%kernel[1]
		py, px := g.Window.Source(0, y, u), g.Window.Source(1, x, v)
		switch {
		case g.Pool == nil:
			row[k] = rate(c, py, px)
		case py >= 0 && py < seen[0] && px >= 0 && px < seen[1]:
			for s := range g.Pool.Kernel[0] {
				for t := range g.Pool.Kernel[1] {
					row[k] += rate(c, g.Pool.Source(0, py, s), g.Pool.Source(1, px, t))
				}
			}
		}
	}
}

// moments returns the second moments of what was taken, a block.
func (a *arrivals) moments(ctx context.Context, jobs int) ([]*mat.SymDense, error) {
	samples := len(a.rows) / (a.blocks * a.width)
	all := make([]*mat.SymDense, a.blocks)
	err := parallel.For(ctx, a.blocks, jobs, func(_, b int) error {
		u := make([]float64, 0, samples*a.width)
		for s := range samples {
			u = append(u, a.rows[(s*a.blocks+b)*a.width:][:a.width]...)
		}
		data := make([]float64, a.width*a.width)
		var ws gemm.Workspace[float64]
		ws.AddGram(gemm.Dense(data, a.width, a.width), gemm.Dense(u, samples, a.width), 0, a.width)
		for i := range data {
			data[i] /= float64(samples)
		}
		all[b] = mat.NewSymDense(a.width, data)
		return nil
	})
	return all, err
}
