package convert

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

// randomRidge returns a regression of normal rows, more than one chunk of them, in a wider matrix.
func randomRidge(r *rand.Rand, rows, cols, out int, rectified, bias bool) *ridge {
	f := &ridge{rows: rows, cols: cols, stride: cols + 2, out: out, rectified: rectified, limit: math.Inf(1), bias: bias,
		u: make([]float32, rows*(cols+2)), z: make([]float32, rows*out), fixed: make([]float32, rows*out), w0: make([]float64, out*cols)}
	for i := range f.u {
		f.u[i] = float32(r.NormFloat64())
		if bias && i%f.stride == cols-1 {
			f.u[i] = 1
		}
	}
	for i := range f.z {
		f.z[i], f.fixed[i] = float32(r.NormFloat64()), float32(r.NormFloat64()/2)
	}
	for i := range f.w0 {
		f.w0[i] = r.NormFloat64()
	}
	return f
}

// loss is the formula of pass refit, with what skip connections add.
func (r *ridge) loss() float64 {
	sum := 0.0
	for i, w := range r.w {
		sum += r.ridge * (w - r.w0[i]) * (w - r.w0[i])
	}
	for n := range r.rows {
		for o := range r.out {
			y := float64(r.fixed[n*r.out+o])
			for j := range r.cols {
				y += r.w[o*r.cols+j] * float64(r.u[n*r.stride+j])
			}
			z := float64(r.z[n*r.out+o])
			if r.rectified && z <= 0 {
				y, z = max(y, 0), 0
			}
			if r.rectified && z >= r.limit {
				y, z = min(y, r.limit), r.limit
			}
			sum += (y - z) * (y - z)
		}
	}
	return sum
}

func TestRefitLossFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(seed(t), 1))
		f := randomRidge(r, 520, rapid.IntRange(1, 8).Draw(t, "columns"), 3, true, rapid.Bool().Draw(t, "bias"))
		f.lambda = rapid.SampledFrom([]float64{1e-3, 1e-2, 1}).Draw(t, "λ")
		f.limit = rapid.SampledFrom([]float64{math.Inf(1), 1, 0.25}).Draw(t, "limit")
		if err := f.factorise(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := math.Inf(1)
		for k := 1; k <= 8; k++ {
			if err := f.iterate(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			after := f.loss()
			if after > before*(1+1e-9) {
				t.Fatalf("iteration %d: loss %v after %v", k, after, before)
			}
			before = after
		}
		// The loss is convex: where its slope is zero is the global optimum. Steps in any direction lead up.
		if err := f.iterate(t.Context(), 60); err != nil {
			t.Fatal(err)
		}
		least := f.loss()
		for i := range f.w {
			for _, step := range []float64{-1e-3, 1e-3} {
				f.w[i] += step
				if up := f.loss(); up < least*(1-1e-9) {
					t.Fatalf("weight %d: loss %v beside the optimum %v", i, up, least)
				}
				f.w[i] -= step
			}
		}
	})
}

