// Package baseline is what a spiking network is compared with: the trained network without spikes, in 8-bit integers.
package baseline

import (
	"context"
	"math"
	"slices"

	"spikec/internal/parallel"
	"spikec/models/ann"
)

// MaxImages is how many images ranges are taken from, if there are as many.
const MaxImages = 200

// Int8 returns g as an 8-bit accelerator would compute it, rounded after training: the weights of an output channel are
// the nearest of −127..127 times a scale of the channel, its largest |weight|/127; every value that is stored (stored) is the
// nearest of 0..255 times one scale of the tensor, its largest value/255, or of −127..127 where it is negative anywhere.
// Scales of values are from the first n images, at most MaxImages; what is beyond them is cut off. The sums are exact, in
// 32 bits there, in float32 here; biases and batch normalisation, which are constants of the sums, are not rounded, and the
// input is as it comes: pixels have 8 bits. Halves are rounded to even.
// Source: Jacob et al., CVPR 2018, §2 and §3; Nagel et al., arXiv 2106.08295, §3 (weights a channel, values a tensor).
//
// inputs fills in what g takes of image i, and is safe for concurrent use; jobs is as for parallel.For. The error is that of ctx.
func Int8(ctx context.Context, g *ann.Graph, n int, inputs func(i int, dst []float32), jobs int) (*ann.Graph, error) {
	keep := stored(g)
	ranges, err := rangesOf(ctx, g, keep, min(n, MaxImages), inputs, jobs)
	if err != nil {
		return nil, err
	}
	out := &ann.Graph{Name: g.Name, Nodes: []ann.Node{g.Nodes[0]}}
	to := make([]int, len(g.Nodes))
	for i := 1; i < len(g.Nodes); i++ {
		node := &g.Nodes[i]
		in := make([]int, len(node.Inputs))
		for k, j := range node.Inputs {
			in[k] = to[j]
		}
		if to[i], err = out.Add(node.Name, rounded(node.Op), in...); err != nil {
			return nil, err
		}
		if keep[i] {
			if to[i], err = out.Add(node.Name+"/int8", ranges[i].grid(), to[i]); err != nil {
				return nil, err
			}
		}
	}
	out.Output = to[g.Output]
	return out, nil
}

// stored marks the nodes whose values an accelerator stores: all but the input, what only moves stored values, the output,
// whose sums are compared as they are, and sums that one affine map or rectifier alone reads, which is computed with them.
func stored(g *ann.Graph) []bool {
	keep := make([]bool, len(g.Nodes))
	readers := g.Consumers()
	for i := range g.Nodes {
		keep[i] = i > 0 && len(readers[i]) > 0 && !moves(g.Nodes[i].Op) &&
			!(len(readers[i]) == 1 && fused(g.Nodes[readers[i][0]].Op))
	}
	for i := g.Output; ; i = g.Nodes[i].Inputs[0] { // what stands between the sums of the output and the decision
		keep[i] = false
		if op := g.Nodes[i].Op; i == 0 || !moves(op) && !fused(op) && !decides(op) {
			return keep
		}
	}
}

// moves reports whether op's values are values of its inputs.
func moves(op ann.Op) bool {
	switch op.(type) {
	case ann.Flatten, ann.Reshape, *ann.Select, *ann.MaxPool, *ann.Pad, ann.Concat:
		return true
	}
	return false
}

// fused reports whether op is computed with the sums that it reads.
func fused(op ann.Op) bool {
	switch op.(type) {
	case *ann.BatchNorm, *ann.ChannelAffine, *ann.ElementAffine, *ann.ElementClip, ann.Relu, ann.Clip:
		return true
	}
	return false
}

// decides reports whether op leaves the largest value the largest.
func decides(op ann.Op) bool {
	switch op.(type) {
	case ann.Softmax, ann.ArgMax:
		return true
	}
	return false
}

// rounded returns op with weights that 8 bits can be.
func rounded(op ann.Op) ann.Op {
	switch w := op.(type) {
	case *ann.Conv:
		c := *w
		c.Weight = roundRows(w.Weight, w.Out)
		return &c
	case *ann.Linear:
		c := *w
		c.Weight = roundRows(w.Weight, w.Out)
		return &c
	}
	return op
}

// roundRows rounds rows of weights, each to a grid of its own.
func roundRows(weight []float32, rows int) []float32 {
	out, fan := slices.Clone(weight), len(weight)/rows
	for o := range rows {
		row := out[o*fan : (o+1)*fan]
		s := span{}
		for _, w := range row {
			s.take(w)
		}
		s.low = min(s.low, -s.high) // weights have a sign, whatever they are
		s.grid().round(row, row)
	}
	return out
}

// span is what values were seen.
type span struct{ low, high float32 }

func (s *span) take(x float32) { s.low, s.high = min(s.low, x), max(s.high, x) }

// grid returns the values that 8 bits can have where the span is all there is.
func (s span) grid() grid {
	if s.low < 0 {
		return grid{scale: max(s.high, -s.low) / 127, low: -127, high: 127}
	}
	return grid{scale: s.high / 255, low: 0, high: 255}
}

// rangesOf returns what values the kept nodes have on the images.
func rangesOf(ctx context.Context, g *ann.Graph, keep []bool, n int, inputs func(int, []float32), jobs int) ([]span, error) {
	type worker struct {
		exec  *ann.Executor
		x     []float32
		spans []span
	}
	workers := make([]worker, parallel.Jobs(jobs))
	err := parallel.For(ctx, n, len(workers), func(k, i int) error {
		w := &workers[k]
		if w.exec == nil {
			*w = worker{ann.NewExecutor(g), make([]float32, g.Nodes[0].Shape.Size()), make([]span, len(g.Nodes))}
		}
		inputs(i, w.x)
		if _, err := w.exec.Run(w.x); err != nil {
			return err
		}
		for node := range g.Nodes {
			if keep[node] {
				for _, v := range w.exec.Value(node) {
					w.spans[node].take(v)
				}
			}
		}
		return nil
	})
	all := make([]span, len(g.Nodes))
	for _, w := range workers {
		for i, s := range w.spans {
			all[i] = span{min(all[i].low, s.low), max(all[i].high, s.high)}
		}
	}
	return all, err
}

// grid is the operation that rounds values: to the nearest k·scale with low ≤ k ≤ high, halves to even. Without a scale
// all values are 0.
type grid struct{ scale, low, high float32 }

// Kind returns "Int8".
func (grid) Kind() string { return "Int8" }

// OutputShape returns the shape of the one input.
func (grid) OutputShape(in []ann.Shape) (ann.Shape, error) { return in[0], nil }

// Forward rounds.
func (q grid) Forward(dst []float32, in [][]float32, _ []ann.Shape, _ *ann.Scratch) {
	q.round(dst, in[0])
}

func (q grid) round(dst, src []float32) {
	if q.scale == 0 {
		clear(dst)
		return
	}
	for i, x := range src {
		k := float32(math.RoundToEven(float64(x / q.scale)))
		dst[i] = min(max(k, q.low), q.high) * q.scale
	}
}
