package convert

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"spikec/internal/gemm"
	"spikec/models/ann"
	"spikec/models/snn"
)

// TestMetersResume measures the rates of a network layer by layer, with spikes that are kept and with all of it simulated
// anew: the same rates of every population that a later layer reads. It begins where there is room for all spikes that are
// to be kept, and goes on with as little as one word less than the largest need, so that some networks are simulated as a
// whole and spikes are kept again behind them.
func TestMetersResume(t *testing.T) {
	st := stateOf(residual(t).g, 6, unit, options(Best, 5))
	st.Options.Disable["rate-refit"] = true
	through(t, st, "drop-softmax", "normalise")
	codes := make([]float32, st.Graph.Nodes[0].Shape.Size())
	// resume returns the populations that were known before each layer, whether there was no room, and the words kept.
	resume := func(limit int) (known []int, over []bool, most int) {
		b, kept := newBuilder(st), newTrains(st.Images.N)
		kept.limit = limit
		for _, l := range st.studentLayers() {
			if err := b.layer(l); err != nil {
				t.Fatal(err)
			}
			some, err := newMeters(b, kept, 1)
			if err != nil {
				t.Fatal(err)
			}
			all, err := newMeters(b, newTrains(st.Images.N), 1)
			if err != nil {
				t.Fatal(err)
			}
			known, over = append(known, kept.known), append(over, kept.overflow)
			for i := range st.Images.N {
				st.Images.Codes(i, codes)
				a, c := ann.NewExecutor(st.Graph), ann.NewExecutor(st.Graph)
				if err := some[0].run(a, i, codes, l.node, l.node); err != nil {
					t.Fatal(err)
				}
				if err := all[0].run(c, i, codes, l.node, l.node); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(a.Value(l.node), c.Value(l.node)) {
					t.Fatalf("layer %s, image %d: other rates where spikes are kept", st.Graph.Nodes[l.node].Name, i)
				}
			}
			words := 0
			for _, populations := range kept.images {
				for _, spikes := range populations {
					words += len(spikes)
				}
			}
			most = max(most, words)
		}
		return known, over, most
	}
	known, over, most := resume(trainWords)
	if slices.Max(known) == 0 || slices.Contains(over, true) {
		t.Errorf("with room for all, known were %v, and no room was %v", known, over)
	}
	known, over, less := resume(most - 1)
	first := slices.Index(over, true)
	if first < 0 || slices.Max(known[first:]) == 0 || less >= most {
		t.Errorf("with room for %d words known were %v, and no room was %v; %d were kept", most-1, known, over, less)
	}
}