// TestRidgeFew: few rows lead to the weights that the same rows lead to with others that say nothing, in the larger system.
func TestRidgeFew(t *testing.T) {
	for _, rectified := range []bool{false, true} {
		few := randomRidge(rand.New(rand.NewPCG(7, 1)), 20, 41, 70, rectified, false)
		many := *few
		many.rows = 30
		many.u = append(slices.Clone(few.u), make([]float32, 10*few.stride)...)
		many.z = append(slices.Clone(few.z), make([]float32, 10*few.out)...)
		many.fixed = append(slices.Clone(few.fixed), make([]float32, 10*few.out)...)
		for _, r := range []*ridge{few, &many} {
			r.lambda = 0.1
			if err := r.factorise(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.iterate(t.Context(), 5); err != nil {
				t.Fatal(err)
			}
		}
		if !few.few() || many.few() || !slices.Equal(few.g, many.g) {
			t.Fatal("not the same regression in two sizes")
		}
		moved := 0.0
		for i, w := range few.w {
			if d := math.Abs(w - many.w[i]); d > 1e-11 {
				t.Fatalf("rectified %v: weight %d is %v, in the larger system %v", rectified, i, w, many.w[i])
			}
			moved = max(moved, math.Abs(w-few.w0[i]))
		}
		if moved < 0.1 {
			t.Errorf("rectified %v: no weight moved by more than %v", rectified, moved)
		}
	}
}

// TestRidgeByHand: one column of two ones, z = 3 and 5, w0 = 1. G = 2 and λ̄ = λ·trace/d = 2λ; with λ = 1 the solution
// of (2 + 2)·w = 8 + 2·1 is 2.5.
func TestRidgeByHand(t *testing.T) {
	f := &ridge{rows: 2, cols: 1, out: 1, stride: 1, u: []float32{1, 1}, z: []float32{3, 5}, fixed: []float32{0, 0}, w0: []float64{1}, lambda: 1}
	if err := f.factorise(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.iterate(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if f.ridge != 2 || math.Abs(f.w[0]-2.5) > 1e-12 {
		t.Errorf("λ̄ = %v, w = %v, want 2 and 2.5", f.ridge, f.w)
	}
	// A rectified layer: z = −4 and 5, and a skip connection that adds 1. First (2+2)·w = (−4−1) + (5−1) + 2 gives
	// 1/4; then ŷ = 1/4 + 1 > 0 has the target 0, that is −1 without the skip: (2+2)·w = −1 + 4 + 2 gives 5/4.
	f = &ridge{rows: 2, cols: 1, out: 1, stride: 1, u: []float32{1, 1}, z: []float32{-4, 5}, fixed: []float32{1, 1}, w0: []float64{1}, lambda: 1, rectified: true, limit: math.Inf(1)}
	if err := f.factorise(t.Context()); err != nil {
		t.Fatal(err)
	}
	for times, want := range map[int]float64{1: 0.25, 2: 1.25} {
		if err := f.iterate(t.Context(), times); err != nil {
			t.Fatal(err)
		}
		if math.Abs(f.w[0]-want) > 1e-12 {
			t.Errorf("after %d: w = %v, want %v", times, f.w, want)
		}
	}
	if got := f.moments().At(0, 0); got != 1 {
		t.Errorf("E[u²] = %v, want 1", got)
	}
}

// topologies are networks that their own student can represent: no bias, no max pooling, unless bias is asked for.
var topologies = []struct {
	name  string
	build func(s *sketch, bias bool)
}{
	{"plain", func(s *sketch, bias bool) {
		s.add(s.conv(2, 4, 1, padded([2]int{3, 2}, [4]int{1, 0, 0, 1}), bias))
		s.add(ann.Relu{})
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(s.conv(4, 5, 1, window.Square(2, 1), bias))
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(s.g.Nodes[s.g.Output].Shape.Size(), 3, bias))
	}},
	{"groups", func(s *sketch, bias bool) {
		s.add(s.conv(2, 6, 2, window.Square(2, 1), bias))
		s.add(ann.Relu{})
		s.add(s.conv(6, 6, 3, window.Square(2, 1), bias))
		s.add(ann.Relu{})
		s.add(s.conv(6, 3, 1, window.Square(3, 2), bias))
	}},
	{"depthwise", func(s *sketch, bias bool) {
		s.add(s.conv(2, 6, 1, window.Square(2, 1), bias))
		s.add(ann.Relu{})
		s.add(s.conv(6, 12, 6, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), bias))
		s.add(ann.Relu{})
		s.add(s.conv(12, 3, 1, window.Square(1, 1), bias))
	}},
	{"skip", func(s *sketch, bias bool) {
		same := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})
		s.add(s.conv(2, 4, 1, window.Square(2, 1), bias))
		r := s.add(ann.Relu{})
		s.add(s.conv(4, 4, 1, same, bias))
		s.add(ann.Relu{})
		c := s.add(s.conv(4, 4, 1, same, bias))
		s.add(ann.Add{}, c, r)
		s.add(ann.Relu{})
		s.add(s.conv(4, 3, 1, window.Square(3, 1), bias))
	}},
	{"two branches", func(s *sketch, bias bool) {
		s.add(s.conv(2, 6, 1, window.Square(2, 1), bias))
		r := s.add(ann.Relu{})
		a := s.add(s.conv(6, 6, 3, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), bias), r)
		b := s.add(s.conv(6, 6, 2, window.Square(1, 1), bias), r)
		s.add(ann.Add{}, a, b)
		s.add(ann.Relu{})
		s.add(s.conv(6, 3, 1, window.Square(3, 1), bias))
	}},
	{"a branch from the input", func(s *sketch, bias bool) {
		a := s.add(s.conv(2, 4, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), bias), 0)
		a = s.add(ann.Relu{}, a)
		a = s.add(s.conv(4, 4, 1, window.Square(1, 1), bias), a)
		b := s.add(s.conv(2, 4, 1, window.Square(1, 1), bias), 0)
		s.add(ann.Add{}, a, b)
		s.add(ann.Relu{})
		s.add(s.conv(4, 3, 1, window.Square(3, 1), bias))
	}},
}

