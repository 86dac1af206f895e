package build

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/ladder"
	"spikec/target/image"
)

// lead returns an early exit.
func lead(x float64) *float64 { return &x }

// TestReadouts builds with every read-out, and wants the shards, the check and the emulation of the files to say the same,
// decided again from the trace of the output's every step.
func TestReadouts(t *testing.T) {
	for name, o := range map[string]Options{
		"count":                {Readout: "count"},
		"first-spike":          {Readout: "first-spike"},
		"first-spike, delayed": {Readout: "first-spike", ReadoutDelay: 3},
		"count, delayed":       {Readout: "count", ReadoutDelay: AutoDelay, EarlyExit: lead(0)},
		"count, margin":        {Readout: "count", EarlyExit: lead(1.5)},
		// The spikes of the host are drawn.
		"first-spike, delayed, of drawn spikes": {Readout: "first-spike", ReadoutDelay: 2, Encoding: "bernoulli", Seed: 5},
		"membrane, exact, of drawn spikes":      {Readout: "membrane", EarlyExit: lead(0), Encoding: "poisson-intervals", Seed: 5},
		"membrane":                              {Readout: "membrane", ReadoutDelay: 5},
		"membrane, exact":                       {Readout: "membrane", EarlyExit: lead(0)},
		"membrane, margin":                      {Readout: "membrane", ReadoutDelay: 1, EarlyExit: lead(0.75)},
		"signed: first-spike, delayed":          {Readout: "first-spike", ReadoutDelay: 3},
		"signed: count, exact":                  {Readout: "count", EarlyExit: lead(0)},
		"signed: membrane, exact":               {Readout: "membrane", EarlyExit: lead(0), Encoding: "bernoulli", Seed: 5},
		"staged: first-spike":                   {Readout: "first-spike"},
		"staged: count":                         {Readout: "count", Encoding: "bernoulli", Seed: 5},
		"staged: membrane":                      {Readout: "membrane"},
	} {
		t.Run(name, func(t *testing.T) {
			target := "generic8"
			if firing, _, ok := strings.Cut(name, ":"); ok {
				target += "-" + firing
			}
			r := request(t, t.TempDir(), target)
			o.Steps, o.Jobs = 12, 2
			r.Options = o
			doc, err := Run(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			checked, err := Check(context.Background(), r.Out, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			merged := mergedShards(t, r.Out)
			for _, other := range []*ladder.Ladder{checked, merged} {
				if !reflect.DeepEqual(other.Latency, doc.Latency) || !reflect.DeepEqual(other.Ties, doc.Ties) || !reflect.DeepEqual(other.Options, doc.Options) ||
					!other.Check.CountsCompared || other.CountsSHA256 != doc.CountsSHA256 {
					t.Errorf("latency %+v, ties %v; the build has %+v, %v", other.Latency, other.Ties, doc.Latency, doc.Ties)
				}
			}
			fromTrace(t, r, doc)
		})
	}
}

// mergedShards checks a build in two shards.
func mergedShards(t *testing.T, dir string) *ladder.Ladder {
	t.Helper()
	var files []string
	for i := range 2 {
		files = append(files, filepath.Join(t.TempDir(), fmt.Sprintf("%d.json", i)))
		if _, err := CheckShard(context.Background(), dir, i, 2, files[i], CheckOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	l, _, err := Merge(files, "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// answers are what the output neurons did on one image: step × class.
type answers struct {
	spikes     []uint8
	potentials []int32
	delay      int
}

// score is what the read-out looks at after so many steps: spikes, or what membranes gained.
func (o *answers) score(membrane bool, steps, k int) int {
	if membrane {
		s := int(o.potentials[(steps-1)*classes+k])
		if o.delay > 0 {
			s -= int(o.potentials[(o.delay-1)*classes+k])
		}
		return s
	}
	s := 0
	for t := o.delay; t < steps; t++ {
		s += int(int8(o.spikes[t*classes+k])) // 255: one of −1
	}
	return s
}

// best returns the class that is ahead, and its lead.
func (o *answers) best(membrane bool, steps int) (class, lead int) {
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(a, b int) int {
		if d := o.score(membrane, steps, b) - o.score(membrane, steps, a); d != 0 || membrane {
			return d
		}
		return int(o.potentials[(steps-1)*classes+b]) - int(o.potentials[(steps-1)*classes+a])
	})
	return order[0], o.score(membrane, steps, order[0]) - o.score(membrane, steps, order[1])
}

// fromTrace emulates the files with a trace, and decides from that.
func fromTrace(t *testing.T, r Request, doc *ladder.Ladder) {
	t.Helper()
	dir := filepath.Dir(r.Out)
	out, trace := filepath.Join(dir, "y.npz"), filepath.Join(dir, "trace.npz")
	if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: out, Trace: trace}); err != nil {
		t.Fatal(err)
	}
	decisions := int32s(t, arraysOf(t, out, "decision")[0])
	var latencies, exits []int32
	if doc.Latency != nil {
		latencies = int32s(t, arraysOf(t, out, "latency")[0])
	}
	if doc.Latency != nil && doc.Latency.Exit != nil {
		exits = int32s(t, arraysOf(t, out, "exit_decision")[0])
	}
	l, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	last := len(doc.Layers) - 1
	arrays := arraysOf(t, trace, fmt.Sprintf("spikes_%d_fc", last), fmt.Sprintf("membranes_%d_fc", last))
	all := int32s(t, arrays[1])
	steps, o := l.img.Steps, &l.img.Output
	membrane, early := o.Readout == image.Membrane, 0
	stages := l.profile.Execution.StageCount()
	for i, got := range decisions {
		first := (i*stages + stages - 1) * steps * classes // the last stage
		x := &answers{arrays[0].Data[first:], all[first:], o.Delay}
		end, spiked := steps, o.Readout != image.FirstSpike
		for n := o.Delay + 1; n <= steps && !spiked; n++ {
			for k := range classes {
				if x.score(false, n, k) > 0 {
					end, spiked = n, true
				}
			}
		}
		want, _ := x.best(membrane, end)
		if !spiked {
			x.delay = 0
			want, _ = x.best(true, end)
		}
		if int(got) != want {
			t.Fatalf("image %d: class %d, its trace says %d", i, got, want)
		}
		if o.Readout == image.FirstSpike && int(latencies[i]) != end {
			t.Fatalf("image %d: decided after %d steps, its trace says %d", i, latencies[i], end)
		}
		if exits == nil {
			continue
		}
		n := int(latencies[i])
		if class, _ := x.best(membrane, n); int(exits[i]) != class {
			t.Fatalf("image %d: class %d at the exit after %d steps, its trace says %d", i, exits[i], n, class)
		}
		if n < steps {
			early++
		}
		for k := o.Delay + 1; k <= n && o.EarlyExit == image.ExitMargin && k < steps; k++ {
			if _, lead := x.best(membrane, k); (lead >= int(o.Margin)) != (k == n) {
				t.Fatalf("image %d: exit after %d steps, the lead after %d is %d", i, n, k, lead)
			}
		}
		if o.EarlyExit == image.ExitExact && exits[i] != got {
			t.Fatalf("image %d: an exact exit changes the decision", i)
		}
	}
	if o.EarlyExit == image.ExitMargin && early == 0 {
		t.Error("not one image ended early")
	}
}

// TestEarlyExitWithoutABound is refused, not done by another rule.
func TestEarlyExitWithoutABound(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	p := *r.Profile
	p.Program = slices.Clone(p.Program)
	for i := range p.Program {
		if p.Program[i].Op == "fire" {
			p.Program = slices.Insert(p.Program, i, p.Program[i])
			p.Program[i].Op, p.Program[i].Var, p.Program[i].Shift, p.Program[i].Mul = "decay", "v", "1", "1"
			break
		}
	}
	r.Profile, r.Options.EarlyExit = &p, lead(0)
	_, err := Run(context.Background(), r)
	wants(t, err, "SPK-BUILD-010 --early-exit exact bound --early-exit=MARGIN")
}

// TestNoAnswerBeforeTheLast: neurons that fire when all has arrived have no delay and no early exit.
func TestNoAnswerBeforeTheLast(t *testing.T) {
	r := request(t, t.TempDir(), "generic8-staged")
	r.Options.EarlyExit, r.Options.ReadoutDelay = lead(0), 3
	_, err := Run(context.Background(), r)
	wants(t, err, "SPK-BUILD-003 --readout-delay neurons of generic8-staged fire when all has arrived",
		"SPK-BUILD-003 --early-exit neurons of generic8-staged fire when all has arrived")
}
