package build

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/runtime/ladder"
)

// best is a build under best rules, with calibration images enough to choose by.
func best(t testing.TB, dir, target string) Request {
	t.Helper()
	r := request(t, dir, target)
	r.Calibration = open(t, writeSet(t, filepath.Join(dir, "calib300.npz"), 300, 2, false, 0))
	r.Options.Rules = "best"
	return r
}

// tried lists the candidates by name, with a star for the chosen one and a cross for those refused.
func tried(a *ladder.Auto) []string {
	if a == nil {
		return nil
	}
	var names []string
	for _, c := range a.Candidates {
		name := c.Name
		if c.Chosen {
			name += "*"
		}
		if c.Refused != "" {
			name += "x"
		}
		names = append(names, name)
	}
	return names
}

// given sets the options that flags, as the result words them, stand for.
func given(t testing.TB, o Options, flags string) Options {
	t.Helper()
	no := false
	words := strings.Fields(flags)
	if words[0] != "--auto=false" {
		t.Fatalf("flags %q", flags)
	}
	o.Auto = &no
	for i := 1; i < len(words); i += 2 {
		switch words[i] {
		case "--pooling":
			o.Pooling = words[i+1]
		case "--biases":
			o.Biases = words[i+1]
		case "--normalization":
			o.Normalization = words[i+1]
		case "--percentile":
			o.Percentile = usualPercentile
		case "--readout-delay":
			o.ReadoutDelay = 2
		default:
			t.Fatalf("flags %q", flags)
		}
	}
	return o
}

// TestAuto: one candidate an axis is tried, what agrees clearly more is chosen (a lead of more than 10 of 100 always is), the result does not depend on
// goroutines, and the flags that it names give the same chip without trying.
func TestAuto(t *testing.T) {
	dir := t.TempDir()
	r := best(t, dir, "generic8")
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	a := l.Auto
	if a == nil || a.Fitted != 200 || a.N != 100 || a.Stage != ladder.Image || a.Seed != 1 {
		t.Fatalf("got %+v", a)
	}
	top := slices.IndexFunc(a.Candidates, func(c ladder.Candidate) bool { return c.Chosen })
	for i, c := range a.Candidates {
		w := a.Candidates[top]
		if c.Agreement == nil || *c.Agreement != float64(c.Agreed)/100 || i < top && c.Agreed >= w.Agreed || i > top && (c.Agreed-w.Agreed) > 10 || c.Chosen != (i == top) {
			t.Errorf("candidate %d is %+v, chosen was %+v", i, c, w)
		}
	}
	var names []string
	for _, c := range a.Candidates {
		names = append(names, c.Name)
	}
	if want := []string{"default", "average pooling", "zero biases", "percentile", "later read-out"}; !slices.Equal(names, want) {
		t.Errorf("tried %q, want %q", names, want)
	}
	o := l.Options
	if c := (choices{o.Pooling, o.Biases, o.Normalization, o.Readout, o.Percentile, o.ReadoutDelay}); a.Flags != c.flags() || a.Flags != a.Candidates[top].Flags {
		t.Errorf("options %+v, flags %q", o, a.Flags)
	}
	want := contents(t, r.Out)
	r.Options.Jobs, r.Out = 3, filepath.Join(dir, "again")
	built(t, r)
	if !maps.Equal(contents(t, r.Out), want) {
		t.Error("with other goroutines the build is another one")
	}
	r.Options, r.Out = given(t, r.Options, a.Flags), filepath.Join(dir, "given")
	built(t, r)
	if got := contents(t, r.Out); got[imageFile] != want[imageFile] {
		t.Error("the flags that are named give another chip")
	}
}

// TestAutoOfAConversion: without a chip candidates are networks of real numbers.
func TestAutoOfAConversion(t *testing.T) {
	r := best(t, t.TempDir(), "generic8")
	r.Profile = nil
	l, err := Convert(context.Background(), r)
	if err != nil || l.Auto == nil || l.Auto.Stage != ladder.SNN || len(l.Auto.Candidates) != 5 {
		t.Fatalf("got %+v, %v", l, err)
	}
}

// TestAutoRefused: a candidate that does not fit the target loses; where none fits, the build ends as that of the defaults.
func TestAutoRefused(t *testing.T) {
	r := best(t, t.TempDir(), "generic8")
	cores := 3
	small := *r.Profile
	small.Capacity.Cores, r.Profile = &cores, &small
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got := tried(l.Auto); len(got) != 5 || got[0] != "defaultx" || l.Options.Pooling != "average" || !strings.Contains(l.Auto.Candidates[0].Refused, "error SPK-") || l.Auto.Candidates[0].Agreement != nil {
		t.Errorf("tried %q: %+v", got, l.Auto)
	}
	cores = 2
	_, err = Run(context.Background(), r)
	wants(t, err, "SPK-IMG-003 (4, limit 2)") // cores that max pooling takes; average pooling takes three
}

