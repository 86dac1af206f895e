package convert

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/internal/window"
	"spikec/models/ann"
)

func TestPassesAreInOrder(t *testing.T) {
	if err := CheckOrder(Passes); err != nil {
		t.Error(err)
	}
	names := map[string]bool{}
	for _, p := range Passes {
		if p.About == "" || names[p.Name] {
			t.Errorf("pass %q has no description, or its name occurs twice", p.Name)
		}
		names[p.Name] = true
	}
}

func TestCheckOrderNamesWhatIsWrong(t *testing.T) {
	for _, c := range order {
		swapped := slices.Clone(Passes)
		i := slices.IndexFunc(swapped, func(p Pass) bool { return p.Name == c.first })
		j := slices.IndexFunc(swapped, func(p Pass) bool { return p.Name == c.then })
		swapped[i], swapped[j] = swapped[j], swapped[i]
		if err := CheckOrder(swapped); err == nil || !strings.Contains(err.Error(), "must come before") {
			t.Errorf("%s after %s: got %v", c.first, c.then, err)
		}
	}
	two := []Pass{Passes[slices.IndexFunc(Passes, func(p Pass) bool { return p.Name == "lower" })]}
	two = append(two, slices.DeleteFunc(slices.Clone(Passes), func(p Pass) bool { return p.Name == "lower" })...)
	if err := CheckOrder(two); err == nil || !strings.Contains(err.Error(), `"rate-refit" must come before "lower": what was fitted`) {
		t.Errorf("got %v, want the constraint with its reason", err)
	}
	if err := CheckOrder(Passes[:len(Passes)-1]); err == nil || !strings.Contains(err.Error(), `"relays": no such pass`) {
		t.Errorf("a table without a constrained pass: got %v", err)
	}
}

// small returns a network of two convolutions with everything that the passes change.
func small(t tb, seed uint64) *sketch {
	s := newSketch(t, seed, 1, 8, 7)
	s.add(s.conv(1, 4, 1, window.Square(3, 1), true))
	s.add(s.batchNorm(4, true))
	s.add(ann.Relu{})
	s.add(&ann.MaxPool{Window: window.Square(2, 2)})
	s.add(s.conv(4, 6, 1, window.Square(2, 1), true))
	s.add(ann.Relu{})
	s.add(ann.GlobalAveragePool{})
	s.add(ann.Flatten{})
	s.add(s.linear(6, 3, true))
	s.add(ann.Softmax{})
	return s
}