// distance is the mean absolute difference of teacher and student over their images, relative to the teacher's mean.
func distance(t tb, s *State) float64 {
	t.Helper()
	size := s.Graph.Nodes[0].Shape.Size()
	x, codes := make([]float32, size), make([]float32, size)
	diff, all := 0.0, 0.0
	for i := range 20 {
		s.Images.Inputs(i, x)
		s.Images.Codes(i, codes)
		a, b := evaluate(t, s.Teacher, x), evaluate(t, s.Graph, codes)
		for k := range a {
			diff += math.Abs(float64(a[k]) - float64(b[k]))
			all += math.Abs(float64(a[k]))
		}
	}
	return diff / all
}

// TestRefitKeepsWhatIsRight: where the student can compute what the teacher does, the fitted student does it.
func TestRefitKeepsWhatIsRight(t *testing.T) {
	for _, c := range topologies {
		for _, rules := range []Rules{Strict, Best} {
			t.Run(fmt.Sprint(c.name, " ", rules), func(t *testing.T) {
				s := newSketch(t, 9, 2, 7, 6)
				c.build(s, rules == Best)
				st := stateOf(s.g, 60, unit, options(rules, 1))
				through(t, st, "drop-softmax", "refit")
				if st.Diagnostics.HasErrors() {
					t.Fatal(st.Diagnostics)
				}
				if d := distance(t, st); !(d < 1e-4) {
					t.Errorf("the fitted student differs by %.2g of the teacher's output", d)
				}
			})
		}
	}
}

// TestRefitMakesGood: weights of the student that are off by a fifth come back most of the way.
func TestRefitMakesGood(t *testing.T) {
	for _, c := range topologies {
		for _, rules := range []Rules{Strict, Best} {
			t.Run(fmt.Sprint(c.name, " ", rules), func(t *testing.T) {
				s := newSketch(t, 9, 2, 7, 6)
				c.build(s, rules == Best)
				st := stateOf(s.g, 60, unit, options(rules, 1))
				through(t, st, "drop-softmax", "zero-bias")
				for i := range st.Graph.Nodes {
					if w, ok := weightedOf(st.Graph.Nodes[i].Op); ok {
						w = w.clone()
						for k := range w.weight {
							w.weight[k] *= 1 + float32(s.r.NormFloat64()/5)
						}
						st.Graph.Nodes[i].Op = w.op()
					}
				}
				before := distance(t, st)
				through(t, st, "refit", "refit")
				if after := distance(t, st); !(after < before/4) {
					t.Errorf("off by %.3f before and %.3f after the re-fit", before, after)
				}
			})
		}
	}
}

// TestRefitMakesGoodTheRules: max pooling and biases are gone, and the fitted student is nearer to the teacher.
func TestRefitMakesGoodTheRules(t *testing.T) {
	for _, rules := range []Rules{Strict, Best} {
		s := small(t, 4)
		st := stateOf(s.g, 100, unit, options(rules, 1))
		through(t, st, "drop-softmax", "refit")
		after := distance(t, st)
		st.Graph = st.Naive
		if before := distance(t, st); !(after < before/2) {
			t.Errorf("%s: off by %.3f before and %.3f after the re-fit", rules, before, after)
		}
	}
}

