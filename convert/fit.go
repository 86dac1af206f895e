package convert

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/divisor"
	"spikec/internal/parallel"
	"spikec/internal/splitmix"
	"spikec/models/ann"
)

const (
	// refitRows is how many rows a column of the regression gets where Options.Rows does not say, if there are as many.
	refitRows = 20
	// refitColumns bounds the inputs of a neuron: the factorisation takes their cube in time and square in memory.
	refitColumns = 4608
	// refitMoments bounds the memory of a layer's second moments, the square of the inputs for each block of output channels:
	// 256 MiB of float64.
	refitMoments = 32 << 20
	// refitFloats bounds the memory of the unfolded inputs: 256 MiB of float32. Where images give more than one row each it
	// may be up to twice that, as they all give the same number. A regression copies the columns of its block (fit.block).
	refitFloats = 64 << 20
	// refitIterations is how often a rectified layer's target is renewed; more changed nothing measurable.
	refitIterations = 6
)

// fit is the regression of one layer, gathered from the calibration images row by row.
type fit struct {
	fitSize
	layer    layer
	terms    []fitTerm
	fixed    []int // nodes whose values go to the other side
	out      int   // output channels
	bias     bool
	jobs     int
	u        []float32 // rows × columns
	z        []float32 // rows × out
	fixedSum []float32 // rows × out
	gram     []*mat.SymDense
}

// fitSize is how large a regression is.
type fitSize struct {
	positions int // of the output map
	images    int // that positions are sampled of: the first ones
	perImage  int // sampled positions of each; 0 without columns
	columns   int // of u, over all channels
	wide      int // those that an output channel sees: the inputs of a neuron
	blocks    int // groups of output channels that see the same columns
}

// fitTerm is a weighted summand.
type fitTerm struct {
	node  int
	w     weighted
	shape [3]int // of its input map
	first int    // its first column
}

func newFit(s *State, l layer) *fit {
	g := s.Graph
	shape := channels(g.Nodes[l.pre].Shape)
	f := &fit{fitSize: fitSizeOf(s, l), layer: l, out: shape[0], bias: s.Capabilities.Bias, jobs: s.Options.Jobs}
	first := 0
	for _, t := range l.terms {
		if t.weighted < 0 {
			f.fixed = append(f.fixed, t.value)
			continue
		}
		w, _ := weightedOf(g.Nodes[t.weighted].Op)
		f.terms = append(f.terms, fitTerm{node: t.weighted, w: w.clone(), shape: channels(g.Nodes[g.Nodes[t.weighted].Inputs[0]].Shape), first: first})
		first += w.fanIn() * w.groups
	}
	return f
}

// fitSizeOf returns the size of the regression of l.
func fitSizeOf(s *State, l layer) fitSize {
	shape := channels(s.Graph.Nodes[l.pre].Shape)
	f := fitSize{positions: shape[1] * shape[2], blocks: 1}
	for _, t := range l.terms {
		if t.weighted < 0 {
			continue
		}
		w, _ := weightedOf(s.Graph.Nodes[t.weighted].Op)
		f.columns += w.fanIn() * w.groups
		f.wide += w.fanIn()
		f.blocks = divisor.Multiple(f.blocks, w.groups)
	}
	if f.columns > 0 {
		rows := s.Options.Rows
		if rows == 0 {
			rows = refitRows
		}
		want := min(rows*f.wide+1000, refitFloats/f.columns)
		f.perImage = max(1, min(f.positions, (want+s.Images.N-1)/s.Images.N))
		f.images = min(s.Images.N, max(1, refitFloats/f.columns))
	}
	return f
}

// refits reports whether l has weights to fit, and not too many.
func (s *State) refits(l layer) bool { return fitSizeOf(s, l).fits() }

// fits is refits of the layer.
func (f fitSize) fits() bool { return f.columns > 0 && f.wide <= f.widest() }

// widest returns how many inputs a neuron may have.
func (f fitSize) widest() int {
	return min(refitColumns, int(math.Sqrt(float64(refitMoments/f.blocks))))
}