func TestRunOfPasses(t *testing.T) {
	s := small(t, 1)
	opt := options(Strict, 8)
	var dumped []string
	opt.DumpAfter = func(pass string, took time.Duration, s *State) { dumped = append(dumped, pass) }
	res, err := Run(context.Background(), s.g, unit, pictures(s.g, 20, unit), Capabilities{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i, p := range Passes {
		all = append(all, p.Name)
		if res.Timing[i].Pass != p.Name {
			t.Errorf("timing %d is of %s, want %s", i, res.Timing[i].Pass, p.Name)
		}
	}
	if d := cmp.Diff(all, dumped); d != "" {
		t.Errorf("dumps (-want +got):\n%s", d)
	}

	opt.StopAfter, dumped = "zero-bias", nil
	res, err = Run(context.Background(), s.g, unit, pictures(s.g, 20, unit), Capabilities{}, opt)
	if err != nil || res.Network != nil || dumped[len(dumped)-1] != "zero-bias" {
		t.Errorf("stop after zero-bias: %v, last %v", err, dumped)
	}

	// Only optional passes can be left out.
	opt.StopAfter, dumped = "", nil
	opt.Disable = map[string]bool{"refit": true, "lower": true}
	res, err = Run(context.Background(), s.g, unit, pictures(s.g, 20, unit), Capabilities{}, opt)
	if err != nil || res.Network == nil || slices.Contains(dumped, "refit") || !slices.Contains(dumped, "lower") {
		t.Errorf("without refit: %v, passes %v", err, dumped)
	}
	if d := cmp.Diff(res.Naive, res.Tailored); d != "" {
		t.Errorf("without refit the student is the naive one (-naive +tailored):\n%s", d)
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("interrupted")
	cancel(reason)
	s := small(t, 1)
	if _, err := Run(ctx, s.g, unit, pictures(s.g, 5, unit), Capabilities{}, options(Strict, 8)); !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}

func TestFinalSoftmaxIsDropped(t *testing.T) {
	s := newSketch(t, 1, 4)
	s.add(s.linear(4, 3, true))
	last := s.g.Output
	s.add(ann.Softmax{})
	s.add(ann.Softmax{Log: true})
	st := stateOf(s.g, 1, unit, options(Best, 1))
	if err := dropSoftmax(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	if len(st.Teacher.Nodes) != 2 || st.Teacher.Output != last || len(st.Diagnostics) != 2 || st.Diagnostics[0].ID != "SPK-CONV-001" || st.Diagnostics.HasErrors() {
		t.Errorf("%s%v", st.Teacher, st.Diagnostics)
	}
	if len(s.g.Nodes) != 4 {
		t.Error("the network that was read has changed")
	}
}

// TestNormalFormsKeepTheFunction: drawn networks of poolings, pads and rectifiers give the same before and after, and
// afterwards no Pad of zeros stands before a Conv, no GlobalAveragePool is left, and no rectifier reads a MaxPool.
func TestNormalFormsKeepTheFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSketch(t, seed(t), 2, 9, 7)
		pad := func() {
			if rapid.Bool().Draw(t, "pad") {
				s.add(&ann.Pad{Begin: [2]int{rapid.IntRange(0, 2).Draw(t, "top"), 1}, End: [2]int{0, rapid.IntRange(0, 2).Draw(t, "right")}})
			}
		}
		rectifier := func() ann.Op {
			return rapid.SampledFrom([]ann.Op{ann.Relu{}, ann.Clip{Max: 1}}).Draw(t, "rectifier")
		}
		pad()
		s.add(s.conv(2, 4, 2, padded([2]int{3, 2}, [4]int{1, 0, 0, 1}), true))
		if rapid.Bool().Draw(t, "maxpool") {
			s.add(&ann.MaxPool{Window: padded([2]int{2, 3}, [4]int{1, 0, 0, 1})})
		}
		s.add(rectifier())
		pad()
		b := s.add(s.conv(4, 4, 1, window.Square(2, 1), false))
		if rapid.Bool().Draw(t, "shared maxpool") {
			p := s.add(&ann.MaxPool{Window: window.Square(2, 1)}, b)
			r := s.add(rectifier(), p)
			q := s.add(rectifier(), p)
			s.add(ann.Add{}, r, q)
		} else {
			s.add(rectifier(), b)
		}
		s.add(ann.GlobalAveragePool{})
		st := stateOf(s.g, 1, unit, options(Best, 1))
		x := make([]float32, 2*9*7)
		st.Images.Inputs(1, x)
		want := append([]float32(nil), evaluate(t, s.g, x)...)
		if err := normalForms(context.Background(), st); err != nil {
			t.Fatal(err)
		}
		closeTo(t, "normal forms", evaluate(t, st.Teacher, x), want, 1e-5)
		g := st.Teacher
		if err := g.Validate(); err != nil {
			t.Fatal(err)
		}
		consumers := g.Consumers()
		for i, n := range g.Nodes {
			switch n.Op.(type) {
			case ann.GlobalAveragePool, *ann.Pad:
				t.Fatalf("%s is left", n.Name)
			case *ann.MaxPool:
				for _, c := range consumers[i] {
					if _, ok := activation(g.Nodes[c].Op); ok && len(consumers[i]) == 1 {
						t.Fatalf("%s is before %s", n.Name, g.Nodes[c].Name)
					}
				}
			}
		}
	})
}

// TestInputScaleTakesCodes: before zero-bias the student computes from codes what the teacher computes from inputs.
func TestInputScaleTakesCodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.IntRange(1, 3).Draw(t, "channels")
		s := newSketch(t, seed(t), c, 7, 5)
		pre := Preprocess{}
		n := rapid.SampledFrom([]int{0, 1, c}).Draw(t, "values")
		for range n {
			pre.Scale = append(pre.Scale, rapid.Float64Range(0.002, 0.02).Draw(t, "scale"))
			pre.Offset = append(pre.Offset, rapid.Float64Range(-2, 2).Draw(t, "offset"))
		}
		if n == 0 {
			pre.Scale = []float64{1.0 / 255}
		}
		s.affines(t, c, true)
		s.firstLayer(t, c, rapid.SampledFrom(firstLayers).Draw(t, "first layer"))
		s.add(ann.Relu{})
		st := stateOf(s.g, 1, pre, options(Best, 1))
		through(t, st, "drop-softmax", "input-scale")
		if st.Diagnostics.HasErrors() {
			t.Fatal(st.Diagnostics)
		}
		x, codes := make([]float32, c*35), make([]float32, c*35)
		st.Images.Inputs(2, x)
		st.Images.Codes(2, codes)
		closeTo(t, "student", evaluate(t, st.Graph, codes), evaluate(t, st.Teacher, x), 1e-4)
	})
}