// TestAutoVariesWhatIsOpen: what the user gives is not varied, nor what the network or the target does not have.
func TestAutoVariesWhatIsOpen(t *testing.T) {
	yes := true
	all := []string{"average pooling", "zero biases", "percentile", "later read-out"}
	without := func(name ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(name, s) })
	}
	for _, c := range []struct {
		name, target string
		change       func(r *Request)
		want         []string
	}{
		{"nothing given", "generic8", func(*Request) {}, all},
		{"asked for", "generic8", func(r *Request) { r.Options.Auto = &yes }, all},
		{"pooling", "generic8", func(r *Request) { r.Options.Pooling = "max" }, without("average pooling")},
		{"biases", "generic8", func(r *Request) { r.Options.Biases = "kept" }, without("zero biases")},
		{"normalisation", "generic8", func(r *Request) { r.Options.Normalization = "error" }, without("percentile")},
		{"percentile", "generic8", func(r *Request) { r.Options.Percentile = 99 }, without("percentile")},
		{"no delay", "generic8", func(r *Request) { r.Options.ReadoutDelay = NoDelay }, without("later read-out")},
		{"a delay", "generic8", func(r *Request) { r.Options.ReadoutDelay = 1 }, without("later read-out")},
		{"spikes are counted", "generic8", func(r *Request) { r.Options.Readout = "count" }, without("later read-out")},
		{"few steps", "generic8", func(r *Request) { r.Options.Steps = 3 }, without("later read-out")},
		{"two stages", "generic8-staged", func(*Request) {}, without("later read-out")},
		{"the last weights read an average", "generic8", func(r *Request) { r.Model = averaged(t) }, slices.Insert(slices.Clone(all), 3, "counted spikes")},
		{"of membranes", "generic8", func(r *Request) { r.Model, r.Options.Readout = averaged(t), "membrane" }, all},
		{"accumulators", "reckon", func(r *Request) { r.Model = averaged(t) }, without("zero biases", "later read-out")},
		{"no max pooling", "generic8", func(r *Request) { r.Model = unpooled(t) }, without("average pooling")},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(t, t.TempDir(), c.target)
			r.Options.Rules = "best"
			c.change(&r)
			b, err := begin(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range b.openAxes(context.Background()) {
				got = append(got, a.Name)
				if a.Vary(b.opt.choices) == b.opt.choices || a.About == "" {
					t.Errorf("%s changes nothing", a.Name)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("open are %q, want %q", got, c.want)
			}
		})
	}
}

// averaged is the test model with a mean over the map in front of its last layer.
func averaged(t testing.TB) Model {
	t.Helper()
	m := testModel(t)
	g := ann.NewGraph("tiny", "x", shape[:])
	last := 0
	for _, n := range slices.Concat(m.Graph.Nodes[1:6], []ann.Node{{Name: "mean", Op: ann.GlobalAveragePool{}}, {Name: "flat", Op: ann.Flatten{}},
		{Name: "fc", Op: &ann.Linear{Weight: make([]float32, classes*5), In: 5, Out: classes}}}) {
		var err error
		if last, err = g.Add(n.Name, n.Op, last); err != nil {
			t.Fatal(err)
		}
	}
	model := *m.Model
	model.Graph, m.Model = g, &model
	return m
}

// unpooled is the test model without its pool: what reads it gets the larger map.
func unpooled(t testing.TB) Model {
	t.Helper()
	m := testModel(t)
	g := ann.NewGraph("tiny", "x", shape[:])
	last := 0
	for _, n := range m.Graph.Nodes[1:3] {
		var err error
		if last, err = g.Add(n.Name, n.Op, last); err != nil {
			t.Fatal(err)
		}
	}
	flat, err := g.Add("flat", ann.Flatten{}, last)
	if err != nil {
		t.Fatal(err)
	}
	in := g.Nodes[flat].Shape.Size()
	if _, err := g.Add("fc", &ann.Linear{Weight: make([]float32, classes*in), In: in, Out: classes}, flat); err != nil {
		t.Fatal(err)
	}
	model := *m.Model
	model.Graph, m.Model = g, &model
	return m
}

// TestAutoNeedsImages: with too few calibration images the defaults stand, and the result says so.
func TestAutoNeedsImages(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Options.Rules = "best"
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(l.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == idFew })
	if l.Auto != nil || i < 0 || l.Diagnostics[i].Severity != diag.Warning || l.Diagnostics[i].Value != 80 || l.Diagnostics[i].Limit != "at least 246" || l.Options.Pooling != "max" || l.Options.Biases != keptBiases {
		t.Errorf("got %+v, %v", l.Options, l.Diagnostics)
	}
}

// TestAutoLimit: with as many images as the limit says, and not with one less, enough are left to compare candidates on.
func TestAutoLimit(t *testing.T) {
	for n := range 1100 {
		if fitted, to := divided(n); (to-fitted >= leastCompared) != (n >= leastAuto()) || fitted > mostFitted || to-fitted > mostCompared || to > n {
			t.Errorf("%d images: fitted to %d, compared up to %d, the limit is %d", n, fitted, to, leastAuto())
		}
	}
}

// TestAutoEndsBeforeTrying: what ends a build ends the passes that tell what is open, too.
func TestAutoEndsBeforeTrying(t *testing.T) {
	b, err := begin(context.Background(), best(t, t.TempDir(), "generic8"))
	if err != nil {
		t.Fatal(err)
	}
	reason := errors.New("enough")
	ctx, stop := context.WithCancelCause(context.Background())
	stop(reason)
	if err := b.auto(ctx); !errors.Is(err, reason) || b.comparesPools(ctx) {
		t.Errorf("got %v", err)
	}
}

// TestAutoEnds: what ends a build ends its trying.
func TestAutoEnds(t *testing.T) {
	r := best(t, t.TempDir(), "generic8")
	reason := errors.New("enough")
	ctx, stop := context.WithCancelCause(context.Background())
	r.Progress = stopper{"auto: zero biases", func() { stop(reason) }}
	if _, err := Run(ctx, r); !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}