// gather runs teacher and student over the images, as far as the layer, and samples rows. It begins at what is known of
// the images, nothing or a checkpoint, and returns what the layers to be fitted, this one first, can begin at.
func (f *fit) gather(ctx context.Context, s *State, layers []layer, known *checkpoint, m meters) (*checkpoint, error) {
	n := s.Images.N
	rows := f.images * f.perImage
	f.u = make([]float32, rows*f.columns)
	f.z = make([]float32, rows*f.out)
	f.fixedSum = make([]float32, rows*f.out)
	done := 0
	if known != nil {
		done = known.last
	}
	later, last := layers, len(s.Graph.Nodes)
	if m != nil {
		// What this layer's weights are going to be changes nothing up to its rectifier, whose rates are measured.
		later, last = layers[1:], f.layer.pre
	}
	next := newCheckpoint(s.Graph, later, min(firstWeighted(s.Graph, later)-1, last), done, n)
	workers := make([]gatherer, parallel.Jobs(s.Options.Jobs))
	for i := range workers {
		workers[i] = newGatherer(s, f.positions)
	}
	err := parallel.For(ctx, n, len(workers), func(k, i int) error {
		w := &workers[k]
		if err := w.run(s, known, i, f.layer.pre, m.of(k)); err != nil {
			return err
		}
		if next != nil {
			next.save(i, w.teacher, w.student)
		}
		if i >= f.images {
			return nil
		}
		for r, p := range samplePositions(w.order, f.perImage, uint64(f.layer.node)<<32|uint64(i)) {
			f.row(i*f.perImage+r, p, w.teacher, w.student)
		}
		return nil
	})
	if next == nil {
		next = known
	}
	return next, err
}

// gatherer is the memory of one goroutine of gather.
type gatherer struct {
	teacher, student *ann.Executor
	codes, inputs    []float32
	order            []int
}

func newGatherer(s *State, positions int) gatherer {
	codes, inputs := make([]float32, s.Graph.Nodes[0].Shape.Size()), make([]float32, s.Teacher.Nodes[0].Shape.Size())
	return gatherer{teacher: ann.NewExecutor(s.Teacher), student: ann.NewExecutor(s.Graph), codes: codes, inputs: inputs, order: make([]int, positions)}
}

// run computes teacher and student for image i up to node last; what the student's rectifiers deliver is measured, if
// there is a meter.
func (w *gatherer) run(s *State, known *checkpoint, i, last int, m *meter) error {
	s.Images.Codes(i, w.codes)
	first := 0
	if known != nil {
		known.restore(i, w.teacher, w.student)
		first = known.last + 1
	} else {
		s.Images.Inputs(i, w.inputs)
		copy(w.teacher.Value(0), w.inputs)
		copy(w.student.Value(0), w.codes)
	}
	w.teacher.Continue(max(1, first), last)
	if m != nil {
		return m.run(w.student, i, w.codes, first, last)
	}
	w.student.Continue(max(1, first), last)
	return nil
}

// samplePositions returns k distinct positions of 0..len(order)-1, the same for the same seed (partial Fisher-Yates
// over SplitMix64).
func samplePositions(order []int, k int, seed uint64) []int {
	for i := range order {
		order[i] = i
	}
	for i := range k {
		seed += splitmix.Weyl
		j := i + int(splitmix.Scramble(seed)%uint64(len(order)-i))
		order[i], order[j] = order[j], order[i]
	}
	return order[:k]
}

// row fills row r with position p of the image that the executors hold.
func (f *fit) row(r, p int, teacher, student *ann.Executor) {
	u := f.u[r*f.columns : (r+1)*f.columns]
	for _, t := range f.terms {
		x := student.Value(inputOf(student, t.node))
		unfold(u[t.first:], x, t.shape, t.w, p)
	}
	z := teacher.Value(f.layer.pre)
	for o := range f.out {
		f.z[r*f.out+o] = z[o*f.positions+p]
		for _, n := range f.fixed {
			f.fixedSum[r*f.out+o] += student.Value(n)[o*f.positions+p]
		}
	}
}

func inputOf(e *ann.Executor, node int) int { return e.Graph().Nodes[node].Inputs[0] }

// unfold writes what the kernel of w sees of map x at output position p: C·kH·kW values, 0 on padding.
func unfold(dst, x []float32, shape [3]int, w weighted, p int) {
	out, _ := w.window.Output([2]int{shape[1], shape[2]})
	oy, ox := p/out[1], p%out[1]
	i := 0
	for c := range shape[0] {
		plane := x[c*shape[1]*shape[2]:]
		for u := range w.window.Kernel[0] {
			y := w.window.Source(0, oy, u)
			for v := range w.window.Kernel[1] {
				xx := w.window.Source(1, ox, v)
				if y >= 0 && y < shape[1] && xx >= 0 && xx < shape[2] {
					dst[i] = plane[y*shape[2]+xx]
				} else {
					dst[i] = 0
				}
				i++
			}
		}
	}
}

