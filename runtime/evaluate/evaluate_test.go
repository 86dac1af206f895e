package evaluate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/emulator"
)

// invented answers every image by random numbers that depend on the image alone.
type invented struct {
	info Info
	fail int // the image that cannot be answered; -1 = none
}

func newInvented() *invented {
	return &invented{Info{Classes: 3, Steps: []int{2, 4}, Readouts: []string{"count"}, Units: 2, UnitWork: true, Integers: true, Latency: true}, -1}
}

func (c *invented) Info() Info        { return c.info }
func (c *invented) NewWorker() Worker { return &inventedWorker{invented: c} }

type inventedWorker struct {
	*invented
	busy atomic.Bool
}

var errAnswer = errors.New("no answer")

func (w *inventedWorker) Answer(i int, a *Answer) error {
	if !w.busy.CompareAndSwap(false, true) {
		panic("a worker answers two images at once")
	}
	defer w.busy.Store(false)
	if i == w.fail {
		return errAnswer
	}
	r := rand.New(rand.NewPCG(1, uint64(i)))
	for k := range a.Decisions {
		a.Decisions[k] = r.Int32N(3)
	}
	a.Readouts[0] = r.Int32N(3)
	for k := range a.Counts {
		a.Counts[k], a.Potentials[k] = r.Int32N(100), r.Int32()-r.Int32()
	}
	for u := range a.Spikes {
		a.Spikes[u], a.Saturations[u] = r.Int64N(1000), r.Int64N(10)
	}
	a.Latency, a.Tied = r.Int32N(5), r.IntN(2) == 0
	for u := range a.UnitWork {
		a.UnitWork[u] = emulator.Work{SynapticOperations: r.Int64N(1e6), NeuronUpdates: 7, HostMACs: r.Int64N(5)}
	}
	a.Work = emulator.TotalWork(a.UnitWork)
	return nil
}

// labelled are n labels and reference decisions.
func labelled(n int) Data {
	d := Data{Subject: "test", Labels: make([]int, n), Reference: make([]int32, n)}
	for i := range n {
		d.Labels[i], d.Reference[i] = i%3, int32(i/2%3)
	}
	return d
}

func shard(t *rapid.T, c Classifier, d Data, lo, hi, jobs int) *Partial {
	p, err := EvalShard(context.Background(), c, d, lo, hi, Options{Jobs: jobs})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMergeIsTheWhole divides images at random, merges in random order, and wants the result of all at once.
func TestMergeIsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "images")
		d := labelled(n)
		if rapid.Bool().Draw(t, "without reference") {
			d.Reference = nil
		}
		whole := shard(t, newInvented(), d, 0, n, 1)
		parts := []*Partial{}
		for lo := 0; lo < n; {
			hi := rapid.IntRange(lo, n).Draw(t, "end")
			parts = append(parts, shard(t, newInvented(), d, lo, hi, rapid.IntRange(1, 4).Draw(t, "jobs")))
			lo = max(hi, lo)
		}
		if len(parts) == 0 {
			return
		}
		for len(parts) > 1 {
			i := rapid.IntRange(0, len(parts)-2).Draw(t, "first")
			j := rapid.IntRange(i+1, len(parts)-1).Draw(t, "second")
			m, err := Merge(parts[j], parts[i])
			if err != nil {
				t.Fatal(err)
			}
			parts[i] = m
			parts = append(parts[:j], parts[j+1:]...)
		}
		if diff := cmp.Diff(encoded(t, whole), encoded(t, parts[0])); diff != "" {
			t.Errorf("merged result differs:\n%s", diff)
		}
		if whole.CountsSHA256() != parts[0].CountsSHA256() || len(parts[0].Missing()) > 0 || FirstDifference(whole, parts[0]) >= 0 {
			t.Error("merged result has other counts, or misses images")
		}
	})
}