// TestRefitMoments: the Gram matrices are the second moments of what the student's kernels see, here worked out from
// the student's own activations at every position.
func TestRefitMoments(t *testing.T) {
	s := newSketch(t, 2, 2, 5, 4)
	s.add(s.conv(2, 4, 1, window.Square(2, 1), true))
	r := s.add(ann.Relu{})
	s.add(s.conv(4, 4, 2, padded([2]int{2, 1}, [4]int{1, 0, 0, 0}), true))
	opt := options(Best, 1)
	opt.Disable["rate-refit"] = true // which would make the moments
	st := stateOf(s.g, 10, unit, opt)
	through(t, st, "drop-softmax", "refit")
	gram := st.Gram[3]
	if len(gram) != 2 {
		t.Fatalf("%d blocks, want 2", len(gram))
	}
	e := ann.NewExecutor(st.Graph)
	codes := make([]float32, 40)
	shape := s.shape(r) // 4, 4, 3
	for g := range 2 {
		want := mat.NewSymDense(4, nil) // two channels, two rows
		for i := range 10 {
			st.Images.Codes(i, codes)
			if _, err := e.Run(codes); err != nil {
				t.Fatal(err)
			}
			v := e.Value(r)
			for y := range shape[1] {
				for x := range shape[2] {
					var u [4]float64
					for k := range u {
						if row := y + k%2 - 1; row >= 0 {
							u[k] = float64(v[((2*g+k/2)*shape[1]+row)*shape[2]+x])
						}
					}
					want.SymRankOne(want, 1.0/120, mat.NewVecDense(4, u[:]))
				}
			}
		}
		if !mat.EqualApprox(gram[g], want, 1e-5) {
			t.Errorf("block %d:\n%v\nwant\n%v", g, mat.Formatted(gram[g]), mat.Formatted(want))
		}
	}
}

// mask returns images whose codes outside keep are zero.
func mask(st *State, keep func(k int) bool) {
	codes, pre, size := st.Images.Codes, st.Preprocess, st.Graph.Nodes[0].Shape.Size()
	st.Images.Codes = func(i int, dst []float32) {
		codes(i, dst)
		for k := range dst {
			if !keep(k) {
				dst[k] = 0
			}
		}
	}
	st.Images.Inputs = func(i int, dst []float32) {
		st.Images.Codes(i, dst)
		for k := range dst {
			scale, offset := pre.At(k, size)
			dst[k] = float32(float64(dst[k])*scale + offset)
		}
	}
}

func finite(g *ann.Graph) bool {
	for _, n := range g.Nodes {
		if w, ok := weightedOf(n.Op); ok {
			for _, v := range slices.Concat(w.weight, w.bias) {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					return false
				}
			}
		}
	}
	return true
}

// TestRefitOfDeadInputs: weights of inputs that are never active stay as they were.
func TestRefitOfDeadInputs(t *testing.T) {
	s := newSketch(t, 2, 1, 4, 3)
	s.add(ann.Flatten{})
	s.add(s.linear(12, 5, true))
	s.add(ann.Relu{})
	s.add(s.linear(5, 2, true))
	st := stateOf(s.g, 50, unit, options(Strict, 1))
	through(t, st, "drop-softmax", "zero-bias")
	mask(st, func(k int) bool { return k != 3 && k != 7 })
	before, _ := weightedOf(st.Graph.Nodes[2].Op)
	through(t, st, "refit", "refit")
	after, _ := weightedOf(st.Graph.Nodes[2].Op)
	changed := false
	for i := range before.weight {
		if k := i % 12; (k == 3 || k == 7) && math.Abs(float64(after.weight[i]-before.weight[i])) > 1e-6 {
			t.Errorf("weight %d of a dead input went from %v to %v", i, before.weight[i], after.weight[i])
		}
		changed = changed || before.weight[i] != after.weight[i]
	}
	if !changed || !finite(st.Graph) {
		t.Error("nothing was fitted, or weights are not finite")
	}
}

// TestRefitOfADeadChannel: a depthwise convolution with one channel that is never active keeps that channel's weights.
func TestRefitOfADeadChannel(t *testing.T) {
	for _, rules := range []Rules{Strict, Best} {
		s := newSketch(t, 2, 3, 5, 4)
		s.add(s.conv(3, 3, 3, window.Square(2, 1), true))
		s.add(ann.Relu{})
		s.add(s.conv(3, 2, 1, window.Square(2, 1), true))
		st := stateOf(s.g, 50, unit, options(rules, 1))
		through(t, st, "drop-softmax", "zero-bias")
		mask(st, func(k int) bool { return k/20 != 1 })
		before, _ := weightedOf(st.Graph.Nodes[1].Op)
		through(t, st, "refit", "refit")
		after, _ := weightedOf(st.Graph.Nodes[1].Op)
		for i := 4; i < 8; i++ {
			if math.Abs(float64(after.weight[i]-before.weight[i])) > 1e-6 {
				t.Errorf("%s: weight %d of the dead channel went from %v to %v", rules, i, before.weight[i], after.weight[i])
			}
		}
		if !finite(st.Graph) {
			t.Errorf("%s: weights are not finite", rules)
		}
	}
}