// solve fits every block of output channels. A block whose inputs are never active keeps its weights.
func (f *fit) solve(ctx context.Context) error {
	per, silent := f.out/f.blocks, 0
	for b := range f.blocks {
		r := f.block(b)
		r.scaleRidge()
		err := r.factorise(ctx)
		switch {
		case err == nil:
			if err := r.iterate(ctx, f.iterations()); err != nil {
				return err
			}
		case errors.Is(err, errSilent) && silent+1 < f.blocks:
			r.w = r.w0
			silent++
		default:
			return err
		}
		f.scatterWeights(b, per, r)
		f.gram = append(f.gram, r.moments())
	}
	return nil
}

// finite reports whether all numbers that the layer is fitted to are finite.
func (f *fit) finite() bool { return allFinite(f.z) && allFinite(f.fixedSum) }

func (f *fit) iterations() int {
	if f.layer.node == f.layer.pre {
		return 1
	}
	return refitIterations
}

// columnsOf lists the columns that block b of output channels sees, term after term.
func (f *fit) columnsOf(b int) []int {
	var cols []int
	for _, t := range f.terms {
		g := b * t.w.groups / f.blocks
		fan := t.w.fanIn()
		for k := range fan {
			cols = append(cols, t.first+g*fan+k)
		}
	}
	return cols
}

// block sets up the regression of block b: its columns of u, its channels of z, and the weights before.
func (f *fit) block(b int) *ridge {
	cols, per := f.columnsOf(b), f.out/f.blocks
	rows := len(f.u) / f.columns
	r := &ridge{rows: rows, cols: len(cols), out: per, rectified: f.layer.node != f.layer.pre, limit: f.layer.limit, bias: f.bias, one: f.constant(), jobs: f.jobs}
	if f.bias {
		r.cols++
	}
	r.u, r.stride = f.u, f.columns
	if len(cols) != f.columns || f.bias {
		r.u, r.stride = make([]float32, rows*r.cols), r.cols
		for i := range rows {
			for k, c := range cols {
				r.u[i*r.cols+k] = f.u[i*f.columns+c]
			}
			if f.bias {
				r.u[i*r.cols+len(cols)] = float32(r.one)
			}
		}
	}
	r.z, r.fixed = make([]float32, rows*per), make([]float32, rows*per)
	for i := range rows {
		copy(r.z[i*per:(i+1)*per], f.z[i*f.out+b*per:])
		copy(r.fixed[i*per:(i+1)*per], f.fixedSum[i*f.out+b*per:])
	}
	r.w0 = f.weights(b, r.cols, r.one)
	return r
}

// weights returns the weights that block b has now, out × cols; one is what the column holds that the bias multiplies.
func (f *fit) weights(b, cols int, one float64) []float64 {
	per := f.out / f.blocks
	all := make([]float64, per*cols)
	for o := range per {
		k := 0
		for _, t := range f.terms {
			for _, w := range t.w.weight[(b*per+o)*t.w.fanIn() : (b*per+o+1)*t.w.fanIn()] {
				all[o*cols+k] = float64(w)
				k++
			}
			if f.bias && t.w.bias != nil {
				all[o*cols+cols-1] += float64(t.w.bias[b*per+o]) / one
			}
		}
	}
	return all
}

// constant is the value of the column that the bias multiplies: the root mean square of the others, so that the ridge
// holds the bias as it holds the weights.
func (f *fit) constant() float64 {
	sum := 0.0
	for _, v := range f.u {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return 1
	}
	return math.Sqrt(sum / float64(len(f.u)))
}

// scatterWeights puts the fitted weights of block b back into the terms; a bias goes to the first term.
func (f *fit) scatterWeights(b, per int, r *ridge) {
	for o := range per {
		k := 0
		for i := range f.terms {
			w := &f.terms[i].w
			for j := range w.fanIn() {
				w.weight[(b*per+o)*w.fanIn()+j] = float32(r.w[o*r.cols+k])
				k++
			}
			if f.bias {
				if w.bias == nil {
					w.bias = make([]float32, w.out)
				}
				w.bias[b*per+o] = 0
			}
		}
		if f.bias {
			f.terms[0].w.bias[b*per+o] = float32(r.w[o*r.cols+r.cols-1] * r.one)
		}
	}
}

// store puts the fitted operations into g.
func (f *fit) store(g *ann.Graph) {
	g.Nodes = slices.Clone(g.Nodes)
	for _, t := range f.terms {
		g.Nodes[t.node].Op = t.w.op()
	}
}