// TestInputScaleOfTwoReaders: two layers read the input, one of them behind an affine map of its own.
func TestInputScaleOfTwoReaders(t *testing.T) {
	s := newSketch(t, 3, 2, 6, 5)
	a := s.add(&ann.ChannelAffine{Scale: []float32{2, -3}, Shift: []float32{0.5, 1}})
	x := s.add(s.conv(2, 4, 1, window.Square(2, 1), true), a)
	r := s.add(ann.Relu{}, x)
	y := s.add(s.conv(4, 3, 1, window.Square(2, 1), true), r)
	z := s.add(s.conv(2, 3, 1, window.Square(3, 1), true), 0)
	s.add(ann.Add{}, y, z)
	st := stateOf(s.g, 1, unit, options(Best, 1))
	through(t, st, "drop-softmax", "input-scale")
	if st.Diagnostics.HasErrors() {
		t.Fatal(st.Diagnostics)
	}
	in, codes := make([]float32, 60), make([]float32, 60)
	st.Images.Inputs(2, in)
	st.Images.Codes(2, codes)
	closeTo(t, "student", evaluate(t, st.Graph, codes), evaluate(t, st.Teacher, in), 1e-4)
}

// TestWhatPassesLeaveIsChecked: a pass that leaves a network whose sizes do not fit is named.
func TestWhatPassesLeaveIsChecked(t *testing.T) {
	table := Passes
	t.Cleanup(func() { Passes = table })
	for name, damage := range map[string]func(s *State){
		"weights":       func(s *State) { s.Network.Projections[0].Weight = s.Network.Projections[0].Weight[1:] },
		"scale factors": func(s *State) { s.Network.Populations[1].Scale = nil },
		"shape is":      func(s *State) { s.Graph.Nodes[1].Shape = ann.Shape{1} },
	} {
		Passes = append(slices.Clone(table), Pass{Name: "damage", run: func(_ context.Context, s *State) error { damage(s); return nil }})
		s := small(t, 2)
		_, err := Run(context.Background(), s.g, unit, pictures(s.g, 5, unit), Capabilities{}, options(Strict, 2))
		if err == nil || !strings.Contains(err.Error(), "after pass damage") || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

// TestInputScaleWarnsOfPads: the border is the one place where the student differs, be it that of weights or of a pool before them.
func TestInputScaleWarnsOfPads(t *testing.T) {
	pads := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})
	for _, c := range []struct {
		pool   ann.Op // nil: none
		window window.Window2d
		want   []string
	}{
		{nil, pads, []string{"Conv1"}},
		{nil, window.Square(3, 1), nil},
		{&ann.AveragePool{Window: pads, CountPad: true}, window.Square(3, 1), []string{"AveragePool1"}},
		{&ann.AveragePool{Window: pads}, window.Square(3, 1), []string{"AveragePool1"}},
		{&ann.MaxPool{Window: pads}, window.Square(3, 1), []string{"MaxPool1"}},
		{&ann.AveragePool{Window: pads}, pads, []string{"AveragePool1", "Conv2"}},
		{&ann.AveragePool{Window: window.Square(2, 2)}, pads, []string{"Conv2"}},
		{&ann.AveragePool{Window: window.Square(2, 2)}, oneTap(), nil},
	} {
		for _, offset := range []float64{0, -0.5} {
			s := newSketch(t, 3, 1, 6, 5)
			if c.pool != nil {
				s.add(c.pool)
			}
			pool := s.g.Output
			first := s.add(s.conv(1, 2, 1, c.window, true), pool)
			// Another reader of the pool adds no second warning of it.
			s.add(ann.Add{}, first, s.add(s.conv(1, 2, 1, c.window, true), pool))
			s.add(ann.Relu{})
			want := c.want
			if n := len(want) - 1; n >= 0 && strings.HasPrefix(want[n], "Conv") {
				want = append(slices.Clone(want), s.g.Nodes[pool+2].Name)
			}
			if offset == 0 {
				want = nil
			}
			st := stateOf(s.g, 1, Preprocess{Scale: []float64{1. / 255}, Offset: []float64{offset}}, options(Best, 1))
			through(t, st, "drop-softmax", "input-scale")
			var warned []string
			for _, d := range st.Diagnostics {
				if d.ID == "SPK-CONV-008" {
					warned = append(warned, d.Subject)
				}
			}
			if !slices.Equal(warned, want) {
				t.Errorf("pool %v, kernel %v, offset %v: warned of %v, want %v", c.pool, c.window, offset, warned, want)
			}
		}
	}
}