// encoded is the JSON form, in which nil and empty slices of counts are alike.
func encoded(t *rapid.T, p *Partial) string {
	c := *p
	if len(c.Counts) == 0 {
		c.Counts, c.Potentials, c.Decisions, c.Latencies = nil, nil, nil, nil
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestJobsDoNotMatter(t *testing.T) {
	d := labelled(100)
	var first *Partial
	for _, jobs := range []int{1, 2, 7, 200} {
		var done atomic.Int64
		p, err := EvalShard(context.Background(), newInvented(), d, 0, 100, Options{Jobs: jobs, Progress: func(n int) { done.Add(int64(n)) }})
		if err != nil {
			t.Fatal(err)
		}
		if done.Load() != 100 {
			t.Errorf("progress of %d images, want 100", done.Load())
		}
		if first == nil {
			first = p
		} else if diff := cmp.Diff(first, p); diff != "" {
			t.Errorf("%d jobs: %s", jobs, diff)
		}
	}
}

// TestCountsSHA256 spells out what is hashed.
func TestCountsSHA256(t *testing.T) {
	p := &Partial{Classes: 2, Decisions: []int32{0, 1}, Counts: []int32{1, 2, 3, 4}, Potentials: []int32{-1, -2, -3, -4}}
	var b []byte
	for _, v := range []int32{1, 2, -1, -2, 3, 4, -3, -4} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	sum := sha256.Sum256(b)
	if want := hex.EncodeToString(sum[:]); p.CountsSHA256() != want {
		t.Errorf("got %s, want %s", p.CountsSHA256(), want)
	}
	p.Latencies = []int32{7, 9}
	b = append(slices.Insert(b, 16, 0, 0, 0, 0, 7, 0, 0, 0), 1, 0, 0, 0, 9, 0, 0, 0)
	sum = sha256.Sum256(b)
	if want := hex.EncodeToString(sum[:]); p.CountsSHA256() != want {
		t.Errorf("with latencies: got %s, want %s", p.CountsSHA256(), want)
	}
}

// TestFirstDifference: a decision, or a latency where both have them, is a difference as a count is.
func TestFirstDifference(t *testing.T) {
	sample := func() *Partial {
		return &Partial{Classes: 1, Decisions: []int32{0, 1}, Counts: []int32{1, 2}, Potentials: []int32{3, 4}, Latencies: []int32{5, 6}}
	}
	for want, change := range []func(p *Partial){
		func(p *Partial) { p.Latencies[0] = 4 },
		func(p *Partial) { p.Decisions[1] = 0 },
	} {
		p := sample()
		if change(p); FirstDifference(sample(), p) != want || FirstDifference(p, sample()) != want {
			t.Errorf("image %d does not differ", want)
		}
	}
	p := sample()
	p.Latencies = nil
	if FirstDifference(sample(), p) != -1 {
		t.Error("one of the two has no latencies to compare")
	}
}

func TestMergeRefuses(t *testing.T) {
	eval := func(c Classifier, d Data, lo, hi int) *Partial {
		p, err := EvalShard(context.Background(), c, d, lo, hi, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	d := labelled(20)
	a := eval(newInvented(), d, 5, 10)
	other := d
	other.Subject = "other"
	steps := newInvented()
	steps.info.Steps = []int{2, 8}
	altered := *a
	altered.Decisions = altered.Decisions[1:]
	late := *a
	late.Latencies = late.Latencies[1:]
	untimed := newInvented()
	untimed.info.Latency = false
	uneven := *a
	uneven.UnitWork = append([]emulator.Work{{NeuronUpdates: 1}}, a.UnitWork[1:]...)
	alone := newInvented()
	alone.info.UnitWork = false
	huge := *a
	huge.Classes = math.MaxInt
	for _, c := range []struct {
		name string
		b    *Partial
		want string
	}{
		{"the same images", a, "images 5..9 are in two"},
		{"overlapping images", eval(newInvented(), d, 8, 12), "images 8..9 are in two"},
		{"images inside", eval(newInvented(), d, 6, 7), "images 6..6 are in two"},
		{"another subject", eval(newInvented(), other, 10, 12), "different subjects"},
		{"other steps", eval(steps, d, 10, 12), "different kinds"},
		{"an altered result", &altered, "lengths of its arrays"},
		{"altered latencies", &late, "lengths of its arrays"},
		{"altered work", &uneven, "the work of its units is not its work"},
		{"no work of units", eval(alone, d, 10, 12), "different kinds"},
		{"no latencies", eval(untimed, d, 10, 12), "different kinds"},
		{"too many classes", &huge, "lengths of its arrays"},
		{"another schema", &Partial{}, "schema"},
	} {
		for _, pair := range [][2]*Partial{{a, c.b}, {c.b, a}} {
			if _, err := Merge(pair[0], pair[1]); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
			}
		}
	}
}

// TestMergeWithoutCounts: results of networks without integers merge, however a file writes that there are no counts.
func TestMergeWithoutCounts(t *testing.T) {
	var parts [2]*Partial
	for i := range parts {
		p, err := EvalShard(context.Background(), newInvented(), labelled(4), 2*i, 2*i+2, Options{})
		if err != nil {
			t.Fatal(err)
		}
		p.Counts, p.Potentials, p.Latencies = []int32{}, []int32{}, []int32{}
		parts[i] = p
	}
	if p, err := Merge(parts[0], parts[1]); err != nil || p.Images() != 4 || len(p.Counts) != 0 {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestMissing(t *testing.T) {
	p := &Partial{N: 10, Ranges: []Range{{2, 4}, {7, 9}}}
	if diff := cmp.Diff([]Range{{0, 2}, {4, 7}, {9, 10}}, p.Missing()); diff != "" {
		t.Error(diff)
	}
	if s := (Range{2, 4}).String(); s != "2..3" {
		t.Errorf("got %s", s)
	}
}

func TestEvalShardFails(t *testing.T) {
	d := labelled(50)
	broken := newInvented()
	broken.fail = 30
	if _, err := EvalShard(context.Background(), broken, d, 0, 50, Options{Jobs: 2}); !errors.Is(err, errAnswer) || !strings.Contains(err.Error(), "image 30") {
		t.Errorf("got %v", err)
	}
	for _, r := range [][2]int{{-1, 2}, {3, 2}, {0, 51}} {
		if _, err := EvalShard(context.Background(), newInvented(), d, r[0], r[1], Options{}); err == nil {
			t.Errorf("images %v were evaluated", r)
		}
	}
	d.Labels[7] = 3
	if _, err := EvalShard(context.Background(), newInvented(), d, 0, 50, Options{}); err == nil || !strings.Contains(err.Error(), "label 3") {
		t.Errorf("got %v", err)
	}
	reason := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(reason)
	if _, err := EvalShard(ctx, newInvented(), labelled(5), 0, 5, Options{}); !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}

// TestWilson compares with values from the formula by hand; 0 of n is z²/(n+z²) at its upper end.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		correct, n int64
		lo, hi     float64
	}{
		{9917, 10000, 0.98972, 0.99330},
		{0, 10, 0, 0.27753},
		{10, 10, 0.72247, 1},
		{5, 10, 0.23659, 0.76341},
	} {
		got := Wilson(c.correct, c.n)
		if math.Abs(got[0]-c.lo) > 1e-5 || math.Abs(got[1]-c.hi) > 1e-5 {
			t.Errorf("%d of %d: got %v, want %g..%g", c.correct, c.n, got, c.lo, c.hi)
		}
	}
	if Wilson(0, 0) != [2]float64{0, 1} {
		t.Error("nothing is known of no images")
	}
}