func TestRefitOfConstantImages(t *testing.T) {
	for _, code := range []float32{0, 200} {
		for _, rules := range []Rules{Strict, Best} {
			s := small(t, 1)
			images := Images{N: 8}
			images.Codes = func(_ int, dst []float32) {
				for k := range dst {
					dst[k] = code
				}
			}
			images.Inputs = func(_ int, dst []float32) {
				for k := range dst {
					dst[k] = code / 255
				}
			}
			res, err := Run(context.Background(), s.g, unit, images, Capabilities{Bias: rules == Best}, options(rules, 4))
			switch {
			case code == 0 && rules == Strict:
				if err == nil || !strings.Contains(err.Error(), `Relu3: cannot be re-fitted: its input is zero on all calibration images`) {
					t.Errorf("black images, %s: got %v", rules, err)
				}
			case err != nil:
				t.Errorf("images of %v, %s: %v", code, rules, err)
			case !finite(res.Tailored):
				t.Errorf("images of %v, %s: weights are not finite", code, rules)
			}
		}
	}
}

// TestRefitOfFewImages: one image, or a fully connected layer with fewer rows than columns, hold on to the weights.
func TestRefitOfFewImages(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		s := small(t, 3)
		st := stateOf(s.g, n, unit, options(Strict, 1))
		through(t, st, "drop-softmax", "refit")
		if !finite(st.Graph) {
			t.Errorf("%d images: weights are not finite", n)
		}
	}
	s := small(t, 3)
	if _, err := Run(context.Background(), s.g, unit, Images{}, Capabilities{}, options(Strict, 1)); err == nil || !strings.Contains(err.Error(), "no calibration images") {
		t.Errorf("without images: %v", err)
	}
}

// TestRunDoesNotDependOnJobs: weights, scale factors and moments are the same to the last bit.
func TestRunDoesNotDependOnJobs(t *testing.T) {
	convert := func(jobs int) *Result {
		s := newSketch(t, 3, 2, 8, 8)
		s.add(s.conv(2, 8, 1, window.Square(3, 1), true))
		s.add(ann.Relu{})
		s.add(&ann.MaxPool{Window: window.Square(2, 2)})
		s.add(ann.Flatten{})
		s.add(s.linear(72, 16, true))
		s.add(ann.Relu{})
		s.add(s.linear(16, 10, true))
		opt := options(Best, 8)
		opt.Jobs, opt.Percentile = jobs, 99
		res, err := Run(context.Background(), s.g, unit, pictures(s.g, 30, unit), Capabilities{Bias: true}, opt)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	one, many := convert(1), convert(5)
	exact := cmp.Comparer(func(a, b *mat.SymDense) bool { return mat.Equal(a, b) })
	if d := cmp.Diff(one.Network, many.Network, exact); d != "" {
		t.Errorf("network (-1 job +5 jobs):\n%s", d)
	}
	if d := cmp.Diff(one.Tailored, many.Tailored); d != "" {
		t.Errorf("student (-1 job +5 jobs):\n%s", d)
	}
}

func TestSamplePositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50).Draw(t, "positions")
		k := rapid.IntRange(1, n).Draw(t, "samples")
		sd := rapid.Uint64().Draw(t, "seed")
		got := slices.Clone(samplePositions(make([]int, n), k, sd))
		dirty := make([]int, n)
		dirty[0] = 99
		if again := samplePositions(dirty, k, sd); !slices.Equal(got, again) {
			t.Fatalf("the same seed gives %v and %v", got, again)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != k || got[0] < 0 || got[k-1] >= n {
			t.Fatalf("%v: not %d distinct positions below %d", got, k, n)
		}
	})
	// Every position is as likely as the others: 3000 draws of 1 of 10 have 300 ± 5·√(300·0.9) each.
	var hits [10]int
	for i := range 3000 {
		hits[samplePositions(make([]int, 10), 1, uint64(7)<<32|uint64(i))[0]]++
	}
	for p, n := range hits {
		if math.Abs(float64(n-300)) > 5*math.Sqrt(270) {
			t.Errorf("position %d drawn %d times of 3000", p, n)
		}
	}
}