func TestAveragePoolingReplacesMaxPooling(t *testing.T) {
	s := newSketch(t, 1, 1, 4, 5)
	s.add(s.conv(1, 1, 1, window.Square(1, 1), false))
	s.add(ann.Relu{})
	s.add(&ann.MaxPool{Window: window.Square(2, 1)})
	s.add(&ann.AveragePool{Window: padded([2]int{2, 2}, [4]int{1, 0, 0, 0})})
	st := stateOf(s.g, 1, unit, options(Best, 1))
	st.Graph = clone(s.g)
	if err := averagePooling(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{3, 4} {
		if p, ok := st.Graph.Nodes[i].Op.(*ann.AveragePool); !ok || !p.CountPad {
			t.Errorf("node %d is %v", i, st.Graph.Nodes[i].Op)
		}
	}
	if len(st.Diagnostics) != 2 || st.Diagnostics[0].ID != "SPK-CONV-002" || st.Diagnostics[1].ID != "SPK-CONV-003" {
		t.Errorf("%v", st.Diagnostics)
	}
	if _, ok := st.Teacher.Nodes[3].Op.(*ann.MaxPool); !ok {
		t.Error("the teacher lost its max pooling")
	}
}

func TestZeroBias(t *testing.T) {
	for _, bias := range []bool{false, true} {
		s := small(t, 2)
		st := stateOf(s.g, 1, unit, options(Best, 1))
		st.Capabilities.Bias = bias
		through(t, st, "drop-softmax", "zero-bias")
		biases := 0
		for _, n := range st.Graph.Nodes {
			if w, ok := weightedOf(n.Op); ok && anyNonZero(w.bias) {
				biases++
			}
		}
		if want := map[bool]int{false: 0, true: 3}[bias]; biases != want {
			t.Errorf("bias allowed %v: %d layers have one, want %d", bias, biases, want)
		}
		if st.Naive == nil || len(st.Naive.Nodes) != len(st.Graph.Nodes) {
			t.Error("the student before the re-fit is not kept")
		}
		// The teacher keeps its biases.
		if w, _ := weightedOf(st.Teacher.Nodes[1].Op); !anyNonZero(w.bias) {
			t.Error("the teacher lost its bias")
		}
	}
}

func TestPreprocessAt(t *testing.T) {
	p := Preprocess{Scale: []float64{1, 2, 3}, Offset: []float64{7}}
	for _, c := range []struct {
		i           int
		scale, want float64
	}{{0, 1, 7}, {3, 1, 7}, {4, 2, 7}, {11, 3, 7}} {
		if a, b := p.At(c.i, 12); a != c.scale || b != c.want {
			t.Errorf("At(%d, 12) = %v, %v, want %v, %v", c.i, a, b, c.scale, c.want)
		}
	}
	if a, b := (Preprocess{}).At(5, 12); a != 1 || b != 0 {
		t.Errorf("without values: %v, %v", a, b)
	}
}