// TestFittedSums: the sums on the rows have the bits of the product that the regressions' own matrices give, block after
// block, whatever the number of goroutines; they end with the context.
func TestFittedSums(t *testing.T) {
	for _, bias := range []bool{false, true} {
		st := stateOf(residual(t).g, 200, unit, options(Best, 5))
		st.Capabilities.Bias = bias
		through(t, st, "drop-softmax", "zero-bias")
		for k, l := range st.studentLayers() {
			f := newFit(st, l)
			if _, err := f.gather(t.Context(), st, st.studentLayers()[k:], nil, nil); err != nil {
				t.Fatal(err)
			}
			want := make([]float32, len(f.z))
			for b := range f.blocks {
				r := f.block(b)
				w, ws := gemm.Dense(r.w0, r.out, r.cols), gemm.Workspace[float64]{}
				r.eachChunk(make([]float64, chunk*r.cols), r.cols, func(first int, u gemm.Matrix[float64]) {
					y := gemm.Dense(make([]float64, u.Rows*r.out), u.Rows, r.out)
					ws.Add(y, u, w.Transposed())
					for i := range y.Data {
						row, o := first+i/r.out, i%r.out
						want[row*f.out+b*r.out+o] = float32(y.Data[i]) + r.fixed[row*r.out+o]
					}
				})
			}
			for _, f.jobs = range []int{1, 3} {
				if got, err := f.sums(t.Context()); err != nil || !slices.Equal(got, want) {
					t.Errorf("layer %d, %d goroutines: other sums, %v", k, f.jobs, err)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := f.sums(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("layer %d: after the end of the context: %v", k, err)
			}
		}
	}
}

// TestTrainsAreBounded: what does not fit is simulated again.
func TestTrainsAreBounded(t *testing.T) {
	st := stateOf(residual(t).g, 2, unit, options(Best, 5))
	st.Options.Disable["rate-refit"] = true
	through(t, st, "drop-softmax", "normalise")
	b := newBuilder(st)
	if err := b.layer(st.studentLayers()[0]); err != nil {
		t.Fatal(err)
	}
	words := 5 * snn.Words(b.net.Populations[1].Size()) // T steps of the one population that is read
	for images, want := range map[int]bool{trainWords / words: false, trainWords/words + 1: true} {
		kept := newTrains(images)
		if kept.advance(b); kept.overflow != want {
			t.Errorf("%d images of %d words: too large is %v", images, words, kept.overflow)
		}
	}
}

// loss converts g and returns the mean square error of the output, in units of its mean square, of T steps of spikes
// against the trained network, on images that are not those of calibration.
func loss(t *testing.T, s *sketch, opt Options) float64 {
	t.Helper()
	res, err := Run(t.Context(), s.g, unit, pictures(s.g, 200, unit), Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := snn.NewSimulator(res.Network, opt.Steps)
	if err != nil {
		t.Fatal(err)
	}
	l, teacher := sim.NewLoop(), ann.NewExecutor(s.g)
	out := &res.Network.Populations[res.Network.Output()]
	size := s.g.Nodes[0].Shape.Size()
	codes, input := make([]float32, size), make([]float32, size)
	off, all := 0.0, 0.0
	for i := 1000; i < 1100; i++ {
		x := pixels(i, size)
		for k := range x {
			input[k] = x[k] / 255
		}
		snn.ToHWC(codes, x, res.Network.Populations[0].Shape)
		r, err := l.Run(codes, i, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := teacher.Run(input)
		if err != nil {
			t.Fatal(err)
		}
		for k, z := range want {
			d := float64(r.Potentials[len(r.Potentials)-1][k])*out.Scale[0]/float64(opt.Steps) - float64(z)
			off, all = off+d*d, all+float64(z)*float64(z)
		}
	}
	return off / all
}

// TestRateRefitMakesGoodTheSteps: with few steps the output of the spiking network is nearer to the trained network's than
// with the weights of pass refit, on images that neither was fitted on.
func TestRateRefitMakesGoodTheSteps(t *testing.T) {
	for _, rules := range []Rules{Strict, Best} {
		for _, steps := range []int{4, 8} {
			t.Run(fmt.Sprint(rules, " T=", steps), func(t *testing.T) {
				opt := options(rules, steps)
				opt.Normalization = "error"
				fitted := loss(t, residual(t), opt)
				opt.Disable["rate-refit"] = true
				before := loss(t, residual(t), opt)
				if !(fitted < 0.97*before) {
					t.Errorf("error %.4f with the rate re-fit, %.4f without", fitted, before)
				}
			})
		}
	}
}

// TestRateRefitKeepsWhatItCannotFit: where no spike arrives the layer keeps its weights, and a warning says so.
func TestRateRefitKeepsWhatItCannotFit(t *testing.T) {
	s := newSketch(t, 2, 3, 4, 4)
	first := s.conv(3, 4, 1, oneTap(), false)
	for i := range first.Weight {
		first.Weight[i] = -float32(math.Abs(float64(first.Weight[i]))) // never active
	}
	s.add(first)
	s.add(ann.Relu{})
	second := s.conv(4, 4, 1, oneTap(), false)
	s.add(second)
	s.add(ann.Relu{})
	s.add(ann.Flatten{})
	s.add(s.linear(64, 2, true))
	opt := options(Strict, 2)
	opt.Disable["refit"] = true
	st := stateOf(s.g, 20, unit, opt)
	through(t, st, "drop-softmax", "rate-refit")
	warned := false
	for _, d := range st.Diagnostics {
		warned = warned || d.ID == "SPK-CONV-014" && d.Subject == "Relu4"
	}
	if !warned || st.Diagnostics.HasErrors() {
		t.Errorf("got %v, want a warning SPK-CONV-014 for Relu4", st.Diagnostics)
	}
	if got := st.Graph.Nodes[3].Op.(*ann.Conv).Weight; !slices.Equal(got, second.Weight) {
		t.Error("the layer without input got other weights")
	}
}

// TestRateRefitFollowsTheTarget: what Round makes of a population is what the layers behind it are fitted to. Here it halves
// all weights of the first layer, and the second one makes them good as far as the ridge lets it.
func TestRateRefitFollowsTheTarget(t *testing.T) {
	fit := func(round func(*snn.Network, int) error) *State {
		s := newSketch(t, 8, 2, 4, 4)
		s.add(s.conv(2, 4, 1, oneTap(), false))
		s.add(ann.Relu{})
		s.add(s.conv(4, 4, 1, oneTap(), false))
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(64, 2, false))
		opt := options(Strict, 64)
		opt.Round = round
		st := stateOf(s.g, 60, unit, opt)
		through(t, st, "drop-softmax", "rate-refit")
		if st.Diagnostics.HasErrors() {
			t.Fatal(st.Diagnostics)
		}
		return st
	}
	norm := func(st *State) (n float64) {
		for _, w := range st.Graph.Nodes[3].Op.(*ann.Conv).Weight {
			n += float64(w) * float64(w)
		}
		return math.Sqrt(n)
	}
	var rounded []int
	plain := fit(nil)
	halved := fit(func(net *snn.Network, p int) error {
		if rounded = append(rounded, p); p == 1 {
			for i := range net.Projections[0].Weight {
				net.Projections[0].Weight[i] /= 2
			}
		}
		return nil
	})
	if !slices.Equal(rounded, []int{1, 2}) {
		t.Errorf("populations %v were rounded, want the hidden ones, 1 and 2", rounded)
	}
	if ratio := norm(halved) / norm(plain); ratio < 1.25 || ratio > 2.1 {
		t.Errorf("the second layer's weights grew by %.2f, want up to 2", ratio)
	}
}
